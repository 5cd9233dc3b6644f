/**
 * How much rows count, on a scale of its own: mean 1. Learners use nothing but these, so that penalties and learning
 * rates mean the same whatever unit the weights are in, and weights that are all the same are as none, to the bit.
 *
 *   v_i = w_i · n / Σ w
 */

/**
 * The weights of `rows` (at least one; all where left out) with mean 1 over them; the places of other rows are as large
 * on the same scale. null stays null: all rows count the same. Weights are above 0.
 */
export function relativeWeights(weights: Float64Array | null, rows?: Int32Array): Float64Array | null {
  if (weights === null) return null
  const selected = rows === undefined ? weights : Float64Array.from(rows, (row) => weights[row])
  // Over the largest first: sums of weights near 1e308 would overflow.
  let largest = 0
  for (const weight of selected) largest = Math.max(largest, weight)
  let sum = 0
  for (const weight of selected) sum += weight / largest
  const scale = selected.length / sum
  return weights.map((weight) => (weight / largest) * scale)
}
