/**
 * Products of row-major matrices of doubles, in AssemblyScript: the loops of ../learners/products.ts, which say what each does, with
 * two doubles at a time. Pointers are byte offsets, counts are in doubles.
 *
 * Lanes are different entries of the output, and the additions of one entry come in the order that they have there: for every four
 * k, c += ((a₀b₀ + a₁b₁) + a₂b₂) + a₃b₃, left out where all four a are 0, and those of the last up to three k one by one. So the results are the same bit
 * by bit.
 */

/** Rows of B that are added to all of C before the next ones: they and their part of A stay in the cache. */
const BLOCK: i32 = 128

// @ts-ignore: decorator
@inline
function sum4(a0: v128, a1: v128, a2: v128, a3: v128, b0: v128, b1: v128, b2: v128, b3: v128): v128 {
  return f64x2.add(
    f64x2.add(f64x2.add(f64x2.mul(a0, b0), f64x2.mul(a1, b1)), f64x2.mul(a2, b2)),
    f64x2.mul(a3, b3),
  )
}

/** Whether one of them is neither 0 nor −0. */
// @ts-ignore: decorator
@inline
function someNonzero(a0: v128, a1: v128, a2: v128, a3: v128): bool {
  return v128.any_true(i64x2.shl(v128.or(v128.or(a0, a1), v128.or(a2, a3)), 1))
}

/**
 * One row of C, 2 · `pairs` columns of it (up to 10): c += Σ_k a_k (row k of B), for k < inner. a_k is `stepA` bytes behind the one
 * before it, rows of B are `stepB` bytes apart.
 */
// @ts-ignore: decorator
@inline
function addPairs(pairs: i32, a: usize, stepA: usize, b: usize, stepB: usize, c: usize, inner: i32): void {
  let c0 = v128.load(c)
  let c1 = pairs > 1 ? v128.load(c, 16) : c0
  let c2 = pairs > 2 ? v128.load(c, 32) : c0
  let c3 = pairs > 3 ? v128.load(c, 48) : c0
  let c4 = pairs > 4 ? v128.load(c, 64) : c0
  const whole = inner & ~3
  let q = b
  let k = 0
  for (; k < whole; k += 4) {
    const a0 = v128.load64_splat(a)
    a += stepA
    const a1 = v128.load64_splat(a)
    a += stepA
    const a2 = v128.load64_splat(a)
    a += stepA
    const a3 = v128.load64_splat(a)
    a += stepA
    const q1 = q + stepB
    const q2 = q1 + stepB
    const q3 = q2 + stepB
    if (someNonzero(a0, a1, a2, a3)) {
      c0 = f64x2.add(c0, sum4(a0, a1, a2, a3, v128.load(q), v128.load(q1), v128.load(q2), v128.load(q3)))
      if (pairs > 1) c1 = f64x2.add(c1, sum4(a0, a1, a2, a3, v128.load(q, 16), v128.load(q1, 16), v128.load(q2, 16), v128.load(q3, 16)))
      if (pairs > 2) c2 = f64x2.add(c2, sum4(a0, a1, a2, a3, v128.load(q, 32), v128.load(q1, 32), v128.load(q2, 32), v128.load(q3, 32)))
      if (pairs > 3) c3 = f64x2.add(c3, sum4(a0, a1, a2, a3, v128.load(q, 48), v128.load(q1, 48), v128.load(q2, 48), v128.load(q3, 48)))
      if (pairs > 4) c4 = f64x2.add(c4, sum4(a0, a1, a2, a3, v128.load(q, 64), v128.load(q1, 64), v128.load(q2, 64), v128.load(q3, 64)))
    }
    q = q3 + stepB
  }
  for (; k < inner; k++) {
    const a0 = v128.load64_splat(a)
    c0 = f64x2.add(c0, f64x2.mul(a0, v128.load(q)))
    if (pairs > 1) c1 = f64x2.add(c1, f64x2.mul(a0, v128.load(q, 16)))
    if (pairs > 2) c2 = f64x2.add(c2, f64x2.mul(a0, v128.load(q, 32)))
    if (pairs > 3) c3 = f64x2.add(c3, f64x2.mul(a0, v128.load(q, 48)))
    if (pairs > 4) c4 = f64x2.add(c4, f64x2.mul(a0, v128.load(q, 64)))
    a += stepA
    q += stepB
  }
  v128.store(c, c0)
  if (pairs > 1) v128.store(c, c1, 16)
  if (pairs > 2) v128.store(c, c2, 32)
  if (pairs > 3) v128.store(c, c3, 48)
  if (pairs > 4) v128.store(c, c4, 64)
}

/** The same for one column. */
function addOne(a: usize, stepA: usize, b: usize, stepB: usize, c: usize, inner: i32): void {
  let sum = load<f64>(c)
  const whole = inner & ~3
  let k = 0
  for (; k < whole; k += 4) {
    const a0 = load<f64>(a)
    a += stepA
    const a1 = load<f64>(a)
    a += stepA
    const a2 = load<f64>(a)
    a += stepA
    const a3 = load<f64>(a)
    a += stepA
    const b1 = b + stepB
    const b2 = b1 + stepB
    const b3 = b2 + stepB
    if (!(a0 == 0 && a1 == 0 && a2 == 0 && a3 == 0)) {
      sum += a0 * load<f64>(b) + a1 * load<f64>(b1) + a2 * load<f64>(b2) + a3 * load<f64>(b3)
    }
    b = b3 + stepB
  }
  for (; k < inner; k++) {
    sum += load<f64>(a) * load<f64>(b)
    a += stepA
    b += stepB
  }
  store<f64>(c, sum)
}

/** One row of C, all columns of it. */
// @ts-ignore: decorator
@inline
function addRow(a: usize, stepA: usize, b: usize, stepB: usize, c: usize, inner: i32, columns: i32): void {
  let left = columns
  // As few blocks as possible, since each goes through a again.
  while (left > 11 || left == 8 || left == 9) {
    addPairs(4, a, stepA, b, stepB, c, inner)
    b += 64
    c += 64
    left -= 8
  }
  const pairs = left >> 1
  if (pairs == 5) addPairs(5, a, stepA, b, stepB, c, inner)
  else if (pairs == 3) addPairs(3, a, stepA, b, stepB, c, inner)
  else if (pairs == 2) addPairs(2, a, stepA, b, stepB, c, inner)
  else if (pairs == 1) addPairs(1, a, stepA, b, stepB, c, inner)
  if (left & 1) addOne(a, stepA, b + ((<usize>pairs) << 4), stepB, c + ((<usize>pairs) << 4), inner)
}

/** C += A B, for A (rows × inner), B (inner × columns). */
export function addProduct(a: usize, b: usize, c: usize, rows: i32, inner: i32, columns: i32): void {
  const stepA = (<usize>inner) << 3
  const stepB = (<usize>columns) << 3
  for (let k = 0; k < inner; k += BLOCK) {
    const some = min(BLOCK, inner - k)
    let from = a
    let to = c
    for (let i = 0; i < rows; i++) {
      addRow(from, 8, b, stepB, to, some, columns)
      from += stepA
      to += stepB
    }
    a += BLOCK << 3
    b += BLOCK * stepB
  }
}

/** C += Aᵀ B, for A (inner × rows), B (inner × columns). */
export function addTransposedProduct(a: usize, b: usize, c: usize, rows: i32, inner: i32, columns: i32): void {
  const stepA = (<usize>rows) << 3
  const stepB = (<usize>columns) << 3
  for (let k = 0; k < inner; k += BLOCK) {
    const some = min(BLOCK, inner - k)
    let to = c
    for (let i = 0; i < rows; i++) {
      addRow(a + ((<usize>i) << 3), stepA, b, stepB, to, some, columns)
      to += stepB
    }
    a += BLOCK * stepA
    b += BLOCK * stepB
  }
}

/** C = A Bᵀ, for A (rows × inner), B (columns × inner): every entry is a sum over k, one by one. */
export function productTransposedInto(a: usize, b: usize, c: usize, rows: i32, inner: i32, columns: i32): void {
  const step = (<usize>inner) << 3
  const stepC = (<usize>columns) << 3
  const even = inner & ~1
  let j = 0
  for (; j + 3 < columns; j += 4) {
    const b0 = b + <usize>j * step
    const b1 = b0 + step
    const b2 = b1 + step
    const b3 = b2 + step
    let from = a
    let to = c + ((<usize>j) << 3)
    let i = 0
    for (; i + 1 < rows; i += 2) {
      const next = from + step
      let s01 = f64x2.splat(0)
      let s23 = f64x2.splat(0)
      let t01 = f64x2.splat(0)
      let t23 = f64x2.splat(0)
      let o: usize = 0
      for (const end = (<usize>even) << 3; o < end; o += 16) {
        const x0 = v128.load(b0 + o)
        const x1 = v128.load(b1 + o)
        const x2 = v128.load(b2 + o)
        const x3 = v128.load(b3 + o)
        const u0 = v128.load64_splat(from + o)
        const u1 = v128.load64_splat(from + o, 8)
        const w0 = v128.load64_splat(next + o)
        const w1 = v128.load64_splat(next + o, 8)
        const y01 = v128.shuffle<i64>(x0, x1, 0, 2)
        const y23 = v128.shuffle<i64>(x2, x3, 0, 2)
        const z01 = v128.shuffle<i64>(x0, x1, 1, 3)
        const z23 = v128.shuffle<i64>(x2, x3, 1, 3)
        s01 = f64x2.add(f64x2.add(s01, f64x2.mul(u0, y01)), f64x2.mul(u1, z01))
        s23 = f64x2.add(f64x2.add(s23, f64x2.mul(u0, y23)), f64x2.mul(u1, z23))
        t01 = f64x2.add(f64x2.add(t01, f64x2.mul(w0, y01)), f64x2.mul(w1, z01))
        t23 = f64x2.add(f64x2.add(t23, f64x2.mul(w0, y23)), f64x2.mul(w1, z23))
      }
      if (even < inner) {
        const y01 = v128.load64_lane(b1 + o, v128.load64_splat(b0 + o), 1)
        const y23 = v128.load64_lane(b3 + o, v128.load64_splat(b2 + o), 1)
        const u0 = v128.load64_splat(from + o)
        const w0 = v128.load64_splat(next + o)
        s01 = f64x2.add(s01, f64x2.mul(u0, y01))
        s23 = f64x2.add(s23, f64x2.mul(u0, y23))
        t01 = f64x2.add(t01, f64x2.mul(w0, y01))
        t23 = f64x2.add(t23, f64x2.mul(w0, y23))
      }
      v128.store(to, s01)
      v128.store(to, s23, 16)
      v128.store(to + stepC, t01)
      v128.store(to + stepC, t23, 16)
      from = next + step
      to += 2 * stepC
    }
    if (i < rows) for (let l = 0; l < 4; l++) store<f64>(to + ((<usize>l) << 3), dot(from, b0 + <usize>l * step, inner))
  }
  for (; j < columns; j++) {
    let to = c + ((<usize>j) << 3)
    let from = a
    for (let i = 0; i < rows; i++) {
      store<f64>(to, dot(from, b + <usize>j * step, inner))
      from += step
      to += stepC
    }
  }
}

/** Σ_k a_k b_k, one by one. */
function dot(a: usize, b: usize, inner: i32): f64 {
  let sum: f64 = 0
  for (let o: usize = 0, end = (<usize>inner) << 3; o < end; o += 8) sum += load<f64>(a + o) * load<f64>(b + o)
  return sum
}
