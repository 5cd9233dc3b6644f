/**
 * Linear regression with penalties from one matrix of products, in which the rows are gone through once for all penalties.
 *
 * Notation as in linear-regression.ts: rows of weights v (mean 1), X and y centred at their weighted means and multiplied by √v;
 * further s_j the largest |x_ij|, X' = X S⁻¹ (so that nothing overflows), w' = S w, G = X'ᵀX', c = X'ᵀy. Then
 *
 *   minimise  1/(2n) (w'ᵀ G w' − 2 cᵀw')  +  l1 Σ |w'_j|/s_j  +  l2/2 Σ w'_j²/s_j²
 *
 * Without l1 by Cholesky of G + n l2 S⁻² (and one step of refinement); with l1 by coordinate descent on g = c − G w' (Friedman, Hastie and
 * Tibshirani 2010, section 2.2, "covariance updates"), until no step changes a prediction by more than 1e-7 deviations of y.
 *
 * G holds squares: where a column is all but a sum of others and l2 does not hold them apart, half the digits are lost. Then there is
 * no solution from here, and the rows have to be asked.
 */
import { openProducts } from '../kernels/products.js'
import type { Matrix } from '../matrix.js'
import type { LinearFit } from './linear-regression.js'
import { relativeWeights } from './relative-weights.js'

export interface Gram {
  readonly rows: number
  /** Weighted means of the columns and of y. */
  readonly centre: Float64Array
  readonly mean: number
  /** s; 1 for a column that does not vary. */
  readonly sizes: Float64Array
  /** G, d × d, and c. */
  readonly products: Float64Array
  readonly ofTarget: Float64Array
}

/** More columns than this, or than rows: G would be larger than X, or slow to solve. */
export const mostGramColumns = 2000

const mostSweeps = 1000
const smallestStep = 1e-7
/** A column that differs from its mean by less does not vary: one over that would overflow. */
const leastSize = 1e-290
/** Weights under it are 0 to all digits; infinite it would make them none. */
const largestRidge = 1e200
/** Of a column's own square, what the other columns must leave of it. */
const leastPivot = 1e-9

/** Of y of about unit deviation. */
export function gramOf(x: Matrix, y: Float64Array, rowWeights: Float64Array | null): Gram {
  const { rows: n, columns: d, values } = x
  const v = relativeWeights(rowWeights) ?? new Float64Array(n).fill(1)
  const centre = new Float64Array(d)
  for (let i = 0; i < n; i++) {
    const share = v[i] / n
    for (let j = 0; j < d; j++) centre[j] += share * values[i * d + j]
  }
  let mean = 0
  for (let i = 0; i < n; i++) mean += v[i] * (y[i] / n)
  // The mean of equal values is rounded, and what it is off by would be a column of its own.
  for (let j = 0; j < d; j++) {
    let i = 1
    while (i < n && values[i * d + j] === values[j]) i++
    if (i === n) centre[j] = values[j]
  }
  const sizes = new Float64Array(d)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) {
      const size = Math.abs(values[i * d + j] - centre[j])
      if (size > sizes[j]) sizes[j] = size
    }
  }
  for (let j = 0; j < d; j++) if (sizes[j] < leastSize) sizes[j] = 1
  const scales = sizes.map((size) => 1 / size)

  const width = d + 1
  const loops = openProducts()
  const atX = loops.reserve(8 * n * width)
  const atG = loops.reserve(8 * width * width)
  const centred = loops.f64(atX, n * width)
  loops.f64(atG, width * width).fill(0)
  for (let i = 0; i < n; i++) {
    const root = Math.sqrt(v[i])
    for (let j = 0; j < d; j++) centred[i * width + j] = root * ((values[i * d + j] - centre[j]) * scales[j])
    centred[i * width + d] = root * (y[i] - mean)
  }
  loops.addTransposedProduct(atX, atX, atG, width, n, width)
  const all = loops.f64(atG, width * width)
  const products = new Float64Array(d * d)
  for (let j = 0; j < d; j++) products.set(all.subarray(j * width, j * width + d), j * d)
  const ofTarget = all.slice(d * width, d * width + d)
  loops.close()
  return { rows: n, centre, mean, sizes, products, ofTarget }
}

/** null where the rows have to be asked, see above. l1, l2 ≥ 0. */
export function fitGram(gram: Gram, l1: number, l2: number): LinearFit | null {
  const { centre, mean, sizes } = gram
  const d = centre.length
  const w = new Float64Array(d)
  const converged = l1 > 0 ? descend(gram, l1, l2, w) : solve(gram, l2, w)
  if (converged === null) return null
  let intercept = mean
  for (let j = 0; j < d; j++) {
    w[j] /= sizes[j]
    intercept -= centre[j] * w[j]
  }
  return { coefficients: w, intercept, converged }
}

/** Coordinate descent into w' (zeros at first). True once converged. */
function descend({ rows: n, sizes, products, ofTarget }: Gram, l1: number, l2: number, w: Float64Array) {
  const d = w.length
  const g = Float64Array.from(ofTarget)
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let largest = 0
    for (let j = 0; j < d; j++) {
      const square = products[j * d + j] / n
      if (square === 0) continue
      const pull = g[j] / n + square * w[j]
      const shrunk = Math.sign(pull) * Math.max(0, Math.abs(pull) - l1 / sizes[j])
      const next = shrunk / (square + l2 / sizes[j] / sizes[j])
      const change = next - w[j]
      if (change === 0) continue
      for (let k = 0; k < d; k++) g[k] -= change * products[j * d + k]
      w[j] = next
      largest = Math.max(largest, Math.abs(change) * Math.sqrt(square))
    }
    if (largest <= smallestStep) return true
  }
  return false
}

/** The closed form into w'; null where a pivot is too small. */
function solve({ rows: n, sizes, products, ofTarget }: Gram, l2: number, w: Float64Array): true | null {
  const d = w.length
  const ridge = sizes.map((size) => Math.min(largestRidge, (n * l2) / size / size))
  const factor = Float64Array.from(products)
  for (let i = 0; i < d; i++) {
    const own = products[i * d + i] + ridge[i]
    // A column that does not vary has weight 0.
    factor[i * d + i] = own === 0 ? 1 : own
    for (let j = 0; j <= i; j++) {
      let sum = factor[i * d + j]
      for (let k = 0; k < j; k++) sum -= factor[i * d + k] * factor[j * d + k]
      if (i > j) factor[i * d + j] = sum / factor[j * d + j]
      else if (!(sum >= leastPivot * own)) return null
      else factor[i * d + i] = Math.sqrt(sum)
    }
  }
  const residual = new Float64Array(d)
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < d; i++) {
      let sum = ofTarget[i] - ridge[i] * w[i]
      for (let k = 0; k < d; k++) sum -= products[i * d + k] * w[k]
      residual[i] = sum
    }
    for (let i = 0; i < d; i++) {
      let sum = residual[i]
      for (let k = 0; k < i; k++) sum -= factor[i * d + k] * residual[k]
      residual[i] = sum / factor[i * d + i]
    }
    for (let i = d - 1; i >= 0; i--) {
      let sum = residual[i]
      for (let k = i + 1; k < d; k++) sum -= factor[k * d + i] * residual[k]
      residual[i] = sum / factor[i * d + i]
    }
    for (let i = 0; i < d; i++) w[i] += residual[i]
  }
  return true
}
