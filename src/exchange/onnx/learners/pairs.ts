/**
 * From the decisions of pairs of classes to one class, and to probabilities, in ONNX: src/training/learners/pairwise-probabilities.ts, step
 * by step, for all rows at once. Decisions stand pair by pair: [pairs, rows].
 */
import { exponential } from '../exponential.js'
import { reduced } from '../graph.js'
import type { GraphBuilder, Tensor } from '../types.js'
import { type Along, addAlong, addProducts, expanded, lengthOf, scan } from './in-order.js'
import { firstLargest } from './results.js'

/** The pairs (0,1), (0,2) … (C−2, C−1). */
export function pairsOf(classes: number): [number, number][] {
  return Array.from({ length: classes }, (_, a) =>
    Array.from({ length: classes - 1 - a }, (_, i): [number, number] => [a, a + 1 + i]),
  ).flat()
}

/** The class with the most pairs won, of several the first: int64 [rows]. */
export function vote(graph: GraphBuilder, decisions: Tensor, classes: number): Tensor {
  const pairs = pairsOf(classes)
  const isFirst = graph.node('Greater', [decisions, graph.scalar('double', 0)])
  const [one, zero] = [graph.scalar('double', 1), graph.scalar('double', 0)]
  // Whole numbers: whatever the order in which they are added.
  const wonBy = (side: 0 | 1, isWon: Tensor) => {
    const places = Array.from({ length: classes }, (_, c) => pairs.map((pair) => Number(pair[side] === c)))
    return graph.node('MatMul', [graph.constant('double', places.flat(), [classes, pairs.length]), isWon])
  }
  const won = graph.node('Add', [
    wonBy(0, graph.node('Where', [isFirst, one, zero])),
    wonBy(1, graph.node('Where', [isFirst, zero, one])),
  ])
  return firstLargest(graph, won, 0)
}

/** The probabilities of the classes: [classes, rows]. */
export function coupled(
  graph: GraphBuilder,
  decisions: Tensor,
  sigmoids: { readonly a: readonly number[]; readonly b: readonly number[] },
  classes: number,
): Tensor {
  const rows = lengthOf(graph, decisions, 1)
  const r = pairProbabilities(graph, decisions, sigmoids, classes, rows)
  const { q, own } = quadraticForm(graph, r, classes)
  const p = expanded(graph, 'double', 1 / classes, [classes, rows])
  const found = iterate(graph, q, own, p, classes, rows)
  return graph.node('Div', [found, addAlong(graph, found)])
}

/**
 * r: [classes, classes, rows], entry (a, b) the probability of class a where it is a or b; 0 where they are the same.
 */
function pairProbabilities(
  graph: GraphBuilder,
  decisions: Tensor,
  { a: slopes, b: offsets }: { readonly a: readonly number[]; readonly b: readonly number[] },
  classes: number,
  rows: Tensor,
): Tensor {
  const pairs = pairsOf(classes)
  const one = graph.scalar('double', 1)
  const ofPairs = (values: readonly number[]) => graph.constant('double', values, [pairs.length, 1])
  const product = graph.node('Mul', [decisions, ofPairs(slopes)])
  const power = exponential(graph, graph.node('Add', [product, ofPairs(offsets)]))
  const p = graph.node('Div', [one, graph.node('Add', [one, power])])
  const bounded = graph.node('Min', [
    graph.node('Max', [p, graph.scalar('double', 1e-7)]),
    graph.scalar('double', 1 - 1e-7),
  ])
  const others = graph.node('Sub', [one, bounded])
  const zero = expanded(graph, 'double', 0, [1, rows])
  const places = new Array<number>(classes * classes).fill(2 * pairs.length)
  pairs.forEach(([a, b], pair) => {
    places[a * classes + b] = pair
    places[b * classes + a] = pairs.length + pair
  })
  const all = graph.node('Concat', [bounded, others, zero], { axis: 0 })
  return graph.node('Gather', [all, graph.constant('int64', places, [classes, classes])], { axis: 0 })
}

/** q: [classes, classes, rows], which is symmetric, and its diagonal: [classes, rows]. */
function quadraticForm(graph: GraphBuilder, r: Tensor, classes: number): { q: Tensor; own: Tensor } {
  const other = graph.node('Transpose', [r], { perm: [1, 0, 2] })
  const off = graph.node('Neg', [graph.node('Mul', [other, r])])
  // Σ_b r_ba² over b in their order; that of b = a is 0.
  const square = { tensor: r, ...plane(classes) }
  const start = expanded(graph, 'double', 0, [classes, lengthOf(graph, r, 2)])
  const own = addProducts(graph, { tensor: start, ...plane(classes) }, square, square)
  const diagonal = Array.from({ length: classes * classes }, (_, i) => Number(i % (classes + 1) === 0))
  const isOwn = graph.constant('bool', diagonal, [classes, classes, 1])
  const wide = graph.node('Unsqueeze', [own, graph.constant('int64', [1])])
  return { q: graph.node('Where', [isOwn, wide, off]), own }
}

const plane = (classes: number) => ({ type: 'double', dims: [classes, 'N'] }) as const
const line = { type: 'double', dims: ['N'] } as const

/** Rounds until no entry of a row is further from its place than 0.005/classes, or enough of them; rows that are there stay. */
function iterate(
  graph: GraphBuilder,
  q: Tensor,
  own: Tensor,
  p: Tensor,
  classes: number,
  rows: Tensor,
): Tensor {
  const flag = { type: 'bool', dims: ['N'] } as const
  const yes = graph.node('Greater', [expanded(graph, 'double', 1, [rows]), graph.scalar('double', 0)])
  const body = graph.body([
    { name: 'round', type: 'int64', dims: [] },
    { name: 'go', type: 'bool', dims: [] },
    { name: 'active', ...flag },
    { name: 'p', ...plane(classes) },
  ])
  const [, , wasActive, before] = body.inputs
  const zero = expanded(body, 'double', 0, [classes, rows])
  const product = addProducts(
    body,
    { tensor: zero, ...plane(classes) },
    { tensor: q, ...plane(classes) },
    { tensor: before, ...line },
  )
  const quadratic = addProducts(
    body,
    { tensor: expanded(body, 'double', 0, [rows]), ...line },
    { tensor: before, ...line },
    { tensor: product, ...line },
  )
  const gap = body.node('Abs', [body.node('Sub', [product, quadratic])])
  const worst = body.node('Squeeze', [reduced(body, 'ReduceMax', gap, 0), body.constant('int64', [0])])
  const isThere = body.node('Less', [worst, body.scalar('double', 0.005 / classes)])
  const active = body.node('And', [wasActive, body.node('Not', [isThere])])
  const after = improved(body, q, own, { p: before, product, quadratic }, classes)
  const one = body.scalar('float', 1)
  const going = body.node('Where', [active, one, body.scalar('float', 0)])
  const count = body.node('ReduceSum', [going], { keepdims: 0 })
  body.output(body.node('Greater', [count, body.scalar('float', 0)]), {
    name: 'goes',
    type: 'bool',
    dims: [],
  })
  body.output(active, { name: 'actives', ...flag })
  body.output(body.node('Where', [active, after, before]), { name: 'next', ...plane(classes) })
  const most = graph.scalar('int64', Math.max(100, classes))
  return graph.nodes('Loop', [most, graph.scalar('bool', 1), yes, p], 2, { body: { graph: body } })[1]
}

/** One round: a step for each class in turn. */
function improved(
  graph: GraphBuilder,
  q: Tensor,
  own: Tensor,
  { p, product, quadratic }: { readonly p: Tensor; readonly product: Tensor; readonly quadratic: Tensor },
  classes: number,
): Tensor {
  const unit = Array.from({ length: classes * classes }, (_, i) => Number(i % (classes + 1) === 0))
  const along: Along[] = [
    { tensor: q, ...plane(classes) },
    { tensor: own, ...line },
    {
      tensor: graph.constant(
        'int64',
        Array.from({ length: classes }, (_, a) => a),
      ),
      type: 'int64',
      dims: [],
    },
    { tensor: graph.constant('double', unit, [classes, classes, 1]), type: 'double', dims: [classes, 1] },
  ]
  return scan(
    graph,
    [
      { tensor: p, ...plane(classes) },
      { tensor: product, ...plane(classes) },
      { tensor: quadratic, ...line },
    ],
    along,
    (body, [share, products, form], [line, self, a, isIt]) => {
      const mine = body.node('Gather', [products, a], { axis: 0 })
      const step = body.node('Div', [body.node('Sub', [form, mine]), self])
      const divisor = body.node('Add', [body.scalar('double', 1), step])
      const curve = body.node('Add', [
        body.node('Mul', [step, self]),
        body.node('Mul', [body.scalar('double', 2), mine]),
      ])
      const grown = body.node('Add', [form, body.node('Mul', [step, curve])])
      const moved = body.node('Add', [share, body.node('Mul', [isIt, step])])
      const shifted = body.node('Add', [products, body.node('Mul', [step, line])])
      return [
        body.node('Div', [moved, divisor]),
        body.node('Div', [shifted, divisor]),
        body.node('Div', [body.node('Div', [grown, divisor]), divisor]),
      ]
    },
  )[0]
}
