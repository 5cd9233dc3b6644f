/**
 * Multinomial logistic (softmax) regression with penalties.
 *
 * Notation: n rows of weights v (mean 1), d columns, C classes, X (n × d), W (d × C, row-major), b (C; not penalised),
 * z = XW + b:
 *
 *   minimise  1/n Σ_rows −v_row log softmax(z)_(true class)  +  l1 |W|₁  +  l2/2 |W|²
 *
 * Convex; by L-BFGS from zero. Where there is l1, W = U − V with U, V ≥ 0, which makes |W|₁ = Σ U + Σ V linear and
 * leaves bounds only (Schmidt, Fung and Rosales 2007, section 3.2).
 *
 * scikit-learn's C is 1/(n·l2), with weights w 1/(Σw·l2).
 */
import { minimize } from '../../numeric/index.js'
import type { Matrix } from '../matrix.js'
import { addProduct, addTransposedProduct } from './products.js'
import { relativeWeights } from './relative-weights.js'
import { crossEntropyInto } from './softmax.js'

export interface SoftmaxFit {
  /** d × C, row-major. */
  readonly weights: Float64Array
  readonly biases: Float64Array
  /** false where the evaluations ran out first. */
  readonly converged: boolean
}

const mostEvaluations = 2000

/** Fits on codes 0 … classes − 1. l1, l2 ≥ 0. `rowWeights`: one a row, above 0; null where all rows count the same. */
export function fitSoftmax(
  x: Matrix,
  codes: Int32Array,
  classes: number,
  l1: number,
  l2: number,
  rowWeights: Float64Array | null = null,
): SoftmaxFit {
  const { columns: d } = x
  const count = d * classes
  const objective = softmaxObjective(x, codes, classes, l1, l2, rowWeights)
  const n = objective.variables
  const lower = new Float64Array(n).fill(l1 > 0 ? 0 : -Infinity)
  lower.fill(-Infinity, n - classes)
  const upper = new Float64Array(n).fill(Infinity)
  const { x: found, evaluations } = minimize(
    objective.evaluate,
    new Float64Array(n),
    { lower, upper },
    {
      evaluations: mostEvaluations,
      gradientTolerance: 1e-6,
      valueTolerance: 1e-12,
      memory: 10,
    },
  )
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
  const weights = new Float64Array(count)
  const slopes = new Float64Array(count)
  const gradient = new Float64Array(variables)
  const z = new Float64Array(rows * classes)

  function evaluate(theta: Float64Array): { value: number; gradient: Float64Array } {
    const biasStart = variables - classes
    let penalty = 0
    for (let k = 0; k < count; k++) {
      const w = split ? theta[k] - theta[count + k] : theta[k]
      weights[k] = w
      penalty += (l2 / 2) * w * w
      if (split) penalty += l1 * (theta[k] + theta[count + k])
    }
    for (let i = 0; i < rows; i++) {
      for (let c = 0; c < classes; c++) z[i * classes + c] = theta[biasStart + c]
    }
    addProduct(x.values, weights, 0, z, rows, d, classes)
    const loss = crossEntropyInto(z, codes, 0, rows, classes, v) / rows
    slopes.fill(0)
    addTransposedProduct(x.values, z, slopes, 0, d, rows, classes)
    for (let k = 0; k < count; k++) {
      const slope = slopes[k] / rows + l2 * weights[k]
      gradient[k] = slope + l1
      if (split) gradient[count + k] = l1 - slope
    }
    gradient.fill(0, biasStart)
    for (let i = 0; i < rows; i++) {
      for (let c = 0; c < classes; c++) gradient[biasStart + c] += z[i * classes + c] / rows
    }
    return { value: loss + penalty, gradient }
  }
  return { variables, evaluate }
}
