/**
 * The hot loops of decision trees, in AssemblyScript: columns are ranked, a tree is grown, trees are walked.
 *
 * A column is a list of codes, one u16 a row: the place of the row's value among the column's groups (its distinct values, or
 * ranges of them where there are too many; for categories the category), or `card`, the number of groups, where the value is
 * missing. A row counts as much as its weight, a whole number; the weights of a tree sum to less than 2^31. So all sums that
 * decide a split are exact, whatever their order:
 *
 *   classes   l_c, r_c weights of class c on the left and right, W_l, W_r their sums
 *             Gini     score = Σ l_c² / W_l + Σ r_c² / W_r                              (sums of squares exact in 63 bits)
 *             entropy  score = Σ t(l_c) − t(W_l) + Σ t(r_c) − t(W_r),  t(w) = w log2 w in whole 2^−24ths, rounded
 *   numbers   q_i = the row's target as a whole number of 2^−30ths of (about) the range of the node's targets, from their middle
 *             score = (Σ_l w q)² / W_l + (Σ_r w q)² / W_r                               (sums exact in 63 bits)
 *
 * The best split has the greatest score; of equal ones the first: columns as they are looked at, then cuts upwards, the missing on
 * the right before the missing on the left. Categories are put in order (numbers: by their mean; classes: by the share of
 * a class, for each of up to 8 classes of the greatest weight) and cut as ranks are (Breiman et al. 1984, 4.2.2 and 9.4).
 *
 * Rows of a node stay in the order of the data: what is summed in doubles (means, impurities of numbers) is summed in that order.
 * Nodes are written in preorder. What is random at a node comes from a generator of its own, seeded by the tree's seed and the
 * node's path, so that a tree that is grown further is the same above.
 *
 * All pointers are byte offsets. Extremely random trees (Geurts et al. 2006): one random cut a column.
 */

const MISSING_LEFT: u8 = 1
const IS_CATEGORY: u8 = 2
const SET_CLASSES: i32 = 8

// --- Ranking -----------------------------------------------------------------------------------------------------------

/** Rows without a value, of the column ranked last. */
let missingRows: u32 = 0
export function missingOfColumn(): u32 {
  return missingRows
}

// @ts-ignore: decorator
@inline
function countDigit(counts: usize, digit: usize): void {
  const p = counts + (digit << 2)
  store<u32>(p, load<u32>(p) + 1)
}

// @ts-ignore: decorator
@inline
function countUpper(counts: usize, key: u64): void {
  countDigit(counts + 8192 * 3, <usize>((key >> 31) & 2047))
  countDigit(counts + 8192 * 4, <usize>((key >> 42) & 2047))
  countDigit(counts + 8192 * 5, <usize>(key >> 53))
}

/**
 * Puts keys and places in the order of one digit, from the first or, where `swapped`, the second half of their room into the other one.
 * `counts`: of the digits, which become where each begins. Answers which half they are in.
 */
function radixPass(
  keys: usize, places: usize, n: i32, present: i32, counts: usize, shift: u64, swapped: bool, mask: u64 = 2047,
): bool {
  const step = <usize>n << 3
  const from = swapped ? keys + step : keys
  const to = swapped ? keys : keys + step
  const fromPlace = swapped ? places + (step >> 1) : places
  const toPlace = swapped ? places : places + (step >> 1)
  const first = <usize>((load<u64>(from) >> shift) & mask)
  if (load<u32>(counts + (first << 2)) == <u32>present) return swapped
  let sum: u32 = 0
  for (let d: usize = 0; d < 2048; d++) {
    const count = load<u32>(counts + (d << 2))
    store<u32>(counts + (d << 2), sum)
    sum += count
  }
  for (let i: usize = 0; i < <usize>present; i++) {
    const key = load<u64>(from + (i << 3))
    const p = counts + (<usize>((key >> shift) & mask) << 2)
    const place = load<u32>(p)
    store<u32>(p, place + 1)
    store<u64>(to + (<usize>place << 3), key)
    store<u32>(toPlace + (<usize>place << 2), load<u32>(fromPlace + (i << 2)))
  }
  return !swapped
}

/** Puts keys that are in order by their upper 33 bits wholly in order; false, with all there still, where more than a few are equal there. */
function finishOrder(keys: usize, places: usize, present: i32): bool {
  for (let i: usize = 1; i < <usize>present; i++) {
    const key = load<u64>(keys + (i << 3))
    if (load<u64>(keys + (i << 3) - 8) <= key) continue
    const place = load<u32>(places + (i << 2))
    let j = i
    while (j > 0 && load<u64>(keys + (j << 3) - 8) > key) {
      if (i - j == 24) break
      store<u64>(keys + (j << 3), load<u64>(keys + (j << 3) - 8))
      store<u32>(places + (j << 2), load<u32>(places + (j << 2) - 4))
      j--
    }
    store<u64>(keys + (j << 3), key)
    store<u32>(places + (j << 2), place)
    if (i - j == 24) return false
  }
  return true
}

/**
 * Groups the n values at `x` (NaN: missing; −0 is 0) into at most `most` groups of neighbours: writes codes, and the least and greatest
 * value of each group; answers their number. With more distinct values than `most` the groups are about equal in rows.
 * `keys`, `places`: room for 2n u64 and 2n u32. `counts`: for 65,536 u32.
 */
export function rankColumn(
  x: usize, n: i32, most: i32, codes: usize, low: usize, high: usize, keys: usize, places: usize, counts: usize,
): i32 {
  let least = Infinity
  let greatest = -Infinity
  let whole = true
  let present = 0
  for (let i = 0; i < n; i++) {
    const value = load<f64>(x + (<usize>i << 3)) + 0.0
    if (value != value) continue
    present++
    if (value < least) least = value
    if (value > greatest) greatest = value
    if (whole && Math.floor(value) != value) whole = false
  }
  missingRows = n - present
  if (present == 0) {
    for (let i = 0; i < n; i++) store<u16>(codes + (<usize>i << 1), 0)
    return 0
  }
  // Few whole numbers: counted.
  const span = greatest - least
  if (whole && span < 65535 && span <= <f64>most * 4 && span <= 4 * <f64>n + 1024) {
    const width = <i32>span + 1
    memory.fill(counts, 0, <usize>width << 2)
    for (let i = 0; i < n; i++) {
      const value = load<f64>(x + (<usize>i << 3))
      if (value == value) store<u32>(counts + (<usize>(<i32>(value - least)) << 2), 1)
    }
    let groups = 0
    for (let v = 0; v < width; v++) groups += load<u32>(counts + (<usize>v << 2))
    if (groups <= most) {
      let group = 0
      for (let v = 0; v < width; v++) {
        const p = counts + (<usize>v << 2)
        if (load<u32>(p) == 0) continue
        store<u32>(p, group)
        store<f64>(low + (<usize>group << 3), least + <f64>v)
        store<f64>(high + (<usize>group << 3), least + <f64>v)
        group++
      }
      for (let i = 0; i < n; i++) {
        const value = load<f64>(x + (<usize>i << 3))
        const code = value == value ? load<u32>(counts + (<usize>(<i32>(value - least)) << 2)) : groups
        store<u16>(codes + (<usize>i << 1), <u16>code)
      }
      return groups
    }
  }
  // Sorted by the bits of the doubles, put in their order: by the upper 33 in three passes of 11, without those that change nothing;
  // the few that are equal there are put in order one by one, or where there are many, all six passes are made.
  memory.fill(counts, 0, 6 * 2048 * 4)
  let k: usize = 0
  for (let i = 0; i < n; i++) {
    const value = load<f64>(x + (<usize>i << 3)) + 0.0
    if (value != value) continue
    const bits = reinterpret<u64>(value)
    const key = bits ^ ((<u64>(-<i64>(bits >> 63))) | 0x8000000000000000)
    store<u64>(keys + (k << 3), key)
    store<u32>(places + (k << 2), i)
    k++
    countUpper(counts, key)
  }
  let swapped = false
  for (let pass = 3; pass < 6; pass++)
    swapped = radixPass(keys, places, n, present, counts + <usize>pass * 8192, <u64>(11 * pass - 2), swapped)
  let from = swapped ? keys + (<usize>n << 3) : keys
  let fromPlace = swapped ? places + (<usize>n << 2) : places
  if (!finishOrder(from, fromPlace, present)) {
    for (let i: usize = 0; i < <usize>present; i++) {
      const key = load<u64>(from + (i << 3))
      countDigit(counts, <usize>(key & 2047))
      countDigit(counts + 8192, <usize>((key >> 11) & 2047))
      // Nine bits: what is above them is counted already.
      countDigit(counts + 8192 * 2, <usize>((key >> 22) & 511))
    }
    swapped = radixPass(keys, places, n, present, counts, 0, swapped)
    swapped = radixPass(keys, places, n, present, counts + 8192, 11, swapped)
    swapped = radixPass(keys, places, n, present, counts + 8192 * 2, 22, swapped, 511)
    memory.fill(counts, 0, 6 * 2048 * 4)
    const all = swapped ? keys + (<usize>n << 3) : keys
    for (let i: usize = 0; i < <usize>present; i++) countUpper(counts, load<u64>(all + (i << 3)))
    for (let pass = 3; pass < 6; pass++)
      swapped = radixPass(keys, places, n, present, counts + <usize>pass * 8192, <u64>(11 * pass - 2), swapped)
    from = swapped ? keys + (<usize>n << 3) : keys
    fromPlace = swapped ? places + (<usize>n << 2) : places
  }
  let distinct = 1
  for (let i: usize = 1; i < <usize>present; i++) {
    if (load<u64>(from + (i << 3)) != load<u64>(from + (i << 3) - 8)) distinct++
  }
  let group = -1
  let share: u64 = 0
  let last: u64 = 0
  for (let i: usize = 0; i < <usize>present; i++) {
    const key = load<u64>(from + (i << 3))
    const place = load<u32>(fromPlace + (i << 2))
    const value = load<f64>(x + (<usize>place << 3)) + 0.0
    if (i == 0 || key != last) {
      const next = distinct <= most ? <u64>(group + 1) : ((<u64>i * <u64>most) / <u64>present)
      if (group < 0 || next != share) {
        group++
        share = next
        store<f64>(low + (<usize>group << 3), value)
      }
      last = key
    }
    store<f64>(high + (<usize>group << 3), value)
    store<u16>(codes + (<usize>place << 1), <u16>group)
  }
  const groups = group + 1
  if (present < n) {
    for (let i = 0; i < n; i++) {
      const value = load<f64>(x + (<usize>i << 3))
      if (value != value) store<u16>(codes + (<usize>i << 1), <u16>groups)
    }
  }
  return groups
}

// --- Random numbers (splitmix64, Steele et al. 2014) -------------------------------------------------------------------

let state: u64 = 0

// @ts-ignore: decorator
@inline
function mixed(input: u64): u64 {
  let z = input
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb
  return z ^ (z >> 31)
}

// @ts-ignore: decorator
@inline
function random(): u64 {
  state += 0x9e3779b97f4a7c15
  return mixed(state)
}

/** 0 … n − 1. */
// @ts-ignore: decorator
@inline
function randomBelow(n: u32): u32 {
  return <u32>(((random() >> 32) * <u64>n) >> 32)
}

/** [0, 1), 53 bits. */
// @ts-ignore: decorator
@inline
function randomShare(): f64 {
  return <f64>(random() >> 11) * 1.1102230246251565e-16
}

/**
 * Draws n rows of n with replacement: `weights` becomes how often each is drawn (15 times at most) times its weight at `given` (0: 1).
 */
export function bootstrap(n: i32, seed: u32, given: usize, weights: usize): void {
  state = mixed(<u64>seed ^ 0x5851f42d4c957f2d)
  memory.fill(weights, 0, <usize>n << 2)
  for (let i = 0; i < n; i++) {
    const p = weights + (<usize>randomBelow(n) << 2)
    const count = load<u32>(p)
    if (count < 15) store<u32>(p, count + 1)
  }
  if (given == 0) return
  for (let i: usize = 0; i < <usize>n; i++) {
    const p = weights + (i << 2)
    store<u32>(p, load<u32>(p) * load<u32>(given + (i << 2)))
  }
}

// --- Where things are ----------------------------------------------------------------------------------------------------

/** Rows, columns, classes (0: numbers). */
let n: i32 = 0
let columns: i32 = 0
let classes: i32 = 0
/** u16[columns][n] */
let codes: usize = 0
/** By column, 16 bytes: u32 card; u32 1 for categories, 2 where none is missing; u32 offsets of the f64 least and greatest values of groups. */
let about: usize = 0
/** u32[n]: classes; or f64[n]: targets, |y| ≤ 2. */
let target: usize = 0
/** u32[n]; 0: all 1. */
let weights: usize = 0
/** u32[m] twice: the rows of nodes; room for a partition. */
let rows: usize = 0
let spare: usize = 0
/** By row of the node: (i32 class or q, u32 weight), and with few classes and small weights also u32 class | weight << 8. */
let pairs: usize = 0
let packed: usize = 0
/** Keys to sort, u64[m] twice: code << 16 | packed, code << 16 | place in the node, or code << 32 | place. */
let keys: usize = 0
let keys2: usize = 0
/** u32[65,537]. */
let counts: usize = 0
/** By group: u32[classes], or i64 Σ w q; u32 weight; u32 rows; for categories their order (u32) and values (f64), and their sides (u8). */
let sums: usize = 0
let groupWeight: usize = 0
let groupRows: usize = 0
let order: usize = 0
let orderValue: usize = 0
let sides: usize = 0
let bestSides: usize = 0
/** u32[classes] each: of the left side, the node, and of rows of the node whose value is missing. */
let left: usize = 0
let total: usize = 0
let missing: usize = 0
/** u32[columns]. */
let drawn: usize = 0
let swaps: usize = 0
/** i64[tableLength]: t(w). */
let table: usize = 0
let tableLength: u32 = 0
/** 32 bytes an entry: u32 start, end, depth, parent + 1 (for a right child); u64 seed. */
let stack: usize = 0
/** Presorted blocks: u16[n], the place of each row in the block that it is in; of the rows of a node; and in the next block. */
let places: usize = 0
let nodePlaces: usize = 0
let newPlaces: usize = 0
/** (i32 class or q, u32 weight) by place; bits by rank; room for blocks, and how many rows the largest may have. */
let pairsByPlace: usize = 0
let bits: usize = 0
let arena: usize = 0
let blockMost: i32 = 0
/** By node. */
let outColumn: usize = 0
let outThreshold: usize = 0
let outRight: usize = 0
let outRows: usize = 0
let outWeight: usize = 0
let outFlags: usize = 0
let outImpurity: usize = 0
let outGain: usize = 0
let outValue: usize = 0
/** By leaf u32 its end in the lists of classes and weights. */
let leafEnd: usize = 0
let leafClass: usize = 0
let leafWeight: usize = 0
/** Bits of categories on the left; a node's threshold is the byte where its own begin. */
let sets: usize = 0

export function placeColumns(n_: i32, columns_: i32, codes_: usize, about_: usize): void {
  n = n_
  columns = columns_
  codes = codes_
  about = about_
}

export function placeTarget(classes_: i32, target_: usize, weights_: usize): void {
  classes = classes_
  target = target_
  weights = weights_
}

export function placeScratch(
  rows_: usize, spare_: usize, pairs_: usize, packed_: usize, keys_: usize, keys2_: usize, counts_: usize,
  sums_: usize, groupWeight_: usize, groupRows_: usize, order_: usize, orderValue_: usize, sides_: usize, bestSides_: usize,
  left_: usize, total_: usize, missing_: usize, drawn_: usize, swaps_: usize, table_: usize, tableLength_: u32, stack_: usize,
  places_: usize, nodePlaces_: usize, newPlaces_: usize, pairsByPlace_: usize, bits_: usize, arena_: usize, blockMost_: i32,
): void {
  rowsBase = rows_
  spare = spare_
  pairs = pairs_
  packed = packed_
  keys = keys_
  keys2 = keys2_
  counts = counts_
  sums = sums_
  groupWeight = groupWeight_
  groupRows = groupRows_
  order = order_
  orderValue = orderValue_
  sides = sides_
  bestSides = bestSides_
  left = left_
  total = total_
  missing = missing_
  drawn = drawn_
  swaps = swaps_
  table = table_
  tableLength = tableLength_
  stack = stack_
  places = places_
  nodePlaces = nodePlaces_
  newPlaces = newPlaces_
  pairsByPlace = pairsByPlace_
  bits = bits_
  arena = arena_
  blockMost = blockMost_
  for (let f = 0; f < columns; f++) store<u32>(drawn + (<usize>f << 2), f)
  for (let w: u32 = 0; w < tableLength; w++) store<i64>(table + (<usize>w << 3), weightLog(w))
}

export function placeNodes(
  outColumn_: usize, outThreshold_: usize, outRight_: usize, outRows_: usize, outWeight_: usize, outFlags_: usize,
  outImpurity_: usize, outGain_: usize, outValue_: usize, leafEnd_: usize, leafClass_: usize, leafWeight_: usize, sets_: usize,
): void {
  outColumn = outColumn_
  outThreshold = outThreshold_
  outRight = outRight_
  outRows = outRows_
  outWeight = outWeight_
  outFlags = outFlags_
  outImpurity = outImpurity_
  outGain = outGain_
  outValue = outValue_
  leafEnd = leafEnd_
  leafClass = leafClass_
  leafWeight = leafWeight_
  sets = sets_
}

// --- Entropy ---------------------------------------------------------------------------------------------------------------

/**
 * w log2 w in 2^−24ths, rounded. log2 of w = 2^e m, m in [√½, √2): e + (2 / ln 2) artanh(s), s = (m − 1) / (m + 1), by its series.
 */
function weightLog(w: u32): i64 {
  if (w < 2) return 0
  const bits = reinterpret<u64>(<f64>w)
  let e = <f64>(<i32>(bits >> 52) - 1023)
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000)
  if (m > 1.4142135623730951) {
    m *= 0.5
    e += 1
  }
  const s = (m - 1) / (m + 1)
  const q = s * s
  let series = 1.0 / 21.0
  series = series * q + 1.0 / 19.0
  series = series * q + 1.0 / 17.0
  series = series * q + 1.0 / 15.0
  series = series * q + 1.0 / 13.0
  series = series * q + 1.0 / 11.0
  series = series * q + 1.0 / 9.0
  series = series * q + 1.0 / 7.0
  series = series * q + 1.0 / 5.0
  series = series * q + 1.0 / 3.0
  series = series * q + 1.0
  const log = e + s * series * 2.8853900817779268
  return <i64>Math.floor(<f64>w * log * 16777216.0 + 0.5)
}

// @ts-ignore: decorator
@inline
function logOf(w: u32): i64 {
  return w < tableLength ? load<i64>(table + (<usize>w << 3)) : weightLog(w)
}

// --- Splits ---------------------------------------------------------------------------------------------------------------

let entropy: bool = false
let leastLeaf: i32 = 1
/** Rows of the node, of them with a value in the column; weight; Σ F(class weights), or Σ w q. */
let m: i32 = 0
let nodeWeight: u32 = 0
let nodeSum: i64 = 0

let bestScore: f64 = 0
let bestColumn: i32 = -1
let bestIsSet: bool = false
let bestMissingLeft: bool = false
/** Codes on both sides of the cut; the one on the right is `card` where the missing are alone there. */
let bestCut: u32 = 0
let bestNext: u32 = 0
/** Of a random cut; else NaN. */
let bestThreshold: f64 = NaN

/** What a class of weight w adds to the sum that a score is made of. */
// @ts-ignore: decorator
@inline
function part(w: u32): i64 {
  return entropy ? logOf(w) : <i64>w * <i64>w
}

// @ts-ignore: decorator
@inline
function classScore(sumL: i64, sumR: i64, wL: u32, wR: u32): f64 {
  if (entropy) return <f64>(sumL - logOf(wL) + sumR - logOf(wR))
  const quotients = f64x2.div(f64x2(<f64>sumL, <f64>sumR), f64x2(<f64>wL, <f64>wR))
  return f64x2.extract_lane(quotients, 0) + f64x2.extract_lane(quotients, 1)
}

// @ts-ignore: decorator
@inline
function numberScore(sumL: i64, sumR: i64, wL: u32, wR: u32): f64 {
  const s = f64x2(<f64>sumL, <f64>sumR)
  const quotients = f64x2.div(f64x2.mul(s, s), f64x2(<f64>wL, <f64>wR))
  return f64x2.extract_lane(quotients, 0) + f64x2.extract_lane(quotients, 1)
}

// @ts-ignore: decorator
@inline
function better(score: f64, column: i32, cut: u32, next: u32, missingLeft: bool): void {
  bestScore = score
  bestColumn = column
  bestCut = cut
  bestNext = next
  bestMissingLeft = missingLeft
  bestIsSet = false
  bestThreshold = NaN
}

/** Sorts m keys whose codes are above `sizeof<T>() * 4` bits and at most `card`; answers where they are. Equal codes: in no order that matters. */
function sorted<T>(count: i32, card: u32): usize {
  const shift: T = <T>(sizeof<T>() * 4)
  const size = sizeof<T>()
  if (count <= 24) {
    for (let i = 1; i < count; i++) {
      const key = load<T>(keys + <usize>i * size)
      let p = keys + <usize>(i - 1) * size
      while (p >= keys && load<T>(p) > key) {
        store<T>(p + size, load<T>(p))
        p -= size
      }
      store<T>(p + size, key)
    }
    return keys
  }
  if (card < 256 || card < <u32>count) return countingPass<T>(keys, keys2, count, shift, card + 1, 0xffff)
  if (count <= 120) {
    for (let gap = count > 60 ? 23 : 10; gap > 0; gap = gap == 23 ? 10 : gap == 10 ? 4 : gap == 4 ? 1 : 0) {
      const step = <usize>gap * size
      for (let i = gap; i < count; i++) {
        const key = load<T>(keys + <usize>i * size)
        let j = i - gap
        let p = keys + <usize>j * size
        while (j >= 0 && load<T>(p) > key) {
          store<T>(p + step, load<T>(p))
          p -= step
          j -= gap
        }
        store<T>(p + step, key)
      }
    }
    return keys
  }
  countingPass<T>(keys, keys2, count, shift, 256, 255)
  return countingPass<T>(keys2, keys, count, shift + <T>8, (card >> 8) + 1, 0xff)
}

function countingPass<T>(from: usize, to: usize, count: i32, shift: T, width: u32, mask: u32): usize {
  const size = sizeof<T>()
  memory.fill(counts, 0, <usize>width << 2)
  const end = from + <usize>count * size
  for (let p = from; p < end; p += size) {
    const at = counts + (<usize>(<u32>(load<T>(p) >> shift) & mask) << 2)
    store<u32>(at, load<u32>(at) + 1)
  }
  let sum: u32 = 0
  const last = counts + (<usize>width << 2)
  for (let at = counts; at < last; at += 4) {
    const here = load<u32>(at)
    store<u32>(at, sum)
    sum += here
  }
  for (let p = from; p < end; p += size) {
    const key = load<T>(p)
    const at = counts + (<usize>(<u32>(key >> shift) & mask) << 2)
    const place = load<u32>(at)
    store<u32>(at, place + 1)
    store<T>(to + <usize>place * size, key)
  }
  return to
}

/**
 * Cuts between rows in order of their codes, for classes. `present`: rows before the missing. `packing`: keys hold class and weight, else
 * places among `pairs`.
 */
function scanClasses<T>(list: usize, present: i32, column: i32, packing: bool, pairs: usize): void {
  const shift: T = <T>(sizeof<T>() * 4)
  const size = sizeof<T>()
  const isGini = !entropy
  const hasMissing = present < m
  const turns = hasMissing ? 2 : 1
  const card = load<u32>(about + (<usize>column << 4))
  for (let turn = 0; turn < turns; turn++) {
    const missingLeft = turn == 1
    let wL: u32 = 0
    let sumL: i64 = 0
    let sumR: i64 = nodeSum
    let rowsL = 0
    if (!missingLeft) memory.fill(left, 0, <usize>classes << 2)
    else {
      rowsL = m - present
      memory.fill(left, 0, <usize>classes << 2)
      for (let i = present; i < m; i++) {
        const key = load<T>(list + <usize>i * size)
        let c: u32
        let w: u32
        if (packing) {
          c = <u32>key & 255
          w = (<u32>key >> 8) & 255
        } else {
          const p = pairs + (<usize>(key & (((<T>1) << shift) - 1)) << 3)
          c = load<u32>(p)
          w = load<u32>(p, 4)
        }
        const at = left + (<usize>c << 2)
        store<u32>(at, load<u32>(at) + w)
        wL += w
      }
      for (let c: usize = 0; c < <usize>classes; c++) {
        const l = load<u32>(left + (c << 2))
        const t = load<u32>(total + (c << 2))
        sumL += part(l)
        sumR += part(t - l) - part(t)
      }
    }
    const most = m - leastLeaf
    const end = missingLeft || !hasMissing ? present - 1 : present
    let code = <u32>(load<T>(list) >> shift)
    for (let i = 0; i < end; i++) {
      const key = load<T>(list + <usize>i * size)
      let c: u32
      let w: u32
      if (packing) {
        c = <u32>key & 255
        w = (<u32>key >> 8) & 255
      } else {
        const p = pairs + (<usize>(key & (((<T>1) << shift) - 1)) << 3)
        c = load<u32>(p)
        w = load<u32>(p, 4)
      }
      const at = left + (<usize>c << 2)
      const l = load<u32>(at)
      const r = load<u32>(total + (<usize>c << 2)) - l
      store<u32>(at, l + w)
      if (isGini) {
        sumL += <i64>w * <i64>(2 * <i64>l + <i64>w)
        sumR -= <i64>w * <i64>(2 * <i64>r - <i64>w)
      } else {
        sumL += logOf(l + w) - logOf(l)
        sumR += logOf(r - w) - logOf(r)
      }
      wL += w
      rowsL++
      const next = <u32>(load<T>(list + <usize>(i + 1) * size) >> shift)
      if (next == code) continue
      if (rowsL >= leastLeaf && rowsL <= most) {
        const score = classScore(sumL, sumR, wL, nodeWeight - wL)
        if (score > bestScore) better(score, column, code, i + 1 < present ? next : card, missingLeft)
      }
      code = next
    }
  }
}

/** What a row of either of two classes adds to (class 1 on the left, on the right; all on the left, on the right). */
const STEPS = memory.data<i32>([0, 0, 1, -1, 1, -1, 1, -1], 16)
/** Weights below it have squares whose sums are exact in a double. */
const PAIR_WEIGHT: u32 = 1 << 25

/** The same for two classes by Gini, keys holding class and weight: with l, W = the weights of class 1 and of all, (l² + (W − l)²) / W a side. */
function scanPairs(list: usize, present: i32, column: i32): void {
  const hasMissing = present < m
  const turns = hasMissing ? 2 : 1
  const card = load<u32>(about + (<usize>column << 4))
  const most = m - leastLeaf
  for (let turn = 0; turn < turns; turn++) {
    const missingLeft = turn == 1
    let sides = i32x4(0, load<u32>(total, 4), 0, nodeWeight)
    let rowsL = 0
    if (missingLeft) {
      rowsL = m - present
      for (let i = present; i < m; i++) sides = i32x4.add(sides, stepOf(load<u32>(list + (<usize>i << 2))))
    }
    const end = missingLeft || !hasMissing ? present - 1 : present
    let key = load<u32>(list)
    for (let i = 0; i < end; i++) {
      sides = i32x4.add(sides, stepOf(key))
      rowsL++
      const next = load<u32>(list + (<usize>(i + 1) << 2))
      const code = key >> 16
      key = next
      if (next >> 16 == code) continue
      if (rowsL < leastLeaf || rowsL > most) continue
      const ones = f64x2.convert_low_i32x4_u(sides)
      const all = f64x2.convert_low_i32x4_u(v128.shuffle<i32>(sides, sides, 2, 3, 2, 3))
      const others = f64x2.sub(all, ones)
      const score2 = f64x2.div(f64x2.add(f64x2.mul(ones, ones), f64x2.mul(others, others)), all)
      const score = f64x2.extract_lane(score2, 0) + f64x2.extract_lane(score2, 1)
      if (score > bestScore) better(score, column, code, i + 1 < present ? next >> 16 : card, missingLeft)
    }
  }
}

// @ts-ignore: decorator
@inline
function stepOf(key: u32): v128 {
  return i32x4.mul(v128.load(STEPS + <usize>((key & 255) << 4)), i32x4.splat((key >> 8) & 255))
}

/** The same for numbers. */
function scanNumbers<T>(list: usize, present: i32, column: i32, pairs: usize): void {
  const shift: T = <T>(sizeof<T>() * 4)
  const mask: T = ((<T>1) << shift) - 1
  const size = sizeof<T>()
  const hasMissing = present < m
  const turns = hasMissing ? 2 : 1
  const card = load<u32>(about + (<usize>column << 4))
  for (let turn = 0; turn < turns; turn++) {
    const missingLeft = turn == 1
    let wL: u32 = 0
    let sumL: i64 = 0
    let rowsL = 0
    if (missingLeft) {
      rowsL = m - present
      for (let i = present; i < m; i++) {
        const p = pairs + (<usize>(load<T>(list + <usize>i * size) & mask) << 3)
        const w = load<u32>(p, 4)
        wL += w
        sumL += <i64>w * <i64>load<i32>(p)
      }
    }
    const most = m - leastLeaf
    const end = missingLeft || !hasMissing ? present - 1 : present
    let code = <u32>(load<T>(list) >> shift)
    for (let i = 0; i < end; i++) {
      const p = pairs + (<usize>(load<T>(list + <usize>i * size) & mask) << 3)
      const w = load<u32>(p, 4)
      wL += w
      sumL += <i64>w * <i64>load<i32>(p)
      rowsL++
      const next = <u32>(load<T>(list + <usize>(i + 1) * size) >> shift)
      if (next == code) continue
      if (rowsL >= leastLeaf && rowsL <= most) {
        const score = numberScore(sumL, nodeSum - sumL, wL, nodeWeight - wL)
        if (score > bestScore) better(score, column, code, i + 1 < present ? next : card, missingLeft)
      }
      code = next
    }
  }
}

/** Bytes from one group's weights of classes to the next: whole vectors of four. */
// @ts-ignore: decorator
@inline
function classBytes(): usize {
  return <usize>((classes + 3) & ~3) << 2
}

/**
 * Sums of the node's rows by code of a column; those of the missing are the group `card`. `byRows`: how many rows there are is counted too,
 * which for classes is needed only where leaves have a least number of them.
 */
function fillGroups(column: usize, byRows: bool): void {
  if (classes > 0) {
    const width = classBytes()
    if (!byRows) {
      for (let i: usize = 0; i < <usize>m; i++) {
        const code = <usize>load<u16>(column + (<usize>load<u32>(rows + (i << 2)) << 1))
        const at = sums + code * width + (<usize>load<u32>(pairs + (i << 3)) << 2)
        store<u32>(at, load<u32>(at) + load<u32>(pairs + (i << 3), 4))
      }
      return
    }
    for (let i: usize = 0; i < <usize>m; i++) {
      const code = <usize>load<u16>(column + (<usize>load<u32>(rows + (i << 2)) << 1))
      const c = load<u32>(pairs + (i << 3))
      const w = load<u32>(pairs + (i << 3), 4)
      const at = sums + code * width + (<usize>c << 2)
      store<u32>(at, load<u32>(at) + w)
      store<u32>(groupRows + (code << 2), load<u32>(groupRows + (code << 2)) + 1)
    }
    return
  }
  for (let i: usize = 0; i < <usize>m; i++) {
    const code = <usize>load<u16>(column + (<usize>load<u32>(rows + (i << 2)) << 1))
    const w = load<u32>(pairs + (i << 3), 4)
    const at = sums + (code << 3)
    store<i64>(at, load<i64>(at) + <i64>w * <i64>load<i32>(pairs + (i << 3)))
    store<u32>(groupRows + (code << 2), load<u32>(groupRows + (code << 2)) + 1)
    store<u32>(groupWeight + (code << 2), load<u32>(groupWeight + (code << 2)) + w)
  }
}

function clearGroups(card: u32): void {
  const width: usize = classes > 0 ? classBytes() : 8
  memory.fill(sums, 0, width * (<usize>card + 1))
  memory.fill(groupRows, 0, (<usize>card + 1) << 2)
  if (classes == 0) memory.fill(groupWeight, 0, (<usize>card + 1) << 2)
}

/**
 * Cuts between groups in order: by code where `count` is 0, else the `count` groups at `order`, whose sides are kept where they are
 * better. The missing are the group `card`.
 */
function scanGroups(column: i32, card: u32, count: i32): void {
  const isOrdered = count > 0
  const end = isOrdered ? <u32>count : card
  const isGini = !entropy
  const missingCount = <i32>load<u32>(groupRows + (<usize>card << 2))
  const most = m - leastLeaf
  const width = classBytes()
  const turns = missingCount > 0 ? 2 : 1
  for (let turn = 0; turn < turns; turn++) {
    const missingLeft = turn == 1
    let wL: u32 = 0
    let sumL: i64 = 0
    let sumR: i64 = nodeSum
    let rowsL = 0
    if (classes > 0) memory.fill(left, 0, width)
    if (missingLeft) {
      rowsL = missingCount
      if (classes == 0) {
        sumL = load<i64>(sums + (<usize>card << 3))
        wL = load<u32>(groupWeight + (<usize>card << 2))
      } else {
        for (let c: usize = 0; c < <usize>classes; c++) {
          const l = load<u32>(sums + <usize>card * width + (c << 2))
          if (l == 0) continue
          const t = load<u32>(total + (c << 2))
          store<u32>(left + (c << 2), l)
          wL += l
          sumL += part(l)
          sumR += part(t - l) - part(t)
        }
      }
    }
    let waiting = false
    let code: u32 = 0
    for (let place: u32 = 0; place <= end; place++) {
      let group: u32 = card
      if (place < end) {
        group = isOrdered ? load<u32>(order + (<usize>place << 2)) : place
        if (load<u32>(groupRows + (<usize>group << 2)) == 0) continue
      } else if (missingLeft || missingCount == 0) break
      // The cut between the group before and this one.
      if (waiting && rowsL >= leastLeaf && rowsL <= most) {
        const wR = nodeWeight - wL
        const score = classes > 0 ? classScore(sumL, sumR, wL, wR) : numberScore(sumL, nodeSum - sumL, wL, wR)
        if (score > bestScore) {
          better(score, column, code, group, missingLeft)
          if (isOrdered) {
            bestIsSet = true
            memory.fill(bestSides, 2, <usize>card + 1)
            for (let k: u32 = 0; k < end; k++)
              store<u8>(bestSides + <usize>load<u32>(order + (<usize>k << 2)), k < place ? 1 : 0)
          }
        }
      }
      if (place == end) break
      waiting = true
      code = group
      rowsL += <i32>load<u32>(groupRows + (<usize>group << 2))
      if (classes == 0) {
        sumL += load<i64>(sums + (<usize>group << 3))
        wL += load<u32>(groupWeight + (<usize>group << 2))
        continue
      }
      const from = sums + <usize>group * width
      for (let c: usize = 0; c < <usize>classes << 2; c += 4) {
        const w = load<u32>(from + c)
        if (w == 0) continue
        const l = load<u32>(left + c)
        const r = load<u32>(total + c) - l
        store<u32>(left + c, l + w)
        wL += w
        if (isGini) {
          sumL += <i64>w * (2 * <i64>l + <i64>w)
          sumR -= <i64>w * (2 * <i64>r - <i64>w)
        } else {
          sumL += logOf(l + w) - logOf(l)
          sumR += logOf(r - w) - logOf(r)
        }
      }
    }
  }
}

/** Cuts between groups in the order of their codes, for classes, where a side need not have more than one row: by four classes at once. */
function scanClassGroups(column: i32, card: u32): void {
  const width = classBytes()
  const isGini = !entropy
  const missingGroup = sums + <usize>card * width
  const missingWeight = weightOf(missingGroup, width)
  const turns = missingWeight > 0 ? 2 : 1
  for (let turn = 0; turn < turns; turn++) {
    const missingLeft = turn == 1
    const end = missingLeft || missingWeight == 0 ? card : card + 1
    let wL: u32 = 0
    let waiting = false
    let code: u32 = 0
    memory.fill(left, 0, width)
    if (missingLeft) {
      memory.copy(left, missingGroup, width)
      wL = missingWeight
    }
    let sumL: i64 = 0
    let sumR: i64 = nodeSum
    if (!isGini && missingLeft) {
      for (let c: usize = 0; c < width; c += 4) {
        const l = load<u32>(left + c)
        if (l == 0) continue
        const t = load<u32>(total + c)
        sumL += part(l)
        sumR += part(t - l) - part(t)
      }
    } else if (missingLeft) sidesOf(width)
    else {
      squaresL = 0
      squaresR = nodeSum
    }
    for (let group: u32 = 0; group < end; group++) {
      const from = sums + <usize>group * width
      const w = weightOf(from, width)
      if (w == 0) continue
      if (waiting) {
        const score = isGini ? classScore(squaresL, squaresR, wL, nodeWeight - wL) : classScore(sumL, sumR, wL, nodeWeight - wL)
        if (score > bestScore) better(score, column, code, group, missingLeft)
      }
      waiting = true
      code = group
      wL += w
      if (isGini) {
        for (let c: usize = 0; c < width; c += 16)
          v128.store(left + c, i32x4.add(v128.load(left + c), v128.load(from + c)))
        sidesOf(width)
        continue
      }
      for (let c: usize = 0; c < width; c += 4) {
        const here = load<u32>(from + c)
        if (here == 0) continue
        const l = load<u32>(left + c)
        const r = load<u32>(total + c) - l
        store<u32>(left + c, l + here)
        sumL += logOf(l + here) - logOf(l)
        sumR += logOf(r - here) - logOf(r)
      }
    }
  }
}

/** Sums of the squares of the weights of classes on the left and right. */
let squaresL: i64 = 0
let squaresR: i64 = 0

// @ts-ignore: decorator
@inline
function sidesOf(width: usize): void {
  let ofLeft = i64x2.splat(0)
  let ofRight = i64x2.splat(0)
  for (let c: usize = 0; c < width; c += 16) {
    const l = v128.load(left + c)
    const r = i32x4.sub(v128.load(total + c), l)
    ofLeft = i64x2.add(ofLeft, i64x2.add(i64x2.extmul_low_i32x4_u(l, l), i64x2.extmul_high_i32x4_u(l, l)))
    ofRight = i64x2.add(ofRight, i64x2.add(i64x2.extmul_low_i32x4_u(r, r), i64x2.extmul_high_i32x4_u(r, r)))
  }
  squaresL = i64x2.extract_lane(ofLeft, 0) + i64x2.extract_lane(ofLeft, 1)
  squaresR = i64x2.extract_lane(ofRight, 0) + i64x2.extract_lane(ofRight, 1)
}

// @ts-ignore: decorator
@inline
function weightOf(group: usize, width: usize): u32 {
  let sum = i32x4.splat(0)
  for (let c: usize = 0; c < width; c += 16) sum = i32x4.add(sum, v128.load(group + c))
  return i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3)
}

/** Writes the `count` groups at `order` in the order of their values, and of equal ones of their codes. */
function putInOrder(count: i32): void {
  let gap = 1
  while (gap < count / 3) gap = 3 * gap + 1
  for (; gap > 0; gap = gap / 3) {
    for (let i = gap; i < count; i++) {
      const group = load<u32>(order + (<usize>i << 2))
      const value = load<f64>(orderValue + (<usize>group << 3))
      let j = i - gap
      while (j >= 0) {
        const other = load<u32>(order + (<usize>j << 2))
        const theirs = load<f64>(orderValue + (<usize>other << 3))
        if (theirs < value || (theirs == value && other < group)) break
        store<u32>(order + (<usize>(j + gap) << 2), other)
        j -= gap
      }
      store<u32>(order + (<usize>(j + gap) << 2), group)
    }
  }
}

function splitCategories(column: i32, card: u32): void {
  fillGroups(codes + (<usize>column * <usize>n << 1), true)
  let count = 0
  for (let group: u32 = 0; group < card; group++) {
    if (load<u32>(groupRows + (<usize>group << 2)) == 0) continue
    store<u32>(order + (<usize>count << 2), group)
    count++
  }
  if (classes == 0) {
    for (let k = 0; k < count; k++) {
      const group = <usize>load<u32>(order + (<usize>k << 2))
      store<f64>(orderValue + (group << 3), <f64>load<i64>(sums + (group << 3)) / <f64>load<u32>(groupWeight + (group << 2)))
    }
    putInOrder(count)
    if (count > 0) scanGroups(column, card, count)
  } else if (count > 0) {
    for (let k = 0; k < count; k++) {
      const group = <usize>load<u32>(order + (<usize>k << 2))
      let w: u32 = 0
      for (let c: usize = 0; c < <usize>classes; c++) w += load<u32>(sums + group * classBytes() + (c << 2))
      store<u32>(groupWeight + (group << 2), w)
    }
    // The heaviest classes, of two classes one is enough: each next one has the greatest weight below (or equal and behind) the last.
    let lastWeight: u32 = 0xffffffff
    let lastClass = -1
    const turns = classes == 2 ? 1 : min(classes, SET_CLASSES)
    for (let turn = 0; turn < turns; turn++) {
      let chosen = -1
      let chosenWeight: u32 = 0
      for (let c = 0; c < classes; c++) {
        const w = load<u32>(total + (<usize>c << 2))
        if (w > lastWeight || (w == lastWeight && c <= lastClass)) continue
        if (chosen < 0 || w > chosenWeight) {
          chosen = c
          chosenWeight = w
        }
      }
      if (chosen < 0 || chosenWeight == 0) break
      lastClass = chosen
      lastWeight = chosenWeight
      for (let k = 0; k < count; k++) {
        const group = <usize>load<u32>(order + (<usize>k << 2))
        const w = load<u32>(sums + group * classBytes() + (<usize>chosen << 2))
        store<f64>(orderValue + (group << 3), <f64>w / <f64>load<u32>(groupWeight + (group << 2)))
      }
      putInOrder(count)
      scanGroups(column, card, count)
    }
  }
  clearGroups(card)
}

/** Whether no two rows of the node differ in this column. */
function isConstant(column: usize): bool {
  const first = load<u16>(column + (<usize>load<u32>(rows) << 1))
  const end = rows + (<usize>m << 2)
  for (let p = rows + 4; p < end; p += 4) {
    if (load<u16>(column + (<usize>load<u32>(p) << 1)) != first) return false
  }
  return true
}

/** Looks for the best cut of one column; false where it is constant. `wide`: keys of 64 bits. */
function splitColumn(f: i32, packing: bool, wide: bool): bool {
  const column = codes + (<usize>f * <usize>n << 1)
  const card = load<u32>(about + (<usize>f << 4))
  const isCategories = (load<u32>(about + (<usize>f << 4), 4) & 1) == 1
  const cells = <i64>(card + 1) * <i64>(classes > 0 ? classes : 3)
  const isCounted = m > 24 && cells < 2 * <i64>m
  if (!isCategories && !isCounted && isInBlock(f)) return splitPresorted(f, card, packing)
  if (isConstant(column)) return false
  if (isCategories) {
    splitCategories(f, card)
    return true
  }
  if (isCounted) {
    if (classes > 0 && leastLeaf == 1) {
      fillGroups(column, false)
      scanClassGroups(f, card)
      memory.fill(sums, 0, classBytes() * (<usize>card + 1))
      return true
    }
    fillGroups(column, true)
    scanGroups(f, card, 0)
    clearGroups(card)
    return true
  }
  let missingCount = 0
  if (wide) {
    for (let i: usize = 0; i < <usize>m; i++) {
      const code = <u32>load<u16>(column + (<usize>load<u32>(rows + (i << 2)) << 1))
      store<u64>(keys + (i << 3), (<u64>code << 32) | <u64>i)
      missingCount += <i32>(code == card)
    }
  } else if (packing) {
    for (let i: usize = 0; i < <usize>m; i++) {
      const code = <u32>load<u16>(column + (<usize>load<u32>(rows + (i << 2)) << 1))
      store<u32>(keys + (i << 2), (code << 16) | load<u32>(packed + (i << 2)))
      missingCount += <i32>(code == card)
    }
  } else {
    for (let i: usize = 0; i < <usize>m; i++) {
      const code = <u32>load<u16>(column + (<usize>load<u32>(rows + (i << 2)) << 1))
      store<u32>(keys + (i << 2), (code << 16) | <u32>i)
      missingCount += <i32>(code == card)
    }
  }
  const present = m - missingCount
  if (wide) {
    const list = sorted<u64>(m, card)
    if (classes > 0) scanClasses<u64>(list, present, f, false, pairs)
    else scanNumbers<u64>(list, present, f, pairs)
  } else scan(sorted<u32>(m, card), present, f, packing, pairs)
  return true
}

function scan(list: usize, present: i32, f: i32, packing: bool, pairs: usize): void {
  if (classes == 0) scanNumbers<u32>(list, present, f, pairs)
  else if (packing && classes == 2 && !entropy && nodeWeight < PAIR_WEIGHT) scanPairs(list, present, f)
  else if (packing) scanClasses<u32>(list, present, f, true, pairs)
  else scanClasses<u32>(list, present, f, false, pairs)
}

// --- Presorted blocks -------------------------------------------------------------------------------------------------------
//
// Where all columns are looked at, the rows of a node are put in order once by each column, and the nodes below it take their own from
// there: they set the bits of the ranks of their rows and walk over them. A block is such a node: its rows have places 0 … size − 1,
// and for each column that is ready there are the rank of each place and by rank the keys code << 16 | place. A node with a
// sixteenth of the rows or fewer is a block of its own, whose columns come from the block around it; they lie one behind the other in
// the arena, as nodes are grown depth first.

/** Rows a node has to have at least to be a block. */
const SMALLEST_BLOCK: i32 = 5

/** Of the innermost block: how many there are around it with it; where its rows end among all; its rows; its arrays. */
let blocks: i32 = 0
let blockEnd: u32 = 0
let blockSize: i32 = 0
let blockRanks: usize = 0
let blockKeys: usize = 0
let blockPacked: usize = 0
let blockAround: usize = 0
let blockReady: usize = 0
let blockTop: usize = 0
/** Of the node: whether its places are known. */
let isPlaced: bool = false
let nodeStart: u32 = 0

// @ts-ignore: decorator
@inline
function aligned(at: usize): usize {
  return (at + 15) & ~15
}

/** The arrays of the block that begins at `at`: its size and end, 16 bytes, first. */
function openBlock(at: usize): void {
  blockSize = load<i32>(at)
  blockEnd = load<u32>(at, 4)
  blockReady = at + 32
  blockPacked = aligned(blockReady + <usize>columns)
  blockAround = aligned(blockPacked + (<usize>blockSize << 1))
  blockRanks = aligned(blockAround + (<usize>blockSize << 1))
  blockKeys = aligned(blockRanks + (<usize>columns * <usize>blockSize << 1))
  blockTop = aligned(blockKeys + (<usize>columns * <usize>blockSize << 2))
}

/** Whether the node takes its order by this column from a block; makes one of it where that pays, or puts the column in order. */
function isInBlock(f: i32): bool {
  if (!isBlocking) return false
  if (!isPlaced && !placeNode()) return false
  if (load<u8>(blockReady + <usize>f) == 0) {
    // To sort what is needed costs less.
    if (blockSize > 4 * m) return false
    sortBlock(f)
  }
  return true
}

function placeNode(): bool {
  while (blocks > 0 && nodeStart >= blockEnd) {
    blocks--
    if (blocks == 0) break
    // Its rows have the places of the block around it again, which may yet put them in order by another column.
    const first = rowsBase + (<usize>(blockEnd - <u32>blockSize) << 2)
    for (let i: usize = 0; i < <usize>blockSize; i++) {
      const at = places + (<usize>load<u32>(first + (i << 2)) << 1)
      store<u16>(at, load<u16>(blockAround + (<usize>load<u16>(at) << 1)))
    }
    openBlock(load<u32>(arena + (<usize>(blocks - 1) << 2)))
  }
  if (blocks == 0) {
    if (m > blockMost || m < SMALLEST_BLOCK) return false
    newBlock(false)
  } else {
    for (let i: usize = 0; i < <usize>m; i++)
      store<u16>(nodePlaces + (i << 1), load<u16>(places + (<usize>load<u32>(rows + (i << 2)) << 1)))
    if (blockSize > 64 && m <= blockSize >> 4 && m >= SMALLEST_BLOCK) newBlock(true)
  }
  if (!isPacking) {
    for (let i: usize = 0; i < <usize>m; i++)
      store<u64>(pairsByPlace + (<usize>load<u16>(nodePlaces + (i << 1)) << 3), load<u64>(pairs + (i << 3)))
  }
  isPlaced = true
  return true
}

/** The node becomes a block; `inside`: its columns come from the one around it, by which the places of its rows still are. */
function newBlock(inside: bool): void {
  const ready = blockReady
  const ranks = blockRanks
  const keysAround = blockKeys
  const size = <usize>blockSize
  const at = inside ? blockTop : arena + 128
  store<u32>(arena + (<usize>blocks << 2), <u32>at)
  store<i32>(at, m)
  store<u32>(at, nodeStart + <u32>m, 4)
  blocks++
  openBlock(at)
  memory.fill(blockReady, 0, <usize>columns)
  if (inside) {
    for (let i: usize = 0; i < <usize>m; i++) store<u16>(newPlaces + (<usize>load<u16>(nodePlaces + (i << 1)) << 1), <u16>i)
    for (let f: usize = 0; f < <usize>columns; f++) {
      if (load<u8>(ready + f) == 0) continue
      const from = keysAround + (f * size << 2)
      const to = blockKeys + (f * <usize>m << 2)
      const rank = blockRanks + (f * <usize>m << 1)
      walkRanks(ranks + (f * size << 1), from, <i32>size, to)
      for (let k: usize = 0; k < <usize>m; k++) {
        const key = load<u32>(to + (k << 2))
        const place = load<u16>(newPlaces + (<usize>(key & 0xffff) << 1))
        store<u32>(to + (k << 2), (key & 0xffff0000) | <u32>place)
        store<u16>(rank + (<usize>place << 1), <u16>k)
      }
      store<u8>(blockReady + f, 1)
    }
  }
  for (let i: usize = 0; i < <usize>m; i++) {
    store<u16>(places + (<usize>load<u32>(rows + (i << 2)) << 1), <u16>i)
    store<u16>(blockAround + (i << 1), load<u16>(nodePlaces + (i << 1)))
    store<u16>(nodePlaces + (i << 1), <u16>i)
    store<u16>(blockPacked + (i << 1), <u16>load<u32>(packed + (i << 2)))
  }
}

/** Puts the rows of the block in order by a column. */
function sortBlock(f: i32): void {
  const column = codes + (<usize>f * <usize>n << 1)
  const size = <usize>blockSize
  const first = rowsBase + (<usize>(blockEnd - <u32>blockSize) << 2)
  for (let i: usize = 0; i < size; i++) {
    const row = <usize>load<u32>(first + (i << 2))
    store<u32>(keys + (i << 2), (<u32>load<u16>(column + (row << 1)) << 16) | <u32>load<u16>(places + (row << 1)))
  }
  const list = sorted<u32>(blockSize, load<u32>(about + (<usize>f << 4)))
  const to = blockKeys + (<usize>f * size << 2)
  const rank = blockRanks + (<usize>f * size << 1)
  for (let k: usize = 0; k < size; k++) {
    const key = load<u32>(list + (k << 2))
    store<u32>(to + (k << 2), key)
    store<u16>(rank + (<usize>(key & 0xffff) << 1), <u16>k)
  }
  store<u8>(blockReady + <usize>f, 1)
}

/** Writes the keys of the node's rows in order: those at the ranks of its places in a block of `size` rows. */
function walkRanks(ranks: usize, from: usize, size: i32, to: usize): void {
  const end = nodePlaces + (<usize>m << 1)
  if (size <= 64) {
    let word: u64 = 0
    for (let p = nodePlaces; p < end; p += 2) word |= <u64>1 << <u64>load<u16>(ranks + (<usize>load<u16>(p) << 1))
    while (word != 0) {
      store<u32>(to, load<u32>(from + (<usize>ctz(word) << 2)))
      to += 4
      word &= word - 1
    }
    return
  }
  const words = <usize>((size + 63) >> 6)
  memory.fill(bits, 0, words << 3)
  for (let p = nodePlaces; p < end; p += 2) {
    const rank = <usize>load<u16>(ranks + (<usize>load<u16>(p) << 1))
    const at = bits + ((rank >> 6) << 3)
    store<u64>(at, load<u64>(at) | (<u64>1 << <u64>(rank & 63)))
  }
  for (let k: usize = 0; k < words; k++) {
    let word = load<u64>(bits + (k << 3))
    const base = from + (k << 8)
    while (word != 0) {
      store<u32>(to, load<u32>(base + (<usize>ctz(word) << 2)))
      to += 4
      word &= word - 1
    }
  }
}

/** As `splitColumn`, in a block. */
function splitPresorted(f: i32, card: u32, packing: bool): bool {
  const size = <usize>blockSize
  walkRanks(blockRanks + (<usize>f * size << 1), blockKeys + (<usize>f * size << 2), blockSize, keys)
  const last = keys + (<usize>(m - 1) << 2)
  if (load<u32>(keys) >> 16 == load<u32>(last) >> 16) return false
  let present = m
  for (let p = last; load<u32>(p) >> 16 == card; p -= 4) present--
  if (packing) {
    for (let p = keys; p <= last; p += 4) {
      const key = load<u32>(p)
      store<u32>(p, (key & 0xffff0000) | <u32>load<u16>(blockPacked + (<usize>(key & 0xffff) << 1)))
    }
  }
  scan(keys, present, f, packing, pairsByPlace)
  return true
}

/** Tries one random cut of a column; false where it is constant. */
function cutAtRandom(f: i32): bool {
  const column = codes + (<usize>f * <usize>n << 1)
  const card = load<u32>(about + (<usize>f << 4))
  const isSet = (load<u32>(about + (<usize>f << 4), 4) & 1) == 1
  let least: u32 = 0xffffffff
  let greatest: u32 = 0
  let missingCount = 0
  if ((load<u32>(about + (<usize>f << 4), 4) & 2) != 0) {
    for (let i: usize = 0; i < <usize>m; i++) {
      const code = <u32>load<u16>(column + (<usize>load<u32>(rows + (i << 2)) << 1))
      store<u32>(keys + (i << 2), code)
      least = min(least, code)
      greatest = max(greatest, code)
    }
  } else {
    for (let i: usize = 0; i < <usize>m; i++) {
      const code = <u32>load<u16>(column + (<usize>load<u32>(rows + (i << 2)) << 1))
      store<u32>(keys + (i << 2), code)
      if (code == card) missingCount++
      else {
        least = min(least, code)
        greatest = max(greatest, code)
      }
    }
  }
  if (missingCount == m) return false
  if (least == greatest && missingCount == 0) return false
  let cut = greatest
  let threshold: f64 = NaN
  if (least < greatest) {
    if (isSet) {
      // Each category that is there goes to a side by a coin; where all came to the same, the first goes to the other one.
      let onLeft = 0
      let here = 0
      memory.fill(sides, 2, <usize>card + 1)
      for (let i = 0; i < m; i++) {
        const code = load<u32>(keys + (<usize>i << 2))
        if (code < card) store<u8>(sides + <usize>code, 1)
      }
      for (let code: u32 = 0; code < card; code++) {
        if (load<u8>(sides + <usize>code) == 2) continue
        const side = <u8>(random() >> 63)
        store<u8>(sides + <usize>code, side)
        onLeft += side
        here++
      }
      if (onLeft == 0 || onLeft == here) store<u8>(sides + <usize>least, onLeft == 0 ? 1 : 0)
    } else {
      const low = <usize>load<u32>(about + (<usize>f << 4), 8)
      const high = <usize>load<u32>(about + (<usize>f << 4), 12)
      const a = load<f64>(low + (<usize>least << 3))
      const b = load<f64>(high + (<usize>greatest << 3))
      const u = randomShare()
      threshold = a * (1 - u) + b * u
      if (m <= 16 && low == high && threshold < b) {
        // Each value is a group, so that the threshold can stay, and the cut need only part the rows of the node.
        cut = least
        for (let i: usize = 0; i < <usize>m; i++) {
          const code = load<u32>(keys + (i << 2))
          if (code != card && load<f64>(low + (<usize>code << 3)) <= threshold) cut = max(cut, code)
        }
      } else {
        // The last group that begins at or below it; without branches, which nobody could foresee.
        let from = least
        for (let length = greatest - least + 1; length > 1; ) {
          const half = length >> 1
          const middle = from + half
          from = load<f64>(low + (<usize>middle << 3)) <= threshold ? middle : from
          length -= half
        }
        cut = min(from, greatest - 1)
        // A group goes to one side as a whole.
        threshold = max(threshold, load<f64>(high + (<usize>cut << 3)))
        if (threshold >= load<f64>(low + (<usize>(cut + 1) << 3))) threshold = load<f64>(high + (<usize>cut << 3))
      }
    }
  } else if (isSet) {
    memory.fill(sides, 2, <usize>card + 1)
    store<u8>(sides + <usize>least, 1)
  }
  const next = least < greatest ? cut + 1 : card
  const count = classes
  let wL: u32 = 0
  let rowsL = 0
  let sumL: i64 = 0
  let sumR: i64 = nodeSum
  let wM: u32 = 0
  let sumM: i64 = 0
  if (count > 0) {
    for (let c: usize = 0; c < classBytes(); c += 16) v128.store(left + c, i32x4.splat(0))
    if (missingCount > 0) memory.fill(missing, 0, <usize>count << 2)
  }
  if (missingCount == 0 && !isSet && count == 2 && !entropy) {
    let ones: i64 = 0
    let all: i64 = 0
    for (let i: usize = 0; i < <usize>m; i++) {
      const goes = <u32>(load<u32>(keys + (i << 2)) <= cut)
      rowsL += <i32>goes
      const w = <i64>(load<u32>(pairs + (i << 3), 4) & (0 - goes))
      all += w
      ones += w & -<i64>load<u32>(pairs + (i << 3))
    }
    wL = <u32>all
    const onesR = <i64>load<u32>(total, 4) - ones
    sumL = ones * ones + (all - ones) * (all - ones)
    const others = <i64>nodeWeight - all - onesR
    sumR = onesR * onesR + others * others
  } else if (missingCount == 0 && !isSet && count > 0 && !entropy) {
    for (let i: usize = 0; i < <usize>m; i++) {
      const goes = <u32>(load<u32>(keys + (i << 2)) <= cut)
      const w = load<u32>(pairs + (i << 3), 4) & (0 - goes)
      wL += w
      rowsL += <i32>goes
      const c = <usize>load<u32>(pairs + (i << 3)) << 2
      const l = load<u32>(left + c)
      const r = load<u32>(total + c) - l
      store<u32>(left + c, l + w)
      sumL += <i64>w * (2 * <i64>l + <i64>w)
      sumR -= <i64>w * (2 * <i64>r - <i64>w)
    }
  } else {
    for (let i: usize = 0; i < <usize>m; i++) {
      const code = load<u32>(keys + (i << 2))
      const w = load<u32>(pairs + (i << 3), 4)
      if (missingCount > 0 && code == card) {
        wM += w
        if (count > 0) {
          const at = missing + (<usize>load<u32>(pairs + (i << 3)) << 2)
          store<u32>(at, load<u32>(at) + w)
        } else sumM += <i64>w * <i64>load<i32>(pairs + (i << 3))
        continue
      }
      const goes = isSet ? <u32>load<u8>(sides + <usize>code) : <u32>(code <= cut)
      const wHere = w & (0 - goes)
      wL += wHere
      rowsL += <i32>goes
      if (count > 0) {
        const at = left + (<usize>load<u32>(pairs + (i << 3)) << 2)
        store<u32>(at, load<u32>(at) + wHere)
      } else sumL += <i64>wHere * <i64>load<i32>(pairs + (i << 3))
    }
    if (count > 0) {
      sumR = 0
      for (let c: usize = 0; c < <usize>count; c++) {
        const l = load<u32>(left + (c << 2))
        sumL += part(l)
        sumR += part(load<u32>(total + (c << 2)) - l)
      }
    } else sumR -= sumL
  }
  const turns = missingCount > 0 && least < greatest ? 2 : 1
  for (let turn = 0; turn < turns; turn++) {
    if (turn == 1) {
      wL += wM
      rowsL += missingCount
      if (count > 0) {
        sumL = 0
        sumR = 0
        for (let c: usize = 0; c < <usize>count; c++) {
          const l = load<u32>(left + (c << 2)) + load<u32>(missing + (c << 2))
          sumL += part(l)
          sumR += part(load<u32>(total + (c << 2)) - l)
        }
      } else {
        sumL += sumM
        sumR -= sumM
      }
    }
    if (rowsL < leastLeaf || rowsL > m - leastLeaf) continue
    const wR = nodeWeight - wL
    const score = count > 0 ? classScore(sumL, sumR, wL, wR) : numberScore(sumL, sumR, wL, wR)
    if (score > bestScore) {
      better(score, f, cut, next, turn == 1)
      bestThreshold = threshold
      if (isSet) {
        bestIsSet = true
        memory.copy(bestSides, sides, <usize>card + 1)
      }
    }
  }
  return true
}

// --- Growing ----------------------------------------------------------------------------------------------------------------

let nodes: i32 = 0
let leaves: i32 = 0
let leafEntries: i32 = 0
let setBytes: u32 = 0
let depthOfStack: i32 = 0
let rowsBase: usize = 0
let isPacking: bool = false
let isWide: bool = false
let isRandomCut: bool = false
let isBlocking: bool = false
let columnsDrawn: i32 = 0
let greatestDepth: i32 = 0
let unsplitRows: i32 = 0
let gainOver: f64 = 0

export function nodesGrown(): i32 {
  return nodes
}
export function leavesGrown(): i32 {
  return leaves
}
export function leafEntriesGrown(): i32 {
  return leafEntries
}
export function setBytesGrown(): u32 {
  return setBytes
}

/**
 * Begins a tree on the rows that weigh something. `drawnColumns`: how many columns that are not constant are looked at for a split;
 * 0: all. A node of `unsplit` rows or fewer, or deeper than `depth`, is not split; nor where that lowers its impurity by no more than
 * `gain` (below 0: any split is made that can be). Answers the number of its rows.
 */
export function begin(
  seed: u32, byEntropy: bool, randomCut: bool, drawnColumns: i32, depth: i32, unsplit: i32, smallestLeaf: i32, gain: f64,
): i32 {
  entropy = byEntropy
  isRandomCut = randomCut
  columnsDrawn = drawnColumns
  greatestDepth = depth
  unsplitRows = unsplit
  leastLeaf = smallestLeaf
  gainOver = gain
  nodes = 0
  leaves = 0
  leafEntries = 0
  setBytes = 0
  rows = rowsBase
  let count = 0
  let heaviest: u32 = 1
  for (let i = 0; i < n; i++) {
    if (weights != 0) {
      const w = load<u32>(weights + (<usize>i << 2))
      if (w == 0) continue
      heaviest = max(heaviest, w)
    }
    store<u32>(rows + (<usize>count << 2), i)
    count++
  }
  isPacking = classes > 0 && classes <= 256 && heaviest <= 255
  isWide = !isPacking && count > 65536
  blocks = 0
  isBlocking = drawnColumns == 0 && !randomCut
  push(0, 0, count, 0, 0, mixed(<u64>seed + 0x9e3779b97f4a7c15))
  depthOfStack = 1
  return count
}

// @ts-ignore: decorator
@inline
function push(at: i32, start: u32, end: u32, depth: u32, parent: u32, seed: u64): void {
  const p = stack + (<usize>at << 5)
  store<u32>(p, start)
  store<u32>(p, end, 4)
  store<u32>(p, depth, 8)
  store<u32>(p, parent, 12)
  store<u64>(p, seed, 16)
}

/**
 * Grows on, for about `budget` cells: 0 where the tree is done, 1 where there is more to do, 2 where more room for sets of categories is
 * needed than `setRoom` bytes.
 */
export function grow(budget: i64, setRoom: u32, greatestSet: u32): i32 {
  let left_ = budget
  while (depthOfStack > 0) {
    if (left_ < 0) return 1
    if (setBytes + greatestSet > setRoom) return 2
    left_ -= growNode()
  }
  return 0
}

/** Pops a node and writes it down; its children are put on the stack. Answers how many cells were looked at. */
function growNode(): i64 {
  depthOfStack--
  const entry = stack + (<usize>depthOfStack << 5)
  const start = load<u32>(entry)
  const end = load<u32>(entry, 4)
  const depth = <i32>load<u32>(entry, 8)
  const parent = load<u32>(entry, 12)
  const seed = load<u64>(entry, 16)
  const node = nodes++
  if (parent > 0) store<u32>(outRight + (<usize>(parent - 1) << 2), node)
  m = <i32>(end - start)
  nodeStart = start
  isPlaced = false
  rows = rowsBase + (<usize>start << 2)
  const impurity = classes > 0 ? openClasses() : openNumbers(node)
  store<u32>(outRows + (<usize>node << 2), m)
  store<u32>(outWeight + (<usize>node << 2), nodeWeight)
  store<f64>(outImpurity + (<usize>node << 3), impurity)
  let cells: i64 = <i64>m
  bestColumn = -1
  if (depth < greatestDepth && m > unsplitRows && m >= 2 * leastLeaf && impurity > 0) {
    cells += chooseSplit(seed)
  }
  let gain: f64 = 0
  if (bestColumn >= 0) {
    gain = gainOfBest()
    if (gainOver >= 0 && !(gain > gainOver && gain > impurity * 9.094947017729282e-13)) bestColumn = -1
  }
  if (bestColumn < 0) {
    store<i32>(outColumn + (<usize>node << 2), -1)
    store<f64>(outThreshold + (<usize>node << 3), 0)
    store<u32>(outRight + (<usize>node << 2), 0)
    store<f64>(outGain + (<usize>node << 3), 0)
    store<u8>(outFlags + <usize>node, 0)
    if (classes > 0 && isPure) {
      store<u32>(leafClass + (<usize>leafEntries << 2), load<u32>(pairs))
      store<u32>(leafWeight + (<usize>leafEntries << 2), nodeWeight)
      leafEntries++
      store<u32>(leafEnd + (<usize>leaves << 2), leafEntries)
    } else if (classes > 0) {
      for (let c: usize = 0; c < <usize>classes; c++) {
        const w = load<u32>(total + (c << 2))
        if (w == 0) continue
        store<u32>(leafClass + (<usize>leafEntries << 2), <u32>c)
        store<u32>(leafWeight + (<usize>leafEntries << 2), w)
        leafEntries++
      }
      store<u32>(leafEnd + (<usize>leaves << 2), leafEntries)
    }
    leaves++
    return cells
  }
  const middle = start + partition()
  store<i32>(outColumn + (<usize>node << 2), bestColumn)
  store<f64>(outGain + (<usize>node << 3), max(gain, 0))
  writeCut(node, middle - start)
  push(depthOfStack, middle, end, depth + 1, node + 1, mixed(seed ^ 0xd1342543de82ef95))
  push(depthOfStack + 1, start, middle, depth + 1, 0, mixed(seed ^ 0x2545f4914f6cdd1d))
  depthOfStack += 2
  return cells
}

function openClasses(): f64 {
  for (let c: usize = 0; c < classBytes(); c += 16) v128.store(total + c, i32x4.splat(0))
  let w64: u64 = 0
  let squares: i64 = 0
  const first = load<u32>(target + (<usize>load<u32>(rows) << 2))
  let others: u32 = 0
  for (let i: usize = 0; i < <usize>m; i++) {
    const row = <usize>load<u32>(rows + (i << 2))
    const c = load<u32>(target + (row << 2))
    const w = weights == 0 ? 1 : load<u32>(weights + (row << 2))
    store<u32>(pairs + (i << 3), c)
    store<u32>(pairs + (i << 3), w, 4)
    store<u32>(packed + (i << 2), c | (w << 8))
    const at = total + (<usize>c << 2)
    const t = load<u32>(at)
    store<u32>(at, t + w)
    squares += <i64>w * <i64>(2 * <i64>t + <i64>w)
    w64 += w
    others |= c ^ first
  }
  nodeWeight = <u32>w64
  isPure = others == 0
  nodeSum = squares
  if (entropy) {
    nodeSum = 0
    for (let c: usize = 0; c < <usize>classes; c++) nodeSum += logOf(load<u32>(total + (c << 2)))
  }
  if (isPure) return 0
  const w = <f64>nodeWeight
  if (entropy) return <f64>(logOf(nodeWeight) - nodeSum) / w / 16777216.0
  return 1 - <f64>nodeSum / w / w
}

/** Whether all rows of the node are of one class. */
let isPure: bool = false

/** 2^−(30 − e) where q are whole numbers of it. */
let unit: f64 = 1

function openNumbers(node: i32): f64 {
  let least = Infinity
  let greatest = -Infinity
  let w64: u64 = 0
  for (let i: usize = 0; i < <usize>m; i++) {
    const row = <usize>load<u32>(rows + (i << 2))
    const y = load<f64>(target + (row << 3))
    least = min(least, y)
    greatest = max(greatest, y)
    w64 += weights == 0 ? 1 : load<u32>(weights + (row << 2))
  }
  nodeWeight = <u32>w64
  const range = greatest - least
  const first = load<f64>(target + (<usize>load<u32>(rows) << 3))
  const exponent = <i32>((reinterpret<u64>(range) >> 52) & 2047) - 1023
  // Targets that differ by next to nothing are the same.
  const isSame = exponent < -900
  const scale = isSame ? 0 : reinterpret<f64>(<u64>(1023 + 30 - exponent) << 52)
  unit = isSame ? 0 : reinterpret<f64>(<u64>(1023 - 30 + exponent) << 52)
  const centre = least + range * 0.5
  nodeSum = 0
  let sum: f64 = 0
  for (let i: usize = 0; i < <usize>m; i++) {
    const row = <usize>load<u32>(rows + (i << 2))
    const y = load<f64>(target + (row << 3))
    const w = weights == 0 ? 1 : load<u32>(weights + (row << 2))
    const q = <i32>nearest((y - centre) * scale)
    store<i32>(pairs + (i << 3), q)
    store<u32>(pairs + (i << 3), w, 4)
    nodeSum += <i64>w * <i64>q
    sum += <f64>w * (y - first)
  }
  const shift = sum / <f64>nodeWeight
  const mean = first + shift
  store<f64>(outValue + (<usize>node << 3), mean)
  if (isSame) return 0
  let squares: f64 = 0
  for (let i: usize = 0; i < <usize>m; i++) {
    const row = <usize>load<u32>(rows + (i << 2))
    const d = load<f64>(target + (row << 3)) - first - shift
    squares += <f64>load<u32>(pairs + (i << 3), 4) * (d * d)
  }
  return squares / <f64>nodeWeight
}

function chooseSplit(seed: u64): i64 {
  bestScore = -Infinity
  state = seed
  let looked = 0
  const wanted = columnsDrawn > 0 ? columnsDrawn : columns
  if (columnsDrawn == 0 && !isRandomCut) {
    for (let f = 0; f < columns; f++) splitColumn(f, isPacking, isWide)
    return <i64>columns * <i64>m
  }
  let at = 0
  while (at < columns && looked < wanted) {
    const other = at + <i32>randomBelow(columns - at)
    const f = load<u32>(drawn + (<usize>other << 2))
    store<u32>(drawn + (<usize>other << 2), load<u32>(drawn + (<usize>at << 2)))
    store<u32>(drawn + (<usize>at << 2), f)
    store<u32>(swaps + (<usize>at << 2), other)
    at++
    if (isRandomCut ? cutAtRandom(f) : splitColumn(f, isPacking, isWide)) looked++
  }
  const cells = <i64>at * <i64>m
  // Back to the order at the beginning: draws depend on this node alone.
  while (at > 0) {
    at--
    const other = load<u32>(swaps + (<usize>at << 2))
    const f = load<u32>(drawn + (<usize>at << 2))
    store<u32>(drawn + (<usize>at << 2), load<u32>(drawn + (<usize>other << 2)))
    store<u32>(drawn + (<usize>other << 2), f)
  }
  return cells
}

/** By how much the best split lowers the impurity of its node. */
function gainOfBest(): f64 {
  const w = <f64>nodeWeight
  if (classes == 0) {
    const s = <f64>nodeSum
    return ((bestScore - (s * s) / w) / w) * unit * unit
  }
  if (entropy) return (bestScore - <f64>(nodeSum - logOf(nodeWeight))) / w / 16777216.0
  return (bestScore - <f64>nodeSum / w) / w
}

/** Puts the rows of the left side first; answers how many. Both sides stay in order. */
function partition(): u32 {
  const column = codes + (<usize>bestColumn * <usize>n << 1)
  const card = load<u32>(about + (<usize>bestColumn << 4))
  let onLeft: usize = 0
  let onRight: usize = 0
  for (let i: usize = 0; i < <usize>m; i++) {
    const row = load<u32>(rows + (i << 2))
    const code = <u32>load<u16>(column + (<usize>row << 1))
    let goes: usize
    if (code == card) goes = bestMissingLeft ? 1 : 0
    else if (bestIsSet) goes = <usize>load<u8>(bestSides + <usize>code)
    else goes = code <= bestCut ? 1 : 0
    store<u32>(rows + (onLeft << 2), row)
    store<u32>(spare + (onRight << 2), row)
    onLeft += goes
    onRight += 1 - goes
  }
  memory.copy(rows + (onLeft << 2), spare, onRight << 2)
  return <u32>onLeft
}

/** The threshold or set of the node, and where the missing go: where it has learned nothing of them, to the side with more rows. */
function writeCut(node: i32, rowsL: u32): void {
  const card = load<u32>(about + (<usize>bestColumn << 4))
  const column = codes + (<usize>bestColumn * <usize>n << 1)
  let seen = false
  // `rows` is partitioned now, and all its rows are still there.
  if ((load<u32>(about + (<usize>bestColumn << 4), 4) & 2) == 0) for (let i: usize = 0; i < <usize>m && !seen; i++)
    seen = <u32>load<u16>(column + (<usize>load<u32>(rows + (i << 2)) << 1)) == card
  const leftIsLarger = rowsL >= <u32>m - rowsL
  const missingLeft = seen ? bestMissingLeft : leftIsLarger
  let flags: u8 = missingLeft ? MISSING_LEFT : 0
  if (bestIsSet) {
    flags |= IS_CATEGORY
    const bytes = (card + 7) >> 3
    const at = sets + <usize>setBytes
    memory.fill(at, 0, <usize>bytes)
    for (let code: u32 = 0; code < card; code++) {
      const side = load<u8>(bestSides + <usize>code)
      if (side == 1 || (side == 2 && missingLeft))
        store<u8>(at + <usize>(code >> 3), load<u8>(at + <usize>(code >> 3)) | (<u8>1 << <u8>(code & 7)))
    }
    store<f64>(outThreshold + (<usize>node << 3), <f64>setBytes)
    setBytes += bytes
  } else {
    let threshold = bestThreshold
    if (threshold != threshold) {
      if (bestNext == card) threshold = f64.MAX_VALUE
      else {
        const a = load<f64>(<usize>load<u32>(about + (<usize>bestColumn << 4), 12) + (<usize>bestCut << 3))
        const b = load<f64>(<usize>load<u32>(about + (<usize>bestColumn << 4), 8) + (<usize>bestNext << 3))
        threshold = a * 0.5 + b * 0.5
        if (!(threshold >= a && threshold < b)) threshold = a
      }
    }
    store<f64>(outThreshold + (<usize>node << 3), threshold)
  }
  store<u8>(outFlags + <usize>node, flags)
}

// --- Walking ----------------------------------------------------------------------------------------------------------------

/**
 * For each of `count` rows (row-major, `width` doubles each, none of them NaN) the place of the leaf it ends in, in a tree without
 * categories. A node has 16 bytes: f64 threshold; u32 column, and flags in its upper bits; u32 how many bytes ahead its right child is. A
 * leaf: f64 its place among the leaves, 0, 0. Four rows at once, without branches.
 */
export function walk(tree: usize, x: usize, count: i32, width: i32, out: usize): void {
  const step = <usize>width << 3
  let i = 0
  for (; i + 4 <= count; i += 4) {
    const x0 = x + <usize>i * step
    const x1 = x0 + step
    const x2 = x1 + step
    const x3 = x2 + step
    let a = tree
    let b = tree
    let c = tree
    let d = tree
    for (;;) {
      const da = <usize>load<u32>(a, 12)
      const db = <usize>load<u32>(b, 12)
      const dc = <usize>load<u32>(c, 12)
      const dd = <usize>load<u32>(d, 12)
      if ((da | db | dc | dd) == 0) break
      a += cell(x0, load<u32>(a, 8)) <= load<f64>(a) ? min<usize>(da, 16) : da
      b += cell(x1, load<u32>(b, 8)) <= load<f64>(b) ? min<usize>(db, 16) : db
      c += cell(x2, load<u32>(c, 8)) <= load<f64>(c) ? min<usize>(dc, 16) : dc
      d += cell(x3, load<u32>(d, 8)) <= load<f64>(d) ? min<usize>(dd, 16) : dd
    }
    const p = out + (<usize>i << 2)
    store<u32>(p, <u32>load<f64>(a))
    store<u32>(p, <u32>load<f64>(b), 4)
    store<u32>(p, <u32>load<f64>(c), 8)
    store<u32>(p, <u32>load<f64>(d), 12)
  }
  if (i < count) walkAny(tree, x + <usize>i * step, count - i, width, 0, out + (<usize>i << 2))
}

// @ts-ignore: decorator
@inline
function cell(row: usize, column: u32): f64 {
  return load<f64>(row + (<usize>(column & 0x3fffffff) << 3))
}

/**
 * The same for any tree and any rows. Bit 31 of a column: the missing go left. Bit 30: the node looks at categories, and in place of
 * a threshold has the offset of its set in bytes from `firstSet`, and how many categories it has bits for (u32 each).
 */
export function walkAny(tree: usize, x: usize, count: i32, width: i32, firstSet: usize, out: usize): void {
  for (let i = 0; i < count; i++) {
    const row = x + (<usize>i * <usize>width << 3)
    let a = tree
    for (;;) {
      const ahead = <usize>load<u32>(a, 12)
      if (ahead == 0) break
      const column = load<u32>(a, 8)
      const value = cell(row, column)
      let goes: bool
      if ((column & 0x40000000) != 0) {
        if (value >= 0 && value < <f64>load<u32>(a, 4)) {
          const place = <u32>value
          goes = ((load<u8>(firstSet + <usize>load<u32>(a) + <usize>(place >> 3)) >> <u8>(place & 7)) & 1) == 1
        } else goes = column >> 31 == 1
      } else if (value != value) goes = column >> 31 == 1
      else goes = value <= load<f64>(a)
      a += goes ? 16 : ahead
    }
    store<u32>(out + (<usize>i << 2), <u32>load<f64>(a))
  }
}

/** Adds the shares of each row's leaf to its classes. `ends`: u32 by leaf; `which`, `shares`: its classes (u32) and their shares (f64). */
export function addShares(leaf: usize, count: i32, ends: usize, which: usize, shares: usize, width: i32, out: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const place = <usize>load<u32>(leaf + (i << 2))
    const to = out + ((i * <usize>width) << 3)
    const end = <usize>load<u32>(ends + (place << 2), 4)
    for (let k = <usize>load<u32>(ends + (place << 2)); k < end; k++) {
      const p = to + (<usize>load<u32>(which + (k << 2)) << 3)
      store<f64>(p, load<f64>(p) + load<f64>(shares + (k << 3)))
    }
  }
}

/** Adds the number of each row's leaf. */
export function addNumbers(leaf: usize, count: i32, numbers: usize, out: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const p = out + (i << 3)
    store<f64>(p, load<f64>(p) + load<f64>(numbers + (<usize>load<u32>(leaf + (i << 2)) << 3)))
  }
}
