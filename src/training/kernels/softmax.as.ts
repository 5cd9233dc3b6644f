/**
 * The objective of softmax regression and its gradient, in AssemblyScript, with two doubles at a time: what ../learners/softmax-regression.ts
 * says, worked out as the loops of ../learners/products.ts and ../learners/softmax.ts do it, the same bit by bit. Pointers are byte
 * offsets, counts are in doubles.
 *
 * X lies in panels of four rows: of each column four doubles. Scores lie in panels as well: of each class four doubles. The
 * lanes of scores are rows, those of slopes are classes; additions of one entry come in the order that they have in the plain loops.
 * Rows are gone through in blocks: a block's scores, their probabilities and what it adds to slopes, before the next one. Where X is
 * mostly zeros, products of zeros alone are left out: a ±0 more changes no sum but −0, which comes to the same.
 */
import { exponentials, logarithms } from './exponentials.as'

/** Rows of a block: a multiple of 4. */
const BLOCK: i32 = 128

/** Rows, columns of X, classes C, and the bytes of C doubles, of which there are an even number. */
let n: i32 = 0
let d: i32 = 0
let classes: i32 = 0
let stride: usize = 0
/** Whether θ is (U, V, b) and not (W, b). */
let splits: bool = false
/** X in panels, codes, and weights of rows where they have any. */
let panels: usize = 0
let truth: usize = 0
let rowWeights: usize = 0
let weighted: bool = false
/** θ and the gradient, W and its slopes (d × stride bytes), means of the columns of slopes at scores (stride). */
let theta: usize = 0
let gradient: usize = 0
let weights: usize = 0
let slopes: usize = 0
let means: usize = 0
/** Of a block: its rows as they are handed in, row-major; scores in panels; the same row-major; of each row the largest score, that of its class, the sum of exponentials. */
let input: usize = 0
let scores: usize = 0
let turned: usize = 0
let most: usize = 0
let right: usize = 0
let sums: usize = 0
/** How many columns of panels are all zeros. */
let zeros: i32 = 0

// @ts-ignore: decorator
@inline
function bytes(count: i32): usize {
  return (<usize>count) << 3
}

/** The room of a fit, as it is laid out from `at`; returns the bytes it takes. */
export function layOut(at: usize, rows: i32, columns: i32, ofClasses: i32, isSplit: bool, hasWeights: bool): usize {
  n = rows
  d = columns
  classes = ofClasses
  stride = bytes((classes + 1) & ~1)
  splits = isSplit
  weighted = hasWeights
  const panelled = (n + 3) & ~3
  const entries = d * classes
  let end = at
  panels = end
  end += bytes(panelled) * d
  rowWeights = end
  if (weighted) end += bytes(panelled)
  theta = end
  end += bytes((splits ? 2 * entries : entries) + classes)
  gradient = end
  end += bytes((splits ? 2 * entries : entries) + classes)
  weights = end
  end += bytes(entries)
  slopes = end
  end += stride * d
  means = end
  end += stride
  input = end
  end += bytes(BLOCK * d)
  scores = end
  end += bytes(BLOCK * classes)
  turned = end
  end += BLOCK * stride
  most = end
  end += bytes(BLOCK)
  right = end
  end += bytes(BLOCK)
  sums = end
  end += bytes(BLOCK)
  truth = end
  end += <usize>panelled << 2
  return end - at
}

export function codesAt(): usize {
  return truth
}

export function rowWeightsAt(): usize {
  return rowWeights
}

export function thetaAt(): usize {
  return theta
}

export function gradientAt(): usize {
  return gradient
}

/** Where up to `blockRows` rows are put for `takeRows`. */
export function inputAt(): usize {
  return input
}

export function blockRows(): i32 {
  return BLOCK
}

/** Takes the next `count` rows, of which `first` (a multiple of 4) have been taken. Rows that fill up the last panel have a class, too. */
export function takeRows(first: i32, count: i32): void {
  if (first == 0) zeros = 0
  for (let i = count; (i & 3) != 0; i++) store<i32>(truth + (<usize>(first + i) << 2), 0)
  for (let i = 0; i < count; i += 4) {
    const to = panels + bytes(first + i) * d
    for (let r = 0; r < 4; r++) {
      const from = input + bytes((i + r) * d)
      for (let j = 0; j < d; j++) store<f64>(to + bytes(4 * j + r), i + r < count ? load<f64>(from + bytes(j)) : 0)
    }
    for (let j = 0; j < d; j++) {
      const four = v128.or(v128.load(to + bytes(4 * j)), v128.load(to + bytes(4 * j), 16))
      if (!v128.any_true(i64x2.shl(four, 1))) zeros++
    }
  }
}

// @ts-ignore: decorator
@inline
function sum4(a0: v128, a1: v128, a2: v128, a3: v128, b0: v128, b1: v128, b2: v128, b3: v128): v128 {
  return f64x2.add(
    f64x2.add(f64x2.add(f64x2.mul(a0, b0), f64x2.mul(a1, b1)), f64x2.mul(a2, b2)),
    f64x2.mul(a3, b3),
  )
}

/** Whether four doubles from p on are all 0. */
// @ts-ignore: decorator
@inline
function areZeros(p: usize): bool {
  return !v128.any_true(i64x2.shl(v128.or(v128.load(p), v128.load(p, 16)), 1))
}

/** Scores of a panel for one class or two, whose weights and biases are at w and b. */
// @ts-ignore: decorator
@inline
function score(two: bool, skips: bool, panel: usize, w: usize, b: usize, z: usize): void {
  const step = bytes(classes)
  let z00 = v128.load64_splat(b)
  let z01 = z00
  let z10 = two ? v128.load64_splat(b, 8) : z00
  let z11 = z10
  let x = panel
  for (let end = panel + bytes(4 * (d & ~3)); x < end; x += 128) {
    const w1 = w + step
    const w2 = w1 + step
    const w3 = w2 + step
    if (!skips || !(areZeros(x) && areZeros(x + 32) && areZeros(x + 64) && areZeros(x + 96))) {
      const a0 = v128.load64_splat(w)
      const a1 = v128.load64_splat(w1)
      const a2 = v128.load64_splat(w2)
      const a3 = v128.load64_splat(w3)
      const x0 = v128.load(x)
      const x1 = v128.load(x, 32)
      const x2 = v128.load(x, 64)
      const x3 = v128.load(x, 96)
      const y0 = v128.load(x, 16)
      const y1 = v128.load(x, 48)
      const y2 = v128.load(x, 80)
      const y3 = v128.load(x, 112)
      z00 = f64x2.add(z00, sum4(x0, x1, x2, x3, a0, a1, a2, a3))
      z01 = f64x2.add(z01, sum4(y0, y1, y2, y3, a0, a1, a2, a3))
      if (two) {
        const b0 = v128.load64_splat(w, 8)
        const b1 = v128.load64_splat(w1, 8)
        const b2 = v128.load64_splat(w2, 8)
        const b3 = v128.load64_splat(w3, 8)
        z10 = f64x2.add(z10, sum4(x0, x1, x2, x3, b0, b1, b2, b3))
        z11 = f64x2.add(z11, sum4(y0, y1, y2, y3, b0, b1, b2, b3))
      }
    }
    w = w3 + step
  }
  for (let end = panel + bytes(4 * d); x < end; x += 32) {
    const a = v128.load64_splat(w)
    z00 = f64x2.add(z00, f64x2.mul(v128.load(x), a))
    z01 = f64x2.add(z01, f64x2.mul(v128.load(x, 16), a))
    if (two) {
      const b = v128.load64_splat(w, 8)
      z10 = f64x2.add(z10, f64x2.mul(v128.load(x), b))
      z11 = f64x2.add(z11, f64x2.mul(v128.load(x, 16), b))
    }
    w += step
  }
  v128.store(z, z00)
  v128.store(z, z01, 16)
  if (two) {
    v128.store(z, z10, 32)
    v128.store(z, z11, 48)
  }
}

// @ts-ignore: decorator
@inline
function scorePanels(skips: bool, panel: usize, end: usize): void {
  const biases = theta + bytes((splits ? 2 : 1) * d * classes)
  let z = scores
  for (; panel < end; panel += bytes(4 * d)) {
    let c = 0
    for (; c + 1 < classes; c += 2) score(true, skips, panel, weights + bytes(c), biases + bytes(c), z + bytes(4 * c))
    if (c < classes) score(false, skips, panel, weights + bytes(c), biases + bytes(c), z + bytes(4 * c))
    z += bytes(4 * classes)
  }
}

function denseScores(panel: usize, end: usize): void {
  scorePanels(false, panel, end)
}

function sparseScores(panel: usize, end: usize): void {
  scorePanels(true, panel, end)
}

/**
 * The scores of a block become the slopes of the summed cross-entropy at them, v (p − 1[c = truth]), in panels and then row by row;
 * adds what the rows add to means, and returns `loss` with theirs.
 */
function crossEntropy(first: i32, count: i32, loss: f64): f64 {
  const step = bytes(4 * classes)
  const end = scores + step * ((count + 3) >> 2)
  const codes = truth + (<usize>first << 2)
  let row: usize = 0
  for (let z = scores; z < end; z += step) {
    let largest0 = v128.load(z)
    let largest1 = v128.load(z, 16)
    const stop = z + step
    for (let p = z + 32; p < stop; p += 32) {
      largest0 = f64x2.pmax(largest0, v128.load(p))
      largest1 = f64x2.pmax(largest1, v128.load(p, 16))
    }
    v128.store(most + row, largest0)
    v128.store(most + row, largest1, 16)
    for (let o: usize = 0; o < 32; o += 8) {
      store<f64>(right + row + o, load<f64>(z + o + (<usize>load<i32>(codes + ((row + o) >> 1)) << 5)))
    }
    for (let p = z; p < stop; p += 32) {
      v128.store(p, f64x2.sub(v128.load(p), largest0))
      v128.store(p, f64x2.sub(v128.load(p, 16), largest1), 16)
    }
    row += 32
  }
  exponentials(scores, classes * ((count + 3) & ~3))
  row = 0
  let broken = f64x2.splat(0)
  for (let z = scores; z < end; z += step) {
    let sum0 = v128.load(z)
    let sum1 = v128.load(z, 16)
    const stop = z + step
    for (let p = z + 32; p < stop; p += 32) {
      sum0 = f64x2.add(sum0, v128.load(p))
      sum1 = f64x2.add(sum1, v128.load(p, 16))
    }
    v128.store(sums + row, sum0)
    v128.store(sums + row, sum1, 16)
    broken = v128.or(broken, v128.or(f64x2.ne(sum0, sum0), f64x2.ne(sum1, sum1)))
    for (let p = z; p < stop; p += 32) {
      v128.store(p, f64x2.div(v128.load(p), sum0))
      v128.store(p, f64x2.div(v128.load(p, 16), sum1), 16)
    }
    row += 32
  }
  logarithms(sums, (count + 3) & ~3)
  for (let i = 0; i < count; i++) {
    const at = bytes(i)
    const p = scores + step * (i >> 2) + bytes(i & 3) + (<usize>load<i32>(codes + (at >> 1)) << 5)
    store<f64>(p, load<f64>(p) - 1)
    const one = load<f64>(sums + at) + load<f64>(most + at) - load<f64>(right + at)
    loss += weighted ? load<f64>(rowWeights + bytes(first) + at) * one : one
  }
  if (v128.any_true(broken)) loss = NaN
  for (let c = 0; c < classes; c += 2) turn(c, first, count)
  return loss
}

/** Slopes at the scores of classes c and c + 1, row by row, times the weights of rows; and what they add to means. */
function turn(c: i32, first: i32, count: i32): void {
  const all = f64x2.splat(<f64>n)
  let mean = v128.load(means + bytes(c))
  let to = turned + bytes(c)
  let z = scores + bytes(4 * c)
  // Beside a last one without a partner stand zeros.
  const partner = c + 1 < classes ? 32 : 0
  for (let i = 0; i < count; i += 4) {
    const one0 = v128.load(z)
    const one1 = v128.load(z, 16)
    const other0 = partner != 0 ? v128.load(z, 32) : f64x2.splat(0)
    const other1 = partner != 0 ? v128.load(z, 48) : f64x2.splat(0)
    let r0 = v128.shuffle<i64>(one0, other0, 0, 2)
    let r1 = v128.shuffle<i64>(one0, other0, 1, 3)
    let r2 = v128.shuffle<i64>(one1, other1, 0, 2)
    let r3 = v128.shuffle<i64>(one1, other1, 1, 3)
    if (weighted) {
      const v = rowWeights + bytes(first + i)
      r0 = f64x2.mul(r0, v128.load64_splat(v))
      r1 = f64x2.mul(r1, v128.load64_splat(v, 8))
      r2 = f64x2.mul(r2, v128.load64_splat(v, 16))
      r3 = f64x2.mul(r3, v128.load64_splat(v, 24))
    }
    v128.store(to, r0)
    mean = f64x2.add(mean, f64x2.div(r0, all))
    to += stride
    v128.store(to, r1)
    if (i + 1 < count) mean = f64x2.add(mean, f64x2.div(r1, all))
    to += stride
    v128.store(to, r2)
    if (i + 2 < count) mean = f64x2.add(mean, f64x2.div(r2, all))
    to += stride
    v128.store(to, r3)
    if (i + 3 < count) mean = f64x2.add(mean, f64x2.div(r3, all))
    to += stride
    z += bytes(4 * classes)
  }
  v128.store(means + bytes(c), mean)
}

/** What a block's rows add to the slopes of one column or two of X (from x on in the first panel), of two classes or four (from z on in the first row). */
// @ts-ignore: decorator
@inline
function slope(twoColumns: bool, fourClasses: bool, skips: bool, x: usize, count: i32, z: usize, to: usize): void {
  const step = bytes(4 * d)
  let s00 = v128.load(to)
  let s01 = fourClasses ? v128.load(to, 16) : s00
  let s10 = twoColumns ? v128.load(to + stride) : s00
  let s11 = twoColumns && fourClasses ? v128.load(to + stride, 16) : s00
  let i = 0
  for (; i + 3 < count; i += 4) {
    const z1 = z + stride
    const z2 = z1 + stride
    const z3 = z2 + stride
    if (!skips || !(areZeros(x) && (!twoColumns || areZeros(x + 32)))) {
      const a0 = v128.load64_splat(x)
      const a1 = v128.load64_splat(x, 8)
      const a2 = v128.load64_splat(x, 16)
      const a3 = v128.load64_splat(x, 24)
      const p0 = v128.load(z)
      const p1 = v128.load(z1)
      const p2 = v128.load(z2)
      const p3 = v128.load(z3)
      s00 = f64x2.add(s00, sum4(a0, a1, a2, a3, p0, p1, p2, p3))
      if (fourClasses) s01 = f64x2.add(s01, sum4(a0, a1, a2, a3, v128.load(z, 16), v128.load(z1, 16), v128.load(z2, 16), v128.load(z3, 16)))
      if (twoColumns) {
        const b0 = v128.load64_splat(x, 32)
        const b1 = v128.load64_splat(x, 40)
        const b2 = v128.load64_splat(x, 48)
        const b3 = v128.load64_splat(x, 56)
        s10 = f64x2.add(s10, sum4(b0, b1, b2, b3, p0, p1, p2, p3))
        if (fourClasses) s11 = f64x2.add(s11, sum4(b0, b1, b2, b3, v128.load(z, 16), v128.load(z1, 16), v128.load(z2, 16), v128.load(z3, 16)))
      }
    }
    z = z3 + stride
    x += step
  }
  for (; i < count; i++) {
    const a = v128.load64_splat(x)
    s00 = f64x2.add(s00, f64x2.mul(a, v128.load(z)))
    if (fourClasses) s01 = f64x2.add(s01, f64x2.mul(a, v128.load(z, 16)))
    if (twoColumns) {
      const b = v128.load64_splat(x, 32)
      s10 = f64x2.add(s10, f64x2.mul(b, v128.load(z)))
      if (fourClasses) s11 = f64x2.add(s11, f64x2.mul(b, v128.load(z, 16)))
    }
    x += 8
    z += stride
  }
  v128.store(to, s00)
  if (fourClasses) v128.store(to, s01, 16)
  if (twoColumns) {
    v128.store(to + stride, s10)
    if (fourClasses) v128.store(to + stride, s11, 16)
  }
}

// @ts-ignore: decorator
@inline
function addSlopes(skips: bool, panel: usize, count: i32): void {
  let j = 0
  for (; j + 1 < d; j += 2) {
    const x = panel + bytes(4 * j)
    const to = slopes + <usize>j * stride
    let o: usize = 0
    for (; o + 16 < stride; o += 32) slope(true, true, skips, x, count, turned + o, to + o)
    if (o < stride) slope(true, false, skips, x, count, turned + o, to + o)
  }
  if (j < d) {
    const x = panel + bytes(4 * j)
    const to = slopes + <usize>j * stride
    for (let o: usize = 0; o < stride; o += 16) slope(false, false, skips, x, count, turned + o, to + o)
  }
}

function denseSlopes(panel: usize, count: i32): void {
  addSlopes(false, panel, count)
}

function sparseSlopes(panel: usize, count: i32): void {
  addSlopes(true, panel, count)
}

/** The objective at θ; its gradient is put where it belongs. */
export function evaluate(l1: f64, l2: f64): f64 {
  const entries = d * classes
  const v = theta + bytes(entries)
  let penalty: f64 = 0
  for (let k = 0; k < entries; k++) {
    const o = bytes(k)
    let w = load<f64>(theta + o)
    let sizes: f64 = 0
    if (splits) {
      sizes = w + load<f64>(v + o)
      w -= load<f64>(v + o)
    }
    store<f64>(weights + o, w)
    penalty += (l2 / 2) * w * w
    if (splits) penalty += l1 * sizes
  }
  memory.fill(slopes, 0, stride * d)
  memory.fill(means, 0, stride)
  const skips = 2 * zeros > ((n + 3) >> 2) * d
  let loss: f64 = 0
  for (let i = 0; i < n; i += BLOCK) {
    const count = min(BLOCK, n - i)
    const panel = panels + bytes(i) * d
    const end = panels + bytes((i + count + 3) & ~3) * d
    if (skips) sparseScores(panel, end)
    else denseScores(panel, end)
    loss = crossEntropy(i, count, loss)
    if (skips) sparseSlopes(panel, count)
    else denseSlopes(panel, count)
  }
  for (let j = 0, k = 0; j < d; j++) {
    for (let c = 0; c < classes; c++, k++) {
      const slopeOf = load<f64>(slopes + <usize>j * stride + bytes(c)) / <f64>n + l2 * load<f64>(weights + bytes(k))
      store<f64>(gradient + bytes(k), slopeOf + l1)
      if (splits) store<f64>(gradient + bytes(entries + k), l1 - slopeOf)
    }
  }
  memory.copy(gradient + bytes((splits ? 2 : 1) * entries), means, bytes(classes))
  return loss / <f64>n + penalty
}
