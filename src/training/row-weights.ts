/**
 * How much each row counts in training: the sample weight of the data set times the weight of its class.
 *
 * `classWeight: 'balanced'` gives the rows of class c the weight n / (C · n_c), n rows in all, n_c of class c, C classes with
 * rows: every class counts the same, and the mean weight is 1. As in compute_sample_weight of scikit-learn, classes are
 * counted in rows, whatever their sample weights (its estimators of version 1.9 count them by weight). Preprocessing
 * counts every row once, too.
 */
import { valuesAt } from './matrix.js'
import type { Hyperparameter } from './types.js'

export const classWeightHyperparameter: Hyperparameter = {
  name: 'classWeight',
  description:
    'whether rows count by the rarity of their class: none, or balanced (every class counts the same)',
  type: 'categorical',
  default: 'none',
  values: ['none', 'balanced'],
}

/** The sample weights of the selected rows. */
export function selectWeights(weights: Float64Array, index: Int32Array): Float64Array {
  return valuesAt(weights, index)
}

/** One weight a row of `codes`; null where all rows count the same. `weights` are indexed by `index`. */
export function classifiedRowWeights(
  codes: Int32Array,
  classes: number,
  index: Int32Array,
  weights: Float64Array | null,
  balanced: boolean,
): Float64Array | null {
  const selected = weights && selectWeights(weights, index)
  if (!balanced) return selected
  const ofClass = balancedWeights(codes, classes)
  return Float64Array.from(codes, (code, i) => (selected?.[i] ?? 1) * ofClass[code])
}

/** The weight of each class with `classWeight: 'balanced'`; each has rows. */
export function balancedWeights(codes: Int32Array, classes: number): Float64Array {
  const counts = new Int32Array(classes)
  for (const code of codes) counts[code]++
  return Float64Array.from(counts, (count) => codes.length / (classes * count))
}
