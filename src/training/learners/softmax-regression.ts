/**
 * Multinomial logistic (softmax) regression with penalties.
 *
 * Notation: n rows of weights v (mean 1), d columns, C classes, X (n × d), W (d × C, row-major), b (C; not penalised),
 * z = XW + b:
 *
 *   minimise  1/n Σ_rows −v_row log softmax(z)_(true class)  +  l1 |W|₁  +  l2/2 |W|²
 *
 * Convex; by L-BFGS from zero, until no entry of the gradient is above a tolerance. Where there is l1, W = U − V with U, V ≥ 0, which makes |W|₁ = Σ U + Σ V linear and
 * leaves bounds only (Schmidt, Fung and Rosales 2007, section 3.2).
 *
 * scikit-learn's C is 1/(n·l2), with weights w 1/(Σw·l2).
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { lbfgs, openWasm } from '../../numeric/index.js'
import type { ProductLoops } from '../kernels/products.js'
import type { Matrix } from '../matrix.js'
import { relativeWeights } from './relative-weights.js'

interface Loops extends Pick<ProductLoops, 'addProduct' | 'addTransposedProduct'> {
  copyRows(row: number, z: number, rows: number, classes: number): void
  crossEntropy(
    z: number,
    truth: number,
    weights: number,
    rows: number,
    classes: number,
    most: number,
    scores: number,
    sums: number,
  ): void
  columnMeans(z: number, rows: number, classes: number, out: number): void
}

export interface SoftmaxFit {
  /** d × C, row-major. */
  readonly weights: Float64Array
  readonly biases: Float64Array
  /** false where the evaluations ran out first. */
  readonly converged: boolean
}

const mostEvaluations = 2000
const evaluationsBetweenTurns = 50

/**
 * Fits on codes 0 … classes − 1. l1, l2 ≥ 0. `tolerance`: the search ends where no entry of the gradient is larger. `rowWeights`: one a
 * row, above 0; null where all rows count the same.
 */
export async function fitSoftmax(
  x: Matrix,
  codes: Int32Array,
  classes: number,
  l1: number,
  l2: number,
  tolerance: number,
  rowWeights: Float64Array | null = null,
  signal?: AbortSignal,
): Promise<SoftmaxFit> {
  const { columns: d } = x
  const count = d * classes
  const objective = softmaxObjective(x, codes, classes, l1, l2, rowWeights)
  const n = objective.variables
  const lower = new Float64Array(n).fill(l1 > 0 ? 0 : -Infinity)
  lower.fill(-Infinity, n - classes)
  const upper = new Float64Array(n).fill(Infinity)
  const steps = lbfgs(
    new Float64Array(n),
    { lower, upper },
    { evaluations: mostEvaluations, gradientTolerance: tolerance, valueTolerance: 1e-12, memory: 10 },
  )
  let state = steps.next()
  for (let evaluation = 1; !state.done; evaluation++) {
    state = steps.next(objective.evaluate(state.value))
    if (evaluation % evaluationsBetweenTurns === 0) {
      await nextTurn()
      signal?.throwIfAborted()
    }
  }
  const { x: found, evaluations } = state.value
  const weights = found.slice(0, count)
  if (l1 > 0) for (let k = 0; k < count; k++) weights[k] -= found[count + k]
  return { weights, biases: found.slice(n - classes), converged: evaluations < mostEvaluations }
}

/**
 * The objective of the variables (W, b), or (U, V, b) where l1 > 0, and its gradient, which is overwritten by the
 * next evaluation.
 */
export function softmaxObjective(
  x: Matrix,
  codes: Int32Array,
  classes: number,
  l1: number,
  l2: number,
  rowWeights: Float64Array | null = null,
) {
  const { rows, columns: d } = x
  const count = d * classes
  const split = l1 > 0
  const v = relativeWeights(rowWeights)
  const variables = (split ? 2 * count : count) + classes
  const biasStart = variables - classes
  const gradient = new Float64Array(variables)
  const loops = openWasm<Loops>('#training-kernels/softmax')
  const reserve = (length: number) => loops.reserve(8 * length)
  const [atX, atW, atSlopes, atB, atMeans] = [rows * d, count, count, classes, classes].map(reserve)
  const [atMost, atScores, atSums, atV] = [rows, rows, rows, v === null ? 0 : rows].map(reserve)
  // One more: exponentials are taken of pairs.
  const atZ = reserve(rows * classes + 1)
  const atCodes = loops.reserve(4 * rows)
  loops.f64(atX, rows * d).set(x.values)
  loops.i32(atCodes, rows).set(codes)
  if (v !== null) loops.f64(atV, rows).set(v)
  // All room is taken: the memory does not grow any more.
  const weights = loops.f64(atW, count)
  const slopes = loops.f64(atSlopes, count)
  const biases = loops.f64(atB, classes)
  const means = loops.f64(atMeans, classes)
  const [most, scores, sums] = [atMost, atScores, atSums].map((at) => loops.f64(at, rows))

  function evaluate(theta: Float64Array): { value: number; gradient: Float64Array } {
    let penalty = 0
    for (let k = 0; k < count; k++) {
      const w = split ? theta[k] - theta[count + k] : theta[k]
      weights[k] = w
      penalty += (l2 / 2) * w * w
      if (split) penalty += l1 * (theta[k] + theta[count + k])
    }
    for (let c = 0; c < classes; c++) biases[c] = theta[biasStart + c]
    loops.copyRows(atB, atZ, rows, classes)
    loops.addProduct(atX, atW, atZ, rows, d, classes)
    loops.crossEntropy(atZ, atCodes, v === null ? 0 : atV, rows, classes, atMost, atScores, atSums)
    let loss = 0
    for (let i = 0; i < rows; i++) {
      loss += (v === null ? 1 : v[i]) * (Math.log(sums[i]) + most[i] - scores[i])
    }
    loss /= rows
    slopes.fill(0)
    loops.addTransposedProduct(atX, atZ, atSlopes, d, rows, classes)
    for (let k = 0; k < count; k++) {
      const slope = slopes[k] / rows + l2 * weights[k]
      gradient[k] = slope + l1
      if (split) gradient[count + k] = l1 - slope
    }
    loops.columnMeans(atZ, rows, classes, atMeans)
    gradient.set(means, biasStart)
    return { value: loss + penalty, gradient }
  }
  return { variables, evaluate }
}
