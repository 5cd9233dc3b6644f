/**
 * Weights of rows as whole numbers, so that sums of them are exact in any order.
 *
 * Weights that are whole already stay as they are; others are rounded to multiples of a power of two, the smallest with which their
 * sum stays within its bound (2^30 for a tree: for 1,000 rows a millionth of the mean weight). No weight becomes 0.
 */

/** `most`: what they sum to at most, but for rounding. null stays null, and weights that are all the same become null: all rows count 1. */
export function wholeWeights(weights: Float64Array | null, most: number): Uint32Array | null {
  if (weights === null || weights.every((weight) => weight === weights[0])) return null
  let largest = 0
  let sum = 0
  let areWhole = true
  for (const weight of weights) {
    largest = Math.max(largest, weight)
    sum += weight
    areWhole &&= Number.isInteger(weight)
  }
  if (areWhole && sum <= most) return Uint32Array.from(weights)
  // Powers of two change no digit of a weight: first to at most 1, then up as far as the bound goes.
  let scale = 1
  while (largest * scale > 1) scale /= 2
  while (largest * scale <= 0.5) scale *= 2
  let total = 0
  for (const weight of weights) total += weight * scale
  let factor = 1
  while (total * factor * 2 <= most) factor *= 2
  return Uint32Array.from(weights, (weight) => Math.max(1, Math.round(weight * scale * factor)))
}
