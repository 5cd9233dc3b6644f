/**
 * Exact nearest neighbours by brute force, in AssemblyScript: 16 bits or single precision sort out, double precision judges.
 *
 * Notation: x a query, y a row searched among, both of d columns; ∆(x, y) their distance, for euclidean its square, worked out in
 * double precision column after column: ∆ decides, and rows at the same ∆ stand in the order of their places.
 *
 * For each pair a bound l ≤ ∆ is worked out, four queries against eight rows at a time, with rows moved by the same vector
 * (which changes no distance), so that they are short. For euclidean with whole numbers of 16 bits, x = δ_x p + r, p = x/δ_x rounded,
 * y = δ_y q + t, and sums of 32 bits, for the others in single precision:
 *
 *   euclidean   l = (|x|² − s_x) + (|y|² − s_y) − 2 δ_x δ_y p·q     s_x = e|x|² + a
 *   manhattan   l = Σ|x_j − y_j| − s_x − s_y                        s_x = 2(d + 8)u |x|₁ + a
 *   chebyshev   l = max|x_j − y_j| − s_x − s_y                      s_x = 8u |x|∞ + a
 *
 * with u = 2⁻²⁴, a = 2⁻¹⁰⁰, e = 2ρ + ρ² + 32u, ρ = √d/65000. Then ∆ ≤ h = l + 2(s_x + s_y), too, however that is rounded:
 *
 * euclidean: δ_x is the larger of |x|/45800 and |x|∞/32700, so that p·q and all parts of that sum stay below 2³¹ (by Cauchy and Schwarz)
 * and |r| ≤ √d δ_x/2 ≤ ρ|x|. From x·y = δ_x δ_y p·q + δ_x p·t + r·y follows |2 x·y − 2 δ_x δ_y p·q| ≤ (2ρ + ρ²)(|x|² + |y|²); all roundings
 * to single precision and that of ∆ come to less than 12u(|x|² + |y|²), and a row shorter than all that counts (|x|∞ < 2⁻⁷⁵: p = 0)
 * to 8u|y|² + a.
 * manhattan, chebyshev: entries rounded to single precision, their differences, a sum of d of them (Higham, Accuracy and Stability of
 * Numerical Algorithms, 2002, equation 3.5) and the last sums change it by little more than (d + 5)u(|x|₁ + |y|₁), and by 3u(|x|∞ + |y|∞).
 *
 * a covers what underflows. Nothing overflows: a row with an entry above 2⁵⁰ has no bounds (s is NaN), and is judged whenever it is met.
 *
 * A row whose l is above the kth smallest h so far cannot be among the k nearest. The others are noted, and those still below
 * the kth smallest h at the end are judged: few more than k of them.
 *
 * Panels hold eight rows: for each column eight floats, for euclidean for every two columns eight pairs. All pointers are byte offsets.
 */

const EUCLIDEAN: i32 = 0
const MANHATTAN: i32 = 1
const CHEBYSHEV: i32 = 2

/** 2⁻²⁴, 2⁻¹⁰⁰ and 2⁵⁰. */
const U: f64 = 5.9604644775390625e-8
const UNDERFLOW: f64 = 7.888609052210118e-31
const LARGEST: f64 = 1125899906842624
const MOST_COLUMNS: i32 = 1 << 20
/** 2⁻⁷⁵. */
const SHORTEST: f64 = 2.6469779601696886e-23
/** 1.5 · 2⁵²: adding it rounds to a whole number that sits in the low bits. */
const MAGIC: f64 = 6755399441055744
/** Bytes of panels that all queries of a batch go through before the next ones. */
const PANEL_BYTES: i32 = 24576

/** Rows searched among: their number, columns, doubles (row-major), the vector they are moved by, panels, |y|² − s_y (or −s_y), s_y and δ_y. */
let n: i32 = 0
let d: i32 = 0
let metric: i32 = 0
/** Whether rows are those of `unitRows`. */
let areUnits: bool = false
let rows: usize = 0
let centre: usize = 0
let panels: usize = 0
let bounds: usize = 0
let slacks: usize = 0
let scales: usize = 0

/**
 * A batch of queries: doubles, groups of four as in panels; |x|² − s_x, s_x and 2δ_x; for each query the kth smallest h so far and the k
 * smallest h (infinite
 * until there are k; the largest first, as a heap, or in falling order where they are few), the rows noted (`capacity` places), their l,
 * and how many (−1: more than there was room for).
 */
let queries: usize = 0
let groups: usize = 0
let queryBounds: usize = 0
let querySlacks: usize = 0
let queryScales: usize = 0
let thresholds: usize = 0
let k: i32 = 0
let heaps: usize = 0
let capacity: i32 = 0
let noted: usize = 0
let notedBounds: usize = 0
let notedCounts: usize = 0

// @ts-ignore: decorator
@inline
function f64At(p: usize, i: i32): usize {
  return p + ((<usize>i) << 3)
}

// @ts-ignore: decorator
@inline
function f32At(p: usize, i: i32): usize {
  return p + ((<usize>i) << 2)
}

/** Each of `count` rows divided by its length into a row two columns longer; a row of zeros gets a direction of its own, 1 in column `d + own`. */
export function unitRows(from: usize, count: i32, columns: i32, to: usize, own: i32): void {
  for (let i = 0; i < count; i++) {
    let most: f64 = 0
    for (let j = 0; j < columns; j++) most = Math.max(most, Math.abs(load<f64>(f64At(from, j))))
    let squares: f64 = 0
    for (let j = 0; j < columns; j++) {
      const share = most > 0 ? load<f64>(f64At(from, j)) / most : 0
      store<f64>(f64At(to, j), share)
      squares += share * share
    }
    const length = Math.sqrt(squares)
    for (let j = 0; j < columns; j++) {
      if (length > 0) store<f64>(f64At(to, j), load<f64>(f64At(to, j)) / length)
    }
    store<f64>(f64At(to, columns), length > 0 || own != 0 ? 0 : 1)
    store<f64>(f64At(to, columns + 1), length > 0 || own != 1 ? 0 : 1)
    from = f64At(from, columns)
    to = f64At(to, columns + 2)
  }
}

/** Bytes of a panel: eight numbers a column, of 16 or 32 bits. */
// @ts-ignore: decorator
@inline
function panelBytes(): usize {
  return metric == EUCLIDEAN ? <usize>((d + 1) >> 1) << 5 : <usize>d << 5
}

/** Of the row put in a panel or group last: the norm its bounds go by (NaN where it has none), and δ. */
let size: f64 = 0
let scale: f32 = 0

/** Puts a row into a panel or group, whose columns (or pairs of them) are `step` bytes apart. */
function put(row: usize, to: usize, step: usize): void {
  let sums = f64x2.splat(0)
  let largest = sums
  let j = 0
  for (; j + 1 < d; j += 2) {
    const value = f64x2.abs(f64x2.sub(v128.load(f64At(row, j)), v128.load(f64At(centre, j))))
    largest = f64x2.pmax(largest, value)
    sums = f64x2.add(sums, metric == EUCLIDEAN ? f64x2.mul(value, value) : value)
  }
  let most = Math.max(f64x2.extract_lane(largest, 0), f64x2.extract_lane(largest, 1))
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1)
  if (j < d) {
    const value = Math.abs(load<f64>(f64At(row, j)) - load<f64>(f64At(centre, j)))
    most = Math.max(most, value)
    sum += metric == EUCLIDEAN ? value * value : value
  }
  const bounded = most <= LARGEST && d <= MOST_COLUMNS
  size = !bounded ? NaN : metric == CHEBYSHEV ? most : sum
  if (metric != EUCLIDEAN) {
    for (j = 0; j < d; j++) {
      store<f32>(to, bounded ? <f32>(load<f64>(f64At(row, j)) - load<f64>(f64At(centre, j))) : 0)
      to += step
    }
    return
  }
  scale = 0
  let inverse: f64 = 0
  if (bounded && most >= SHORTEST) {
    scale = <f32>Math.max(Math.sqrt(sum) / 45800, most / 32700)
    inverse = 1 / <f64>scale
  }
  const inverses = f64x2.splat(inverse)
  const magic = f64x2.splat(MAGIC)
  for (j = 0; j + 1 < d; j += 2) {
    const value = f64x2.mul(f64x2.sub(v128.load(f64At(row, j)), v128.load(f64At(centre, j))), inverses)
    const whole = f64x2.add(bounded ? value : f64x2.splat(0), magic)
    v128.store32_lane(to, v128.shuffle<i16>(whole, whole, 0, 4, 0, 4, 0, 4, 0, 4), 0)
    to += step
  }
  if (j < d) {
    const value = bounded ? (load<f64>(f64At(row, j)) - load<f64>(f64At(centre, j))) * inverse : 0
    store<i32>(to, <i32>(reinterpret<i64>(value + MAGIC) & 0xffff))
  }
}

/** s of the row put last. */
// @ts-ignore: decorator
@inline
function slackNow(): f32 {
  const rho = Math.sqrt(<f64>d) / 65000
  const share = metric == EUCLIDEAN ? 2 * rho + rho * rho + 32 * U : metric == MANHATTAN ? 2 * <f64>(d + 8) * U : 8 * U
  return <f32>(share * size + UNDERFLOW)
}

// @ts-ignore: decorator
@inline
function boundNow(slack: f32): f32 {
  return <f32>((metric == EUCLIDEAN ? size : 0) - <f64>slack)
}

/**
 * Takes the rows to search among. `panelsAt` has room for ⌈n/8⌉ panels, `boundsAt`, `slacksAt` and `scalesAt` for a float a row of them.
 */
export function prepare(
  ofMetric: i32, units: bool, count: i32, columns: i32, rowsAt: usize, centreAt: usize,
  panelsAt: usize, boundsAt: usize, slacksAt: usize, scalesAt: usize,
): void {
  metric = ofMetric
  areUnits = units
  n = count
  d = columns
  rows = rowsAt
  centre = centreAt
  panels = panelsAt
  bounds = boundsAt
  slacks = slacksAt
  scales = scalesAt
  findCentre()
  const bytes = panelBytes()
  const end = (n + 7) & ~7
  for (let i = 0; i < end; i++) {
    // Behind the last row nothing is near.
    put(f64At(rows, min(i, n - 1) * d), panels + <usize>(i >> 3) * bytes + (<usize>(i & 7) << 2), 32)
    const slack = slackNow()
    store<f32>(f32At(slacks, i), slack)
    store<f32>(f32At(bounds, i), i < n ? boundNow(slack) : <f32>Infinity)
    store<f32>(f32At(scales, i), scale)
  }
}

/** The mean of what is not out of all proportion. */
function findCentre(): void {
  for (let j = 0; j < d; j++) store<f64>(f64At(centre, j), 0)
  const share = f64x2.splat(1 / <f64>n)
  const largest = f64x2.splat(LARGEST)
  let row = rows
  for (let i = 0; i < n; i++) {
    let j = 0
    for (; j + 1 < d; j += 2) {
      const value = v128.load(f64At(row, j))
      const fit = v128.and(value, f64x2.le(f64x2.abs(value), largest))
      v128.store(f64At(centre, j), f64x2.add(v128.load(f64At(centre, j)), f64x2.mul(fit, share)))
    }
    if (j < d) {
      const value = load<f64>(f64At(row, j))
      if (Math.abs(value) <= LARGEST) store<f64>(f64At(centre, j), load<f64>(f64At(centre, j)) + value / <f64>n)
    }
    row = f64At(row, d)
  }
}

/** The room for batches of up to `most` queries (a multiple of 4), as it is laid out from `at`; returns the bytes it takes. */
export function layOut(at: usize, most: i32, neighbours: i32, places: i32): usize {
  const some = <usize>most
  k = neighbours
  capacity = places
  let end = at
  queries = end
  end += some * <usize>d << 3
  groups = end
  end += some * <usize>d << 2
  queryBounds = end
  end += some << 2
  querySlacks = end
  end += some << 2
  queryScales = end
  end += some << 2
  thresholds = end
  end += some << 2
  heaps = end
  end += some * <usize>k << 2
  noted = end
  end += some * <usize>capacity << 2
  notedBounds = end
  end += some * <usize>capacity << 2
  notedCounts = end
  end += some << 2
  return end - at
}

/** Where the doubles of the queries of a batch are put. */
export function queriesAt(): usize {
  return queries
}

/** The groups, bounds and empty notes of a batch. */
function startQueries(count: i32): void {
  const end = (count + 3) & ~3
  const groupBytes = panelBytes() >> 1
  for (let q = 0; q < end; q++) {
    // Queries that fill up the last group note nothing that is looked at.
    put(f64At(queries, min(q, count - 1) * d), groups + <usize>(q >> 2) * groupBytes + (<usize>(q & 3) << 2), 16)
    const slack = slackNow()
    store<f32>(f32At(querySlacks, q), slack)
    store<f32>(f32At(queryBounds, q), boundNow(slack))
    store<f32>(f32At(queryScales, q), 2 * scale)
    store<i32>(f32At(notedCounts, q), 0)
    store<f32>(f32At(thresholds, q), Infinity)
    for (let c = q * k, stop = c + k; c < stop; c++) store<f32>(f32At(heaps, c), Infinity)
  }
}

/** Up to so many h are kept in falling order. */
const FEW: i32 = 32

/** Takes h among the k smallest of query q. */
// @ts-ignore: decorator
@inline
function meet(q: i32, h: f32): void {
  const heap = f32At(heaps, q * k)
  if (!(h < load<f32>(heap))) return
  if (k > FEW) sinkBound(heap, h)
  else {
    let p = heap
    for (const last = f32At(heap, k - 1); p < last; p += 4) {
      const next = load<f32>(p, 4)
      if (next <= h) break
      store<f32>(p, next)
    }
    store<f32>(p, h)
  }
  store<f32>(f32At(thresholds, q), load<f32>(heap))
}

/** Puts h in the place of the largest of a heap of k. */
function sinkBound(heap: usize, h: f32): void {
  let i = 0
  for (;;) {
    let child = 2 * i + 1
    if (child >= k) break
    let below = load<f32>(f32At(heap, child))
    if (child + 1 < k) {
      const other = load<f32>(f32At(heap, child + 1))
      if (other > below) {
        below = other
        child++
      }
    }
    if (below <= h) break
    store<f32>(f32At(heap, i), below)
    i = child
  }
  store<f32>(f32At(heap, i), h)
}

/** Notes row i for query q, whose l is `low`. */
// @ts-ignore: decorator
@inline
function note(q: i32, i: i32, low: f32): void {
  if (i >= n) return
  // Not so where there are no bounds: then h is NaN.
  meet(q, low + 2 * (load<f32>(f32At(querySlacks, q)) + load<f32>(f32At(slacks, i))))
  let count = load<i32>(f32At(notedCounts, q))
  if (count == capacity) count = makeRoom(q)
  if (count < 0) return
  store<i32>(f32At(noted, q * capacity + count), i)
  store<f32>(f32At(notedBounds, q * capacity + count), low)
  store<i32>(f32At(notedCounts, q), count + 1)
}

/** Leaves out rows noted for query q that cannot be among the nearest any more. How many are left; −1 where that wins hardly any room. */
function makeRoom(q: i32): i32 {
  const rowsAt = f32At(noted, q * capacity)
  const lows = f32At(notedBounds, q * capacity)
  const most = load<f32>(f32At(thresholds, q))
  let kept = 0
  for (let c = 0; c < capacity; c++) {
    const bound = load<f32>(f32At(lows, c))
    if (bound > most) continue
    store<i32>(f32At(rowsAt, kept), load<i32>(f32At(rowsAt, c)))
    store<f32>(f32At(lows, kept), bound)
    kept++
  }
  if (kept > capacity - (capacity >> 3)) kept = -1
  store<i32>(f32At(notedCounts, q), kept)
  return kept
}

/** l of four queries and eight rows, while some of them are noted. */
const lowest: usize = memory.data(128, 16)

/** Notes those whose bit is set, for queries q … q + 3 and rows i … i + 7. */
function noteSome(q: i32, i: i32, bits: u32): void {
  do {
    const lane = <i32>ctz(bits)
    bits &= bits - 1
    note(q + (lane >> 3), i + (lane & 7), load<f32>(f32At(lowest, lane)))
  } while (bits != 0)
}

/** One column of one query and four rows, or two columns for euclidean, added to what is summed. */
// @ts-ignore: decorator
@inline
function step(kind: i32, sum: v128, x: v128, y: v128): v128 {
  if (kind == EUCLIDEAN) return i32x4.add(sum, i32x4.dot_i16x8_s(x, y))
  if (kind == MANHATTAN) return f32x4.add(sum, f32x4.abs(f32x4.sub(x, y)))
  return f32x4.pmax(sum, f32x4.abs(f32x4.sub(x, y)))
}

/** l of query q and four rows. */
// @ts-ignore: decorator
@inline
function low(kind: i32, sum: v128, q: i32, ofRows: v128, scalesOfRows: v128): v128 {
  const both = f32x4.add(v128.load32_splat(f32At(queryBounds, q)), ofRows)
  if (kind != EUCLIDEAN) return f32x4.add(both, sum)
  const product = f32x4.mul(f32x4.convert_i32x4_s(sum), scalesOfRows)
  return f32x4.sub(both, f32x4.mul(product, v128.load32_splat(f32At(queryScales, q))))
}

/** Bits of the eight rows whose l is not above the threshold of query q. */
// @ts-ignore: decorator
@inline
function notAbove(first: v128, second: v128, q: i32): u32 {
  const most = v128.load32_splat(f32At(thresholds, q))
  return <u32>(255 ^ (i32x4.bitmask(f32x4.gt(first, most)) | (i32x4.bitmask(f32x4.gt(second, most)) << 4)))
}

/** A group of four queries, from q on, against the panels first … end − 1. */
// @ts-ignore: decorator
@inline
function scan(kind: i32, q: i32, first: i32, end: i32): void {
  const steps = kind == EUCLIDEAN ? (d + 1) >> 1 : d
  const group = groups + (<usize>(q >> 2) * <usize>steps << 4)
  let panel = panels + (<usize>first * <usize>steps << 5)
  for (let b = first; b < end; b++) {
    let s00 = f32x4.splat(0)
    let s01 = s00
    let s10 = s00
    let s11 = s00
    let s20 = s00
    let s21 = s00
    let s30 = s00
    let s31 = s00
    let x = group
    const stop = panel + (<usize>(steps & ~1) << 5)
    while (panel < stop) {
      const y00 = v128.load(panel)
      const y01 = v128.load(panel, 16)
      const x00 = v128.load32_splat(x)
      s00 = step(kind, s00, x00, y00)
      s01 = step(kind, s01, x00, y01)
      const x01 = v128.load32_splat(x, 4)
      s10 = step(kind, s10, x01, y00)
      s11 = step(kind, s11, x01, y01)
      const x02 = v128.load32_splat(x, 8)
      s20 = step(kind, s20, x02, y00)
      s21 = step(kind, s21, x02, y01)
      const x03 = v128.load32_splat(x, 12)
      s30 = step(kind, s30, x03, y00)
      s31 = step(kind, s31, x03, y01)
      const y10 = v128.load(panel, 32)
      const y11 = v128.load(panel, 48)
      const x10 = v128.load32_splat(x, 16)
      s00 = step(kind, s00, x10, y10)
      s01 = step(kind, s01, x10, y11)
      const x11 = v128.load32_splat(x, 20)
      s10 = step(kind, s10, x11, y10)
      s11 = step(kind, s11, x11, y11)
      const x12 = v128.load32_splat(x, 24)
      s20 = step(kind, s20, x12, y10)
      s21 = step(kind, s21, x12, y11)
      const x13 = v128.load32_splat(x, 28)
      s30 = step(kind, s30, x13, y10)
      s31 = step(kind, s31, x13, y11)
      panel += 64
      x += 32
    }
    if (steps & 1) {
      const y00 = v128.load(panel)
      const y01 = v128.load(panel, 16)
      const x00 = v128.load32_splat(x)
      s00 = step(kind, s00, x00, y00)
      s01 = step(kind, s01, x00, y01)
      const x01 = v128.load32_splat(x, 4)
      s10 = step(kind, s10, x01, y00)
      s11 = step(kind, s11, x01, y01)
      const x02 = v128.load32_splat(x, 8)
      s20 = step(kind, s20, x02, y00)
      s21 = step(kind, s21, x02, y01)
      const x03 = v128.load32_splat(x, 12)
      s30 = step(kind, s30, x03, y00)
      s31 = step(kind, s31, x03, y01)
      panel += 32
    }
    const i = b << 3
    const of0 = v128.load(f32At(bounds, i))
    const of1 = v128.load(f32At(bounds, i), 16)
    const scales0 = v128.load(f32At(scales, i))
    const scales1 = v128.load(f32At(scales, i), 16)
    s00 = low(kind, s00, q, of0, scales0)
    s01 = low(kind, s01, q, of1, scales1)
    s10 = low(kind, s10, q + 1, of0, scales0)
    s11 = low(kind, s11, q + 1, of1, scales1)
    s20 = low(kind, s20, q + 2, of0, scales0)
    s21 = low(kind, s21, q + 2, of1, scales1)
    s30 = low(kind, s30, q + 3, of0, scales0)
    s31 = low(kind, s31, q + 3, of1, scales1)
    const bits =
      notAbove(s00, s01, q) |
      (notAbove(s10, s11, q + 1) << 8) |
      (notAbove(s20, s21, q + 2) << 16) |
      (notAbove(s30, s31, q + 3) << 24)
    if (bits == 0) continue
    v128.store(lowest, s00)
    v128.store(lowest, s01, 16)
    v128.store(lowest, s10, 32)
    v128.store(lowest, s11, 48)
    v128.store(lowest, s20, 64)
    v128.store(lowest, s21, 80)
    v128.store(lowest, s30, 96)
    v128.store(lowest, s31, 112)
    noteSome(q, i, bits)
  }
}

/** ∆ of one column more. */
// @ts-ignore: decorator
@inline
function judge(kind: i32, sum: f64, x: f64, y: f64): f64 {
  const difference = x - y
  if (kind == EUCLIDEAN) return sum + difference * difference
  if (kind == MANHATTAN) return sum + Math.abs(difference)
  return Math.max(sum, Math.abs(difference))
}

/** Whether (∆, place) a comes after b. */
// @ts-ignore: decorator
@inline
function after(a: f64, i: i32, b: f64, j: i32): bool {
  return a > b || (a == b && i > j)
}

/** Puts (∆, i) into the heap of the `size` first ones, from the place `at` down; its last one comes first. */
function sink(distances: usize, places: usize, size: i32, at: i32, distance: f64, i: i32): void {
  for (;;) {
    let child = 2 * at + 1
    if (child >= size) break
    if (
      child + 1 < size &&
      after(
        load<f64>(f64At(distances, child + 1)), load<i32>(f32At(places, child + 1)),
        load<f64>(f64At(distances, child)), load<i32>(f32At(places, child)),
      )
    ) child++
    const below = load<f64>(f64At(distances, child))
    const place = load<i32>(f32At(places, child))
    if (!after(below, place, distance, i)) break
    store<f64>(f64At(distances, at), below)
    store<i32>(f32At(places, at), place)
    at = child
  }
  store<f64>(f64At(distances, at), distance)
  store<i32>(f32At(places, at), i)
}

/** How many of the k nearest of the query in hand have been found, while it is in hand. */
let found: i32 = 0

/** Takes (∆, i) among the k nearest. */
function take(distances: usize, places: usize, distance: f64, i: i32): void {
  if (found == k) {
    if (after(load<f64>(distances), load<i32>(places), distance, i)) sink(distances, places, k, 0, distance, i)
    return
  }
  let at = found++
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = load<f64>(f64At(distances, parent))
    const place = load<i32>(f32At(places, parent))
    if (!after(distance, i, above, place)) break
    store<f64>(f64At(distances, at), above)
    store<i32>(f32At(places, at), place)
    at = parent
  }
  store<f64>(f64At(distances, at), distance)
  store<i32>(f32At(places, at), i)
}

/** Judges the rows noted for query q and puts the k nearest in their order. Four at a time: a sum of its own each. */
// @ts-ignore: decorator
@inline
function decide(kind: i32, q: i32, distances: usize, places: usize): void {
  found = 0
  const query = f64At(queries, q * d)
  const count = load<i32>(f32At(notedCounts, q))
  const rowsAt = f32At(noted, q * capacity)
  let left = n
  if (count >= 0) {
    const lows = f32At(notedBounds, q * capacity)
    const most = load<f32>(f32At(thresholds, q))
    left = 0
    for (let c = 0; c < count; c++) {
      if (load<f32>(f32At(lows, c)) > most) continue
      store<i32>(f32At(rowsAt, left++), load<i32>(f32At(rowsAt, c)))
    }
  }
  for (let c = 0; c < left; c += 4) {
    const last = left - 1
    const i0 = count < 0 ? c : load<i32>(f32At(rowsAt, c))
    const i1 = count < 0 ? min(c + 1, last) : load<i32>(f32At(rowsAt, min(c + 1, last)))
    const i2 = count < 0 ? min(c + 2, last) : load<i32>(f32At(rowsAt, min(c + 2, last)))
    const i3 = count < 0 ? min(c + 3, last) : load<i32>(f32At(rowsAt, min(c + 3, last)))
    let s0: f64 = 0
    let s1: f64 = 0
    let s2: f64 = 0
    let s3: f64 = 0
    let p0 = f64At(rows, i0 * d)
    let p1 = f64At(rows, i1 * d)
    let p2 = f64At(rows, i2 * d)
    let p3 = f64At(rows, i3 * d)
    for (let x = query, stop = f64At(query, d); x < stop; x += 8) {
      const value = load<f64>(x)
      s0 = judge(kind, s0, value, load<f64>(p0))
      s1 = judge(kind, s1, value, load<f64>(p1))
      s2 = judge(kind, s2, value, load<f64>(p2))
      s3 = judge(kind, s3, value, load<f64>(p3))
      p0 += 8
      p1 += 8
      p2 += 8
      p3 += 8
    }
    if (areUnits) {
      // The distance from and to zeros, whatever was rounded of the lengths of the others.
      const ofZeros = load<f64>(f64At(query, d - 1)) != 0
      if (ofZeros || load<f64>(p0 - 16) != 0) s0 = 2
      if (ofZeros || load<f64>(p1 - 16) != 0) s1 = 2
      if (ofZeros || load<f64>(p2 - 16) != 0) s2 = 2
      if (ofZeros || load<f64>(p3 - 16) != 0) s3 = 2
    }
    take(distances, places, s0, i0)
    if (c + 1 < left) take(distances, places, s1, i1)
    if (c + 2 < left) take(distances, places, s2, i2)
    if (c + 3 < left) take(distances, places, s3, i3)
  }
  for (let size = k - 1; size > 0; size--) {
    const distance = load<f64>(f64At(distances, size))
    const i = load<i32>(f32At(places, size))
    store<f64>(f64At(distances, size), load<f64>(distances))
    store<i32>(f32At(places, size), load<i32>(places))
    sink(distances, places, size, 0, distance, i)
  }
}

/** The k nearest rows of the `count` queries of the batch, nearest first: their ∆ and places, k a query. k ≤ n. */
export function search(count: i32, distances: usize, places: usize): void {
  startQueries(count)
  const all = (n + 7) >> 3
  const some = max(1, PANEL_BYTES / <i32>panelBytes())
  for (let first = 0; first < all; first += some) {
    const end = min(all, first + some)
    if (metric == EUCLIDEAN) for (let q = 0; q < count; q += 4) scan(EUCLIDEAN, q, first, end)
    else if (metric == MANHATTAN) for (let q = 0; q < count; q += 4) scan(MANHATTAN, q, first, end)
    else for (let q = 0; q < count; q += 4) scan(CHEBYSHEV, q, first, end)
  }
  for (let q = 0; q < count; q++) {
    const toDistances = f64At(distances, q * k)
    const toPlaces = f32At(places, q * k)
    if (metric == EUCLIDEAN) decide(EUCLIDEAN, q, toDistances, toPlaces)
    else if (metric == MANHATTAN) decide(MANHATTAN, q, toDistances, toPlaces)
    else decide(CHEBYSHEV, q, toDistances, toPlaces)
  }
}
