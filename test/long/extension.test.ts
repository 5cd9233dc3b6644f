/** Sweeps of every kind, extended twice. */
import { describe, expect, it } from 'vitest'
import { expectExtended, extendedSweeps } from '../launch/extension.js'

describe('a sweep extended from 10 to 20 to 40 trials ends as if all had been asked for at once', () => {
  for (const [name, one] of Object.entries(extendedSweeps)) {
    it(name, async () => {
      const { told } = await expectExtended(one, [10, 20, 40])
      const { finished, pruned, failed } = told.counts
      if (name.includes('ended by')) {
        expect(finished).toBeGreaterThan(10)
        expect(finished).toBeLessThan(40)
      } else expect(finished + pruned + failed).toBe(40)
    })
  }
})

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
})
