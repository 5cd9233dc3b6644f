/**
 * e^x and the softmax in ONNX, to the last bit as Math.exp of V8 gives them, by its method (FreeBSD's msun, e_exp.c), written with operators on
 * doubles that are exact or rounded once, because each runtime's own Exp rounds in a way of its own.
 *
 *   x = k ln 2 + r, |r| ≤ ½ ln 2; e^r = 1 + r + r c/(2 − c) with c = r − r² P(r²); e^x = 2^k e^r
 */
import { cast, reduced } from './graph.js'
import type { GraphBuilder, Tensor } from './types.js'

/** ln 2 in two parts: multiples of the first by k have no error. */
const ln2High = 0.6931471803691238
const ln2Low = 1.9082149292705877e-10
/** The first number from which on a multiple of ln 2 is taken off: ½ ln 2 by the upper half of its bits. */
const beyond = 0.3465735912322998
/** Below, the number is its power's second term alone. */
const tiny = 3.725290298461914e-9
/** Above it e^x is infinite; below the least it is 0. */
const most = 709.782712893384
const least = -745.1332191019411
const polynomial = [
  4.1381367970572385e-8, -1.6533902205465252e-6, 6.613756321437934e-5, -0.0027777777777015593,
  0.16666666666666602,
]

/** Powers of two, from the least to the greatest of the normal numbers. */
function powersOfTwo(graph: GraphBuilder): Tensor {
  const powers: number[] = []
  for (let power = 4.450147717014403e-308; power < Infinity; power *= 2) powers.push(power)
  return graph.constant('double', powers)
}

/** e^x of doubles of any shape. */
export function exponential(graph: GraphBuilder, x: Tensor): Tensor {
  const number = (value: number) => graph.scalar('double', value)
  const op = (name: string) => (a: Tensor, b: Tensor) => graph.node(name, [a, b])
  const [add, sub, mul, div] = ['Add', 'Sub', 'Mul', 'Div'].map(op)
  const where = (condition: Tensor, a: Tensor, b: Tensor) => graph.node('Where', [condition, a, b])
  const [isAbove, isBelow] = ['Greater', 'Less'].map(op)

  const size = graph.node('Abs', [x])
  // Not where there is no multiple, nor for what is no number: casts of them are undefined.
  const hasMultiple = graph.node('And', [
    graph.node('GreaterOrEqual', [size, number(beyond)]),
    graph.node('Less', [size, number(1000)]),
  ])
  const within = where(hasMultiple, x, number(0))
  const half = where(isBelow(within, number(0)), number(-0.5), number(0.5))
  // A cast cuts off what is behind the point.
  const whole = cast(graph, add(mul(number(Math.LOG2E), within), half), 'int64')
  const multiple = where(hasMultiple, cast(graph, whole, 'double'), number(0))
  const high = sub(x, mul(multiple, number(ln2High)))
  const low = mul(multiple, number(ln2Low))
  const r = sub(high, low)
  const square = mul(r, r)
  const p = polynomial.reduce<Tensor | null>(
    (sum, term) => (sum === null ? number(term) : add(number(term), mul(square, sum))),
    null,
  )!
  const c = sub(r, mul(square, p))
  const y = sub(number(1), sub(sub(low, div(mul(r, c), sub(number(2), c))), high))

  // 2^k in two steps, each a number that there is: a power below the normal numbers is rounded at the last one only.
  const clipped = graph.node('Clip', [whole, graph.scalar('int64', -1100), graph.scalar('int64', 1024)])
  const isSmall = isBelow(clipped, graph.scalar('int64', -1021))
  const isLarge = isAbove(clipped, graph.scalar('int64', 1023))
  const integer = (value: number) => graph.scalar('int64', value)
  const shift = where(isSmall, integer(1000), where(isLarge, integer(-1), integer(0)))
  const place = graph.node('Add', [graph.node('Add', [clipped, shift]), integer(1021)])
  const step = where(isSmall, number(9.332636185032189e-302), where(isLarge, number(2), number(1)))
  const scaled = mul(mul(y, graph.node('Gather', [powersOfTwo(graph), place])), step)

  const nearZero = where(isBelow(size, number(tiny)), add(number(1), x), scaled)
  // V8 puts right by hand what the method has one bit too large there.
  const withE = where(graph.node('Equal', [x, number(1)]), number(Math.E), nearZero)
  return where(isAbove(x, number(most)), number(Infinity), where(isBelow(x, number(least)), number(0), withE))
}

/** Probabilities of scores: double [rows, classes]. */
export function softmax(graph: GraphBuilder, scores: Tensor, classes: number): Tensor {
  const most = reduced(graph, 'ReduceMax', scores, 1)
  const powers = exponential(graph, graph.node('Sub', [scores, most]))
  return graph.node('Div', [powers, rowSums(graph, powers, classes)])
}

/** The sums of the columns of each row, added from the first on: double [rows, 1]. A ReduceSum adds in an order of its own. */
export function rowSums(graph: GraphBuilder, x: Tensor, columns: number): Tensor {
  if (columns === 1) return x
  const sizes = graph.constant('int64', new Array<number>(columns).fill(1))
  return graph.node('Sum', graph.nodes('Split', [x, sizes], columns, { axis: 1 }))
}
