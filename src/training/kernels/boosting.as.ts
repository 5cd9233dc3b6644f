/**
 * The hot loops of histogram gradient boosting, in AssemblyScript: compiled to WebAssembly with 128-bit SIMD.
 *
 * Every column that varies is cut into bins 0 … b − 1, and bin b is for missing values. A histogram has an entry for each bin of each
 * column, one column after the other. Columns stand in blocks of W, such that a block's part of a histogram stays in the first cache
 * while all rows are added to it. A code (16 bits) is 16 times a bin counted through its block (bytes in a histogram); codes are stored block after block, in a
 * block row-major with W codes a row.
 *
 * An entry is two 64-bit integers: Σ gradients · 2^eg, and Σ hessians · 2^eh with the count of rows in its lowest `countBits` bits. The
 * scales are such that no sum of gradients reaches 2^51 and no sum of hessians 2^(63 − countBits), at most 2^51. So every sum is
 * exact, as an integer and as a double: any order of rows, and parent − sibling, give the same bits.
 *
 * A column's record is nine i32: column of the matrix, first entry in a histogram, bins b, 1 for categories, monotone sign, for
 * `encode` the table (bytes), its length, and the steps of the search in it, and the first code.
 * A node's record is 128 bytes; its places are the constants below. All pointers are byte offsets, all counts of elements.
 *
 * The gain of a split is ½ (G_l²/(H_l + λ) + G_r²/(H_r + λ) − G²/(H + λ)), the value of a leaf −G/(H + λ); with a penalty α on
 * absolute values or with bounds [low, high] of a monotone constraint: the w within the bounds that is best for
 * G w + ½ (H + λ) w² + α |w|, and the gain from these (Chen and Guestrin, XGBoost, KDD 2016, section 2).
 */
import { exp2x } from '../../numeric/exponential.as'

const RECORD: usize = 36

const GAIN: usize = 0
const LEFT_G: usize = 8
const LEFT_HC: usize = 16
const COLUMN: usize = 24
const BIN: usize = 28
const MISSING_LEFT: usize = 32
const LEFT_COUNT: usize = 36
/** 272 bits: for a split by categories those of its column's bins that go left, the missing one among them. */
const SET: usize = 40
const G: usize = 96
const HC: usize = 104
const LOW: usize = 112
const HIGH: usize = 120

/** 1.5 · 2^52: adding it rounds to an integer that sits in the low bits. */
const MAGIC: f64 = 6755399441055744.0
const MAGIC_BITS: i64 = 0x4338000000000000

let countBits: i64 = 20
let countMask: i64 = (1 << 20) - 1
let minRows: i32 = 1
/** In units of the hessians' sums. */
let minHessian: i64 = 1
let lambda: f64 = 0
let alpha: f64 = 0
let gamma: f64 = 0
/** Real value of one unit. */
let unitG: f64 = 1
let unitH: f64 = 1
/** Whether leaf values have a penalty α or bounds. */
let bounded: bool = false

export function configure(
  bits: i32, rows: i32, hessian: f64, l2: f64, l1: f64, minGain: f64, gradientUnit: f64, hessianUnit: f64, withBounds: bool,
): void {
  countBits = <i64>bits
  countMask = (<i64>1 << countBits) - 1
  minRows = rows
  unitG = gradientUnit
  unitH = hessianUnit
  const least = Math.ceil(hessian / hessianUnit)
  minHessian = least < 1 ? 1 : least > 4e18 ? <i64>4e18 : <i64>least
  lambda = l2
  alpha = l1
  gamma = minGain
  bounded = withBounds || l1 > 0
}

// ---- codes -----------------------------------------------------------------------------------------------------

/**
 * Codes of rows with `columns` values each. `out`: where the first one's are, in a block that begins `blockBytes` before the next one.
 */
export function encode(
  values: usize, rows: i32, columns: i32, records: usize, width: i32, out: usize, blockWidth: i32, blockBytes: usize,
): void {
  for (let k = 0; k < width; k++) {
    const record = records + <usize>k * RECORD
    const column = <usize>load<i32>(record)
    const bins = load<i32>(record, 8)
    const categories = load<i32>(record, 12)
    const table = <usize>load<i32>(record, 20)
    const length = load<i32>(record, 24)
    const steps = load<i32>(record, 28)
    const first = load<i32>(record, 32)
    let p = values + (column << 3)
    let q = out + <usize>(k / blockWidth) * blockBytes + (<usize>(k % blockWidth) << 1)
    for (let i = 0; i < rows; i++) {
      const x = load<f64>(p)
      let bin = 0
      if (x != x) bin = bins
      else if (categories) {
        const place = <i32>x
        bin = place >= 0 && place < length ? load<i32>(table + (<usize>place << 2)) : bins
      } else {
        // How many edges are below x; beyond the last one stand infinities.
        for (let step = steps >> 1; step > 0; step >>= 1) {
          bin += load<f64>(table + (<usize>(bin + step - 1) << 3)) < x ? step : 0
        }
      }
      store<u16>(q, <u16>(first + (bin << 4)))
      p += <usize>columns << 3
      q += <usize>blockWidth << 1
    }
  }
}

/**
 * Sorts numbers (none NaN) upwards: by the digits of their bits, 11 at a time, from the lowest (LSD radix sort); a digit that all have
 * in common is passed over. `room`: as much again, and 6 · 2048 counts behind it.
 */
export function sort(values: usize, n: i32, room: usize): void {
  const counts = room + (<usize>n << 3)
  memory.fill(counts, 0, 6 * 2048 * 4)
  const end = values + (<usize>n << 3)
  for (let p = values; p < end; p += 8) {
    const bits = load<i64>(p)
    // In the order of the numbers as integers without sign.
    const key = <u64>(bits ^ ((bits >> 63) | <i64>0x8000000000000000))
    store<u64>(p, key)
    for (let digit = 0; digit < 6; digit++) {
      const c = counts + ((<usize>digit << 11) << 2) + (<usize>((key >> (<u64>digit * 11)) & 2047) << 2)
      store<u32>(c, load<u32>(c) + 1)
    }
  }
  let from = values
  let to = room
  for (let digit = 0; digit < 6 && n > 0; digit++) {
    const own = counts + ((<usize>digit << 11) << 2)
    const shift = <u64>digit * 11
    if (load<u32>(own + (<usize>((load<u64>(from) >> shift) & 2047) << 2)) == <u32>n) continue
    let sum: u32 = 0
    for (let b = 0; b < 2048; b++) {
      const c = own + (<usize>b << 2)
      const count = load<u32>(c)
      store<u32>(c, sum)
      sum += count
    }
    const stop = from + (<usize>n << 3)
    for (let p = from; p < stop; p += 8) {
      const key = load<u64>(p)
      const c = own + (<usize>((key >> shift) & 2047) << 2)
      const place = load<u32>(c)
      store<u32>(c, place + 1)
      store<u64>(to + (<usize>place << 3), key)
    }
    const other = from
    from = to
    to = other
  }
  for (let i = 0; i < n; i++) {
    const key = <i64>load<u64>(from + (<usize>i << 3))
    store<i64>(values + (<usize>i << 3), key ^ (~(key >> 63) | <i64>0x8000000000000000))
  }
}

// ---- gradients -------------------------------------------------------------------------------------------------

/**
 * Probabilities from scores, both [class][row] with an even row length `ld`. `sums`, if not 0: for each row Σ_c e^(z_c − max z),
 * and `highest` its max z, from which the loss is worked out.
 */
export function softmax(scores: usize, ld: i32, rows: i32, classes: i32, out: usize, sums: usize, highest: usize): void {
  const step = <usize>ld << 3
  for (let i = 0; i < rows; i += 2) {
    const at = <usize>i << 3
    let most = v128.load(scores + at)
    let p = scores + at + step
    for (let c = 1; c < classes; c++, p += step) most = f64x2.max(most, v128.load(p))
    let sum = f64x2.splat(0)
    p = scores + at
    let q = out + at
    for (let c = 0; c < classes; c++, p += step, q += step) {
      const e = exp2x(f64x2.sub(v128.load(p), most))
      sum = f64x2.add(sum, e)
      v128.store(q, e)
    }
    v128.store(sums + at, sum)
    v128.store(highest + at, most)
    const inverse = f64x2.div(f64x2.splat(1), sum)
    q = out + at
    for (let c = 0; c < classes; c++, q += step) v128.store(q, f64x2.mul(v128.load(q), inverse))
  }
}

/** p = 1/(1 + e^−z); `sums`: 1 + e^−|z|. */
export function sigmoid(scores: usize, rows: i32, out: usize, sums: usize): void {
  const one = f64x2.splat(1)
  for (let i = 0; i < rows; i += 2) {
    const at = <usize>i << 3
    const z = v128.load(scores + at)
    const e = exp2x(f64x2.neg(f64x2.abs(z)))
    const sum = f64x2.add(one, e)
    const high = f64x2.div(one, sum)
    const low = f64x2.div(e, sum)
    v128.store(out + at, v128.bitselect(high, low, f64x2.ge(z, f64x2.splat(0))))
    v128.store(sums + at, sum)
  }
}

let lossProduct: f64 = 1
let lossTurns: i32 = 0

/** 2^500: a product of sums is divided by it where it becomes larger. */
const LARGE: f64 = 3.273390607896142e150

/**
 * The summed cross-entropy of rows is what this returns plus ln of `lossFactor()` plus 500 ln 2 · `lossFactors()`, in place of a logarithm
 * for each row: with K scores Σ (max z − z_truth) + Σ ln sums; with one score Σ (max(z, 0) − [truth = 1] z) + Σ ln sums.
 */
export function crossEntropy(
  scores: usize, ld: i32, classes: i32, codes: usize, sums: usize, highest: usize, rows: usize, count: i32,
): f64 {
  lossProduct = 1
  lossTurns = 0
  let loss: f64 = 0
  const end = rows + (<usize>count << 2)
  for (let r = rows; r < end; r += 4) {
    const row = load<u32>(r)
    const at = <usize>row << 3
    const code = load<i32>(codes + (<usize>row << 2))
    if (classes > 1) loss += load<f64>(highest + at) - load<f64>(scores + (<usize>(ld * code) << 3) + at)
    else {
      const z = load<f64>(scores + at)
      loss += code == 1 ? Math.max(-z, 0) : Math.max(z, 0)
    }
    lossProduct *= load<f64>(sums + at)
    if (lossProduct > LARGE) {
      lossProduct *= 1 / LARGE
      lossTurns++
    }
  }
  return loss
}

export function lossFactor(): f64 {
  return lossProduct
}

export function lossFactors(): i32 {
  return lossTurns
}

/** Entries of two rows from their gradients and hessians, already in units. */
// @ts-ignore: decorator
@inline
function storeEntries(out: usize, g: v128, h: v128, bits: i32, both: bool): void {
  const magic = f64x2.splat(MAGIC)
  const offset = i64x2.splat(MAGIC_BITS)
  const gi = i64x2.sub(f64x2.add(g, magic), offset)
  const hi = i64x2.add(i64x2.shl(i64x2.sub(f64x2.add(h, magic), offset), bits), i64x2.splat(1))
  v128.store(out, v128.shuffle<i64>(gi, hi, 0, 2))
  if (both) v128.store(out, v128.shuffle<i64>(gi, hi, 1, 3), 16)
}

/**
 * Entries of all rows for one class of probabilities p: g = w (p − [code = class]), h = w p (1 − p), times 2^eg and 2^eh; `bits` for
 * counts. `weights`
 * 0: all are 1.
 */
export function packClass(
  p: usize, codes: usize, code: i32, weights: usize, rows: i32, scaleG: f64, scaleH: f64, bits: i32, out: usize,
): void {
  const one = f64x2.splat(1)
  const sg = f64x2.splat(scaleG)
  const sh = f64x2.splat(scaleH)
  for (let i = 0; i < rows; i += 2) {
    const at = <usize>i << 3
    const pi = v128.load(p + at)
    const c = codes + (<usize>i << 2)
    const truth = f64x2.replace_lane(
      f64x2.splat(load<i32>(c) == code ? 1.0 : 0.0), 1, load<i32>(c, 4) == code ? 1.0 : 0.0,
    )
    let g = f64x2.mul(f64x2.sub(pi, truth), sg)
    let h = f64x2.mul(f64x2.mul(pi, f64x2.sub(one, pi)), sh)
    if (weights) {
      const w = v128.load(weights + at)
      g = f64x2.mul(g, w)
      h = f64x2.mul(h, w)
    }
    storeEntries(out + (<usize>i << 4), g, h, bits, i + 1 < rows)
  }
}

/** Gradients and hessians of numbers y under scores f. loss 0: squared error; 1: absolute error; 2: Poisson. */
export function numberGradients(
  loss: i32, f: usize, y: usize, weights: usize, rows: i32, g: usize, h: usize,
): void {
  const one = f64x2.splat(1)
  for (let i = 0; i < rows; i += 2) {
    const at = <usize>i << 3
    const fi = v128.load(f + at)
    const yi = v128.load(y + at)
    let gi: v128
    let hi = one
    if (loss == 2) {
      hi = exp2x(f64x2.min(fi, f64x2.splat(700)))
      gi = f64x2.sub(hi, yi)
    } else {
      gi = f64x2.sub(fi, yi)
      // The sign, 0 for 0.
      if (loss == 1) {
        const zero = f64x2.splat(0)
        gi = f64x2.sub(v128.and(f64x2.gt(gi, zero), one), v128.and(f64x2.lt(gi, zero), one))
      }
    }
    if (weights) {
      const w = v128.load(weights + at)
      gi = f64x2.mul(gi, w)
      hi = f64x2.mul(hi, w)
    }
    v128.store(g + at, gi)
    v128.store(h + at, hi)
  }
}

/** Σ |v|, in the order of the rows. */
export function absoluteSum(v: usize, rows: i32): f64 {
  let sum: f64 = 0
  for (let i = 0; i < rows; i++) sum += Math.abs(load<f64>(v + (<usize>i << 3)))
  return sum
}

/** Entries of all rows from their gradients and hessians. */
export function packNumbers(g: usize, h: usize, rows: i32, scaleG: f64, scaleH: f64, bits: i32, out: usize): void {
  const sg = f64x2.splat(scaleG)
  const sh = f64x2.splat(scaleH)
  for (let i = 0; i < rows; i += 2) {
    const at = <usize>i << 3
    const gi = f64x2.mul(v128.load(g + at), sg)
    const hi = f64x2.mul(v128.load(h + at), sh)
    storeEntries(out + (<usize>i << 4), gi, hi, bits, i + 1 < rows)
  }
}

// ---- histograms ------------------------------------------------------------------------------------------------

// @ts-ignore: decorator
@inline
function add(code: usize, entry: v128, histogram: usize): void {
  const p = histogram + <usize>load<u16>(code)
  v128.store(p, i64x2.add(v128.load(p), entry))
}

/**
 * The histogram of these rows, of `total` entries. `blocks`: for each block its first entry and how many columns it has. `list`: the
 * columns (growing) of which it is wanted, or 0 for all. `room`: for the entries of all rows.
 */
export function histogram(
  codes: usize, blockWidth: i32, blockBytes: usize, blocks: usize, blockCount: i32, entries: usize, rows: usize, count: i32,
  out: usize, total: i32, list: usize, chosen: i32, room: usize,
): void {
  memory.fill(out, 0, <usize>total << 4)
  const rowBytes = <usize>blockWidth << 1
  const end = rows + (<usize>count << 2)
  // Looked up once for all blocks.
  let to = room
  for (let r = rows; r < end; r += 4, to += 16) v128.store(to, v128.load(entries + (<usize>load<u32>(r) << 4)))
  const stop = list + (<usize>chosen << 2)
  for (let b = 0; b < blockCount; b++) {
    const into = out + (<usize>load<i32>(blocks + (<usize>b << 3)) << 4)
    const columns = load<i32>(blocks + (<usize>b << 3), 4)
    const block = codes + <usize>b * blockBytes
    let from = room
    if (list) {
      const begin = list
      while (list < stop && load<i32>(list) < (b + 1) * blockWidth) list += 4
      if (list == begin) continue
      const first = <usize>(b * blockWidth)
      for (let r = rows; r < end; r += 4, from += 16) {
        const entry = v128.load(from)
        const p = block + <usize>load<u32>(r) * rowBytes
        for (let q = begin; q < list; q += 4) add(p + ((<usize>load<u32>(q) - first) << 1), entry, into)
      }
      continue
    }
    const wide = <usize>(columns & ~7) << 1
    const length = <usize>columns << 1
    for (let r = rows; r < end; r += 4, from += 16) {
      const entry = v128.load(from)
      let p = block + <usize>load<u32>(r) * rowBytes
      const last = p + length
      const unrolled = p + wide
      for (; p < unrolled; p += 16) {
        add(p, entry, into)
        add(p + 2, entry, into)
        add(p + 4, entry, into)
        add(p + 6, entry, into)
        add(p + 8, entry, into)
        add(p + 10, entry, into)
        add(p + 12, entry, into)
        add(p + 14, entry, into)
      }
      for (; p < last; p += 2) add(p, entry, into)
    }
  }
}

/** parent − child, in place of the parent. */
export function subtract(parent: usize, child: usize, total: i32): void {
  const end = parent + (<usize>total << 4)
  for (; parent < end; parent += 16, child += 16) v128.store(parent, i64x2.sub(v128.load(parent), v128.load(child)))
}

// ---- splits ----------------------------------------------------------------------------------------------------

/** A root over these rows. */
export function begin(node: usize, entries: usize, rows: usize, count: i32): void {
  let sum = i64x2.splat(0)
  for (let i = 0; i < count; i++, rows += 4) sum = i64x2.add(sum, v128.load(entries + (<usize>load<u32>(rows) << 4)))
  store<i64>(node, i64x2.extract_lane(sum, 0), G)
  store<i64>(node, i64x2.extract_lane(sum, 1), HC)
  store<f64>(node, -Infinity, LOW)
  store<f64>(node, Infinity, HIGH)
}

/** The best value of a leaf within its bounds. */
function valueOf(g: f64, h: f64, low: f64, high: f64): f64 {
  const bent = alpha > 0 ? (g > alpha ? g - alpha : g < -alpha ? g + alpha : 0) : g
  const d = h + lambda
  const w = bent == 0 || !(d > 0) ? 0.0 : -bent / d
  return w < low ? low : w > high ? high : w
}

/** −2 (G w + ½ (H + λ) w² + α |w|): twice what a leaf lowers the loss by. */
// @ts-ignore: decorator
@inline
function scoreOf(g: f64, h: f64, w: f64): f64 {
  return -(2 * (g * w + alpha * Math.abs(w)) + (h + lambda) * w * w)
}

export function nodeValue(node: usize): f64 {
  const hc = load<i64>(node, HC)
  return valueOf(
    <f64>load<i64>(node, G) * unitG, <f64>(hc >> countBits) * unitH, load<f64>(node, LOW), load<f64>(node, HIGH),
  )
}

export function nodeRows(node: usize): i32 {
  return <i32>(load<i64>(node, HC) & countMask)
}

// The best split of the node that is looked at.
let best: f64 = 0
let bestSlack: f64 = 0
let bestG: i64 = 0
let bestHC: i64 = 0
let bestColumn: i32 = -1
let bestBin: i32 = 0
let bestMissingLeft: i32 = 0
let bestIsSet: bool = false
// Of that node: sums as integers and as doubles.
let nodeG: i64 = 0
let nodeHC: i64 = 0
let nodeCount: i32 = 0
let nodeH: i64 = 0
let nodeLow: f64 = 0
let nodeHigh: f64 = 0

/** Whether this many rows and this weight are too few on the left (1), or on the right (2), or enough (0). */
// @ts-ignore: decorator
@inline
function tooFew(hc: i64): i32 {
  const count = <i32>(hc & countMask)
  const h = hc >> countBits
  if (count < minRows || h < minHessian) return 1
  return nodeCount - count < minRows || nodeH - h < minHessian ? 2 : 0
}

/** The gain (in units, with that of the node itself) of a split with these sums on its left, −∞ where it may not be. */
function boundedGain(g: i64, hc: i64, sign: i32): f64 {
  const gl = <f64>g * unitG
  const gr = <f64>(nodeG - g) * unitG
  const h = hc >> countBits
  const hl = <f64>h * unitH
  const hr = <f64>(nodeH - h) * unitH
  const wl = valueOf(gl, hl, nodeLow, nodeHigh)
  const wr = valueOf(gr, hr, nodeLow, nodeHigh)
  if ((sign > 0 && wl > wr) || (sign < 0 && wl < wr)) return -Infinity
  return scoreOf(gl, hl, wl) + scoreOf(gr, hr, wr)
}

// @ts-ignore: decorator
@inline
function take(gain: f64, g: i64, hc: i64, column: i32, bin: i32, missingLeft: i32): void {
  best = gain
  // The product test below may err by rounding: what it lets pass is judged again, so it has to be a little generous.
  bestSlack = gain * (1.0 - 1.0 / 1099511627776.0)
  bestG = g
  bestHC = hc
  bestColumn = column
  bestBin = bin
  bestMissingLeft = missingLeft
  bestIsSet = false
}

/** Sums up to a threshold, and the threshold, of those that divide the rows differently. */
const candidates = memory.data(258 * 16)
const thresholds = memory.data(258 * 4)

/** The thresholds first … last of a column of numbers. `start`: sums of what is left of all of them. */
function scan(histogram: usize, first: i32, last: i32, start: v128, column: i32, sign: i32, missingLeft: i32): void {
  let sums = start
  let p = histogram + (<usize>first << 4)
  let to = candidates
  let at = thresholds
  for (let bin = first; bin <= last; bin++, p += 16) {
    const entry = v128.load(p)
    sums = i64x2.add(sums, entry)
    v128.store(to, sums)
    store<i32>(at, bin)
    // Behind an empty bin the rows are divided as before it: the next one takes its place.
    const some = <usize>(i64x2.extract_lane(entry, 1) != 0)
    to += some << 4
    at += some << 2
  }
  // Those with enough on either side: all between the first and the last such.
  let low = candidates
  let high = to - 16
  while (low <= high && tooFew(load<i64>(low, 8)) == 1) low += 16
  while (high >= low && tooFew(load<i64>(high, 8)) == 2) high -= 16
  if (bounded) {
    for (let c = low; c <= high; c += 16) {
      const gain = boundedGain(load<i64>(c), load<i64>(c, 8), sign)
      if (gain > best) take(gain, load<i64>(c), load<i64>(c, 8), column, thresholdOf(c), missingLeft)
    }
    return
  }
  const l2 = lambda / unitH
  const bits = <i32>countBits
  const magic = f64x2.splat(MAGIC)
  const magicBits = i64x2.splat(MAGIC_BITS)
  const totalG = f64x2.splat(<f64>nodeG)
  const totalH = f64x2.splat(<f64>nodeH + l2)
  const penalty = f64x2.splat(l2)
  let slack = f64x2.splat(bestSlack)
  for (let c = low; c <= high; c += 32) {
    const d = c < high ? c + 16 : c
    const a = v128.load(c)
    const b = v128.load(d)
    const gl = f64x2.sub(i64x2.add(v128.shuffle<i64>(a, b, 0, 2), magicBits), magic)
    const h = i64x2.shr_u(v128.shuffle<i64>(a, b, 1, 3), bits)
    const hl = f64x2.sub(i64x2.add(h, magicBits), magic)
    const gr = f64x2.sub(totalG, gl)
    const dl = f64x2.add(hl, penalty)
    const dr = f64x2.sub(totalH, hl)
    const product = f64x2.add(f64x2.mul(f64x2.mul(gl, gl), dr), f64x2.mul(f64x2.mul(gr, gr), dl))
    if (!v128.any_true(f64x2.ge(product, f64x2.mul(slack, f64x2.mul(dl, dr))))) continue
    judge(c, gl, gr, dl, dr, 0, column, missingLeft)
    if (d != c) judge(d, gl, gr, dl, dr, 1, column, missingLeft)
    slack = f64x2.splat(bestSlack)
  }
}

// @ts-ignore: decorator
@inline
function thresholdOf(candidate: usize): i32 {
  return load<i32>(thresholds + ((candidate - candidates) >> 2))
}

// @ts-ignore: decorator
@inline
function judge(c: usize, gl: v128, gr: v128, dl: v128, dr: v128, lane: i32, column: i32, missingLeft: i32): void {
  const scores = f64x2.add(f64x2.div(f64x2.mul(gl, gl), dl), f64x2.div(f64x2.mul(gr, gr), dr))
  const gain = lane == 0 ? f64x2.extract_lane(scores, 0) : f64x2.extract_lane(scores, 1)
  if (gain > best) take(gain, load<i64>(c), load<i64>(c, 8), column, thresholdOf(c), missingLeft)
}

/** Of a category that fewer rows have nothing is said alone. */
const MOST_SUPPORT: i32 = 10
const order = memory.data(257 * 4)
const keys = memory.data(257 * 8)
const bestSet = memory.data(40)

/** Splits of a column of categories: ordered by gradient over hessian, those before a place against the others, from both ends. */
function scanSets(histogram: usize, first: i32, bins: i32, column: i32): void {
  const support = minRows < MOST_SUPPORT ? minRows : MOST_SUPPORT
  // As many rows' worth of hessian that few rows are not taken at their word (as scikit-learn's MIN_CAT_SUPPORT does).
  const smooth = (<f64>nodeH / <f64>nodeCount) * <f64>support
  let used = 0
  // The bin of missing values is one like the others.
  for (let b = 0; b <= bins; b++) {
    const p = histogram + (<usize>(first + b) << 4)
    const hc = load<i64>(p, 8)
    if ((hc & countMask) < <i64>support) continue
    const key = <f64>load<i64>(p) / (<f64>(hc >> countBits) + smooth)
    let i = used++
    for (; i > 0 && load<f64>(keys + (<usize>(i - 1) << 3)) > key; i--) {
      store<f64>(keys + (<usize>i << 3), load<f64>(keys + (<usize>(i - 1) << 3)))
      store<i32>(order + (<usize>i << 2), load<i32>(order + (<usize>(i - 1) << 2)))
    }
    store<f64>(keys + (<usize>i << 3), key)
    store<i32>(order + (<usize>i << 2), b)
  }
  for (let direction = 0; direction < 2; direction++) {
    let sums = i64x2.splat(0)
    let found = -1
    for (let i = 0; i < used; i++) {
      const place = direction == 0 ? i : used - 1 - i
      const b = load<i32>(order + (<usize>place << 2))
      sums = i64x2.add(sums, v128.load(histogram + (<usize>(first + b) << 4)))
      const hc = i64x2.extract_lane(sums, 1)
      const few = tooFew(hc)
      if (few == 1) continue
      if (few == 2) break
      const g = i64x2.extract_lane(sums, 0)
      let gain: f64
      if (bounded) gain = boundedGain(g, hc, 0)
      else {
        const gl = <f64>g
        const gr = <f64>(nodeG - g)
        const h = hc >> countBits
        const l2 = lambda / unitH
        gain = (gl * gl) / (<f64>h + l2) + (gr * gr) / (<f64>(nodeH - h) + l2)
      }
      if (gain > best) {
        take(gain, g, hc, column, -1, 0)
        found = i
      }
    }
    if (found < 0) continue
    bestIsSet = true
    memory.fill(bestSet, 0, 40)
    for (let i = 0; i <= found; i++) {
      const b = load<i32>(order + (<usize>(direction == 0 ? i : used - 1 - i) << 2))
      const byte = bestSet + <usize>(b >> 3)
      store<u8>(byte, load<u8>(byte) | <u8>(<u32>1 << <u32>(b & 7)))
    }
    // Categories that the node has no rows of go with more of its rows.
    if (2 * <i32>(bestHC & countMask) > nodeCount) {
      for (let b = 0; b <= bins; b++) {
        if (load<i64>(histogram + (<usize>(first + b) << 4), 8) != 0) continue
        const byte = bestSet + <usize>(b >> 3)
        store<u8>(byte, load<u8>(byte) | <u8>(<u32>1 << <u32>(b & 7)))
      }
    }
  }
}

/**
 * The best split of a node into its record: gain above 0 where there is one, else 0. Of equal gains that of the first column in the
 * list, in it that of the lowest threshold with missing values on the right.
 */
export function findSplit(node: usize, histogram: usize, records: usize, list: usize, chosen: i32): f64 {
  nodeG = load<i64>(node, G)
  nodeHC = load<i64>(node, HC)
  nodeCount = <i32>(nodeHC & countMask)
  nodeH = nodeHC >> countBits
  nodeLow = load<f64>(node, LOW)
  nodeHigh = load<f64>(node, HIGH)
  store<f64>(node, 0, GAIN)
  if (nodeCount < 2 * minRows || nodeH < minHessian) return 0
  const h = <f64>nodeH * unitH
  const g = <f64>nodeG * unitG
  // Scores are in real units where values have bounds, else in those of the sums: real · unitH / unitG².
  const toReal = bounded ? 1.0 : (unitG * unitG) / unitH
  const own = bounded
    ? scoreOf(g, h, valueOf(g, h, nodeLow, nodeHigh))
    : (<f64>nodeG * <f64>nodeG) / (<f64>nodeH + lambda / unitH)
  // What is above it by rounding alone is no gain.
  const least = own + Math.abs(own) * (1.0 / 1099511627776.0) + (2 * gamma) / toReal
  best = least
  bestSlack = least * (1.0 - 1.0 / 1099511627776.0)
  bestColumn = -1
  for (let i = 0; i < chosen; i++) {
    const k = load<i32>(list + (<usize>i << 2))
    const record = records + <usize>k * RECORD
    const first = load<i32>(record, 4)
    const bins = load<i32>(record, 8)
    if (load<i32>(record, 12)) {
      scanSets(histogram, first, bins, k)
      continue
    }
    const sign = load<i32>(record, 16)
    const missing = v128.load(histogram + (<usize>(first + bins) << 4))
    const some = i64x2.extract_lane(missing, 1) != 0
    // Behind the last bin: all values on the left, the missing ones on the right.
    scan(histogram, first, first + bins - (some ? 1 : 2), i64x2.splat(0), k, sign, 0)
    if (some) scan(histogram, first, first + bins - 2, missing, k, sign, 1)
    else if (bestColumn == k) bestMissingLeft = 2 * <i32>(bestHC & countMask) > nodeCount ? 1 : 0
  }
  if (bestColumn < 0) return 0
  const gain = 0.5 * (best - own) * toReal
  store<f64>(node, gain, GAIN)
  store<i64>(node, bestG, LEFT_G)
  store<i64>(node, bestHC, LEFT_HC)
  store<i32>(node, bestColumn, COLUMN)
  store<i32>(node, bestBin, BIN)
  store<i32>(node, bestMissingLeft, MISSING_LEFT)
  store<i32>(node, <i32>(bestHC & countMask), LEFT_COUNT)
  if (bestIsSet) memory.copy(node + SET, bestSet, 40)
  return gain
}

/** The records of a node's children, from its own. */
export function divide(node: usize, left: usize, right: usize, records: usize): void {
  const g = load<i64>(node, LEFT_G)
  const hc = load<i64>(node, LEFT_HC)
  const restG = load<i64>(node, G) - g
  const restHC = load<i64>(node, HC) - hc
  const low = load<f64>(node, LOW)
  const high = load<f64>(node, HIGH)
  store<i64>(left, g, G)
  store<i64>(left, hc, HC)
  store<i64>(right, restG, G)
  store<i64>(right, restHC, HC)
  let leftLow = low
  let leftHigh = high
  let rightLow = low
  let rightHigh = high
  const sign = load<i32>(records + <usize>load<i32>(node, COLUMN) * RECORD, 16)
  if (sign != 0) {
    // Everything below the children stays on its own side of the middle between their values.
    const wl = valueOf(<f64>g * unitG, <f64>(hc >> countBits) * unitH, low, high)
    const wr = valueOf(<f64>restG * unitG, <f64>(restHC >> countBits) * unitH, low, high)
    const middle = wl / 2 + wr / 2
    if (sign > 0) {
      leftHigh = middle
      rightLow = middle
    } else {
      leftLow = middle
      rightHigh = middle
    }
  }
  store<f64>(left, leftLow, LOW)
  store<f64>(left, leftHigh, HIGH)
  store<f64>(right, rightLow, LOW)
  store<f64>(right, rightHigh, HIGH)
}

// ---- rows ------------------------------------------------------------------------------------------------------

/**
 * Those of the rows that go left to the front, in their order, and returns how many. `codes`: those of the column, `stride` bytes
 * from row to row. Left go codes with code − from ≤ span as numbers without sign (or, with `swap`, all others); where `set` is not 0
 * those whose bit (code − from) / 16 is set in it.
 */
export function partition(
  codes: usize, stride: i32, from: u32, span: u32, set: usize, swap: bool, rows: usize, count: i32, room: usize,
): i32 {
  let left = rows
  let right = room
  const end = rows + (<usize>count << 2)
  const flip: u32 = swap ? 1 : 0
  for (let q = rows; q < end; q += 4) {
    const row = load<u32>(q)
    const code = <u32>load<u16>(codes + <usize>row * <usize>stride) - from
    const goes = set
      ? (<u32>load<u8>(set + <usize>(code >> 7)) >> ((code >> 4) & 7)) & 1
      : <u32>(code <= span) ^ flip
    store<u32>(left, row)
    store<u32>(right, row)
    left += <usize>goes << 2
    right += <usize>(goes ^ 1) << 2
  }
  memory.copy(left, room, right - room)
  return <i32>((left - rows) >> 2)
}

/** Adds a leaf's value to the scores of its rows. */
export function addTo(scores: usize, rows: usize, count: i32, value: f64): void {
  const end = rows + (<usize>count << 2)
  for (; rows < end; rows += 4) {
    const p = scores + (<usize>load<u32>(rows) << 3)
    store<f64>(p, load<f64>(p) + value)
  }
}

// @ts-ignore: decorator
@inline
function next(nodes: usize, node: u32, row: usize): u32 {
  const p = nodes + <usize>node * 24
  const code = <u32>load<u16>(row + <usize>load<u32>(p)) - load<u32>(p, 4)
  return select<u32>(load<u32>(p, 12), load<u32>(p, 16), code <= load<u32>(p, 8))
}

// @ts-ignore: decorator
@inline
function nextOfAny(nodes: usize, node: u32, row: usize): u32 {
  const p = nodes + <usize>node * 24
  const code = <u32>load<u16>(row + <usize>load<u32>(p)) - load<u32>(p, 4)
  const set = load<u32>(p, 20)
  const first = set
    ? (<u32>load<u8>(<usize>set + <usize>(code >> 7)) >> ((code >> 4) & 7)) & 1
    : <u32>(code <= load<u32>(p, 8))
  return first ? load<u32>(p, 12) : load<u32>(p, 16)
}

// @ts-ignore: decorator
@inline
function addValue(scores: usize, row: usize, values: usize, node: u32): void {
  const s = scores + (row << 3)
  store<f64>(s, load<f64>(s) + load<f64>(values + (<usize>node << 3)))
}

/**
 * Adds to the scores of rows the leaves of one tree that they end in. A node is six u32: where its column's code is from the first code
 * of a row (bytes), `from` and `span` (as in `partition`), the node for codes within and the one for those that are not (a leaf:
 * itself), and the bits of a split by categories or 0. `rows` 0: the first ones. `sets`: whether any node has bits.
 */
export function walk(
  codes: usize, rowBytes: i32, rows: usize, count: i32, nodes: usize, values: usize, sets: bool, scores: usize,
): void {
  const length = <usize>rowBytes
  let i = 0
  if (!sets) {
    for (; i + 3 < count; i += 4) {
      const list = rows + (<usize>i << 2)
      const i0 = <usize>(rows ? load<u32>(list) : i)
      const i1 = <usize>(rows ? load<u32>(list, 4) : i + 1)
      const i2 = <usize>(rows ? load<u32>(list, 8) : i + 2)
      const i3 = <usize>(rows ? load<u32>(list, 12) : i + 3)
      const r0 = codes + i0 * length
      const r1 = codes + i1 * length
      const r2 = codes + i2 * length
      const r3 = codes + i3 * length
      let n0: u32 = 0
      let n1: u32 = 0
      let n2: u32 = 0
      let n3: u32 = 0
      for (;;) {
        const m0 = next(nodes, n0, r0)
        const m1 = next(nodes, n1, r1)
        const m2 = next(nodes, n2, r2)
        const m3 = next(nodes, n3, r3)
        // A leaf leads to itself.
        const moved = (m0 ^ n0) | (m1 ^ n1) | (m2 ^ n2) | (m3 ^ n3)
        if (moved == 0) break
        n0 = m0
        n1 = m1
        n2 = m2
        n3 = m3
      }
      addValue(scores, i0, values, n0)
      addValue(scores, i1, values, n1)
      addValue(scores, i2, values, n2)
      addValue(scores, i3, values, n3)
    }
  }
  for (; i < count; i++) {
    const row = <usize>(rows ? load<u32>(rows + (<usize>i << 2)) : i)
    let node: u32 = 0
    for (;;) {
      const to = nextOfAny(nodes, node, codes + row * length)
      if (to == node) break
      node = to
    }
    addValue(scores, row, values, node)
  }
}
