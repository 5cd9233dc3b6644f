/**
 * Support vector machines in ONNX: src/training/trainers/{svm-classifier,svm-regressor,libsvm}.ts, learners/svm-decisions.ts and
 * kernels/svm.as.ts.
 *
 * The native engine computes kernels in 32 bits: each operation is a node of its own, so that the same roundings come in the same order.
 * Values stand vector by vector, [vectors, rows], and column by column, [columns, rows].
 */
import type { TargetScaleFile } from '../../model-file/boosted-states.js'
import type { LibsvmMachineFile, NativeMachineFile } from '../../model-file/svm-states.js'
import { exponential } from '../exponential.js'
import { cast } from '../graph.js'
import { tangent } from '../tangent.js'
import type { GraphBuilder, LearnerNodes, Tensor } from '../types.js'
import { addProducts, at, expanded, lengthOf, scan, transposed } from './in-order.js'
import { coupled, pairsOf, vote } from './pairs.js'
import { scaled } from './results.js'

type MachineFile = NativeMachineFile | LibsvmMachineFile

export const svmClassifier: LearnerNodes<MachineFile> = (graph, x, machine, { classes }) => {
  const decisions = decisionsOf(graph, x, machine, classes)
  const winner = vote(graph, decisions, classes)
  // The codes of libsvm's classes, which stand in an order of their own.
  const labels = 'engine' in machine ? null : machine.labels
  const codes = labels === null ? winner : graph.node('Gather', [graph.constant('int64', labels), winner])
  if (machine.sigmoids === null) return { kind: 'classes', codes, probabilities: null }
  const shares = coupled(graph, decisions, machine.sigmoids, classes)
  const places = labels?.map((_, code) => labels.indexOf(code))
  const ofCodes = places === undefined ? shares : at(graph, shares, places)
  return { kind: 'classes', codes, probabilities: transposed(graph, ofCodes) }
}

export const svmRegressor: LearnerNodes<{
  readonly machine: MachineFile
  readonly target: TargetScaleFile
}> = (graph, x, { machine, target }) => {
  const decision = graph.node('Squeeze', [decisionsOf(graph, x, machine, 0), graph.constant('int64', [0])])
  return { kind: 'numbers', values: scaled(graph, decision, target) }
}

/** [pairs of classes, rows]; of a regression, whose classes are 0, [1, rows]. */
function decisionsOf(graph: GraphBuilder, x: Tensor, machine: MachineFile, classes: number): Tensor {
  return 'engine' in machine
    ? nativeDecisions(graph, x, machine, classes)
    : libsvmDecisions(graph, x, machine, classes)
}

/** Measures: 0 + Σ (v − x)² for rbf, 0 + Σ v x else, over the columns in their order. */
function measures(
  graph: GraphBuilder,
  values: Tensor,
  { kernel, columns, vectors }: MachineFile,
  type: 'float' | 'double',
): Tensor {
  const count = vectors.length / columns
  const byColumn = Array.from(
    { length: vectors.length },
    (_, i) => vectors[(i % count) * columns + Math.floor(i / count)],
  )
  const start = expanded(graph, type, 0, [count, lengthOf(graph, values, 1)])
  const along = [
    { tensor: graph.constant(type, byColumn, [columns, count, 1]), type, dims: [count, 1] },
    { tensor: values, type, dims: ['N'] },
  ] as const
  const sum = { tensor: start, type, dims: [count, 'N'] }
  if (kernel.kind !== 'rbf') return addProducts(graph, sum, along[0], along[1])
  return scan(graph, [sum], along, (body, [before], [vector, value]) => {
    const difference = body.node('Sub', [vector, value])
    return [body.node('Add', [before, body.node('Mul', [difference, difference])])]
  })[0]
}

const line = { type: 'double', dims: ['N'] } as const

// ---- the native engine ----

/** What keeps numbers of the panels within the range of 32 bits: src/training/learners/svm-loops.ts and kernels/svm.as.ts. */
const [largestEntry, largestKernel] = [1e15, 1e30]

function nativeDecisions(
  graph: GraphBuilder,
  x: Tensor,
  machine: NativeMachineFile,
  classes: number,
): Tensor {
  const { coefficients, rho, counts } = machine
  const rows = lengthOf(graph, x, 0)
  const lines = Math.max(1, classes - 1)
  const size = coefficients.length / lines
  const kernels = size === 0 ? '' : cast(graph, nativeKernels(graph, x, machine), 'double')
  const coefficientsOf = (vector: number) =>
    Array.from({ length: lines }, (_, l) => coefficients[l * size + vector])
  let first = 0
  const sums = counts.map((count) => {
    const from = first
    first += count
    return count === 0
      ? expanded(graph, 'double', 0, [lines, rows])
      : evenAndOdd(graph, kernels, from, count, rows, coefficientsOf)
  })
  const thresholds = graph.constant('double', rho, [rho.length, 1])
  if (classes === 0) return graph.node('Sub', [sums[0], thresholds])
  const all = graph.node('Concat', sums, { axis: 0 })
  const pairs = pairsOf(classes)
  const ofFirst = at(
    graph,
    all,
    pairs.map(([a, b]) => a * lines + b - 1),
  )
  const ofSecond = at(
    graph,
    all,
    pairs.map(([a, b]) => b * lines + a),
  )
  return graph.node('Sub', [graph.node('Add', [ofFirst, ofSecond]), thresholds])
}

/** Sums over `count` vectors from `first`, those with even places and those with odd ones on their own: [lines, rows]. */
function evenAndOdd(
  graph: GraphBuilder,
  kernels: Tensor,
  first: number,
  count: number,
  rows: Tensor,
  coefficientsOf: (vector: number) => readonly number[],
): Tensor {
  const lines = coefficientsOf(first).length
  const sum = {
    tensor: expanded(graph, 'double', 0, [lines, rows]),
    type: 'double',
    dims: [lines, 'N'],
  } as const
  const steps = Math.ceil(count / 2)
  const along = [0, 1].flatMap((odd) => {
    // Where the last odd one is lacking, another takes its place with coefficients of 0.
    const places = Array.from({ length: steps }, (_, step) => 2 * step + odd)
    const weights = places.flatMap((place) =>
      place < count ? coefficientsOf(first + place) : new Array<number>(lines).fill(0),
    )
    return [
      {
        tensor: at(
          graph,
          kernels,
          places.map((place) => first + Math.min(place, count - 1)),
        ),
        ...line,
      },
      { tensor: graph.constant('double', weights, [steps, lines, 1]), type: 'double', dims: [lines, 1] },
    ] as const
  })
  const [even, odd] = scan(graph, [sum, sum], along, (body, [one, other], [k0, w0, k1, w1]) => [
    body.node('Add', [one, body.node('Mul', [w0, k0])]),
    body.node('Add', [other, body.node('Mul', [w1, k1])]),
  ])
  return graph.node('Add', [even, odd])
}

/** K of every vector and row, 32 bits: [vectors, rows]. */
function nativeKernels(graph: GraphBuilder, x: Tensor, machine: NativeMachineFile): Tensor {
  const { kernel, centre, factor } = machine
  const number = (value: number) => graph.scalar('float', value)
  const moved = graph.node('Sub', [x, graph.constant('double', centre, [1, centre.length])])
  const entries = graph.node('Mul', [moved, graph.scalar('double', factor)])
  const bounded = graph.node('Max', [
    graph.node('Min', [entries, graph.scalar('double', largestEntry)]),
    graph.scalar('double', -largestEntry),
  ])
  const measure = measures(graph, transposed(graph, cast(graph, bounded, 'float')), machine, 'float')
  if (kernel.kind === 'linear') return measure
  if (kernel.kind === 'rbf') return exponential32(graph, graph.node('Mul', [number(-kernel.gamma), measure]))
  const within = (value: Tensor) =>
    graph.node('Max', [graph.node('Min', [value, number(largestKernel)]), number(-largestKernel)])
  const product = graph.node('Mul', [number(kernel.gamma), measure])
  const base = within(graph.node('Add', [product, number(kernel.coef0)]))
  if (kernel.kind === 'polynomial') {
    let power = base
    for (let p = 1; p < kernel.degree; p++) power = within(graph.node('Mul', [power, base]))
    return power
  }
  // tanh u = sign(u) (1 − e)/(1 + e) with e = exp(−2 |u|).
  const e = exponential32(graph, graph.node('Mul', [graph.node('Abs', [base]), number(-2)]))
  const tangent = graph.node('Div', [graph.node('Sub', [number(1), e]), graph.node('Add', [number(1), e])])
  const isBelow = graph.node('Less', [base, number(0)])
  return graph.node('Where', [isBelow, graph.node('Neg', [tangent]), tangent])
}

/** e^x for x ≤ 0, at least e^−87, as exp4 of kernels/svm.as.ts works it out, in 32 bits. */
function exponential32(graph: GraphBuilder, input: Tensor): Tensor {
  const number = (value: number) => graph.scalar('float', value)
  // 1.5 · 2^23: adding it rounds to a whole number.
  const magic = number(12582912)
  const x = graph.node('Max', [input, number(-87)])
  const shifted = graph.node('Add', [graph.node('Mul', [x, number(Math.LOG2E)]), magic])
  const n = graph.node('Sub', [shifted, magic])
  const high = graph.node('Sub', [x, graph.node('Mul', [n, number(0.693359375)])])
  const r = graph.node('Sub', [high, graph.node('Mul', [n, number(-0.00021219444005469057)])])
  const [first, ...others] = [5040, 720, 120, 24, 6, 2, 1, 1].map((divisor) =>
    number(Math.fround(1 / divisor)),
  )
  let sum = first
  for (const term of others) sum = graph.node('Add', [graph.node('Mul', [sum, r]), term])
  // 2^n, n from −126 to 0.
  const powers = [1]
  while (powers.length < 127) powers.push(powers[powers.length - 1] / 2)
  const place = cast(graph, graph.node('Neg', [n]), 'int64')
  return graph.node('Mul', [sum, graph.node('Gather', [graph.constant('float', powers), place])])
}

// ---- the engine libsvm ----

function libsvmDecisions(
  graph: GraphBuilder,
  x: Tensor,
  machine: LibsvmMachineFile,
  classes: number,
): Tensor {
  const { coefficients, rho, counts } = machine
  const rows = lengthOf(graph, x, 0)
  const lines = Math.max(1, classes - 1)
  const size = coefficients.length / lines
  const kernels = size === 0 ? '' : libsvmKernels(graph, x, machine)
  /** Sums go on from others, over vectors in their order. */
  const added = (sums: Tensor, first: number, count: number): Tensor => {
    if (count === 0) return sums
    const places = Array.from({ length: count }, (_, i) => first + i)
    const weights = places.flatMap((place) =>
      Array.from({ length: lines }, (_, l) => coefficients[l * size + place]),
    )
    return addProducts(
      graph,
      { tensor: sums, type: 'double', dims: [lines, 'N'] },
      { tensor: graph.constant('double', weights, [count, lines, 1]), type: 'double', dims: [lines, 1] },
      { tensor: count === size ? kernels : at(graph, kernels, places), ...line },
    )
  }
  if (classes === 0) return added(expanded(graph, 'double', -rho[0], [1, rows]), 0, size)
  // A pair's sum goes over the vectors of its first class, and on over those of its second. Line l of class c belongs to its pair with the l-th
  // of the other classes.
  let all = expanded(graph, 'double', 0, [1, rows])
  let first = 0
  counts.forEach((count, c) => {
    const places = Array.from({ length: lines }, (_, l) => (l < c ? 1 + l * lines + c - 1 : 0))
    all = graph.node('Concat', [all, added(at(graph, all, places), first, count)], { axis: 0 })
    first += count
  })
  const sums = at(
    graph,
    all,
    pairsOf(classes).map(([a, b]) => 1 + b * lines + a),
  )
  return graph.node('Sub', [sums, graph.constant('double', rho, [rho.length, 1])])
}

/** K of every vector and row: [vectors, rows]. */
function libsvmKernels(graph: GraphBuilder, x: Tensor, machine: LibsvmMachineFile): Tensor {
  const { kind, gamma, coef0, degree } = machine.kernel
  const number = (value: number) => graph.scalar('double', value)
  const measure = measures(graph, transposed(graph, x), machine, 'double')
  if (kind === 'linear') return measure
  if (kind === 'rbf') return exponential(graph, graph.node('Mul', [number(-gamma), measure]))
  const base = graph.node('Add', [graph.node('Mul', [number(gamma), measure]), number(coef0)])
  if (kind === 'sigmoid') return tangent(graph, base)
  if (degree === 1) return base
  graph.warn(
    `the powers of libsvm's polynomial kernel are the runtime's own: what is made from them may differ from Espalier's in the last digits (as it does from one version of Node to another)`,
  )
  return graph.node('Pow', [base, number(degree)])
}
