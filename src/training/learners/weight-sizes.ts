/**
 * How much each column has to do with what weighted sums of columns answer: Σ_c |w_jc| σ_j, c the classes (or the one number) and σ_j the
 * deviation of column j over the training rows: how far an answer moves when the column moves by its deviation.
 */
import type { Matrix } from '../matrix.js'
import type { Shared } from '../preparation.js'

/** σ of the columns, from what fits on the same rows share. */
export function sharedDeviations(x: Matrix, shared: Shared): Float64Array {
  return shared.get(
    'deviations of columns',
    () => deviationsOf(x),
    ({ byteLength }) => byteLength,
  )
}

function deviationsOf({ rows, columns, values }: Matrix): Float64Array {
  const means = new Float64Array(columns)
  const most = new Float64Array(columns)
  const squares = new Float64Array(columns)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) means[j] += values[i * columns + j] / rows
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++)
      most[j] = Math.max(most[j], Math.abs(values[i * columns + j] - means[j]))
  }
  // In units of the largest: squares would overflow.
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      if (most[j] === 0) continue
      const share = (values[i * columns + j] - means[j]) / most[j]
      squares[j] += share * share
    }
  }
  return squares.map((sum, j) => most[j] * Math.sqrt(sum / rows))
}

/** `weights`: columns × outputs, row-major. Nothing where deviations are not known: of a model from a file. */
export function weightSizes(
  weights: ArrayLike<number>,
  columns: number,
  deviations?: Float64Array,
): Float64Array {
  const sizes = new Float64Array(columns)
  if (deviations === undefined) return sizes
  const outputs = weights.length / columns
  for (let j = 0; j < columns; j++) {
    for (let c = 0; c < outputs; c++) sizes[j] += Math.abs(weights[j * outputs + c]) * deviations[j]
  }
  return sizes
}
