/**
 * Nearest neighbours in ONNX, to the last bit: distances column after column, votes neighbour after neighbour, each operation rounded as ours
 * is (the search of ours sorts out first and measures the rest so: training/kernels/neighbours.as.ts).
 *
 * Rows are asked for in blocks, because a block's distances from all points are in memory at once.
 */
import type { NeighbourStates } from '../../model-file/neighbour-states.js'
import { rowSums } from '../exponential.js'
import { reduced, rowsOf } from '../graph.js'
import type { GraphBuilder, LearnerNodes, Tensor } from '../types.js'
import { expanded, scan } from './in-order.js'

export const neighbourNodes: LearnerNodes<NeighbourStates> = (graph, x, learned, { classes }) => {
  const state = learned.codes !== undefined && learned.engine === undefined ? byClass(learned) : learned
  if (state !== learned)
    graph.warn(
      'where training rows of different classes are at the same distance from a row, some of them among its k nearest and some not, ml-knn takes those that its tree comes to first, and the ONNX model those of the lower class; all other rows get the same answers',
    )
  const { places, distances } = nearest(graph, x, state)
  const votes = votesOf(graph, places, distances, state)
  if (classes === 0) return { kind: 'numbers', values: average(graph, places, votes, state) }
  return { kind: 'classes', ...elect(graph, places, votes, state, classes) }
}

/** ml-knn puts neighbours at the same distance in the order of their classes: so do points that stand in it. */
function byClass(state: NeighbourStates): NeighbourStates {
  const { codes, columns, points } = state
  const order = codes!.map((_, place) => place).sort((a, b) => codes![a] - codes![b] || a - b)
  return {
    ...state,
    codes: order.map((place) => codes![place]),
    points: order.flatMap((place) => points.slice(place * columns, (place + 1) * columns)),
  }
}

/** Rows that are measured at a time. */
const blockRows = 64

interface Nearest {
  /** int64 [rows, k]: places of training rows, nearest first, of equally near ones the first. */
  readonly places: Tensor
  /** double [rows, k]. */
  readonly distances: Tensor
}

function nearest(graph: GraphBuilder, x: Tensor, state: NeighbourStates): Nearest {
  const { k, columns, distance } = state
  const integers = (...values: number[]) => graph.constant('int64', values)
  const rows = rowsOf(graph, x)
  const block = graph.node('Max', [graph.node('Min', [rows, integers(blockRows)]), integers(1)])
  const over = graph.node('Mod', [rows, block])
  const lacking = graph.node('Mod', [graph.node('Sub', [block, over]), block])
  const pads = graph.node('Concat', [integers(0, 0), lacking, integers(0)], { axis: 0 })
  const count = graph.node('Div', [graph.node('Add', [rows, lacking]), block])
  const shape = graph.node('Concat', [count, block, integers(columns)], { axis: 0 })
  const blocks = graph.node('Reshape', [graph.node('Pad', [x, pads]), shape])

  const body = graph.body([{ name: 'block', type: 'double', dims: ['block', columns] }])
  const [measured, places] = body.nodes('TopK', [measures(body, body.inputs[0], state), integers(k)], 2, {
    axis: 1,
    largest: 0,
    sorted: 1,
  })
  body.output(measured, { name: 'measured', type: 'double', dims: ['block', k] })
  body.output(places, { name: 'places', type: 'int64', dims: ['block', k] })
  const [allMeasured, allPlaces] = graph
    .nodes('Scan', [blocks], 2, { num_scan_inputs: 1, body: { graph: body } })
    .map((found) =>
      graph.node('Slice', [graph.node('Reshape', [found, integers(-1, k)]), integers(0), rows, integers(0)]),
    )
  const distances =
    distance === 'euclidean'
      ? graph.node('Sqrt', [allMeasured])
      : distance === 'cosine'
        ? graph.node('Div', [allMeasured, graph.scalar('double', 2)])
        : allMeasured
  return { places: allPlaces, distances }
}

/** What neighbours are ordered by: double [rows, points]. */
function measures(graph: GraphBuilder, x: Tensor, { columns, distance, points }: NeighbourStates): Tensor {
  const isCosine = distance === 'cosine'
  const of = isCosine ? unitPoints(points, columns) : { points, areZero: [] }
  const count = points.length / columns
  const transposed = Array.from({ length: points.length }, (_, i) => {
    const column = Math.floor(i / count)
    return of.points[(i - column * count) * columns + column]
  })
  const asked = isCosine ? unitRows(graph, x, columns) : { x, areZero: null }
  const sums = sumOverColumns(
    graph,
    asked.x,
    graph.constant('double', transposed, [columns, count]),
    count,
    distance,
  )
  if (asked.areZero === null) return sums
  const zeros = graph.constant('bool', of.areZero.map(Number), [1, count])
  return graph.node('Where', [graph.node('Or', [asked.areZero, zeros]), graph.scalar('double', 2), sums])
}

/** `points`: one row a column. */
function sumOverColumns(
  graph: GraphBuilder,
  x: Tensor,
  points: Tensor,
  count: number,
  distance: NeighbourStates['distance'],
): Tensor {
  const none = expanded(graph, 'double', 0, [rowsOf(graph, x), count])
  const columns = [
    { tensor: x, type: 'double', dims: ['N'], axis: 1 },
    { tensor: points, type: 'double', dims: [count] },
  ] as const
  return scan(
    graph,
    [{ tensor: none, type: 'double', dims: ['N', count] }],
    columns,
    (body, [sum], [own, others]) => {
      const difference = body.node('Sub', [asColumn(body, own), others])
      const isSquared = distance === 'euclidean' || distance === 'cosine'
      const term = isSquared ? body.node('Mul', [difference, difference]) : body.node('Abs', [difference])
      return [body.node(distance === 'chebyshev' ? 'Max' : 'Add', [sum, term])]
    },
  )[0]
}

/** [N] as [N, 1]. */
function asColumn(graph: GraphBuilder, tensor: Tensor): Tensor {
  return graph.node('Unsqueeze', [tensor, graph.constant('int64', [1])])
}

/** Each row divided by its length, and whether it has none, as one of zeros or infinities: bool [rows, 1]. */
function unitRows(graph: GraphBuilder, x: Tensor, columns: number) {
  const zero = graph.scalar('double', 0)
  const most = reduced(graph, 'ReduceMax', graph.node('Abs', [x]), 1)
  const isSome = graph.node('Greater', [most, zero])
  const shares = graph.node('Where', [isSome, graph.node('Div', [x, most]), zero])
  const length = graph.node('Sqrt', [rowSums(graph, graph.node('Mul', [shares, shares]), columns)])
  const hasLength = graph.node('Greater', [length, zero])
  return { x: graph.node('Div', [shares, length]), areZero: graph.node('Not', [hasLength]) }
}

/** The same of training rows. */
function unitPoints(points: readonly number[], columns: number): { points: number[]; areZero: boolean[] } {
  const units: number[] = []
  const areZero: boolean[] = []
  for (let first = 0; first < points.length; first += columns) {
    const row = points.slice(first, first + columns)
    const most = row.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0)
    const shares = row.map((value) => (most > 0 ? value / most : 0))
    const length = Math.sqrt(shares.reduce((sum, share) => sum + share * share, 0))
    units.push(...shares.map((share) => (length > 0 ? share / length : share)))
    areZero.push(!(length > 0))
  }
  return { points: units, areZero }
}

/** Under it 1/distance overflows: training/trainers/neighbours.ts. */
const tooNear = 1e-290

/** How much each neighbour's vote counts: double [rows, k]. */
function votesOf(
  graph: GraphBuilder,
  places: Tensor,
  distances: Tensor,
  { k, weights, votes }: NeighbourStates,
): Tensor {
  const number = (value: number) => graph.scalar('double', value)
  const where = (condition: Tensor, a: Tensor, b: Tensor) => graph.node('Where', [condition, a, b])
  const same = graph.node('Expand', [graph.constant('double', [1], [1, 1]), graph.node('Shape', [places])])
  const byDistance = () => {
    const first = graph.node('Gather', [distances, graph.constant('int64', [0])], { axis: 1 })
    const isExtreme = graph.node('Or', [
      graph.node('Equal', [first, number(0)]),
      graph.node('Equal', [first, number(Infinity)]),
    ])
    const alone = where(graph.node('Equal', [distances, first]), number(1), number(0))
    const unit = where(graph.node('Less', [first, number(tooNear)]), first, number(1))
    return where(isExtreme, alone, graph.node('Div', [unit, distances]))
  }
  const own = weights === 'distance' ? byDistance() : same
  if (votes === undefined || votes === null) return own
  const weighed = graph.node('Mul', [own, graph.node('Gather', [graph.constant('double', votes), places])])
  // Where none of those that vote counts for anything, all count the same.
  return where(graph.node('Greater', [rowSums(graph, weighed, k), number(0)]), weighed, own)
}

/** The class with most votes, of tied ones the nearest neighbour's, and the share of each. */
function elect(
  graph: GraphBuilder,
  places: Tensor,
  votes: Tensor,
  { k, codes }: NeighbourStates,
  classes: number,
): { codes: Tensor; probabilities: Tensor } {
  const ofNeighbours = graph.node('Gather', [graph.constant('int64', codes!), places])
  const none = expanded(graph, 'double', 0, [rowsOf(graph, places), classes])
  const every = graph.constant(
    'int64',
    Array.from({ length: classes }, (_, c) => c),
    [1, classes],
  )
  const neighbours = [
    { tensor: ofNeighbours, type: 'int64', dims: ['N'], axis: 1 },
    { tensor: votes, type: 'double', dims: ['N'], axis: 1 },
  ] as const
  const sums = { tensor: none, type: 'double', dims: ['N', classes] } as const
  const [counted] = scan(graph, [sums], neighbours, (body, [sum], [code, vote]) => {
    const isOwn = body.node('Equal', [asColumn(body, code), every])
    return [
      body.node('Add', [sum, body.node('Where', [isOwn, asColumn(body, vote), body.scalar('double', 0)])]),
    ]
  })
  const best = graph.node('ArgMax', [graph.node('GatherElements', [counted, ofNeighbours], { axis: 1 })], {
    axis: 1,
    keepdims: 1,
  })
  const winner = graph.node('GatherElements', [ofNeighbours, best], { axis: 1 })
  return {
    codes: graph.node('Squeeze', [winner, graph.constant('int64', [1])]),
    probabilities: graph.node('Div', [counted, rowSums(graph, votes, k)]),
  }
}

/** The mean of the neighbours' targets, between the least and the most of those that vote. */
function average(
  graph: GraphBuilder,
  places: Tensor,
  votes: Tensor,
  { k, targets }: NeighbourStates,
): Tensor {
  const number = (value: number) => graph.scalar('double', value)
  const own = graph.node('Gather', [graph.constant('double', targets!), places])
  const shares = graph.node('Div', [votes, rowSums(graph, votes, k)])
  const mean = rowSums(graph, graph.node('Mul', [shares, own]), k)
  const isNone = graph.node('Equal', [votes, number(0)])
  const [least, most] = (['ReduceMin', 'ReduceMax'] as const).map((op) => {
    const other = number(op === 'ReduceMin' ? Infinity : -Infinity)
    return reduced(graph, op, graph.node('Where', [isNone, other, own]), 1)
  })
  const within = graph.node('Max', [least, graph.node('Min', [most, mean])])
  return graph.node('Squeeze', [within, graph.constant('int64', [1])])
}
