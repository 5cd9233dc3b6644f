/** Early stopping as it is asked for, recorded, resumed and reproduced: whole sweeps, in real threads. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore, reproduceRun, resumeSweep, sweep } from '../../src/index.js'
import { essenceOf, sweepFile, wineKnn } from './support.js'

const racing = { ...wineKnn, search: { ...wineKnn.search, trials: 24, pruner: 'folds' } }

/** An objective that learns in 9 epochs, and a sweep over it. */
async function learning(search: object, objective: object = {}) {
  const made = await sweepFile({
    name: 'learning',
    trainer: './train.mjs',
    objective: { metric: 'loss', direction: 'minimize', ...objective },
    search: { algorithm: 'random', trials: 20, seed: 3, ...search },
    parameters: { x: { type: 'float', min: -1, max: 1 } },
  })
  await writeFile(
    join(made.directory, 'train.mjs'),
    `export default { name: 'train', async objective({ x }, { report }) {
       let loss
       for (let epoch = 1; epoch <= 9; epoch++) {
         loss = x * x + (epoch - 6) ** 2 / 25
         if (await report(epoch, { loss }) === 'prune') return { loss }
       }
       return { loss }
     } }\n`,
  )
  return made
}

describe('a sweep that stops trials early', () => {
  it('races folds: recorded, resumed and reproduced with the same pruner', async () => {
    const { file, store, directory } = await sweepFile(racing)
    const whole = await sweep(file, { store })
    expect(whole.trials.pruned).toBeGreaterThan(3)
    expect(whole.trials.finished + whole.trials.pruned).toBe(24)
    const records = await openStore(store)
    const [parent] = await records.sweeps()
    expect(parent.spec.search).toMatchObject({ pruner: { name: 'folds', minFolds: 1 } })
    expect(parent.trials).toMatchObject({ finished: whole.trials.finished, pruned: whole.trials.pruned })

    const stop = new AbortController()
    const other = join(directory, 'other')
    const first = await sweep(file, {
      store: other,
      workers: 3,
      signal: stop.signal,
      onEvent: (event) => event.type === 'trial-ended' && event.trial === 11 && stop.abort(),
    })
    expect(first.status).toBe('interrupted')
    await resumeSweep(first.run, { store: other, workers: 1 })
    expect(await essenceOf(other, first.run)).toEqual(await essenceOf(store, whole.run))

    const pruned = (await records.trials(whole.run)).find(({ status }) => status === 'pruned')!
    expect(await reproduceRun(pruned.id, { store })).toMatchObject({ equal: true })
    expect(await reproduceRun(whole.best!.run, { store })).toMatchObject({ equal: true })
    expect(await reproduceRun(whole.run, { store })).toMatchObject({ equal: true })
  })

  it('halves by steps, with the settings asked for; the caller goes before the file', async () => {
    const { file, store } = await learning({ pruner: { name: 'halving', minSteps: 2, factor: 2 } })
    const result = await sweep(file, { store })
    expect(result.trials.pruned).toBeGreaterThan(3)
    const records = await openStore(store)
    const trials = await records.trials(result.run)
    const pruned = trials.filter(({ status }) => status === 'pruned')
    for (const { history } of pruned) expect([2, 4, 8]).toContain(history.loss.steps.length)
    expect(await reproduceRun(pruned[0].id, { store })).toMatchObject({ equal: true })
    const none = await sweep(file, { store, pruner: 'none', workers: 1 })
    expect(none.trials).toEqual({ finished: 20, pruned: 0, failed: 0 })
    const median = await sweep(file, { store, pruner: { name: 'median', minTrials: 2 }, workers: 1 })
    const [latest] = await records.sweeps()
    expect(latest.id).toBe(median.run)
    expect(latest.spec.search).toMatchObject({ pruner: { name: 'median', minSteps: 1, minTrials: 2 } })
  })

  it('reproduces a trial stopped in a sweep by arrival', async () => {
    const { file, store } = await learning({ pruner: 'halving' })
    const { run } = await sweep(file, { store, order: 'arrival' })
    const trials = await (await openStore(store)).trials(run)
    const pruned = trials.filter(({ status }) => status === 'pruned')
    expect(pruned.length).toBeGreaterThan(2)
    for (const { id } of pruned.slice(-2))
      expect(await reproduceRun(id, { store })).toMatchObject({ equal: true })
  })

  it('takes the best step as the value where that is asked for', async () => {
    const { file, store } = await learning({}, { at: 'best' })
    const { run, best } = await sweep(file, { store })
    const trials = await (await openStore(store)).trials(run)
    for (const { value, params, conditions } of trials) {
      expect(value).toBeCloseTo((params.x as number) ** 2, 12)
      expect(conditions.bestStep).toEqual({ step: 6, value })
    }
    expect(await reproduceRun(best!.run, { store })).toMatchObject({ equal: true })
  })

  it('refuses what cannot work, before anything runs', async () => {
    const refused = async (json: object) => {
      const { file, store } = await sweepFile(json)
      return sweep(file, { store }).then(
        () => 'accepted',
        (error) => error.message,
      )
    }
    expect(await refused({ ...racing, objective: { at: 'best' } })).toMatch(
      /cross-validated trial .*leave "at" out/,
    )
    const { file, store } = await learning({ pruner: 'folds' })
    await expect(sweep(file, { store })).rejects.toMatchObject({
      code: 'USAGE',
      problems: [{ path: 'search.pruner' }],
    })
    for (const [pruner, message] of [
      [
        'fold',
        /"pruner" must be "none", "median", "halving" or "folds" \(got "fold"\); did you mean "folds"\?/,
      ],
      [3, /"pruner" must be a name, .* or an object with a "name" \(got 3\)/],
      [{}, /"name" is required: .* at search\.pruner\.name/],
      [{ name: 'halfing' }, /did you mean "halving"\? at search\.pruner\.name/],
      [
        { name: 'halving', minStep: 2 },
        /no key "minStep" here; did you mean "minSteps"\? at search\.pruner\.minStep/,
      ],
      [{ name: 'halving', factor: 1 }, /"factor" must be at least 2 \(got 1\) at search\.pruner\.factor/],
      [{ name: 'median', metric: 'loss' }, /"metric" must have a "direction" beside it/],
    ] as const)
      expect(await refused({ ...racing, search: { pruner } })).toMatch(message)
  })
})
