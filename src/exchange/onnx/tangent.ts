/**
 * The hyperbolic tangent in ONNX, to the last bit as Math.tanh of V8 gives it, by its method (FreeBSD's msun, s_tanh.c and s_expm1.c), written
 * with operators on doubles that are exact or rounded once, because each runtime's own Tanh rounds in a way of its own.
 *
 *   tanh |x| = 1 − 2/(t + 2), t = e^(2|x|) − 1, from 1 on;  −t/(t + 2), t = e^(−2|x|) − 1, below
 *   u = k ln 2 + r, |r| ≤ ½ ln 2; e^u − 1 = 2^k (e^r − 1) + (2^k − 1), each k with the form that loses least
 */
import { cast } from './graph.js'
import type { GraphBuilder, Tensor } from './types.js'

/** ln 2 in two parts: multiples of the first by k have no error. */
const ln2High = 0.6931471803691238
const ln2Low = 1.9082149292705877e-10
/** The first number from which on a multiple of ln 2 is taken off: ½ ln 2 by the upper half of its bits. */
const beyond = 0.3465735912322998
const polynomial = [
  -2.0109921818362437e-7, 4.008217827329362e-6, -7.93650757867488e-5, 0.0015873015872548146,
  -0.03333333333333313,
]
/** From here on the tangent is 1; up to the other it is x itself. */
const [large, tiny] = [22, 3.725290298461914e-9]
/** k of e^u − 1 for u from −2 to 44. */
const [leastPower, mostPower] = [-3, 64]

type Operator = (a: Tensor, b: Tensor) => Tensor

function doubles(graph: GraphBuilder) {
  const op =
    (name: string): Operator =>
    (a, b) =>
      graph.node(name, [a, b])
  return {
    number: (value: number) => graph.scalar('double', value),
    where: (condition: Tensor, a: Tensor, b: Tensor) => graph.node('Where', [condition, a, b]),
    negative: (a: Tensor) => graph.node('Neg', [a]),
    add: op('Add'),
    sub: op('Sub'),
    mul: op('Mul'),
    div: op('Div'),
    less: op('Less'),
  }
}

/** tanh x of doubles of any shape. */
export function tangent(graph: GraphBuilder, x: Tensor): Tensor {
  const { number, where, negative, add, sub, mul, div, less } = doubles(graph)
  const size = graph.node('Abs', [x])
  // What is no number stays away from casts, which are undefined for it.
  const within = where(less(size, number(large)), size, number(0))
  const isSmall = less(within, number(1))
  const t = powerLessOne(graph, mul(where(isSmall, number(-2), number(2)), within))
  const quotient = div(where(isSmall, negative(t), number(2)), add(t, number(2)))
  const inside = where(isSmall, quotient, sub(number(1), quotient))
  const found = where(less(size, number(large)), inside, number(1))
  const signed = where(less(x, number(0)), negative(found), found)
  const isKept = graph.node('Or', [less(size, number(tiny)), graph.node('IsNaN', [x])])
  return where(isKept, x, signed)
}

/** e^u − 1 for u from −2 to 44. */
function powerLessOne(graph: GraphBuilder, u: Tensor): Tensor {
  const { number, where, add, sub, mul, div, less } = doubles(graph)
  const one = number(1)
  const isBeyond = graph.node('GreaterOrEqual', [graph.node('Abs', [u]), number(beyond)])
  const half = where(less(u, number(0)), number(-0.5), number(0.5))
  // A cast cuts off what is behind the point.
  const whole = cast(graph, add(mul(number(Math.LOG2E), u), half), 'int64')
  const k = where(isBeyond, whole, graph.scalar('int64', 0))
  const multiple = cast(graph, k, 'double')
  const high = sub(u, mul(multiple, number(ln2High)))
  const low = mul(multiple, number(ln2Low))
  const r = sub(high, low)
  const c = sub(sub(high, r), low)
  const halfOfR = mul(number(0.5), r)
  const square = mul(r, halfOfR)
  const p = polynomial.reduce<Tensor | null>(
    (sum, term) => (sum === null ? number(term) : add(number(term), mul(square, sum))),
    null,
  )!
  const r1 = add(one, mul(square, p))
  const t = sub(number(3), mul(r1, halfOfR))
  const error = mul(square, div(sub(r1, t), sub(number(6), mul(r, t))))
  const e = sub(sub(mul(r, sub(error, c)), c), square)

  const powers = Array.from({ length: mostPower - leastPower + 1 }, (_, i) => {
    const times = i + leastPower
    let power = 1
    for (let n = 0; n < Math.abs(times); n++) power *= times < 0 ? 0.5 : 2
    return power
  })
  const place = graph.node('Sub', [k, graph.scalar('int64', leastPower)])
  const ofPlace = (values: readonly number[]) =>
    graph.node('Gather', [graph.constant('double', values), place])
  const power = ofPlace(powers)
  const isK = (value: number) => graph.node('Equal', [k, graph.scalar('int64', value)])
  const isUpTo = (value: number) => less(k, graph.scalar('int64', value + 1))
  const rest = sub(e, r)
  const inverses = powers.map((power) => 1 / power)
  const ofNone = sub(r, sub(mul(r, error), square))
  const ofMinusOne = sub(mul(number(0.5), sub(r, e)), number(0.5))
  const upTo19 = mul(sub(ofPlace(inverses.map((inverse) => 1 - inverse)), rest), power)
  const upTo56 = mul(add(sub(r, add(e, ofPlace(inverses))), one), power)
  const others = sub(mul(sub(one, rest), power), one)
  const ofPositive = where(isUpTo(19), upTo19, where(isUpTo(56), upTo56, others))
  return where(isK(0), ofNone, where(isK(-1), ofMinusOne, where(isUpTo(-2), others, ofPositive)))
}
