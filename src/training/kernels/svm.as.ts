/**
 * The hot loops of support vector machines: kernel rows, sequential minimal optimisation, decision values.
 *
 * Rows x_r stand in panels of eight, column by column: value (r, k) at panels + 4·(8·d·⌊r/8⌋ + 8·k + r mod 8), d columns of
 * f32. Rows of one class (a block) begin at a multiple of eight and are filled up with rows of zeros, which are never chosen.
 *
 *   measure  |x_r − x_s|² for the rbf kernel, x_rᵀx_s for the others: f32, summed over the columns in their order, so that
 *            it is the same bit for bit whichever way it is come to
 *   kernel   K = exp(−γ m), m, (γ m + c)^degree, tanh(γ m + c) of a measure m, in f32
 *
 * The optimisation minimises ½ Σ_kl β_k β_l K_kl + Σ_k s_k p_k β_k over β_k = s_k α_k with signs s_k = ±1, 0 ≤ α_k ≤ C_k and
 * Σ β_k = 0. F_k = s_k (gradient at α_k) = Σ_l β_l K_kl + s_k p_k is kept in f64. A step moves β_i up and β_j down:
 *
 *   up = {k: β_k can grow}, down = {k: β_k can shrink}
 *   i = argmin F over up        j = argmax (F_j − F_i)² / (K_ii + K_jj − 2 K_ij) over down with F_j > F_i
 *   until max F over down − min F over up < tolerance
 *
 * Of equal ones the first in each of the two lanes of a vector, then the one with the lower place.
 *
 * Source: Fan, Chen and Lin (2005), Working set selection using second order information, JMLR 6, algorithm 2 (WSS 2).
 */

const LOG2E: f32 = 1.44269504
/** ln 2 in two parts: products of the first with whole numbers below 2^15 are exact. */
const LN2_HIGH: f32 = 0.693359375
const LN2_LOW: f32 = -0.000212194440054690583
/** 1.5 · 2^23: adding it rounds to an integer that sits in the low bits. */
const MAGIC: f32 = 12582912
/** Kernel values stay within, so that sums of them are finite. */
const LARGEST: f32 = 1e30
/** In place of a curvature that is not positive. */
const TINY: f64 = 1e-12

// ---- rows as they are given: f64, row-major ----

/** Means of the columns. */
export function centre(values: usize, rows: i32, d: i32, out: usize): void {
  const end = (<usize>d) << 3
  const even = end & ~15
  const count = <f64>rows
  const all = f64x2.splat(count)
  memory.fill(out, 0, end)
  for (let i = 0; i < rows; i++) {
    let o: usize = 0
    for (; o < even; o += 16) {
      v128.store(out + o, f64x2.add(v128.load(out + o), f64x2.div(v128.load(values + o), all)))
    }
    if (o < end) store<f64>(out + o, load<f64>(out + o) + load<f64>(values + o) / count)
    values += end
  }
}

/** The largest distance of a value from its column's centre. */
export function farthest(values: usize, rows: i32, d: i32, middle: usize): f64 {
  const end = (<usize>d) << 3
  const even = end & ~15
  let pair = f64x2.splat(0)
  let one: f64 = 0
  for (let i = 0; i < rows; i++) {
    let o: usize = 0
    for (; o < even; o += 16) {
      pair = f64x2.pmax(pair, f64x2.abs(f64x2.sub(v128.load(values + o), v128.load(middle + o))))
    }
    if (o < end) one = max(one, abs(load<f64>(values + o) - load<f64>(middle + o)))
    values += end
  }
  return max(one, max(f64x2.extract_lane(pair, 0), f64x2.extract_lane(pair, 1)))
}

/** Row `order[p]` to place p of the panels at `to`, as (value − centre) · factor, `most` from 0 at most; zeros where order is −1. */
export function fillPanels(
  values: usize, d: i32, order: usize, places: i32, middle: usize, factor: f64, most: f64, to: usize,
): void {
  for (let p = 0; p < places; p++) {
    const row = load<i32>(order + ((<usize>p) << 2))
    const from = values + (<usize>row) * ((<usize>d) << 3)
    let at = to + (<usize>(p >> 3)) * ((<usize>d) << 5) + ((<usize>(p & 7)) << 2)
    for (let o: usize = 0, end = (<usize>d) << 3; o < end; o += 8) {
      let value: f64 = 0
      if (row >= 0) {
        value = (load<f64>(from + o) - load<f64>(middle + o)) * factor
        if (value > most) value = most
        else if (value < -most) value = -most
      }
      store<f32>(at, <f32>value)
      at += 32
    }
  }
}

// ---- rows and kernel ----

let panels: usize = 0
let columns: i32 = 0
let kind: i32 = 0
let gamma: f32 = 0
let coef0: f32 = 0
let degree: i32 = 0

/** kind: 0 rbf, 1 linear, 2 polynomial, 3 sigmoid. */
export function useKernel(p: usize, d: i32, k: i32, g: f32, c: f32, power: i32): void {
  panels = p
  columns = d
  kind = k
  gamma = g
  coef0 = c
  degree = power
}

/** e^x for x ≤ 0, at least e^−87: Cody and Waite's reduction, Taylor's polynomial of degree 7 on |r| ≤ ½ ln 2. */
// @ts-ignore: decorator
@inline
function exp4(input: v128): v128 {
  const x = f32x4.max(input, f32x4.splat(-87))
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(LOG2E)), f32x4.splat(MAGIC))
  const n = f32x4.sub(shifted, f32x4.splat(MAGIC))
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH))), f32x4.mul(n, f32x4.splat(LN2_LOW)))
  let sum = f32x4.splat(1.0 / 5040)
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.0 / 720))
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.0 / 120))
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.0 / 24))
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.0 / 6))
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(0.5))
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1))
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1))
  return f32x4.mul(sum, i32x4.shl(i32x4.add(shifted, i32x4.splat(127)), 23))
}

// @ts-ignore: decorator
@inline
function within(x: v128): v128 {
  return f32x4.max(f32x4.min(x, f32x4.splat(LARGEST)), f32x4.splat(-LARGEST))
}

/** Kernel values of `count` measures (a multiple of four); `to` may be `from`. */
export function transform(from: usize, to: usize, count: i32): void {
  const g = f32x4.splat(gamma)
  const c = f32x4.splat(coef0)
  const end = (<usize>count) << 2
  if (kind == 0) {
    const minus = f32x4.splat(-gamma)
    let o: usize = 0
    // Four at a time: constants are made once for all of them.
    for (const whole = end & ~63; o < whole; o += 64) {
      const a = exp4(f32x4.mul(minus, v128.load(from + o)))
      const b = exp4(f32x4.mul(minus, v128.load(from + o, 16)))
      const c = exp4(f32x4.mul(minus, v128.load(from + o, 32)))
      const d = exp4(f32x4.mul(minus, v128.load(from + o, 48)))
      v128.store(to + o, a)
      v128.store(to + o, b, 16)
      v128.store(to + o, c, 32)
      v128.store(to + o, d, 48)
    }
    for (; o < end; o += 16) v128.store(to + o, exp4(f32x4.mul(minus, v128.load(from + o))))
  } else if (kind == 1) {
    if (to != from) memory.copy(to, from, end)
  } else if (kind == 2) {
    for (let o: usize = 0; o < end; o += 16) {
      const base = within(f32x4.add(f32x4.mul(g, v128.load(from + o)), c))
      let power = base
      for (let p = 1; p < degree; p++) power = within(f32x4.mul(power, base))
      v128.store(to + o, power)
    }
  } else {
    // tanh u = sign(u) (1 − e)/(1 + e) with e = exp(−2 |u|).
    for (let o: usize = 0; o < end; o += 16) {
      const u = within(f32x4.add(f32x4.mul(g, v128.load(from + o)), c))
      const e = exp4(f32x4.mul(f32x4.abs(u), f32x4.splat(-2)))
      const t = f32x4.div(f32x4.sub(f32x4.splat(1), e), f32x4.add(f32x4.splat(1), e))
      v128.store(to + o, v128.or(t, v128.and(u, i32x4.splat(<i32>0x80000000))))
    }
  }
}

/** Measures between one row (its first value at q, the next ones `step` bytes on) and `count` rows from row `first`. */
function measureOne(q: usize, step: usize, first: i32, count: i32, out: usize): void {
  const wide = (<usize>columns) << 5
  let p = panels + (<usize>(first >> 3)) * wide
  let left = count >> 3
  const isDistance = kind == 0
  for (; left >= 2; left -= 2) {
    let a = f32x4.splat(0)
    let b = f32x4.splat(0)
    let c = f32x4.splat(0)
    let d = f32x4.splat(0)
    let x = q
    const p2 = p + wide
    if (isDistance) {
      for (let o: usize = 0; o < wide; o += 32) {
        const v = v128.load32_splat(x)
        x += step
        const e = f32x4.sub(v, v128.load(p + o))
        const f = f32x4.sub(v, v128.load(p + o, 16))
        const g = f32x4.sub(v, v128.load(p2 + o))
        const h = f32x4.sub(v, v128.load(p2 + o, 16))
        a = f32x4.add(a, f32x4.mul(e, e))
        b = f32x4.add(b, f32x4.mul(f, f))
        c = f32x4.add(c, f32x4.mul(g, g))
        d = f32x4.add(d, f32x4.mul(h, h))
      }
    } else {
      for (let o: usize = 0; o < wide; o += 32) {
        const v = v128.load32_splat(x)
        x += step
        a = f32x4.add(a, f32x4.mul(v, v128.load(p + o)))
        b = f32x4.add(b, f32x4.mul(v, v128.load(p + o, 16)))
        c = f32x4.add(c, f32x4.mul(v, v128.load(p2 + o)))
        d = f32x4.add(d, f32x4.mul(v, v128.load(p2 + o, 16)))
      }
    }
    v128.store(out, a)
    v128.store(out, b, 16)
    v128.store(out, c, 32)
    v128.store(out, d, 48)
    out += 64
    p = p2 + wide
  }
  if (left > 0) {
    let a = f32x4.splat(0)
    let b = f32x4.splat(0)
    let x = q
    for (let o: usize = 0; o < wide; o += 32) {
      const v = v128.load32_splat(x)
      x += step
      let e = v128.load(p + o)
      let f = v128.load(p + o, 16)
      if (isDistance) {
        e = f32x4.sub(v, e)
        f = f32x4.sub(v, f)
        a = f32x4.add(a, f32x4.mul(e, e))
        b = f32x4.add(b, f32x4.mul(f, f))
      } else {
        a = f32x4.add(a, f32x4.mul(v, e))
        b = f32x4.add(b, f32x4.mul(v, f))
      }
    }
    v128.store(out, a)
    v128.store(out, b, 16)
  }
}

/** The kernel of each of `count` rows (a multiple of eight) with itself, as f64. `spare`: room for eight f32. */
export function diagonal(first: i32, count: i32, out: usize, spare: usize): void {
  const wide = (<usize>columns) << 5
  for (let r = first; r < first + count; r++) {
    const panel = panels + (<usize>(r >> 3)) * wide
    measureOne(panel + ((<usize>(r & 7)) << 2), 32, r & ~7, 8, spare)
    transform(spare, spare, 8)
    store<f64>(out, <f64>load<f32>(spare + ((<usize>(r & 7)) << 2)))
    out += 8
  }
}

// ---- what is kept of measures and kernels beyond one problem ----

/** Measures between all rows, filled as they are asked for (0: not kept); one flag for each row and block. */
let kept: usize = 0
let keptWidth: i32 = 0
let keptReady: usize = 0
let blocks: i32 = 0
/** Kernels between rows of the same block (0: not kept): where each block's begin, in bytes; one flag a row. */
let inner: usize = 0
let innerAt: usize = 0
let innerReady: usize = 0

export function keep(all: usize, width: i32, ready: usize, count: i32): void {
  kept = all
  keptWidth = width
  keptReady = ready
  blocks = count
}

export function keepInner(all: usize, at: usize, ready: usize): void {
  inner = all
  innerAt = at
  innerReady = ready
}

/** Kernels of row r, of block `mine`, with the `count` rows of block `block`, which begins at row `first`. */
function kernelsOf(r: i32, mine: i32, block: i32, first: i32, count: i32, out: usize): void {
  const q = panels + (<usize>(r >> 3)) * ((<usize>columns) << 5) + ((<usize>(r & 7)) << 2)
  const isInner = inner != 0 && mine == block
  let to = out
  if (isInner) {
    to = inner + load<u32>(innerAt + ((<usize>block) << 2)) + (<usize>(r - first)) * ((<usize>count) << 2)
    if (load<u8>(innerReady + r) != 0) {
      memory.copy(out, to, (<usize>count) << 2)
      return
    }
    store<u8>(innerReady + r, 1)
  }
  if (kept == 0) {
    measureOne(q, 32, first, count, to)
    transform(to, to, count)
  } else {
    const from = kept + (((<usize>r) * (<usize>keptWidth) + <usize>first) << 2)
    const flag = keptReady + (<usize>r) * (<usize>blocks) + block
    if (load<u8>(flag) == 0) {
      measureOne(q, 32, first, count, from)
      store<u8>(flag, 1)
    }
    transform(from, to, count)
  }
  if (isInner) memory.copy(out, to, (<usize>count) << 2)
}

// ---- one problem ----

/** Its two blocks of rows: variables 0 … length0 − 1 belong to the first, the others to the second. */
let block0: i32 = 0
let block1: i32 = 0
let first0: i32 = 0
let first1: i32 = 0
let length0: i32 = 0
let length1: i32 = 0
/** Regression: both halves of the variables belong to the same rows, the first block's. */
let twice: bool = false

/** F, 0 or ∞ outside up, 0 or ∞ outside down, C, α, K_kk, s: f64 each. */
let F: usize = 0
let up: usize = 0
let down: usize = 0
let most: usize = 0
let alpha: usize = 0
let self: usize = 0
let sign: usize = 0

/** Kernel rows: `slots` of them; the slot of a row or −1; the row of a slot or −1; the ring of slots, latest use first. */
let cache: usize = 0
let slots: i32 = 0
let slotOf: usize = 0
let rowOf: usize = 0
let newer: usize = 0
let older: usize = 0
let rowBytes: usize = 0
let newest: i32 = 0

let next: i32 = -1
let lowest: f64 = 0

// @ts-ignore: decorator
@inline
function at8(p: usize, k: i32): usize {
  return p + ((<usize>k) << 3)
}

// @ts-ignore: decorator
@inline
function at4(p: usize, k: i32): usize {
  return p + ((<usize>k) << 2)
}

/** Two blocks of rows; the same one twice for a regression. */
export function useBlocks(a: i32, firstA: i32, countA: i32, b: i32, firstB: i32, countB: i32, same: bool): void {
  block0 = a
  first0 = firstA
  length0 = countA
  block1 = b
  first1 = firstB
  length1 = countB
  twice = same
}

/** Room for kernel rows: at least two slots of the bytes of a row; forgets what was in them. */
export function useCache(rows: usize, count: i32, ofRow: usize, ofSlot: usize, before: usize, after: usize): void {
  cache = rows
  slots = count
  slotOf = ofRow
  rowOf = ofSlot
  newer = before
  older = after
  const length = twice ? length0 : length0 + length1
  rowBytes = (<usize>length) << 2
  for (let r = 0; r < length; r++) store<i32>(at4(slotOf, r), -1)
  for (let s = 0; s < count; s++) {
    store<i32>(at4(rowOf, s), -1)
    store<i32>(at4(newer, s), s == 0 ? count - 1 : s - 1)
    store<i32>(at4(older, s), s == count - 1 ? 0 : s + 1)
  }
  newest = 0
}

/** The kernel row of a variable. The two that were asked for last are there. */
function row(k: i32): usize {
  const r = twice && k >= length0 ? k - length0 : k
  let slot = load<i32>(at4(slotOf, r))
  const isNew = slot < 0
  if (isNew) {
    slot = load<i32>(at4(newer, newest))
    const gone = load<i32>(at4(rowOf, slot))
    if (gone >= 0) store<i32>(at4(slotOf, gone), -1)
    store<i32>(at4(rowOf, slot), r)
    store<i32>(at4(slotOf, r), slot)
  }
  if (slot != newest) {
    const before = load<i32>(at4(newer, slot))
    const after = load<i32>(at4(older, slot))
    store<i32>(at4(older, before), after)
    store<i32>(at4(newer, after), before)
    const last = load<i32>(at4(newer, newest))
    store<i32>(at4(older, last), slot)
    store<i32>(at4(newer, slot), last)
    store<i32>(at4(older, slot), newest)
    store<i32>(at4(newer, newest), slot)
    newest = slot
  }
  const out = cache + (<usize>slot) * rowBytes
  if (isNew) {
    const inFirst = r < length0
    const place = inFirst ? first0 + r : first1 + r - length0
    const mine = inFirst ? block0 : block1
    kernelsOf(place, mine, block0, first0, length0, out)
    if (!twice) kernelsOf(place, mine, block1, first1, length1, at4(out, length0))
  }
  return out
}

function markRoom(k: i32): void {
  const a = load<f64>(at8(alpha, k))
  const canGrow = a < load<f64>(at8(most, k))
  const canShrink = a > 0
  const isPositive = load<f64>(at8(sign, k)) > 0
  store<f64>(at8(up, k), (isPositive ? canGrow : canShrink) ? 0 : Infinity)
  store<f64>(at8(down, k), (isPositive ? canShrink : canGrow) ? 0 : Infinity)
}

/**
 * Begins with α = 0. F, C, K_kk and s of all variables are given (f64 each; C is 0 where a variable is not to be used, and
 * F then follows what the others do).
 */
export function begin(
  gradients: usize, rising: usize, falling: usize, costs: usize, multipliers: usize, diagonals: usize, signs: usize,
): void {
  F = gradients
  up = rising
  down = falling
  most = costs
  alpha = multipliers
  self = diagonals
  sign = signs
  const size = length0 + length1
  for (let k = 0; k < size; k++) {
    store<f64>(at8(alpha, k), 0)
    markRoom(k)
  }
  change(0, 0, 0, 0)
}

/** F ← F + a·(row at p) + b·(row at q); finds the lowest F of up, and the first place of it. Rows at 0: none. */
function change(p: usize, a: f64, q: usize, b: f64): void {
  const aa = f64x2.splat(a)
  const bb = f64x2.splat(b)
  let least0 = f64x2.splat(Infinity)
  let least1 = f64x2.splat(Infinity)
  let place0 = f64x2.splat(-1)
  let place1 = f64x2.splat(-1)
  let here = f64x2(0, 1)
  const two = f64x2.splat(2)
  for (let half = 0; half < 2; half++) {
    const from = half == 0 ? 0 : length0
    const size = half == 0 ? length0 : length1
    const shift: usize = half == 0 || twice ? 0 : (<usize>length0) << 2
    const g = at8(F, from)
    const u = at8(up, from)
    const end = (<usize>size) << 2
    const kp = p + shift
    const kq = q + shift
    for (let o: usize = 0; o < end; o += 16) {
      let g0 = v128.load(g + 2 * o)
      let g1 = v128.load(g + 2 * o, 16)
      if (p != 0) {
        const x = v128.load(kp + o)
        const y = v128.load(kq + o)
        g0 = f64x2.add(g0, f64x2.add(f64x2.mul(aa, f64x2.promote_low_f32x4(x)), f64x2.mul(bb, f64x2.promote_low_f32x4(y))))
        g1 = f64x2.add(
          g1,
          f64x2.add(
            f64x2.mul(aa, f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 1))),
            f64x2.mul(bb, f64x2.promote_low_f32x4(i64x2.shuffle(y, y, 1, 1))),
          ),
        )
        v128.store(g + 2 * o, g0)
        v128.store(g + 2 * o, g1, 16)
      }
      const c0 = f64x2.add(g0, v128.load(u + 2 * o))
      const less0 = f64x2.lt(c0, least0)
      least0 = v128.bitselect(c0, least0, less0)
      place0 = v128.bitselect(here, place0, less0)
      here = f64x2.add(here, two)
      const c1 = f64x2.add(g1, v128.load(u + 2 * o, 16))
      const less1 = f64x2.lt(c1, least1)
      least1 = v128.bitselect(c1, least1, less1)
      place1 = v128.bitselect(here, place1, less1)
      here = f64x2.add(here, two)
    }
  }
  lowest = Infinity
  next = -1
  nearer(f64x2.extract_lane(least0, 0), f64x2.extract_lane(place0, 0))
  nearer(f64x2.extract_lane(least0, 1), f64x2.extract_lane(place0, 1))
  nearer(f64x2.extract_lane(least1, 0), f64x2.extract_lane(place1, 0))
  nearer(f64x2.extract_lane(least1, 1), f64x2.extract_lane(place1, 1))
}

function nearer(value: f64, place: f64): void {
  if (place < 0) return
  if (value < lowest || (value == lowest && <i32>place < next)) {
    lowest = value
    next = <i32>place
  }
}

let partner: i32 = -1
let highest: f64 = 0

/** Sets `highest`, the highest F of down, and `partner`, the j of a step with i, whose kernel row is at p. */
function choose(i: i32, p: usize): void {
  const fi = f64x2.splat(lowest)
  const kii = f64x2.splat(load<f64>(at8(self, i)))
  const tiny = f64x2.splat(TINY)
  const zero = f64x2.splat(0)
  const two = f64x2.splat(2)
  let above = f64x2.splat(-Infinity)
  let gain = zero
  let curve = f64x2.splat(1)
  let place = f64x2.splat(-1)
  let here = f64x2(0, 1)
  for (let half = 0; half < 2; half++) {
    const from = half == 0 ? 0 : length0
    const size = half == 0 ? length0 : length1
    const shift: usize = half == 0 || twice ? 0 : (<usize>length0) << 2
    const g = at8(F, from)
    const w = at8(down, from)
    const s = at8(self, from)
    const end = (<usize>size) << 2
    const kp = p + shift
    for (let o: usize = 0; o < end; o += 8) {
      const f = f64x2.sub(v128.load(g + 2 * o), v128.load(w + 2 * o))
      above = f64x2.pmax(above, f)
      const b = f64x2.pmax(zero, f64x2.sub(f, fi))
      const k = f64x2.promote_low_f32x4(v128.load64_zero(kp + o))
      let a = f64x2.sub(f64x2.add(kii, v128.load(s + 2 * o)), f64x2.mul(two, k))
      a = v128.bitselect(a, tiny, f64x2.gt(a, zero))
      const square = f64x2.mul(b, b)
      const better = f64x2.gt(f64x2.mul(square, curve), f64x2.mul(gain, a))
      gain = v128.bitselect(square, gain, better)
      curve = v128.bitselect(a, curve, better)
      place = v128.bitselect(here, place, better)
      here = f64x2.add(here, two)
    }
  }
  highest = max(f64x2.extract_lane(above, 0), f64x2.extract_lane(above, 1))
  const gain0 = f64x2.extract_lane(gain, 0) * f64x2.extract_lane(curve, 1)
  const gain1 = f64x2.extract_lane(gain, 1) * f64x2.extract_lane(curve, 0)
  const place0 = <i32>f64x2.extract_lane(place, 0)
  const place1 = <i32>f64x2.extract_lane(place, 1)
  if (place0 < 0) partner = place1
  else if (place1 < 0 || gain0 > gain1 || (gain0 == gain1 && place0 < place1)) partner = place0
  else partner = place1
}

/** Up to `steps` steps; how many were made. Fewer than asked for: the optimum is reached within the tolerance. */
export function optimise(steps: i32, tolerance: f64): i32 {
  for (let step = 0; step < steps; step++) {
    const i = next
    if (i < 0) return step
    const p = row(i)
    choose(i, p)
    const j = partner
    if (j < 0 || !(highest - lowest >= tolerance)) return step
    const q = row(j)
    const kij = <f64>load<f32>(at4(p, twice && j >= length0 ? j - length0 : j))
    let curve = load<f64>(at8(self, i)) + load<f64>(at8(self, j)) - 2 * kij
    if (!(curve > 0)) curve = TINY
    let length = (load<f64>(at8(F, j)) - lowest) / curve
    const ai = load<f64>(at8(alpha, i))
    const aj = load<f64>(at8(alpha, j))
    const ci = load<f64>(at8(most, i))
    const cj = load<f64>(at8(most, j))
    const growsI = load<f64>(at8(sign, i)) > 0
    const growsJ = load<f64>(at8(sign, j)) < 0
    const roomI = growsI ? ci - ai : ai
    const roomJ = growsJ ? cj - aj : aj
    const fullI = length >= roomI && roomI <= roomJ
    const fullJ = length >= roomJ && roomJ <= roomI
    if (fullI) length = roomI
    else if (fullJ) length = roomJ
    store<f64>(at8(alpha, i), fullI ? (growsI ? ci : 0) : growsI ? ai + length : ai - length)
    store<f64>(at8(alpha, j), fullJ ? (growsJ ? cj : 0) : growsJ ? aj + length : aj - length)
    markRoom(i)
    markRoom(j)
    change(p, length, q, -length)
  }
  return steps
}

// ---- decision values ----

/**
 * Measures between four rows to ask for (row-major f32, `columns` each, one after the other) and `count` rows of the panels (a
 * multiple of eight), into four rows of `count` f32.
 */
function measureFour(q: usize, count: i32, out: usize): void {
  const wide = (<usize>columns) << 5
  const one = (<usize>columns) << 2
  const length = (<usize>count) << 2
  const isDistance = kind == 0
  for (let p = panels, end = panels + (<usize>(count >> 3)) * wide; p < end; p += wide) {
    let a0 = f32x4.splat(0)
    let a1 = f32x4.splat(0)
    let b0 = f32x4.splat(0)
    let b1 = f32x4.splat(0)
    let c0 = f32x4.splat(0)
    let c1 = f32x4.splat(0)
    let d0 = f32x4.splat(0)
    let d1 = f32x4.splat(0)
    let x = q
    const x1 = one
    const x2 = 2 * one
    const x3 = 3 * one
    if (isDistance) {
      for (let o: usize = 0; o < wide; o += 32) {
        const y0 = v128.load(p + o)
        const y1 = v128.load(p + o, 16)
        let v = v128.load32_splat(x)
        let e = f32x4.sub(v, y0)
        let f = f32x4.sub(v, y1)
        a0 = f32x4.add(a0, f32x4.mul(e, e))
        a1 = f32x4.add(a1, f32x4.mul(f, f))
        v = v128.load32_splat(x + x1)
        e = f32x4.sub(v, y0)
        f = f32x4.sub(v, y1)
        b0 = f32x4.add(b0, f32x4.mul(e, e))
        b1 = f32x4.add(b1, f32x4.mul(f, f))
        v = v128.load32_splat(x + x2)
        e = f32x4.sub(v, y0)
        f = f32x4.sub(v, y1)
        c0 = f32x4.add(c0, f32x4.mul(e, e))
        c1 = f32x4.add(c1, f32x4.mul(f, f))
        v = v128.load32_splat(x + x3)
        e = f32x4.sub(v, y0)
        f = f32x4.sub(v, y1)
        d0 = f32x4.add(d0, f32x4.mul(e, e))
        d1 = f32x4.add(d1, f32x4.mul(f, f))
        x += 4
      }
    } else {
      for (let o: usize = 0; o < wide; o += 32) {
        const y0 = v128.load(p + o)
        const y1 = v128.load(p + o, 16)
        let v = v128.load32_splat(x)
        a0 = f32x4.add(a0, f32x4.mul(v, y0))
        a1 = f32x4.add(a1, f32x4.mul(v, y1))
        v = v128.load32_splat(x + x1)
        b0 = f32x4.add(b0, f32x4.mul(v, y0))
        b1 = f32x4.add(b1, f32x4.mul(v, y1))
        v = v128.load32_splat(x + x2)
        c0 = f32x4.add(c0, f32x4.mul(v, y0))
        c1 = f32x4.add(c1, f32x4.mul(v, y1))
        v = v128.load32_splat(x + x3)
        d0 = f32x4.add(d0, f32x4.mul(v, y0))
        d1 = f32x4.add(d1, f32x4.mul(v, y1))
        x += 4
      }
    }
    v128.store(out, a0)
    v128.store(out, a1, 16)
    v128.store(out + length, b0)
    v128.store(out + length, b1, 16)
    v128.store(out + 2 * length, c0)
    v128.store(out + 2 * length, c1, 16)
    v128.store(out + 3 * length, d0)
    v128.store(out + 3 * length, d1, 16)
    out += 32
  }
}

function promote(from: usize, to: usize, count: i32): void {
  const end = (<usize>count) << 2
  for (let o: usize = 0; o < end; o += 8) {
    v128.store(to + 2 * o, f64x2.promote_low_f32x4(v128.load64_zero(from + o)))
  }
}

// @ts-ignore: decorator
@inline
function lanes(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1)
}

/**
 * Sums of coefficient times kernel for `total` rows to ask for (a multiple of four). The vectors stand in the panels in
 * `parts` blocks; `lengths`: their rows (i32, multiples of eight), `count` in all. Each block has `heights` rows of coefficients (an
 * even number; f64, as long as the block), one block after the other. `out`: for each asked row parts × heights sums. `kernels`:
 * room for 4 · count f32, `wide`: for 4 · count f64.
 */
export function decide(
  asked: usize, total: i32, lengths: usize, parts: i32, count: i32, coefficients: usize, heights: i32,
  kernels: usize, wide: usize, out: usize,
): void {
  const rowLength = (<usize>count) << 3
  const perRow = (<usize>(parts * heights)) << 3
  for (let r = 0; r < total; r += 4) {
    measureFour(asked + (<usize>r) * ((<usize>columns) << 2), count, kernels)
    transform(kernels, kernels, 4 * count)
    promote(kernels, wide, 4 * count)
    let c = coefficients
    let k = wide
    let o = out + (<usize>r) * perRow
    for (let part = 0; part < parts; part++) {
      const bytes = (<usize>load<i32>(at4(lengths, part))) << 3
      for (let h = 0; h < heights; h += 2) {
        let a0 = f64x2.splat(0)
        let a1 = f64x2.splat(0)
        let b0 = f64x2.splat(0)
        let b1 = f64x2.splat(0)
        let c0 = f64x2.splat(0)
        let c1 = f64x2.splat(0)
        let d0 = f64x2.splat(0)
        let d1 = f64x2.splat(0)
        const second = c + bytes
        const k1 = k + rowLength
        const k2 = k1 + rowLength
        const k3 = k2 + rowLength
        for (let s: usize = 0; s < bytes; s += 16) {
          const x = v128.load(c + s)
          const y = v128.load(second + s)
          let v = v128.load(k + s)
          a0 = f64x2.add(a0, f64x2.mul(x, v))
          a1 = f64x2.add(a1, f64x2.mul(y, v))
          v = v128.load(k1 + s)
          b0 = f64x2.add(b0, f64x2.mul(x, v))
          b1 = f64x2.add(b1, f64x2.mul(y, v))
          v = v128.load(k2 + s)
          c0 = f64x2.add(c0, f64x2.mul(x, v))
          c1 = f64x2.add(c1, f64x2.mul(y, v))
          v = v128.load(k3 + s)
          d0 = f64x2.add(d0, f64x2.mul(x, v))
          d1 = f64x2.add(d1, f64x2.mul(y, v))
        }
        store<f64>(o, lanes(a0))
        store<f64>(o, lanes(a1), 8)
        store<f64>(o + perRow, lanes(b0))
        store<f64>(o + perRow, lanes(b1), 8)
        store<f64>(o + 2 * perRow, lanes(c0))
        store<f64>(o + 2 * perRow, lanes(c1), 8)
        store<f64>(o + 3 * perRow, lanes(d0))
        store<f64>(o + 3 * perRow, lanes(d1), 8)
        o += 16
        c += 2 * bytes
      }
      k += bytes
    }
  }
}
