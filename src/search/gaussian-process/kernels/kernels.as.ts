/**
 * The hot loops of the Gaussian process, in AssemblyScript: compiled to WebAssembly with 128-bit SIMD (two doubles).
 *
 * Matrices are row-major in linear memory with an even row length `ld` (in doubles) and padding columns that may be
 * read and written but never matter. Points are stored by coordinate: coordinate c of point i is x[c·sx + i], so that
 * loops over points are contiguous. All pointers are byte offsets, all counts are in doubles.
 *
 * Determinism: no fused multiply-add, no relaxed SIMD; every sum is taken in an order that depends only on the
 * indices of the element it belongs to, never on block sizes. So row i of a Cholesky factor comes out the same bit
 * for bit, whether it is computed with all others or appended later.
 *
 * dot(b, l, j) below is (Σ over even k) + (Σ over odd k) for k < 2⌊j/2⌋, plus the last term where j is odd.
 */

import { exp2x } from '../../../numeric/exponential.as'

// @ts-ignore: decorator
@inline
function at(p: usize, i: i32): usize {
  return p + ((<usize>i) << 3)
}

/** (1 + q + q²/3) e^−q with p = 1 + q and e = e^−q. */
// @ts-ignore: decorator
@inline
function matern(q: v128, p: v128, e: v128): v128 {
  return f64x2.mul(f64x2.add(p, f64x2.mul(f64x2.splat(1.0 / 3.0), f64x2.mul(q, q))), e)
}

/** Below it e^−q counts as this, so that its eighth power is no subnormal number, with which processors are slow. */
const LEAST: f64 = 1e-38

// @ts-ignore: decorator
@inline
function eighthPower(e: v128): v128 {
  const e1 = f64x2.pmax(e, f64x2.splat(LEAST))
  const e2 = f64x2.mul(e1, e1)
  const e4 = f64x2.mul(e2, e2)
  return f64x2.mul(e4, e4)
}

/** K from the r² that are there, and F and R where they are not 0, of a point and two others, as said at `kernelRows`. */
// @ts-ignore: decorator
@inline
function storePair(K: usize, scale: f64, roughness: f64, F: usize, R: usize): void {
  const one = f64x2.splat(1)
  const q = f64x2.sqrt(f64x2.mul(v128.load(K), f64x2.splat(5)))
  const e = exp2x(f64x2.neg(q))
  const p = f64x2.add(one, q)
  let k = f64x2.mul(f64x2.splat(scale), matern(q, p, e))
  let g = one
  let o = one
  if (roughness > 0) {
    const t = f64x2.mul(q, f64x2.splat(8))
    g = eighthPower(e)
    o = f64x2.add(one, t)
    const r = f64x2.mul(f64x2.splat(roughness), matern(t, o, g))
    k = f64x2.add(k, r)
    if (R != 0) v128.store(R, r)
  }
  v128.store(K, k)
  if (F == 0) return
  let f = f64x2.mul(f64x2.splat((5.0 / 3.0) * scale), f64x2.mul(p, e))
  if (roughness > 0)
    f = f64x2.add(f, f64x2.mul(f64x2.splat((5.0 / 3.0) * 64 * roughness), f64x2.mul(o, g)))
  v128.store(F, f)
}

/**
 * Rows i0 … i1 − 1 of the kernel matrix between points a (rows) and b (columns):
 * K = s(1 + q + q²/3)e^−q + R, R = ρ(1 + 8q + (8q)²/3)e^−8q, and, where F is not 0, F = (5/3)(s(1 + q)e^−q + 64ρ(1 + 8q)e^−8q),
 * with q = √5 r and
 * r² = Σ_c (a_c − b_c)² over `numeric` coordinates (already divided by their lengthscales)
 * + Σ_c w_c [a_c ≠ b_c] over the `categorical` ones that follow them. R is written where it is not 0, in rows as long as those of K.
 * Columns 0 … columns − 1, or 0 … i where `lower`.
 */
export function kernelRows(
  a: usize, sa: i32, i0: i32, i1: i32,
  b: usize, sb: i32, columns: i32, lower: bool,
  numeric: i32, categorical: i32, weights: usize, scale: f64, roughness: f64,
  K: usize, ldK: i32, F: usize, ldF: i32, R: usize,
): void {
  const stepA = (<usize>sa) << 3
  const stepB = (<usize>sb) << 3
  const total = numeric + categorical
  for (let i = i0; i < i1; i++) {
    const end = lower ? i + 1 : columns
    const rowK = at(K, i * ldK)
    const rowF = F != 0 ? at(F, i * ldF) : 0
    const rowR = R != 0 ? at(R, i * ldK) : 0
    // First r² of all columns, then the kernel from it: two short loops, whose constants stay in registers.
    for (let j = 0; j < end; j += 4) {
      // Two pairs of columns; the second may lie in the padding, or is left out at the end of the row.
      const wide = j + 2 < end
      let sum0 = f64x2.splat(0)
      let sum1 = f64x2.splat(0)
      let pa = at(a, i)
      let pb = at(b, j)
      for (let c = 0; c < numeric; c++) {
        const x = v128.load64_splat(pa)
        const d0 = f64x2.sub(x, v128.load(pb))
        sum0 = f64x2.add(sum0, f64x2.mul(d0, d0))
        if (wide) {
          const d1 = f64x2.sub(x, v128.load(pb, 16))
          sum1 = f64x2.add(sum1, f64x2.mul(d1, d1))
        }
        pa += stepA
        pb += stepB
      }
      for (let c = numeric; c < total; c++) {
        const x = v128.load64_splat(pa)
        const w = v128.load64_splat(at(weights, c - numeric))
        sum0 = f64x2.add(sum0, v128.and(f64x2.ne(x, v128.load(pb)), w))
        if (wide) sum1 = f64x2.add(sum1, v128.and(f64x2.ne(x, v128.load(pb, 16)), w))
        pa += stepA
        pb += stepB
      }
      v128.store(at(rowK, j), sum0)
      if (wide) v128.store(at(rowK, j), sum1, 16)
    }
    for (let j = 0; j < end; j += 2) {
      const stored = (<usize>j) << 3
      storePair(rowK + stored, scale, roughness, F != 0 ? rowF + stored : 0, R != 0 ? rowR + stored : 0)
    }
  }
}

// @ts-ignore: decorator
@inline
function lanes(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1)
}

/** Σ b_k l_k for from ≤ k < to (from even), in the order said above. */
function dot(b: usize, l: usize, from: i32, to: i32): f64 {
  let sum = f64x2.splat(0)
  const even = to & ~1
  for (let k = from; k < even; k += 2) sum = f64x2.add(sum, f64x2.mul(v128.load(at(b, k)), v128.load(at(l, k))))
  let value = lanes(sum)
  if (even < to) value += load<f64>(at(b, even)) * load<f64>(at(l, even))
  return value
}

/** v_j = (b_j − Σ_{from ≤ k < j} v_k L_jk) / L_jj for j0 ≤ j < j1 in one row, in place. */
function solveOne(L: usize, ld: i32, inv: usize, b: usize, from: i32, j0: i32, j1: i32): void {
  for (let j = j0; j < j1; j++) {
    const p = at(b, j)
    store<f64>(p, (load<f64>(p) - dot(b, at(L, j * ld), from, j)) * load<f64>(at(inv, j)))
  }
}

/** The same for four rows at once and two columns at a time (j0 even). */
function solveFour(L: usize, ld: i32, inv: usize, b: usize, ldB: i32, from: i32, j0: i32, j1: i32): void {
  const b0 = b
  const b1 = at(b, ldB)
  const b2 = at(b, 2 * ldB)
  const b3 = at(b, 3 * ldB)
  let j = j0
  for (; j + 1 < j1; j += 2) {
    const l0 = at(L, j * ld)
    const l1 = at(l0, ld)
    let s00 = f64x2.splat(0)
    let s01 = f64x2.splat(0)
    let s10 = f64x2.splat(0)
    let s11 = f64x2.splat(0)
    let s20 = f64x2.splat(0)
    let s21 = f64x2.splat(0)
    let s30 = f64x2.splat(0)
    let s31 = f64x2.splat(0)
    const end = (<usize>j) << 3
    for (let o = (<usize>from) << 3; o < end; o += 16) {
      const x0 = v128.load(l0 + o)
      const x1 = v128.load(l1 + o)
      const y0 = v128.load(b0 + o)
      s00 = f64x2.add(s00, f64x2.mul(y0, x0))
      s01 = f64x2.add(s01, f64x2.mul(y0, x1))
      const y1 = v128.load(b1 + o)
      s10 = f64x2.add(s10, f64x2.mul(y1, x0))
      s11 = f64x2.add(s11, f64x2.mul(y1, x1))
      const y2 = v128.load(b2 + o)
      s20 = f64x2.add(s20, f64x2.mul(y2, x0))
      s21 = f64x2.add(s21, f64x2.mul(y2, x1))
      const y3 = v128.load(b3 + o)
      s30 = f64x2.add(s30, f64x2.mul(y3, x0))
      s31 = f64x2.add(s31, f64x2.mul(y3, x1))
    }
    const i0 = load<f64>(at(inv, j))
    const i1 = load<f64>(at(inv, j + 1))
    const cross = load<f64>(l1 + end)
    const v0 = (load<f64>(b0 + end) - lanes(s00)) * i0
    const v1 = (load<f64>(b1 + end) - lanes(s10)) * i0
    const v2 = (load<f64>(b2 + end) - lanes(s20)) * i0
    const v3 = (load<f64>(b3 + end) - lanes(s30)) * i0
    store<f64>(b0 + end, v0)
    store<f64>(b1 + end, v1)
    store<f64>(b2 + end, v2)
    store<f64>(b3 + end, v3)
    store<f64>(b0 + end, (load<f64>(b0 + end, 8) - (lanes(s01) + v0 * cross)) * i1, 8)
    store<f64>(b1 + end, (load<f64>(b1 + end, 8) - (lanes(s11) + v1 * cross)) * i1, 8)
    store<f64>(b2 + end, (load<f64>(b2 + end, 8) - (lanes(s21) + v2 * cross)) * i1, 8)
    store<f64>(b3 + end, (load<f64>(b3 + end, 8) - (lanes(s31) + v3 * cross)) * i1, 8)
  }
  if (j < j1) {
    solveOne(L, ld, inv, b0, from, j, j1)
    solveOne(L, ld, inv, b1, from, j, j1)
    solveOne(L, ld, inv, b2, from, j, j1)
    solveOne(L, ld, inv, b3, from, j, j1)
  }
}

/** Columns of L that are worked through together, so that they stay in the cache over all rows of B. */
const PANEL: i32 = 32

/**
 * B ← B L⁻ᵀ: every row b of B becomes the solution of L v = b. L is n × n lower, inv holds 1/L_jj, B has m rows, and
 * room for a multiple of four: two or three rows left over are worked through as four.
 */
export function solveRows(L: usize, ld: i32, inv: usize, n: i32, B: usize, ldB: i32, m: i32): void {
  for (let j = 0; j < n; j += PANEL) {
    const end = min(n, j + PANEL)
    let r = 0
    for (; r + 1 < m; r += 4) solveFour(L, ld, inv, at(B, r * ldB), ldB, 0, j, end)
    if (r < m) solveOne(L, ld, inv, at(B, r * ldB), 0, j, end)
  }
}

/** B ← B L⁻¹: every row b of B becomes the solution of Lᵀ w = b. Four unknowns at a time, from the last. */
export function solveRowsTransposed(L: usize, ld: i32, inv: usize, n: i32, B: usize, ldB: i32, m: i32): void {
  let j = n
  for (; j >= 4; j -= 4) {
    const first = j - 4
    const l0 = at(L, first * ld)
    const l1 = at(l0, ld)
    const l2 = at(l1, ld)
    const l3 = at(l2, ld)
    for (let r = 0; r < m; r++) {
      const b = at(B, r * ldB)
      const p = at(b, first)
      const w3 = load<f64>(p, 24) * load<f64>(at(inv, first), 24)
      const w2 = (load<f64>(p, 16) - w3 * load<f64>(at(l3, first), 16)) * load<f64>(at(inv, first), 16)
      const w1 =
        (load<f64>(p, 8) - w3 * load<f64>(at(l3, first), 8) - w2 * load<f64>(at(l2, first), 8)) *
        load<f64>(at(inv, first), 8)
      const w0 =
        (load<f64>(p) - w3 * load<f64>(at(l3, first)) - w2 * load<f64>(at(l2, first)) - w1 * load<f64>(at(l1, first))) *
        load<f64>(at(inv, first))
      store<f64>(p, w0)
      store<f64>(p, w1, 8)
      store<f64>(p, w2, 16)
      store<f64>(p, w3, 24)
      const v0 = f64x2.splat(w0)
      const v1 = f64x2.splat(w1)
      const v2 = f64x2.splat(w2)
      const v3 = f64x2.splat(w3)
      const even = first & ~1
      for (let o: usize = 0, end = (<usize>even) << 3; o < end; o += 16) {
        const sum = f64x2.add(
          f64x2.add(f64x2.mul(v0, v128.load(l0 + o)), f64x2.mul(v1, v128.load(l1 + o))),
          f64x2.add(f64x2.mul(v2, v128.load(l2 + o)), f64x2.mul(v3, v128.load(l3 + o))),
        )
        v128.store(b + o, f64x2.sub(v128.load(b + o), sum))
      }
      if (even < first) {
        const o = (<usize>even) << 3
        const sum = w0 * load<f64>(l0 + o) + w1 * load<f64>(l1 + o) + (w2 * load<f64>(l2 + o) + w3 * load<f64>(l3 + o))
        store<f64>(b + o, load<f64>(b + o) - sum)
      }
    }
  }
  for (let i = j - 1; i >= 0; i--) {
    const l = at(L, i * ld)
    for (let r = 0; r < m; r++) {
      const b = at(B, r * ldB)
      const w = load<f64>(at(b, i)) * load<f64>(at(inv, i))
      store<f64>(at(b, i), w)
      for (let k = 0; k < i; k++) store<f64>(at(b, k), load<f64>(at(b, k)) - w * load<f64>(at(l, k)))
    }
  }
}

/**
 * Cholesky factor, in place on the lower triangle, of rows i0 … i1 − 1, rows before i0 being factorised already.
 * Returns −1, or the row whose pivot is not positive.
 */
export function factorRows(L: usize, ld: i32, inv: usize, i0: i32, i1: i32): i32 {
  let i = i0
  while (i < i1) {
    const block = i + 3 < i1 ? 4 : 1
    if (block == 4) solveFour(L, ld, inv, at(L, i * ld), ld, 0, 0, i)
    else solveOne(L, ld, inv, at(L, i * ld), 0, 0, i)
    for (let r = i; r < i + block; r++) {
      const row = at(L, r * ld)
      solveOne(L, ld, inv, row, 0, i, r)
      const pivot = load<f64>(at(row, r)) - dot(row, row, 0, r)
      if (!(pivot > 0) || pivot == Infinity) return r
      const root = Math.sqrt(pivot)
      store<f64>(at(row, r), root)
      store<f64>(at(inv, r), 1 / root)
    }
    i += block
  }
  return -1
}

/** U = L⁻ᵀ (upper triangle, row-major) and the lower triangle of C = K⁻¹ = U Uᵀ. */
export function invert(L: usize, ld: i32, inv: usize, n: i32, U: usize, C: usize): void {
  for (let i = 0; i < n; i += 4) {
    const rows = min(4, n - i)
    for (let r = i; r < i + rows; r++) {
      const row = at(U, r * ld)
      memory.fill(row, 0, (<usize>ld) << 3)
      store<f64>(at(row, r), 1)
    }
    if (rows == 4) solveFour(L, ld, inv, at(U, i * ld), ld, i, i, n)
    else for (let r = i; r < i + rows; r++) solveOne(L, ld, inv, at(U, r * ld), i, i, n)
  }
  const end = (<usize>n + 1) >> 1 << 4
  for (let i = 0; i < n; i += 4) {
    const rows = min(4, n - i)
    const start = (<usize>i) << 3
    if (rows == 4) {
      const a0 = at(U, i * ld)
      const a1 = at(a0, ld)
      const a2 = at(a1, ld)
      const a3 = at(a2, ld)
      const c0 = at(C, i * ld)
      const c1 = at(c0, ld)
      const c2 = at(c1, ld)
      const c3 = at(c2, ld)
      for (let j = 0; j < i + 4; j += 2) {
        const l0 = at(U, j * ld)
        const l1 = at(l0, ld)
        let s00 = f64x2.splat(0)
        let s01 = f64x2.splat(0)
        let s10 = f64x2.splat(0)
        let s11 = f64x2.splat(0)
        let s20 = f64x2.splat(0)
        let s21 = f64x2.splat(0)
        let s30 = f64x2.splat(0)
        let s31 = f64x2.splat(0)
        for (let o = start; o < end; o += 16) {
          const x0 = v128.load(l0 + o)
          const x1 = v128.load(l1 + o)
          const y0 = v128.load(a0 + o)
          s00 = f64x2.add(s00, f64x2.mul(y0, x0))
          s01 = f64x2.add(s01, f64x2.mul(y0, x1))
          const y1 = v128.load(a1 + o)
          s10 = f64x2.add(s10, f64x2.mul(y1, x0))
          s11 = f64x2.add(s11, f64x2.mul(y1, x1))
          const y2 = v128.load(a2 + o)
          s20 = f64x2.add(s20, f64x2.mul(y2, x0))
          s21 = f64x2.add(s21, f64x2.mul(y2, x1))
          const y3 = v128.load(a3 + o)
          s30 = f64x2.add(s30, f64x2.mul(y3, x0))
          s31 = f64x2.add(s31, f64x2.mul(y3, x1))
        }
        const p = (<usize>j) << 3
        store<f64>(c0 + p, lanes(s00))
        store<f64>(c0 + p, lanes(s01), 8)
        store<f64>(c1 + p, lanes(s10))
        store<f64>(c1 + p, lanes(s11), 8)
        store<f64>(c2 + p, lanes(s20))
        store<f64>(c2 + p, lanes(s21), 8)
        store<f64>(c3 + p, lanes(s30))
        store<f64>(c3 + p, lanes(s31), 8)
      }
    } else {
      for (let r = i; r < i + rows; r++)
        for (let j = 0; j <= r; j++) store<f64>(at(C, r * ld + j), dot(at(U, r * ld), at(U, j * ld), i, n))
    }
  }
}

/** Σ_{j<i} (α_i α_j − C_ij) R_ij + ½ Σ_i (α_i² − C_ii) R_ii. */
export function weighedSum(R: usize, C: usize, ld: i32, alpha: usize, n: i32): f64 {
  let sum = f64x2.splat(0)
  let diagonal: f64 = 0
  for (let i = 0; i < n; i++) {
    const r = at(R, i * ld)
    const c = at(C, i * ld)
    const a = load<f64>(at(alpha, i))
    const both = f64x2.splat(a)
    const even = i & ~1
    for (let j = 0; j < even; j += 2) {
      const w = f64x2.sub(f64x2.mul(both, v128.load(at(alpha, j))), v128.load(at(c, j)))
      sum = f64x2.add(sum, f64x2.mul(w, v128.load(at(r, j))))
    }
    if (even < i) diagonal += (a * load<f64>(at(alpha, even)) - load<f64>(at(c, even))) * load<f64>(at(r, even))
    diagonal += 0.5 * (a * a - load<f64>(at(c, i))) * load<f64>(at(r, i))
  }
  return lanes(sum) + diagonal
}

/** F ← (α_i α_j − C_ij) F_ij below the diagonal; 0 on it and in the padding beside it. */
export function weigh(F: usize, C: usize, ld: i32, alpha: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const f = at(F, i * ld)
    const c = at(C, i * ld)
    const a = v128.load64_splat(at(alpha, i))
    for (let j = 0; j < i; j += 2) {
      const p = at(f, j)
      const w = f64x2.sub(f64x2.mul(a, v128.load(at(alpha, j))), v128.load(at(c, j)))
      v128.store(p, f64x2.mul(w, v128.load(p)))
    }
    store<f64>(at(f, i), 0)
    store<f64>(at(f, i + 1), 0)
  }
}

/**
 * For every numeric coordinate c of points x: out[c] = Σ_{j<i} G_ij δ² with δ = x_ci − x_cj, and
 * P[c·sx + i] = Σ_j G_ij δ (G taken as symmetric), from which derivatives by any transformation of x follow.
 */
export function pairSums(G: usize, ld: i32, x: usize, sx: i32, n: i32, numeric: i32, P: usize, out: usize): void {
  memory.fill(P, 0, (<usize>(numeric * sx)) << 3)
  for (let c = 0; c < numeric; c++) store<f64>(at(out, c), 0)
  for (let i = 1; i < n; i++) {
    const g = at(G, i * ld)
    for (let c = 0; c < numeric; c++) {
      const xc = at(x, c * sx)
      const pc = at(P, c * sx)
      const xi = v128.load64_splat(at(xc, i))
      let squares = f64x2.splat(0)
      let row = f64x2.splat(0)
      for (let j = 0; j < i; j += 2) {
        const d = f64x2.sub(xi, v128.load(at(xc, j)))
        const gd = f64x2.mul(v128.load(at(g, j)), d)
        squares = f64x2.add(squares, f64x2.mul(gd, d))
        row = f64x2.add(row, gd)
        const p = at(pc, j)
        v128.store(p, f64x2.sub(v128.load(p), gd))
      }
      store<f64>(at(pc, i), load<f64>(at(pc, i)) + lanes(row))
      store<f64>(at(out, c), load<f64>(at(out, c)) + lanes(squares))
    }
  }
}

/** For every categorical coordinate c of points x: out[c] = Σ_{j<i} G_ij [x_ci ≠ x_cj]. */
export function unequalSums(G: usize, ld: i32, x: usize, sx: i32, n: i32, categorical: i32, out: usize): void {
  for (let c = 0; c < categorical; c++) {
    const xc = at(x, c * sx)
    let sum = f64x2.splat(0)
    for (let i = 1; i < n; i++) {
      const g = at(G, i * ld)
      const xi = v128.load64_splat(at(xc, i))
      for (let j = 0; j < i; j += 2) {
        sum = f64x2.add(sum, v128.and(f64x2.ne(xi, v128.load(at(xc, j))), v128.load(at(g, j))))
      }
    }
    store<f64>(at(out, c), lanes(sum))
  }
}

/** out[r] = Σ_{k<n} B_rk a_k for the m rows of B. */
export function rowsTimes(B: usize, ldB: i32, m: i32, n: i32, a: usize, out: usize): void {
  for (let r = 0; r < m; r++) store<f64>(at(out, r), dot(at(B, r * ldB), a, 0, n))
}

/** out[r] = Σ_{k<n} B_rk² for the m rows of B. */
export function rowSquares(B: usize, ldB: i32, m: i32, n: i32, out: usize): void {
  for (let r = 0; r < m; r++) store<f64>(at(out, r), dot(at(B, r * ldB), at(B, r * ldB), 0, n))
}

/**
 * For one point z and every numeric coordinate c: outA[c] = Σ_j a_j F_j (z_c − x_cj) and outW[c] the same with w,
 * where F is the row of kernel derivatives between z and the n points x.
 */
export function pointSums(
  F: usize, a: usize, w: usize, z: usize, sz: i32, x: usize, sx: i32, n: i32, na: i32, numeric: i32,
  outA: usize, outW: usize,
): void {
  for (let c = 0; c < numeric; c++) {
    const xc = at(x, c * sx)
    const zc = load<f64>(at(z, c * sz))
    const zz = f64x2.splat(zc)
    let sumA = f64x2.splat(0)
    let sumW = f64x2.splat(0)
    const even = n & ~1
    const evenA = na & ~1
    for (let j = 0; j < even; j += 2) {
      const fd = f64x2.mul(v128.load(at(F, j)), f64x2.sub(zz, v128.load(at(xc, j))))
      if (j < evenA) sumA = f64x2.add(sumA, f64x2.mul(v128.load(at(a, j)), fd))
      sumW = f64x2.add(sumW, f64x2.mul(v128.load(at(w, j)), fd))
    }
    let totalA = lanes(sumA)
    let totalW = lanes(sumW)
    if (evenA < na) totalA += load<f64>(at(a, evenA)) * load<f64>(at(F, evenA)) * (zc - load<f64>(at(xc, evenA)))
    if (even < n) totalW += load<f64>(at(w, even)) * load<f64>(at(F, even)) * (zc - load<f64>(at(xc, even)))
    store<f64>(at(outA, c), totalA)
    store<f64>(at(outW, c), totalW)
  }
}
