/** More trials later are the same as all at once: two kinds here, the others in test/long. */
import { describe, expect, it } from 'vitest'
import { openStore, resumeSweep, sweep } from '../../src/index.js'
import { expectExtended, extendedSweeps } from './extension.js'
import { sweepFile, wineKnn } from './support.js'

describe('a sweep extended step by step', () => {
  it('ends as if all trials had been asked for at once, the figures of its best trial included', async () => {
    const whole = await expectExtended(extendedSweeps['bayesian, with a holdout part'], [4, 6, 10])
    const best = whole.told.best!
    expect(best.trial).toBeGreaterThanOrEqual(4)
    const figures = (metrics: object) =>
      Object.keys(metrics).filter((name) => /^(holdout|corrected)/.test(name))
    for (const { trial, metrics } of whole.trials)
      expect(figures(metrics).length > 0, `trial ${trial}`).toBe(trial === best.trial)
    expect(figures(whole.recorded.metrics)).toEqual([
      'correctedAccuracy',
      'correctedAccuracyLow',
      'correctedAccuracyHigh',
    ])
  })

  it('is judged as the whole one by its pruner', async () => {
    const whole = await expectExtended(extendedSweeps['random, stopped by the median'], [8, 12, 24])
    expect(whole.told.counts.pruned).toBeGreaterThan(0)
  })

  it('does not keep the reason of an earlier end', async () => {
    const { file, store } = await sweepFile({ ...wineKnn, search: { algorithm: 'sobol', trials: 500 } })
    const { run, trials } = await sweep(file, { store, maxTime: 1 })
    const tags = async () => (await (await openStore(store)).sweeps({ sweep: run }))[0].tags
    expect(await tags()).toEqual({ 'espalier.stopped': 'max-time' })
    await resumeSweep(run, { store, trials: trials.finished + 2 })
    expect(await tags()).toEqual({})
  })
})
