/** The advice that nothing more is to be gained, as it is asked for, recorded, resumed and reproduced. */
import { describe, expect, it } from 'vitest'
import { openStore, reproduceRun, resumeSweep, type SweepOptions, sweep } from '../../src/index.js'
import { sweepFile, wineKnn } from '../launch/support.js'

const advised = {
  ...wineKnn,
  search: { algorithm: 'random', trials: 60, seed: 5, advice: 'tell' },
  parameters: { k: { type: 'int', min: 1, max: 80, scale: 'log' }, scaling: 'standard' },
} as const

describe('a sweep that stops when nothing more is to be gained', () => {
  it('is recorded, resumed and reproduced with the advice it was asked for', async () => {
    const { file, store } = await sweepFile(advised)
    const stop = new AbortController()
    const first = await sweep(file, {
      store,
      workers: 1,
      advice: 'stop',
      signal: stop.signal,
      onEvent: (event) => event.type === 'trial-ended' && event.trial === 15 && stop.abort(),
    })
    expect(first.status).toBe('interrupted')
    const resumed = await resumeSweep(first.run, { store, workers: 2 })
    expect(resumed.status).toBe('finished')
    const count = resumed.trials.finished
    expect(count).toBeLessThan(60)
    expect(resumed.notes.join()).toMatch(
      new RegExp(
        `^nothing more is to be gained: .* \\(at trial ${count}, .*; the sweep ended after ${count} `,
      ),
    )
    const [parent] = await (await openStore(store)).sweeps()
    expect(parent.spec.search).toMatchObject({ advice: 'stop' })
    expect(parent.tags).toMatchObject({
      'espalier.stopped': 'settled',
      'espalier.advice': expect.stringMatching(/^nothing more is to be gained/),
    })
    expect(await reproduceRun(first.run, { store, workers: 1 })).toMatchObject({ equal: true })
  })

  it('refuses what has no folds', async () => {
    const refused = async (definition: object, options: SweepOptions = {}) => {
      const { file, store } = await sweepFile(definition)
      return sweep(file, { store, ...options }).then(
        () => 'accepted',
        ({ message }) => message,
      )
    }
    expect(await refused({ ...advised, validation: { scheme: 'split' } })).toMatch(
      /^advice needs a cross-validated trainer.*"split" fits a trial once/,
    )
    const { parameters } = advised
    expect(await refused({ parameters }, { advice: 'tell', run: () => 1 })).toMatch(
      /^advice needs a cross-validated trainer.*an objective, which has no folds/,
    )
    expect(await refused({ ...advised, search: { advice: 'halt' } })).toMatch(/advice.*off.*tell.*stop/)
  })
})
