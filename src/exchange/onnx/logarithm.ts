/**
 * ln x in ONNX, to the last bit as Math.log of V8 gives it, by its method (FreeBSD's msun, e_log.c), as exponential.ts does for e^x.
 *
 *   x = 2^k (1 + f), √½ < 1 + f < √2; s = f/(2 + f); ln(1 + f) = f − s (f − R(s²)); ln x = k ln 2 + ln(1 + f)
 */
import { cast } from './graph.js'
import { lastNotAbove } from './places.js'
import type { GraphBuilder, Tensor } from './types.js'

const ln2High = 0.6931471803691238
const ln2Low = 1.9082149292705877e-10
const polynomial = [
  0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784, 0.1818357216161805,
  0.15313837699209373, 0.14798198605116586,
]

/** x is from 2^−exponents to 2^exponents. */
const exponents = 64

/** Parts of 2^20 by which numbers from 1 to 2 are told apart: the upper half of their bits. */
const part = 1 / 1_048_576
/** From here on (√2) the half of the number is taken. */
const halved = 1 + 0x6a09c * part
/** About √2 and √½: where ½ f² is worked out by itself. */
const [squareFrom, squareBelow] = [1 + 0x6147a * part, 1 + 0x6b852 * part]
/** Very near to a power of two. */
const [nearBelow, nearFrom] = [1 + part, 1 + 0xffffe * part]

/** ln x of doubles from 2^−64 to 2^64, of any shape. */
export function logarithm(graph: GraphBuilder, x: Tensor): Tensor {
  const number = (value: number) => graph.scalar('double', value)
  const op = (name: string) => (a: Tensor, b: Tensor) => graph.node(name, [a, b])
  const [add, sub, mul, div, and, or] = ['Add', 'Sub', 'Mul', 'Div', 'And', 'Or'].map(op)
  const [isFrom, isBelow, isSame] = ['GreaterOrEqual', 'Less', 'Equal'].map(op)
  const where = (condition: Tensor, a: Tensor, b: Tensor) => graph.node('Where', [condition, a, b])

  const powers: number[] = []
  for (let k = 0, power = 5.421010862427522e-20; k <= 2 * exponents; k++, power *= 2) powers.push(power)
  const table = graph.constant('double', powers)
  const place = lastNotAbove(graph, powers, x)
  const mantissa = div(x, graph.node('Gather', [table, place]))
  const isHalved = isFrom(mantissa, number(halved))
  const k = add(sub(cast(graph, place, 'double'), number(exponents)), cast(graph, isHalved, 'double'))
  const f = sub(mul(mantissa, where(isHalved, number(0.5), number(1))), number(1))
  const [high, low] = [mul(k, number(ln2High)), mul(k, number(ln2Low))]
  const isFirst = isSame(k, number(0))
  /** f − y, beside k ln 2. */
  const without = (y: Tensor, lowFirst: Tensor) => where(isFirst, sub(f, y), sub(high, sub(lowFirst, f)))

  const square = mul(f, f)
  const ofNear = mul(square, sub(number(0.5), mul(number(0.3333333333333333), f)))
  const near = where(isSame(f, number(0)), add(high, low), without(ofNear, sub(ofNear, low)))

  const s = div(f, add(number(2), f))
  const z = mul(s, s)
  const w = mul(z, z)
  const [l1, l2, l3, l4, l5, l6, l7] = polynomial.map(number)
  const even = mul(w, add(l2, mul(w, add(l4, mul(w, l6)))))
  const odd = mul(z, add(l1, mul(w, add(l3, mul(w, add(l5, mul(w, l7)))))))
  const rest = add(odd, even)
  const half = mul(mul(number(0.5), f), f)
  const withHalf = mul(s, add(half, rest))
  const ofHalf = without(sub(half, withHalf), sub(half, add(withHalf, low)))
  const withoutHalf = mul(s, sub(f, rest))
  const ofRest = without(withoutHalf, sub(withoutHalf, low))

  const isSquared = and(isFrom(mantissa, number(squareFrom)), isBelow(mantissa, number(squareBelow)))
  const isNear = or(isBelow(mantissa, number(nearBelow)), isFrom(mantissa, number(nearFrom)))
  return where(isNear, near, where(isSquared, ofHalf, ofRest))
}
