/**
 * What the two trainers of support vector machines share: hyperparameters, the engines, and the machines of the native one as plain
 * JSON. (Those of the other engine are in libsvm.ts.)
 */
import type { Params } from '../../values.js'
import { FitFailure } from '../failures.js'
import type { SupportVectors } from '../learners/support-vectors.js'
import { largestEntry, type SvmKernel, svmKernels } from '../learners/svm-loops.js'
import type { Matrix } from '../matrix.js'
import { balancedWeights } from '../row-weights.js'
import { broken, finite, numbers, object, oneOf, positive, whole, wholes } from '../state-check.js'
import type { Hyperparameter } from '../types.js'
import { checkMachine, type SvmState, variance } from './libsvm.js'

export const svmHyperparameters: readonly Hyperparameter[] = [
  {
    name: 'engine',
    description: 'what trains: native (Espalier itself) or libsvm (version 3 in WebAssembly, from libsvm-js)',
    type: 'categorical',
    default: 'native',
    values: ['native', 'libsvm'],
  },
  {
    name: 'cost',
    description: 'what a row on the wrong side costs (C): more fits the training rows more closely',
    type: 'float',
    default: 1,
    min: 1e-6,
    max: 1e6,
  },
  {
    name: 'kernel',
    description: 'how alike two rows are',
    type: 'categorical',
    default: 'rbf',
    values: ['rbf', 'linear', 'polynomial', 'sigmoid'],
  },
  {
    name: 'gamma',
    description:
      'how quickly likeness falls with distance (γ); 0 means 1/(columns × their variance); not with kernel "linear"',
    type: 'float',
    default: 0,
    min: 0,
  },
  {
    name: 'degree',
    description: 'the power of the polynomial; only with kernel "polynomial"',
    type: 'int',
    default: 3,
    min: 1,
    max: 10,
  },
  {
    name: 'coef0',
    description: 'the constant inside the kernel; only with kernel "polynomial" or "sigmoid"',
    type: 'float',
    default: 0,
  },
]

export const svmLimits: readonly string[] = [
  'time grows with the square to the cube of the rows: about 0.02 s for 1,198 × 64, a second for 13,333 × 16 in 26 classes, minutes beyond 50,000 rows; a high cost on columns that are not scaled takes longest',
  'a machine whose search has not come to its tolerance (0.001) after 1,000 steps a row (1,000,000 at least) stays as far as it has come, which the log tells',
  'works with 32-bit kernels and 64-bit sums: numbers that differ by less than a ten-millionth of the largest in their column count as equal',
  'a fit takes up to 250 MB for rows of the kernel, and a worker keeps up to 100 MB of distances between rows for the fits to come',
  'engine "libsvm" heeds no weights of rows, reports nothing on the way, and stops only with its thread; with a polynomial of degree 3 or more last digits differ between Node 22 and 24',
  'the model holds every support vector',
]

/** Where it was learned: machines of libsvm are told from the others by having no engine. */
export type Machine = SupportVectors | SvmState

export const isNative = (machine: Machine): machine is SupportVectors => 'scale' in machine

/** The kernel of these params; γ = 0 stands for 1/(columns × their variance). */
export function kernelOf(x: Matrix, params: Params): SvmKernel {
  return {
    kind: params.kernel as SvmKernel['kind'],
    gamma: (params.gamma as number) || 1 / (x.columns * (variance(x.values) || 1)),
    coef0: params.coef0 as number,
    degree: params.degree as number,
  }
}

/** Weights of classes, of which libsvm knows, from the rows'; refuses weights of rows, of which it does not. */
export function onlyOfClasses(
  weights: Float64Array | null,
  codes: Int32Array | null,
  classes: number,
): Float64Array | null {
  if (weights === null) return null
  const ofClass = codes && balancedWeights(codes, classes)
  if (codes === null || ofClass === null || weights.some((weight, i) => weight !== ofClass[codes[i]]))
    throw new FitFailure(
      'PARAMS_REFUSED',
      'params.engine: "libsvm" heeds no weights of rows, and this data set has some; leave engine out ("native" does), or the weights',
    )
  return ofClass
}

export function saveMachine(machine: Machine): SvmState | Record<string, unknown> {
  if (!isNative(machine)) return machine
  const { kernel, scale, columns, vectors, counts, coefficients, rho, sigmoids } = machine
  return {
    engine: 'native',
    kernel: { ...kernel },
    columns,
    centre: Array.from(scale.centre),
    factor: scale.factor,
    vectors: Array.from(vectors, shortest),
    coefficients: Array.from(coefficients),
    rho: Array.from(rho),
    counts: Array.from(counts),
    sigmoids: sigmoids && { a: Array.from(sigmoids.a), b: Array.from(sigmoids.b) },
  }
}

/** A single as a double that becomes the same single again, with no more than the nine digits that are needed. */
function shortest(single: number): number {
  return Number(single.toPrecision(9))
}

/** Bounds within which no sum of an honest machine's numbers overflows. */
const mostCoefficient = 1e160
const mostThreshold = 1e250

/** A machine read from a file: `classes` of a classification, null of a regression. Throws MODEL_INVALID. */
export function checkAnyMachine(
  found: unknown,
  where: string,
  columns: number,
  classes: number | null,
): Machine {
  const state = object(found, where)
  if (state.engine === undefined) return checkMachine(found, where, columns, classes)
  oneOf(state.engine, `${where}.engine`, ['native'])
  const kernel = object(state.kernel, `${where}.kernel`)
  const lines = classes === null ? 1 : classes - 1
  const pairs = classes === null ? 1 : (classes * (classes - 1)) / 2
  const coefficients = numbers(
    state.coefficients,
    `${where}.coefficients`,
    null,
    -mostCoefficient,
    mostCoefficient,
  )
  const size = coefficients.length / lines
  if (!Number.isInteger(size)) broken(`${where}.coefficients`, `${lines} rows of numbers`, coefficients)
  const counts = wholes(state.counts, `${where}.counts`, classes ?? 1, 0, size)
  if (counts.reduce((sum, count) => sum + count, 0) !== size)
    broken(`${where}.counts`, `counts that sum to ${size}`, counts)
  whole(state.columns, `${where}.columns`, columns, columns)
  let sigmoids: SupportVectors['sigmoids'] = null
  if (state.sigmoids !== null) {
    if (classes === null)
      broken(`${where}.sigmoids`, 'null: a regression has no probabilities', state.sigmoids)
    const { a, b } = object(state.sigmoids, `${where}.sigmoids`)
    const read = (list: unknown, name: string) =>
      Float64Array.from(numbers(list, `${where}.sigmoids.${name}`, pairs, -mostThreshold, mostThreshold))
    sigmoids = { a: read(a, 'a'), b: read(b, 'b') }
  }
  return {
    kernel: {
      kind: oneOf(kernel.kind, `${where}.kernel.kind`, svmKernels),
      gamma: finite(kernel.gamma, `${where}.kernel.gamma`, 0, 1e38),
      coef0: finite(kernel.coef0, `${where}.kernel.coef0`, -1e38, 1e38),
      degree: whole(kernel.degree, `${where}.kernel.degree`, 1, 10),
    },
    scale: {
      centre: Float64Array.from(numbers(state.centre, `${where}.centre`, columns)),
      factor: positive(state.factor, `${where}.factor`),
    },
    columns,
    vectors: Float32Array.from(
      numbers(state.vectors, `${where}.vectors`, size * columns, -largestEntry, largestEntry),
    ),
    counts: Int32Array.from(counts),
    coefficients: Float64Array.from(coefficients),
    rho: Float64Array.from(numbers(state.rho, `${where}.rho`, pairs, -mostThreshold, mostThreshold)),
    sigmoids,
  }
}
