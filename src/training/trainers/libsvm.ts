/**
 * The engine "libsvm" of support vector machines: libsvm trains (compiled to WebAssembly, from libsvm-js), the decision is worked out
 * here. Models of this engine are what all models were before there was another one.
 *
 * A trained machine is read from libsvm's memory instead of its text format, which rounds the constants ρ to six digits.
 * The model is then plain JSON that needs no library, no memory to be freed, and no thread that may be ended.
 *
 * Notation: l support vectors s_k with coefficients α_k (signed; one row of l for a regression, classes − 1 rows for
 * a classification), constants ρ (one for each pair of classes), kernel K:
 *
 *   linear sᵀx    rbf exp(−γ |s − x|²)    polynomial (γ sᵀx + c)^degree    sigmoid tanh(γ sᵀx + c)
 *
 * Source: Chang and Lin (2011), LIBSVM, ACM TIST 2(3); svm.h and svm_predict_values in svm.cpp, version 3.
 */

import type { Params } from '../../values.js'
import { FitFailure } from '../failures.js'
import type { Matrix } from '../matrix.js'
import { broken, finite, numbers, object, oneOf, whole, wholes } from '../state-check.js'
import type { TrainingContext } from '../types.js'
import { type EmscriptenModule, loadEmscripten } from './emscripten.js'

const kernels = ['linear', 'polynomial', 'rbf', 'sigmoid'] as const

export type SvmState = {
  kernel: { kind: (typeof kernels)[number]; gamma: number; coef0: number; degree: number }
  columns: number
  /** Support vectors, row-major. */
  vectors: number[]
  /** α: rows of as many entries as there are support vectors. */
  coefficients: number[]
  rho: number[]
  /** Classification: the classes' codes in libsvm's order, in which the vectors stand, and how many each has. */
  labels: number[]
  counts: number[]
  /** Of a classification with probabilities: Platt's sigmoid of each pair of classes. */
  sigmoids: { a: number[]; b: number[] } | null
}

type Libsvm = EmscriptenModule & {
  load(): Promise<void>
  _create_svm_nodes(rows: number, columns: number): number
  _add_instance(problem: number, values: number, columns: number, label: number, row: number): void
  _svm_get_nr_class(model: number): number
  _svm_get_nr_sv(model: number): number
}

/**
 * Trains a machine on codes (classification) or numbers (regression); `epsilon` belongs to the latter. `classWeights`, by
 * code: what the cost is multiplied by for a row of the class; null means 1.
 */
export async function trainSvm(
  x: Matrix,
  y: Int32Array | Float64Array,
  params: Params,
  kind:
    | { readonly probabilities: boolean; readonly classWeights: Float64Array | null }
    | { readonly epsilon: number },
  context: TrainingContext,
): Promise<SvmState> {
  const kernel: SvmState['kernel'] = {
    kind: params.kernel as SvmState['kernel']['kind'],
    gamma: (params.gamma as number) || 1 / (x.columns * (variance(x.values) || 1)),
    coef0: params.coef0 as number,
    degree: params.degree as number,
  }
  const { module, printed } = await loadEmscripten<Libsvm>('libsvm-js/out/wasm/libsvm.js', (svm) =>
    svm.load(),
  )
  const problem = module._create_svm_nodes(x.rows, x.columns)
  const row = module._malloc(8 * x.columns)
  for (let i = 0; i < x.rows; i++) {
    module.HEAPF64.set(x.values.subarray(i * x.columns, (i + 1) * x.columns), row / 8)
    module._add_instance(problem, row, x.columns, y[i], i)
  }
  const regression = 'epsilon' in kind
  const command = [
    ['-s', regression ? 3 : 0],
    ['-t', kernels.indexOf(kernel.kind)],
    ['-g', kernel.gamma],
    ['-r', kernel.coef0],
    ['-d', kernel.degree],
    ['-c', params.cost],
    ...(regression
      ? [['-p', kind.epsilon]]
      : [['-b', kind.probabilities ? 1 : 0], ...classCosts(kind.classWeights)]),
    ['-m', 100],
    ['-e', 0.001],
    ['-q', 1],
  ]
  const train = module.cwrap('libsvm_train_problem', 'number', ['number', 'string'])
  const model = train(problem, command.flat().join(' '))
  for (const line of printed) if (line.trim() !== '') context.log(`libsvm: ${line.trim()}`)
  const state = readModel(module, model, x, kernel, regression)
  const { coefficients, rho, sigmoids } = state
  for (const numbers of [coefficients, rho, sigmoids?.a ?? [], sigmoids?.b ?? []]) {
    if (!numbers.every(Number.isFinite)) {
      throw new FitFailure(
        'METRIC_NOT_FINITE',
        'libsvm found no finite solution: the kernel overflows on these columns; scale them',
      )
    }
  }
  return state
}

/** libsvm's options -w0, -w1 … */
function classCosts(weights: Float64Array | null): [string, number][] {
  return Array.from(weights ?? [], (weight, code) => [`-w${code}`, weight])
}

/**
 * Reads a svm_model (svm.h, version 3, 32-bit addresses): 96 bytes of parameters, then nr_class, l, SV, sv_coef, rho, probA,
 * probB, sv_indices, label, nSV, each four bytes.
 */
function readModel(
  module: Libsvm,
  model: number,
  x: Matrix,
  kernel: SvmState['kernel'],
  regression: boolean,
): SvmState {
  const word = (place: number) => module.HEAP32[model / 4 + 24 + place]
  const [classes, size] = [word(0), word(1)]
  if (classes !== module._svm_get_nr_class(model) || size !== module._svm_get_nr_sv(model)) {
    throw new Error('the installed libsvm-js lays its models out in another way than version 0.2.1')
  }
  const doubles = (address: number, length: number) =>
    Array.from(module.HEAPF64.subarray(address / 8, address / 8 + length))
  const integers = (address: number, length: number) =>
    Array.from(module.HEAP32.subarray(address / 4, address / 4 + length))

  const pairs = regression ? 1 : (classes * (classes - 1)) / 2
  const [rowsOfCoefficients, rho, probA, probB, indices, labels, counts] = [3, 4, 5, 6, 7, 8, 9].map(word)
  return {
    kernel,
    columns: x.columns,
    vectors: integers(indices, size).flatMap((index) =>
      Array.from(x.values.subarray((index - 1) * x.columns, index * x.columns)),
    ),
    coefficients: integers(rowsOfCoefficients, regression ? 1 : classes - 1).flatMap((address) =>
      doubles(address, size),
    ),
    rho: doubles(rho, pairs),
    labels: regression ? [] : integers(labels, classes),
    counts: regression ? [] : integers(counts, classes),
    sigmoids: regression || probA === 0 ? null : { a: doubles(probA, pairs), b: doubles(probB, pairs) },
  }
}

/** Of all values together. */
export function variance(values: Float64Array): number {
  let mean = 0
  for (let i = 0; i < values.length; i++) mean += values[i] / values.length
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += ((values[i] - mean) * (values[i] - mean)) / values.length
  return Number.isFinite(squares) ? squares : 0
}

/** A machine read from a file: `classes` of a classification, null of a regression. Throws MODEL_INVALID. */
export function checkMachine(
  found: unknown,
  where: string,
  columns: number,
  classes: number | null,
): SvmState {
  const state = object(found, where)
  const kernel = object(state.kernel, `${where}.kernel`)
  const rows = classes === null ? 1 : classes - 1
  const pairs = classes === null ? 1 : (classes * (classes - 1)) / 2
  const coefficients = numbers(state.coefficients, `${where}.coefficients`)
  const size = coefficients.length / rows
  if (!Number.isInteger(size)) broken(`${where}.coefficients`, `${rows} rows of numbers`, coefficients)
  const labels = wholes(state.labels, `${where}.labels`, classes ?? 0, 0, (classes ?? 1) - 1)
  if (new Set(labels).size !== labels.length) broken(`${where}.labels`, 'a list without repeats', labels)
  const counts = wholes(state.counts, `${where}.counts`, classes ?? 0, 0, size)
  if (classes !== null && counts.reduce((sum, count) => sum + count, 0) !== size)
    broken(`${where}.counts`, `counts that sum to ${size}`, counts)
  return {
    kernel: {
      kind: oneOf(kernel.kind, `${where}.kernel.kind`, kernels),
      gamma: finite(kernel.gamma, `${where}.kernel.gamma`, 0),
      coef0: finite(kernel.coef0, `${where}.kernel.coef0`),
      degree: whole(kernel.degree, `${where}.kernel.degree`, 1, 10),
    },
    columns: whole(state.columns, `${where}.columns`, columns, columns),
    vectors: numbers(state.vectors, `${where}.vectors`, size * columns),
    coefficients,
    rho: numbers(state.rho, `${where}.rho`, pairs),
    labels,
    counts,
    sigmoids:
      state.sigmoids === null ? null : checkSigmoids(state.sigmoids, `${where}.sigmoids`, pairs, classes),
  }
}

function checkSigmoids(
  found: unknown,
  where: string,
  pairs: number,
  classes: number | null,
): SvmState['sigmoids'] {
  if (classes === null) broken(where, 'null: a regression has no probabilities', found)
  const { a, b } = object(found, where)
  return { a: numbers(a, `${where}.a`, pairs), b: numbers(b, `${where}.b`, pairs) }
}

/** A function that writes K(s_k, x_i) for all support vectors into an array of its own, which it returns. */
export function kernelRows({ kernel, columns, vectors }: SvmState): (x: Matrix, i: number) => Float64Array {
  const { kind, gamma, coef0, degree } = kernel
  const flat = Float64Array.from(vectors)
  const size = flat.length / columns
  const out = new Float64Array(size)
  return ({ values }, i) => {
    const row = i * columns
    for (let k = 0; k < size; k++) {
      const start = k * columns
      let sum = 0
      if (kind === 'rbf') {
        for (let j = 0; j < columns; j++) {
          const difference = flat[start + j] - values[row + j]
          sum += difference * difference
        }
        out[k] = Math.exp(-gamma * sum)
        continue
      }
      for (let j = 0; j < columns; j++) sum += flat[start + j] * values[row + j]
      if (kind === 'linear') out[k] = sum
      else if (kind === 'polynomial') out[k] = (gamma * sum + coef0) ** degree
      else out[k] = Math.tanh(gamma * sum + coef0)
    }
    return out
  }
}
