/**
 * e^x of two doubles at a time, in AssemblyScript, for the kernels that need it to be the same bits in every version of Node, and not those of
 * Math.exp.
 */

const LOG2E: f64 = 1.4426950408889634
const LN2_HIGH: f64 = 0.693147180369123816490
const LN2_LOW: f64 = 1.90821492927058770002e-10
/** 1.5 · 2^52: adding it rounds to an integer that sits in the low bits. */
const MAGIC: f64 = 6755399441055744.0

/**
 * e^x for −700 ≤ x ≤ 700, error below 2 units in the last place: x = n ln 2 + r by Cody and Waite, e^r by its
 * Taylor polynomial of degree 13 (|r| ≤ ½ ln 2), n put into the exponent. Below −700 it is that of −700.
 */
// @ts-ignore: decorator
@inline
export function exp2x(input: v128): v128 {
  const x = f64x2.pmax(input, f64x2.splat(-700))
  const shifted = f64x2.add(f64x2.mul(x, f64x2.splat(LOG2E)), f64x2.splat(MAGIC))
  const n = f64x2.sub(shifted, f64x2.splat(MAGIC))
  const r = f64x2.sub(f64x2.sub(x, f64x2.mul(n, f64x2.splat(LN2_HIGH))), f64x2.mul(n, f64x2.splat(LN2_LOW)))
  const r2 = f64x2.mul(r, r)
  // Even and odd powers apart: two short chains instead of one long one.
  let even = f64x2.splat(2.08767569878680989792e-9) // 1/12!
  even = f64x2.add(f64x2.mul(even, r2), f64x2.splat(2.75573192239858906526e-7)) // 1/10!
  even = f64x2.add(f64x2.mul(even, r2), f64x2.splat(2.48015873015873015873e-5)) // 1/8!
  even = f64x2.add(f64x2.mul(even, r2), f64x2.splat(1.38888888888888888889e-3)) // 1/6!
  even = f64x2.add(f64x2.mul(even, r2), f64x2.splat(4.16666666666666666667e-2)) // 1/4!
  even = f64x2.add(f64x2.mul(even, r2), f64x2.splat(0.5))
  even = f64x2.add(f64x2.mul(even, r2), f64x2.splat(1))
  let odd = f64x2.splat(1.60590438368216145994e-10) // 1/13!
  odd = f64x2.add(f64x2.mul(odd, r2), f64x2.splat(2.50521083854417187751e-8)) // 1/11!
  odd = f64x2.add(f64x2.mul(odd, r2), f64x2.splat(2.75573192239858906526e-6)) // 1/9!
  odd = f64x2.add(f64x2.mul(odd, r2), f64x2.splat(1.98412698412698412698e-4)) // 1/7!
  odd = f64x2.add(f64x2.mul(odd, r2), f64x2.splat(8.33333333333333333333e-3)) // 1/5!
  odd = f64x2.add(f64x2.mul(odd, r2), f64x2.splat(0.166666666666666666667)) // 1/3!
  odd = f64x2.add(f64x2.mul(odd, r2), f64x2.splat(1))
  const value = f64x2.add(even, f64x2.mul(odd, r))
  const exponent = i64x2.shl(i64x2.add(shifted, i64x2.splat(1023)), 52)
  return f64x2.mul(value, exponent)
}
