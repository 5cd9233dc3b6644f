/**
 * The softmax of rows of scores, and its cross-entropy. Rows × classes, row-major.
 *
 *   p_c = exp(z_c − max z) / Σ exp(z_k − max z)        loss = −Σ_rows v_row log p_(true class)
 */

/** Scores become probabilities, in place. */
export function softmaxInto(z: Float64Array, rows: number, classes: number): void {
  for (let i = 0; i < rows; i++) {
    const start = i * classes
    let most = -Infinity
    for (let c = 0; c < classes; c++) most = Math.max(most, z[start + c])
    let sum = 0
    for (let c = 0; c < classes; c++) {
      const e = Math.exp(z[start + c] - most)
      z[start + c] = e
      sum += e
    }
    for (let c = 0; c < classes; c++) z[start + c] /= sum
  }
}

/**
 * Scores become the gradient of the summed cross-entropy, v (p − 1[c = truth]), in place. Returns the sum, computed from
 * the scores, so that it is exact where a probability rounds to 0. `weights`: v of the rows, from `offset` as the truth;
 * null means 1.
 */
export function crossEntropyInto(
  z: Float64Array,
  truth: Int32Array,
  offset: number,
  rows: number,
  classes: number,
  weights: Float64Array | null = null,
): number {
  let loss = 0
  for (let i = 0; i < rows; i++) {
    const start = i * classes
    const right = start + truth[offset + i]
    let most = -Infinity
    for (let c = 0; c < classes; c++) most = Math.max(most, z[start + c])
    const score = z[right]
    let sum = 0
    for (let c = 0; c < classes; c++) {
      const e = Math.exp(z[start + c] - most)
      z[start + c] = e
      sum += e
    }
    for (let c = 0; c < classes; c++) z[start + c] /= sum
    z[right] -= 1
    const weight = weights === null ? 1 : weights[offset + i]
    loss += weight * (Math.log(sum) + most - score)
    if (weight !== 1) for (let c = 0; c < classes; c++) z[start + c] *= weight
  }
  return loss
}

/** The class with the highest value in each row; of equal ones the first. */
export function winners(values: Float64Array, rows: number, classes: number): Int32Array {
  const codes = new Int32Array(rows)
  for (let i = 0; i < rows; i++) {
    let best = 0
    for (let c = 1; c < classes; c++) if (values[i * classes + c] > values[i * classes + best]) best = c
    codes[i] = best
  }
  return codes
}
