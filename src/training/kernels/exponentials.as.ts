/**
 * Exponentials and logarithms in AssemblyScript, two doubles at a time: those of Math.exp and Math.log in V8, bit by bit (laws hold them to
 * that), where a softmax needs them.
 */

const LN2_HIGH: f64 = 0.693147180369123816490
const LN2_LOW: f64 = 1.90821492927058770002e-10
const LOG2E: f64 = 1.44269504088896338700
/** 1.5 · 2⁵²: adding it rounds to a whole number that sits in the low bits. */
const MAGIC: f64 = 6755399441055744
/** Below it e^x is 0; up to it a number is its own power's second term alone; from it on a multiple of ln 2 is taken off. */
const LEAST: f64 = -745.133219101941108420
const TINY: f64 = 3.725290298461914e-9
/** From here down powers come near the end of the normal numbers. */
const LOW: f64 = -700

/**
 * e^x for x ≤ 0 as Math.exp of V8 gives it, bit by bit (a law holds it to that): the method of FreeBSD's msun (e_exp.c), x = k ln 2 + r,
 * and the rational approximation of e^r on |r| ≤ ½ ln 2 by its polynomial in r². `low`: also for x below LOW.
 */
// @ts-ignore: decorator
@inline
function exponential(x: v128, low: bool): v128 {
  // Where the upper half of the bits says that |x| is above ½ ln 2.
  const beyond = f64x2.le(x, f64x2.splat(-reinterpret<f64>(0x3fd62e4300000000)))
  const within = low ? f64x2.max(x, f64x2.splat(-800)) : x
  const multiple = v128.and(
    f64x2.trunc(f64x2.sub(f64x2.mul(f64x2.splat(LOG2E), within), f64x2.splat(0.5))),
    beyond,
  )
  const high = f64x2.sub(x, f64x2.mul(multiple, f64x2.splat(LN2_HIGH)))
  const rest = f64x2.mul(multiple, f64x2.splat(LN2_LOW))
  const r = f64x2.sub(high, rest)
  const t = f64x2.mul(r, r)
  let p = f64x2.add(f64x2.splat(-1.65339022054652515390e-6), f64x2.mul(t, f64x2.splat(4.13813679705723846039e-8)))
  p = f64x2.add(f64x2.splat(6.61375632143793436117e-5), f64x2.mul(t, p))
  p = f64x2.add(f64x2.splat(-2.77777777770155933842e-3), f64x2.mul(t, p))
  p = f64x2.add(f64x2.splat(1.66666666666666019037e-1), f64x2.mul(t, p))
  const c = f64x2.sub(r, f64x2.mul(t, p))
  const quotient = f64x2.div(f64x2.mul(r, c), f64x2.sub(f64x2.splat(2), c))
  const y = f64x2.sub(f64x2.splat(1), f64x2.sub(f64x2.sub(rest, quotient), high))
  const nearZero = f64x2.gt(x, f64x2.splat(-TINY))
  const nearOne = f64x2.add(f64x2.splat(1), x)
  if (!low) {
    // y · 2^k is y with k added to its exponent.
    const scaled = i64x2.add(y, i64x2.shl(f64x2.add(multiple, f64x2.splat(MAGIC)), 52))
    return v128.bitselect(nearOne, scaled, nearZero)
  }
  // 2^k in two steps where it is below the normal numbers.
  const small = f64x2.lt(multiple, f64x2.splat(-1021))
  const power = f64x2.add(multiple, v128.and(small, f64x2.splat(1000)))
  const exponent = i64x2.shl(i64x2.add(f64x2.add(power, f64x2.splat(MAGIC)), i64x2.splat(1023)), 52)
  const second = v128.bitselect(f64x2.splat(9.33263618503218878990e-302), f64x2.splat(1), small)
  const scaled = f64x2.mul(f64x2.mul(y, exponent), second)
  return v128.andnot(v128.bitselect(nearOne, scaled, nearZero), f64x2.lt(x, f64x2.splat(LEAST)))
}

/** e^x of `count` numbers, none above 0, in place. Room for a multiple of 8. */
export function exponentials(values: usize, count: i32): void {
  for (let p = values, end = values + ((<usize>count) << 3); p < end; p += 64) {
    const x0 = v128.load(p)
    const x1 = v128.load(p, 16)
    const x2 = v128.load(p, 32)
    const x3 = v128.load(p, 48)
    const low = f64x2.splat(LOW)
    const first = v128.and(f64x2.ge(x0, low), f64x2.ge(x1, low))
    const second = v128.and(f64x2.ge(x2, low), f64x2.ge(x3, low))
    if (i64x2.bitmask(v128.and(first, second)) != 3) {
      for (let q = p; q < p + 64; q += 16) v128.store(q, exponential(v128.load(q), true))
      continue
    }
    v128.store(p, exponential(x0, false))
    v128.store(p, exponential(x1, false), 16)
    v128.store(p, exponential(x2, false), 32)
    v128.store(p, exponential(x3, false), 48)
  }
}

/**
 * log x for x ≥ 1 as Math.log of V8 gives it, bit by bit (a law holds it to that): FreeBSD's msun (e_log.c), x = 2^k (1 + f),
 * √½ < 1 + f < √2.
 */
// @ts-ignore: decorator
@inline
function logarithm(x: v128): v128 {
  const fraction = v128.and(x, i64x2.splat(0x000fffffffffffff))
  // 2^20 − 0x95f64 in the upper half of the bits: from about √2 on x is halved once more.
  const upper = v128.and(x, i64x2.splat(0x000fffff00000000))
  const halved = v128.and(i64x2.add(upper, i64x2.splat(0x00095f6400000000)), i64x2.splat(0x0010000000000000))
  const f = f64x2.sub(v128.or(fraction, v128.xor(halved, i64x2.splat(0x3ff0000000000000))), f64x2.splat(1))
  const power = i64x2.add(i64x2.sub(i64x2.shr_u(x, 52), i64x2.splat(1023)), i64x2.shr_u(halved, 52))
  const k = f64x2.sub(v128.xor(power, f64x2.splat(MAGIC)), f64x2.splat(MAGIC))
  const kHigh = f64x2.mul(k, f64x2.splat(LN2_HIGH))
  const kLow = f64x2.mul(k, f64x2.splat(LN2_LOW))
  const s = f64x2.div(f, f64x2.add(f64x2.splat(2), f))
  const z = f64x2.mul(s, s)
  const w = f64x2.mul(z, z)
  let even = f64x2.add(f64x2.splat(2.222219843214978396e-1), f64x2.mul(w, f64x2.splat(1.531383769920937332e-1)))
  even = f64x2.mul(w, f64x2.add(f64x2.splat(3.999999999940941908e-1), f64x2.mul(w, even)))
  let odd = f64x2.add(f64x2.splat(1.818357216161805012e-1), f64x2.mul(w, f64x2.splat(1.479819860511658591e-1)))
  odd = f64x2.add(f64x2.splat(2.857142874366239149e-1), f64x2.mul(w, odd))
  odd = f64x2.mul(z, f64x2.add(f64x2.splat(6.666666666666735130e-1), f64x2.mul(w, odd)))
  const r = f64x2.add(odd, even)
  const half = f64x2.mul(f64x2.mul(f64x2.splat(0.5), f), f)
  const far = f64x2.sub(half, f64x2.add(f64x2.mul(s, f64x2.add(half, r)), kLow))
  const near = f64x2.sub(f64x2.mul(s, f64x2.sub(f, r)), kLow)
  // Where 1 + f is not between about 1.38 and 1.42: the other form is then the more exact one.
  const difference = v128.or(
    i64x2.sub(upper, i64x2.splat(0x0006147a00000000)),
    i64x2.sub(i64x2.splat(0x0006b85100000000), upper),
  )
  const wide = v128.bitselect(far, near, i64x2.gt_s(i64x2.shr_s(difference, 32), i64x2.splat(0)))
  const third = f64x2.sub(f64x2.splat(0.5), f64x2.mul(f64x2.splat(0.33333333333333333333), f))
  const close = f64x2.sub(f64x2.mul(f64x2.mul(f, f), third), kLow)
  const isClose = i64x2.lt_s(
    v128.and(i64x2.add(upper, i64x2.splat(0x0000000200000000)), i64x2.splat(0x000fffff00000000)),
    i64x2.splat(0x0000000300000000),
  )
  return f64x2.sub(kHigh, f64x2.sub(v128.bitselect(close, wide, isClose), f))
}

/** log x of `count` numbers, none below 1, in place. Room for an even number. */
export function logarithms(values: usize, count: i32): void {
  for (let p = values, end = values + ((<usize>count) << 3); p < end; p += 16) v128.store(p, logarithm(v128.load(p)))
}
