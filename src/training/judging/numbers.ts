/**
 * Metrics of predicted numbers.
 *
 * Notation: n = rows, y_i = the truth, m_i = what was predicted, e_i = y_i − m_i. Definitions and conventions for degenerate rows are
 * scikit-learn's (metrics/_regression.py).
 */
import type { EstimatedRows } from './metric-types.js'

/** x². */
export function square(x: number): number {
  return x * x
}

/** √(mean e²), in units of the target. */
export function rmse({ truth, predicted }: EstimatedRows): number {
  let sum = 0
  for (let i = 0; i < truth.length; i++) sum += square(truth[i] - predicted[i])
  return Math.sqrt(sum / truth.length)
}

/** mean |e|, in units of the target. */
export function mae({ truth, predicted }: EstimatedRows): number {
  let sum = 0
  for (let i = 0; i < truth.length; i++) sum += Math.abs(truth[i] - predicted[i])
  return sum / truth.length
}

/** 1 − Σe²/Σ(y − ȳ)²; where the truth is constant (or one row): 1 if predicted exactly, else 0. */
export function r2({ truth, predicted }: EstimatedRows): number {
  let mean = 0
  let constant = true
  for (let i = 0; i < truth.length; i++) {
    mean += truth[i] / truth.length
    if (truth[i] !== truth[0]) constant = false
  }
  let errors = 0
  let spread = 0
  for (let i = 0; i < truth.length; i++) {
    errors += square(truth[i] - predicted[i])
    spread += square(truth[i] - mean)
  }
  // Rounding can leave a spread of 1e-30 where the truth is constant: the test is on the values themselves.
  if (constant || spread === 0) return errors === 0 ? 1 : 0
  return 1 - errors / spread
}

/** 1 − Var(e)/Var(y): as r2, but an error that is the same everywhere costs nothing. Constant truth: as r2, of the spread of errors. */
export function explainedVariance({ truth, predicted }: EstimatedRows): number {
  const errors = truth.map((y, i) => y - predicted[i])
  const [ofErrors, ofTruth] = [spreadOf(errors), spreadOf(truth)]
  if (ofTruth === 0) return ofErrors === 0 ? 1 : 0
  return 1 - ofErrors / ofTruth
}

/** Sum of squared deviations from the mean; exactly 0 where all are equal. */
function spreadOf(values: Float64Array): number {
  if (values.every((value) => value === values[0])) return 0
  let mean = 0
  for (const value of values) mean += value / values.length
  let spread = 0
  for (const value of values) spread += (value - mean) * (value - mean)
  return spread
}

/** The median of |e|; between the two in the middle where n is even. */
export function medianAbsoluteError({ truth, predicted }: EstimatedRows): number {
  return quantile(truth.map((y, i) => Math.abs(y - predicted[i])).sort(), 0.5)
}

/** mean |e|/max(|y|, 2.2e-16), as a share: 0.1 is 10 %. Enormous where a truth is 0. */
export function mape({ truth, predicted }: EstimatedRows): number {
  let sum = 0
  for (let i = 0; i < truth.length; i++)
    sum += Math.abs(truth[i] - predicted[i]) / Math.max(Math.abs(truth[i]), Number.EPSILON)
  return sum / truth.length
}

/** The largest |e|. */
export function maxError({ truth, predicted }: EstimatedRows): number {
  let largest = 0
  for (let i = 0; i < truth.length; i++) largest = Math.max(largest, Math.abs(truth[i] - predicted[i]))
  return largest
}

/**
 * mean max(q e, (q − 1) e): least where q of the truths lie below what is predicted. Source: Koenker, Bassett, Regression quantiles,
 * Econometrica 46 (1978).
 */
export function pinball({ truth, predicted }: EstimatedRows, q: number): number {
  let sum = 0
  for (let i = 0; i < truth.length; i++) {
    const error = truth[i] - predicted[i]
    sum += Math.max(q * error, (q - 1) * error)
  }
  return sum / truth.length
}

/** 2 mean(y log(y/m) − y + m), y log y being 0 at 0. NaN where a truth is below 0 or a prediction not above it. */
export function poissonDeviance({ truth, predicted }: EstimatedRows): number {
  let sum = 0
  for (let i = 0; i < truth.length; i++) {
    const [y, m] = [truth[i], predicted[i]]
    if (!(y >= 0 && m > 0)) return Number.NaN
    sum += (y === 0 ? 0 : y * Math.log(y / m)) - y + m
  }
  return (2 * sum) / truth.length
}

/** 2 mean(log(m/y) + y/m − 1). NaN where a truth or a prediction is not above 0. */
export function gammaDeviance({ truth, predicted }: EstimatedRows): number {
  let sum = 0
  for (let i = 0; i < truth.length; i++) {
    const [y, m] = [truth[i], predicted[i]]
    if (!(y > 0 && m > 0)) return Number.NaN
    sum += Math.log(m / y) + y / m - 1
  }
  return (2 * sum) / truth.length
}

/** Between sorted values, by linear interpolation. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (place - below) * (sorted[above] - sorted[below])
}
