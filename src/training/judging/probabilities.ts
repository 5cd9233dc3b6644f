/**
 * Metrics of how right probabilities are.
 *
 * Notation: n = rows, p_i = the probability row i gives to its true class, p_ic = the one it gives to class c, y_ic = 1 where c is
 * its class, else 0.
 */
import type { ClassifiedRows } from './metric-types.js'

const smallest = 1e-15

function loss(p: number): number {
  return -Math.log(Math.min(Math.max(p, smallest), 1 - smallest))
}

/**
 * −mean log p_i, clipped to [1e-15, 1 − 1e-15] as scikit-learn's log_loss did until 1.2, so that values do not depend on the
 * float type.
 */
export function logLoss({ truth, classes, probabilities }: ClassifiedRows): number {
  let sum = 0
  for (let i = 0; i < truth.length; i++) sum += loss(probabilities![i * classes + truth[i]])
  return sum / truth.length
}

/** Mean over the classes present in the truth of the log loss of their rows: log loss with the weights of `classWeight: balanced`. */
export function balancedLogLoss({ truth, classes, probabilities }: ClassifiedRows): number {
  const sums = new Float64Array(classes)
  const inTruth = new Float64Array(classes)
  for (let i = 0; i < truth.length; i++) {
    sums[truth[i]] += loss(probabilities![i * classes + truth[i]])
    inTruth[truth[i]]++
  }
  let sum = 0
  let present = 0
  for (let c = 0; c < classes; c++) {
    if (inTruth[c] === 0) continue
    sum += sums[c] / inTruth[c]
    present++
  }
  return sum / present
}

/**
 * Two classes: mean (p_ic − y_ic)² for one of them, between 0 and 1. More: mean Σ_c (p_ic − y_ic)², between 0 and 2. Source: Brier,
 * Verification of forecasts expressed in terms of probability, Monthly Weather Review 78 (1950); the halving for two classes is
 * scikit-learn's (brier_score_loss).
 */
export function brier({ truth, classes, probabilities }: ClassifiedRows): number {
  let sum = 0
  for (let i = 0; i < truth.length; i++) {
    for (let c = 0; c < classes; c++) {
      const error = probabilities![i * classes + c] - (truth[i] === c ? 1 : 0)
      sum += error * error
    }
  }
  return sum / (classes === 2 ? 2 * truth.length : truth.length)
}

/** Mean (p_ic − y_ic)² of one class. */
export function brierOfClass({ truth, classes, probabilities }: ClassifiedRows, c: number): number {
  let sum = 0
  for (let i = 0; i < truth.length; i++) {
    const error = probabilities![i * classes + c] - (truth[i] === c ? 1 : 0)
    sum += error * error
  }
  return sum / truth.length
}

/**
 * Share of rows whose class is among the k of highest probability; of equal ones those count first that come first in the order of
 * classes (scikit-learn's top_k_accuracy_score counts the last first).
 */
export function topK({ truth, classes, probabilities }: ClassifiedRows, k: number): number {
  let within = 0
  for (let i = 0; i < truth.length; i++) {
    const own = probabilities![i * classes + truth[i]]
    let before = 0
    for (let c = 0; c < classes; c++) {
      const p = probabilities![i * classes + c]
      if (p > own || (p === own && c < truth[i])) before++
    }
    if (before < k) within++
  }
  return within / truth.length
}
