/**
 * Successive halving of the stopping type (Li et al. 2020, ASHA, section 3; as in Ray Tune): rungs at the steps
 * r = minSteps · factorʲ. At a rung a trial goes on if its loss is among the best n/factor of the n trials that came
 * to it, its own included; always while n is below 3 (or below the factor).
 *
 * ASHA goes by whoever came to the rung until now, which depends on timing. Here those count that the trial's own
 * suggestion knew of. A trial comes to a rung with its first report at that step or beyond; its loss there is that
 * report's. Trials that were stopped at a rung stay counted there; failed ones are left out.
 */
import type { Curve, PrunerSettings } from '../types.js'
import { counted, type Rule, words } from './rule.js'

export function halvingRule({ minSteps, factor }: PrunerSettings & { name: 'halving' }): Rule {
  const fewest = Math.max(3, factor)
  return (history, current, sign) => {
    const last = current.steps.length - 1
    const step = current.steps[last]
    if (step === undefined || step < minSteps) return null
    let rung = minSteps
    while (rung * factor <= step) rung *= factor
    // Between two rungs nothing is judged.
    if (last > 0 && current.steps[last - 1] >= rung) return null
    const own = sign * current.values[last]
    const losses: number[] = []
    for (const curve of history) {
      if (curve.status === 'failed') continue
      const value = valueFrom(curve, rung)
      if (value !== null) losses.push(sign * value)
    }
    const n = losses.length + 1
    if (n < fewest) return null
    const kept = Math.floor(n / factor)
    losses.sort((a, b) => a - b)
    const bound = losses[kept - 1]
    if (own <= bound) return null
    return {
      rule: 'halving',
      step,
      rung,
      value: sign * own,
      bound: sign * bound,
      trials: n,
      reason: `at rung ${rung} its value ${words(sign * own)} was not among the best ${kept} of ${counted(n, 'trial')}, which had ${words(sign * bound)} or better`,
    }
  }
}

/** The value of the first report at a step or beyond; null where the curve does not come that far. */
function valueFrom({ steps, values }: Curve, step: number): number | null {
  if (steps.length === 0 || steps[steps.length - 1] < step) return null
  let low = 0
  let high = steps.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (steps[middle] >= step) high = middle
    else low = middle + 1
  }
  return values[low]
}
