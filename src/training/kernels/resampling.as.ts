/**
 * Sums of products of every weighting with every trial, in AssemblyScript: bias-judges.ts says what for. Pointers are byte offsets;
 * counts are in doubles.
 */

/**
 * out[b · trials + c] = Σ_i w[b · n + i] t[c · n + i], in four sums by i mod 4 (what is left over goes to the first), which are added as
 * s0 + s1 + (s2 + s3): the order is part of the result. Blocks of 2 weightings × 2 trials, so that a number is loaded once for two.
 */
export function sums(w: usize, weightings: i32, t: usize, trials: i32, n: i32, out: usize): void {
  const row = <usize>n << 3
  let b = 0
  for (; b + 2 <= weightings; b += 2) {
    let c = 0
    for (; c + 2 <= trials; c += 2) {
      const w0 = w + <usize>b * row
      const t0 = t + <usize>c * row
      block(w0, w0 + row, t0, t0 + row, n, out + (<usize>(b * trials + c) << 3), <usize>trials << 3)
    }
    for (; c < trials; c++) {
      one(w + <usize>b * row, t + <usize>c * row, n, out + (<usize>(b * trials + c) << 3))
      one(w + <usize>(b + 1) * row, t + <usize>c * row, n, out + (<usize>((b + 1) * trials + c) << 3))
    }
  }
  for (; b < weightings; b++)
    for (let c = 0; c < trials; c++)
      one(w + <usize>b * row, t + <usize>c * row, n, out + (<usize>(b * trials + c) << 3))
}

// @ts-ignore: decorator
@inline
function total(a: v128, b: v128, w: usize, t: usize, from: usize, to: usize): f64 {
  let first = f64x2.extract_lane(a, 0)
  for (let i = from; i < to; i += 8) first += load<f64>(w + i) * load<f64>(t + i)
  return first + f64x2.extract_lane(a, 1) + (f64x2.extract_lane(b, 0) + f64x2.extract_lane(b, 1))
}

function one(w: usize, t: usize, n: i32, out: usize): void {
  const whole = <usize>(n & ~3) << 3
  let a = f64x2.splat(0)
  let b = f64x2.splat(0)
  for (let i: usize = 0; i < whole; i += 32) {
    a = f64x2.add(a, f64x2.mul(v128.load(w + i), v128.load(t + i)))
    b = f64x2.add(b, f64x2.mul(v128.load(w + i, 16), v128.load(t + i, 16)))
  }
  store<f64>(out, total(a, b, w, t, whole, <usize>n << 3))
}

function block(w: usize, v: usize, t: usize, u: usize, n: i32, out: usize, step: usize): void {
  const whole = <usize>(n & ~3) << 3
  const end = <usize>n << 3
  let wtA = f64x2.splat(0)
  let wtB = f64x2.splat(0)
  let wuA = f64x2.splat(0)
  let wuB = f64x2.splat(0)
  let vtA = f64x2.splat(0)
  let vtB = f64x2.splat(0)
  let vuA = f64x2.splat(0)
  let vuB = f64x2.splat(0)
  for (let i: usize = 0; i < whole; i += 32) {
    const wA = v128.load(w + i)
    const wB = v128.load(w + i, 16)
    const vA = v128.load(v + i)
    const vB = v128.load(v + i, 16)
    const tA = v128.load(t + i)
    const tB = v128.load(t + i, 16)
    wtA = f64x2.add(wtA, f64x2.mul(wA, tA))
    wtB = f64x2.add(wtB, f64x2.mul(wB, tB))
    vtA = f64x2.add(vtA, f64x2.mul(vA, tA))
    vtB = f64x2.add(vtB, f64x2.mul(vB, tB))
    const uA = v128.load(u + i)
    const uB = v128.load(u + i, 16)
    wuA = f64x2.add(wuA, f64x2.mul(wA, uA))
    wuB = f64x2.add(wuB, f64x2.mul(wB, uB))
    vuA = f64x2.add(vuA, f64x2.mul(vA, uA))
    vuB = f64x2.add(vuB, f64x2.mul(vB, uB))
  }
  store<f64>(out, total(wtA, wtB, w, t, whole, end))
  store<f64>(out, total(wuA, wuB, w, u, whole, end), 8)
  store<f64>(out + step, total(vtA, vtB, v, t, whole, end))
  store<f64>(out + step, total(vuA, vuB, v, u, whole, end), 8)
}
