/**
 * Racing of folds (Bergman, Purucker and Hutter 2024, "Don't Waste Your Time: Early Stopping Cross-Validation", the
 * forgiving rule): after each fold, in fold order, a trial stops if the mean of its folds so far is no better than
 * the worst fold of the best complete trial.
 *
 * The best complete trial is the finished one of the history with the best mean over its folds; of equals, the one
 * of the lowest number. Curves have one step a fold.
 */
import type { Curve, PrunerSettings } from '../types.js'
import { mean, type Rule, words } from './rule.js'

export function foldsRule({ minFolds }: PrunerSettings & { name: 'folds' }): Rule {
  return (history, current, sign) => {
    const folds = current.values.length
    if (folds < minFolds || folds === 0) return null
    const best = bestComplete(history, sign)
    if (best === null) return null
    let bound = Number.NEGATIVE_INFINITY
    for (const value of best.values) bound = Math.max(bound, sign * value)
    const value = mean(current.values)
    if (sign * value < bound) return null
    return {
      rule: 'folds',
      step: current.steps[folds - 1],
      folds,
      value,
      bound: sign * bound,
      against: best.trial,
      reason: `${folds === 1 ? 'its first fold' : `the mean of its first ${folds} folds`}, ${words(value)}, was no better than ${words(sign * bound)}, the worst fold of trial ${best.trial}, the best complete one by then`,
    }
  }
}

function bestComplete(history: readonly Curve[], sign: 1 | -1): Curve | null {
  let best: Curve | null = null
  let least = Number.POSITIVE_INFINITY
  for (const curve of history) {
    if (curve.status !== 'finished' || curve.values.length === 0) continue
    const loss = sign * mean(curve.values)
    if (loss < least || (loss === least && best !== null && curve.trial < best.trial)) {
      best = curve
      least = loss
    }
  }
  return best
}
