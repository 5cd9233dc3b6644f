/** More trials later; that they are the same as all at once is shown in test/long. */
import { describe, expect, it } from 'vitest'
import { openStore, resumeSweep, sweep } from '../../src/index.js'
import { sweepFile, wineKnn } from './support.js'

describe('a sweep extended step by step', () => {
  it('does not keep the reason of an earlier end', async () => {
    const { file, store } = await sweepFile({ ...wineKnn, search: { algorithm: 'sobol', trials: 500 } })
    const { run, trials } = await sweep(file, { store, maxTime: 1 })
    const tags = async () => (await (await openStore(store)).sweeps({ sweep: run }))[0].tags
    expect(await tags()).toEqual({ 'espalier.stopped': 'max-time' })
    await resumeSweep(run, { store, trials: trials.finished + 2 })
    expect(await tags()).toEqual({})
  })
})
