/**
 * The median rule (Golovin et al. 2017, Google Vizier, section 3.2.1; here as in Optuna, with the best value so
 * far): a trial stops at step s when its best loss up to s is worse than the median of the losses that the finished
 * trials of the history had at s.
 *
 * A finished trial counts at s if it came that far; its loss there is that of its last report up to s.
 */
import type { Curve, PrunerSettings } from '../types.js'
import { counted, mean, type Rule, words } from './rule.js'

export function medianRule({ minSteps, minTrials }: PrunerSettings & { name: 'median' }): Rule {
  return (history, current, sign) => {
    const step = current.steps[current.steps.length - 1]
    if (step === undefined || step < minSteps) return null
    const losses: number[] = []
    for (const curve of history) {
      if (curve.status !== 'finished') continue
      const value = valueAt(curve, step)
      if (value !== null) losses.push(sign * value)
    }
    if (losses.length < minTrials) return null
    let best = Number.POSITIVE_INFINITY
    for (const value of current.values) best = Math.min(best, sign * value)
    const bound = median(losses)
    if (best <= bound) return null
    const trials = counted(losses.length, 'finished trial')
    return {
      rule: 'median',
      step,
      value: sign * best,
      bound: sign * bound,
      trials: losses.length,
      reason: `up to step ${step} its best value was ${words(sign * best)}, worse than ${words(sign * bound)}, the median of ${trials} at that step`,
    }
  }
}

/** The value of the last report up to a step; null where the curve does not come that far or begins later. */
function valueAt({ steps, values }: Curve, step: number): number | null {
  if (steps.length === 0 || steps[steps.length - 1] < step || steps[0] > step) return null
  let low = 0
  let high = steps.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (steps[middle] <= step) low = middle
    else high = middle - 1
  }
  return values[low]
}

/** Sorts `values` in place. Of an even number, the mean of the two in the middle. */
function median(values: number[]): number {
  values.sort((a, b) => a - b)
  const middle = values.length >> 1
  return values.length % 2 === 1 ? values[middle] : mean([values[middle - 1], values[middle]])
}
