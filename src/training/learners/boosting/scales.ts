/**
 * Powers of two that bring gradients and hessians into the fixed point of histograms (kernels/boosting.as.ts), and how many bits
 * count rows. A product with a power of two is exact.
 */

/** How many bits hold a count up to `rows`. */
export function bitsFor(rows: number): number {
  return 32 - Math.clz32(rows)
}

const words = new Uint32Array(2)
const double = new Float64Array(words.buffer)

/** 2^n, for −400 ≤ n ≤ 400. */
export function powerOfTwo(n: number): number {
  words[0] = 0
  words[1] = (n + 1023) << 20
  return double[0]
}

/** The largest power of two that is not above x, from 2^−400 to 2^400. x ≥ 0. */
export function powerBelow(x: number): number {
  double[0] = x
  return powerOfTwo(Math.min(400, Math.max(-400, (words[1] >>> 20) - 1023)))
}

/** For gradients whose absolute values sum to `sum`: their sums stay below 2^51, with the rounding of each. */
export function gradientScale(sum: number): number {
  return sum > 0 ? powerBelow(powerOfTwo(50) / sum) : 1
}

/** For hessians that sum to `sum`, with a count of that many bits below them. */
export function hessianScale(sum: number, countBits: number): number {
  return sum > 0 ? powerBelow(powerOfTwo(Math.min(50, 62 - countBits)) / sum) : 1
}
