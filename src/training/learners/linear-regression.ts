/**
 * Linear regression with penalties.
 *
 * Notation: n rows of weights v (mean 1), d columns, X (n × d, row-major), y (n), w (d), b the intercept (not penalised):
 *
 *   minimise  1/(2n) Σ_i v_i (y_i − x_i w − b)²  +  l1 |w|₁  +  l2/2 |w|²
 *
 * With X and y centred at their weighted means, b drops out; with their rows then multiplied by √v_i, so do the
 * weights, and what is left is 1/(2n) |y − Xw|² and the penalties. Without l1 the solution is in closed form, by Cholesky
 * of the smaller of
 *   (XᵀX + λI) w = Xᵀy   and   (XXᵀ + λI) a = y, w = Xᵀa,   λ = n·l2,
 * where a ridge of 1e-10 of the largest diagonal entry at least keeps the factor positive; iterative refinement on the
 * residual takes that ridge out again, so that for l2 = 0 the least-squares solution of least norm is found.
 * With l1 it is coordinate descent (Friedman, Hastie and Tibshirani 2010, Journal of Statistical Software 33(1),
 * equation 5), on the residual r = y − Xw, until no step changes a prediction by more than 1e-7 deviations of y.
 */
import type { Matrix } from '../matrix.js'
import { relativeWeights } from './relative-weights.js'

export interface LinearFit {
  readonly coefficients: Float64Array
  readonly intercept: number
  /** false where coordinate descent ran out of sweeps. */
  readonly converged: boolean
}

const mostSweeps = 1000
const smallestStep = 1e-7
const mostRefinements = 20

/**
 * Fits on y of about unit deviation. At least one row and one column; l1, l2 ≥ 0. `rowWeights`: one a row, above 0; null
 * where all rows count the same.
 */
export function fitLinear(
  x: Matrix,
  y: Float64Array,
  l1: number,
  l2: number,
  rowWeights: Float64Array | null = null,
): LinearFit {
  const { rows: n, columns: d } = x
  const v = relativeWeights(rowWeights) ?? new Float64Array(n).fill(1)
  const centre = new Float64Array(d)
  for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) centre[j] += v[i] * (x.values[i * d + j] / n)
  let mean = 0
  for (let i = 0; i < n; i++) mean += v[i] * (y[i] / n)
  const centred = new Float64Array(n * d)
  const target = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    const root = Math.sqrt(v[i])
    for (let j = 0; j < d; j++) centred[i * d + j] = root * (x.values[i * d + j] - centre[j])
    target[i] = root * (y[i] - mean)
  }

  const w = new Float64Array(d)
  const converged = l1 > 0 ? descend(centred, target, n, d, l1, l2, w) : solve(centred, target, n, d, l2, w)
  let intercept = mean
  for (let j = 0; j < d; j++) intercept -= centre[j] * w[j]
  return { coefficients: w, intercept, converged }
}

/** Coordinate descent into w (zeros at first). True once converged. */
function descend(
  x: Float64Array,
  y: Float64Array,
  n: number,
  d: number,
  l1: number,
  l2: number,
  w: Float64Array,
): boolean {
  // By column: a step reads one column twice.
  const columns = new Float64Array(n * d)
  const squares = new Float64Array(d)
  for (let j = 0; j < d; j++) {
    for (let i = 0; i < n; i++) {
      const value = x[i * d + j]
      columns[j * n + i] = value
      squares[j] += (value * value) / n
    }
  }
  const r = Float64Array.from(y)
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let largest = 0
    for (let j = 0; j < d; j++) {
      if (squares[j] === 0) continue
      const start = j * n
      let slope = 0
      for (let i = 0; i < n; i++) slope += columns[start + i] * r[i]
      const pull = slope / n + squares[j] * w[j]
      const shrunk = Math.sign(pull) * Math.max(0, Math.abs(pull) - l1)
      const next = shrunk / (squares[j] + l2)
      const change = next - w[j]
      if (change === 0) continue
      for (let i = 0; i < n; i++) r[i] -= change * columns[start + i]
      w[j] = next
      largest = Math.max(largest, Math.abs(change) * Math.sqrt(squares[j]))
    }
    if (largest <= smallestStep) return true
  }
  return false
}

/** The closed form into w. */
function solve(x: Float64Array, y: Float64Array, n: number, d: number, l2: number, w: Float64Array): true {
  const wide = d > n
  const size = wide ? n : d
  const lambda = n * l2
  const gram = wide ? outerGram(x, n, d) : innerGram(x, n, d)
  let largest = 0
  for (let k = 0; k < size; k++) largest = Math.max(largest, gram[k * size + k])
  if (largest === 0) return true
  const ridge = Math.max(lambda, 1e-10 * largest)
  for (let k = 0; k < size; k++) gram[k * size + k] += ridge
  cholesky(gram, size)

  // `unknown` is w, or a where there are more columns than rows.
  const unknown = wide ? new Float64Array(n) : w
  const residual = new Float64Array(size)
  const r = new Float64Array(n)
  let before = Infinity
  for (let round = 0; round < mostRefinements; round++) {
    if (wide) transposedProduct(x, unknown, n, d, w)
    for (let i = 0; i < n; i++) {
      let sum = y[i]
      for (let j = 0; j < d; j++) sum -= x[i * d + j] * w[j]
      r[i] = sum
    }
    if (wide) residual.set(r)
    else transposedProduct(x, r, n, d, residual)
    for (let k = 0; k < size; k++) residual[k] -= lambda * unknown[k]
    substitute(gram, size, residual)
    let step = 0
    let length = 0
    for (let k = 0; k < size; k++) {
      unknown[k] += residual[k]
      step = Math.max(step, Math.abs(residual[k]))
      length = Math.max(length, Math.abs(unknown[k]))
    }
    // Once steps stop shrinking they are rounding errors.
    if (step <= 1e-14 * length || step > before / 2) break
    before = step
  }
  if (wide) transposedProduct(x, unknown, n, d, w)
  return true
}

/** XᵀX, lower triangle. */
function innerGram(x: Float64Array, n: number, d: number): Float64Array {
  const gram = new Float64Array(d * d)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) {
      const value = x[i * d + j]
      if (value === 0) continue
      for (let k = 0; k <= j; k++) gram[j * d + k] += value * x[i * d + k]
    }
  }
  return gram
}

/** XXᵀ, lower triangle. */
function outerGram(x: Float64Array, n: number, d: number): Float64Array {
  const gram = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k <= i; k++) {
      let sum = 0
      for (let j = 0; j < d; j++) sum += x[i * d + j] * x[k * d + j]
      gram[i * n + k] = sum
    }
  }
  return gram
}

/** out = Xᵀv. */
function transposedProduct(x: Float64Array, v: Float64Array, n: number, d: number, out: Float64Array): void {
  out.fill(0)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) out[j] += x[i * d + j] * v[i]
  }
}

/** The lower factor of a positive definite matrix (its lower triangle), in place. */
function cholesky(a: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * size + j]
      for (let k = 0; k < j; k++) sum -= a[i * size + k] * a[j * size + k]
      a[i * size + j] = i === j ? Math.sqrt(sum) : sum / a[j * size + j]
    }
  }
}

/** Solves L Lᵀ x = b in place of b. */
function substitute(l: Float64Array, size: number, b: Float64Array): void {
  for (let i = 0; i < size; i++) {
    let sum = b[i]
    for (let k = 0; k < i; k++) sum -= l[i * size + k] * b[k]
    b[i] = sum / l[i * size + i]
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = b[i]
    for (let k = i + 1; k < size; k++) sum -= l[k * size + i] * b[k]
    b[i] = sum / l[i * size + i]
  }
}
