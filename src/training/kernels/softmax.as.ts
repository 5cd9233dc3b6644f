/**
 * The softmax of rows of scores and what a fit needs of it, in AssemblyScript, with two doubles at a time: the loops of
 * ../learners/softmax.ts, the same bit by bit. Rows × classes, row-major; pointers are byte offsets, counts are in doubles.
 */
export { addProduct, addTransposedProduct } from './products.as'

const LN2_HIGH: f64 = 0.693147180369123816490
const LN2_LOW: f64 = 1.90821492927058770002e-10
const LOG2E: f64 = 1.44269504088896338700
/** 1.5 · 2⁵²: adding it rounds to a whole number that sits in the low bits. */
const MAGIC: f64 = 6755399441055744
/** Below it e^x is 0; up to it a number is its own power's second term alone; from it on a multiple of ln 2 is taken off. */
const LEAST: f64 = -745.133219101941108420
const TINY: f64 = 3.725290298461914e-9

/**
 * e^x for x ≤ 0 as Math.exp of V8 gives it, bit by bit (a law holds it to that): the method of FreeBSD's msun (e_exp.c), x = k ln 2 + r,
 * and the rational approximation of e^r on |r| ≤ ½ ln 2 by its polynomial in r².
 */
// @ts-ignore: decorator
@inline
function exponential(x: v128): v128 {
  const size = f64x2.neg(x)
  // Where the upper half of the bits says that |x| is above ½ ln 2.
  const beyond = f64x2.ge(size, f64x2.splat(reinterpret<f64>(0x3fd62e4300000000)))
  const multiple = v128.and(
    f64x2.trunc(f64x2.sub(f64x2.mul(f64x2.splat(LOG2E), f64x2.max(x, f64x2.splat(-800))), f64x2.splat(0.5))),
    beyond,
  )
  const high = f64x2.sub(x, f64x2.mul(multiple, f64x2.splat(LN2_HIGH)))
  const low = f64x2.mul(multiple, f64x2.splat(LN2_LOW))
  const r = f64x2.sub(high, low)
  const t = f64x2.mul(r, r)
  let p = f64x2.add(f64x2.splat(-1.65339022054652515390e-6), f64x2.mul(t, f64x2.splat(4.13813679705723846039e-8)))
  p = f64x2.add(f64x2.splat(6.61375632143793436117e-5), f64x2.mul(t, p))
  p = f64x2.add(f64x2.splat(-2.77777777770155933842e-3), f64x2.mul(t, p))
  p = f64x2.add(f64x2.splat(1.66666666666666019037e-1), f64x2.mul(t, p))
  const c = f64x2.sub(r, f64x2.mul(t, p))
  const quotient = f64x2.div(f64x2.mul(r, c), f64x2.sub(f64x2.splat(2), c))
  const y = f64x2.sub(f64x2.splat(1), f64x2.sub(f64x2.sub(low, quotient), high))
  // 2^k, in two steps where it is below the normal numbers.
  const small = f64x2.lt(multiple, f64x2.splat(-1021))
  const power = f64x2.add(multiple, v128.and(small, f64x2.splat(1000)))
  const exponent = i64x2.shl(i64x2.add(f64x2.add(power, f64x2.splat(MAGIC)), i64x2.splat(1023)), 52)
  const rest = v128.bitselect(f64x2.splat(9.33263618503218878990e-302), f64x2.splat(1), small)
  let value = f64x2.mul(f64x2.mul(y, exponent), rest)
  value = v128.bitselect(f64x2.add(f64x2.splat(1), x), value, f64x2.lt(size, f64x2.splat(TINY)))
  return v128.andnot(value, f64x2.lt(x, f64x2.splat(LEAST)))
}

/** e^x of `count` numbers, none above 0, in place. Room for an even number of them. */
export function exponentials(values: usize, count: i32): void {
  for (let p = values, end = values + ((<usize>count) << 3); p < end; p += 16) {
    v128.store(p, exponential(v128.load(p)))
  }
}

/** Every row becomes a copy of `row`. */
export function copyRows(row: usize, z: usize, rows: i32, classes: i32): void {
  for (let i = 0; i < rows; i++) {
    memory.copy(z, row, (<usize>classes) << 3)
    z += (<usize>classes) << 3
  }
}

/**
 * Scores become the gradient of the summed cross-entropy, in place, as in `crossEntropyInto`. Of each row its largest score, that of
 * the true class and the sum of exponentials go into `most`, `scores` and `sums`, from which the loss follows. `weights`: 0 for none.
 * z has room for an even number.
 */
export function crossEntropy(
  z: usize, truth: usize, weights: usize, rows: i32, classes: i32, most: usize, scores: usize, sums: usize,
): void {
  const step = (<usize>classes) << 3
  let row = z
  for (let i = 0; i < rows; i++) {
    const at = (<usize>i) << 3
    const even = row + (step & ~15)
    let pair = f64x2.splat(-Infinity)
    for (let p = row; p < even; p += 16) pair = f64x2.max(pair, v128.load(p))
    let largest = Math.max(f64x2.extract_lane(pair, 0), f64x2.extract_lane(pair, 1))
    if (classes & 1) largest = Math.max(largest, load<f64>(even))
    store<f64>(scores + at, load<f64>(row + ((<usize>load<i32>(truth + (at >> 1))) << 3)))
    store<f64>(most + at, largest)
    pair = f64x2.splat(largest)
    for (let p = row; p < even; p += 16) v128.store(p, f64x2.sub(v128.load(p), pair))
    if (classes & 1) store<f64>(even, load<f64>(even) - largest)
    row += step
  }
  exponentials(z, rows * classes)
  row = z
  for (let i = 0; i < rows; i++) {
    const at = (<usize>i) << 3
    let sum: f64 = 0
    for (let p = row, end = row + step; p < end; p += 8) sum += load<f64>(p)
    store<f64>(sums + at, sum)
    const even = row + (step & ~15)
    const divisor = f64x2.splat(sum)
    for (let p = row; p < even; p += 16) v128.store(p, f64x2.div(v128.load(p), divisor))
    if (classes & 1) store<f64>(even, load<f64>(even) / sum)
    const right = row + ((<usize>load<i32>(truth + (at >> 1))) << 3)
    store<f64>(right, load<f64>(right) - 1)
    if (weights != 0) {
      const weight = load<f64>(weights + at)
      if (weight != 1) for (let p = row, end = row + step; p < end; p += 8) store<f64>(p, load<f64>(p) * weight)
    }
    row += step
  }
}

/** out[c] = Σ_i z_ic / rows, one after the other. */
export function columnMeans(z: usize, rows: i32, classes: i32, out: usize): void {
  for (let c = 0; c < classes; c++) {
    let sum: f64 = 0
    const step = (<usize>classes) << 3
    for (let i = 0, p = z + ((<usize>c) << 3); i < rows; i++, p += step) sum += load<f64>(p) / <f64>rows
    store<f64>(out + ((<usize>c) << 3), sum)
  }
}
