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
import type { Matrix } from '../matrix.js'
import { relativeWeights } from './relative-weights.js'

/** Of kernels/softmax.as.ts. */
interface Loops {
  layOut(
    at: number,
    rows: number,
    columns: number,
    classes: number,
    isSplit: boolean,
    hasWeights: boolean,
  ): number
  blockRows(): number
  inputAt(): number
  takeRows(first: number, count: number): void
  codesAt(): number
  rowWeightsAt(): number
  thetaAt(): number
  gradientAt(): number
  evaluate(l1: number, l2: number): number
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
  objective.close()
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
  const { rows, columns, values } = x
  const v = relativeWeights(rowWeights)
  const isSplit = l1 > 0
  const variables = (isSplit ? 2 : 1) * columns * classes + classes
  const loops = openWasm<Loops>('#training-kernels/softmax')
  const layOut = (at: number) => loops.layOut(at, rows, columns, classes, isSplit, v !== null)
  layOut(loops.reserve(layOut(0)))
  const most = loops.blockRows()
  for (let first = 0; first < rows; first += most) {
    const count = Math.min(most, rows - first)
    const some = values.subarray(first * columns, (first + count) * columns)
    loops.f64(loops.inputAt(), some.length).set(some)
    loops.takeRows(first, count)
  }
  loops.i32(loops.codesAt(), rows).set(codes)
  if (v !== null) loops.f64(loops.rowWeightsAt(), rows).set(v)
  const at = loops.f64(loops.thetaAt(), variables)
  const gradient = loops.f64(loops.gradientAt(), variables)

  function evaluate(theta: Float64Array): { value: number; gradient: Float64Array } {
    at.set(theta)
    return { value: loops.evaluate(l1, l2), gradient }
  }
  return { variables, evaluate, close: loops.close }
}
