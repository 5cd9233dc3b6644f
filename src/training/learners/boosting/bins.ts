/**
 * Bins of the columns of a matrix, and the matrix as codes: what histogram boosting looks at in place of the values.
 *
 * A column of numbers is cut at edges: bin b holds the values x with edge[b − 1] < x ≤ edge[b]. Up to `most` different values have a
 * bin each, with edges half way between them; of more, bins of about as many rows each. A column of categories has a bin for each
 * of the `most` − 1 most frequent, and one for all rarer ones. A column that never varies has no codes.
 *
 * Each column has one bin more, behind the others, for missing values. How codes lie in memory: ../../kernels/boosting.as.ts.
 */
import type { Matrix } from '../../matrix.js'
import { type BoostingLoops, columnRecord, sortCounts, threadLoops } from './loops.js'

export interface Bins {
  /** The columns of the matrix that have codes. */
  readonly columns: Int32Array
  /** Where the bins of each begin among those of all. */
  readonly first: Int32Array
  /** The code of the first bin of each; the next bin's is 16 more. */
  readonly codes: Int32Array
  /** The number of bins of each, without the one for missing values behind them. */
  readonly counts: Int32Array
  /** Of each the edges (one less than bins), or, for categories, the bin of each place. */
  readonly tables: readonly (Float64Array | Int32Array)[]
  /** How many bins there are in all. */
  readonly total: number
  /** Columns of a block. */
  readonly blockWidth: number
}

/** Where there are more rows, bins are made from about this many of them, evenly apart. */
const mostLookedAt = 200_000

/** The bins of these rows; `most`: 2 … 255 bins a column. */
export function findBins(x: Matrix, most: number): Bins {
  const found: { column: number; count: number; table: Float64Array | Int32Array }[] = []
  const stride = Math.ceil(x.rows / mostLookedAt)
  const cells = new Float64Array(Math.ceil(x.rows / stride))
  for (let column = 0; column < x.columns; column++) {
    let present = 0
    let missing = false
    for (let i = 0, k = column; i < x.rows; i += stride, k += stride * x.columns) {
      const value = x.values[k]
      if (Number.isNaN(value)) missing = true
      else cells[present++] = value
    }
    const values = cells.subarray(0, present)
    const categories = x.categories?.[column] ?? 0
    const table = categories > 0 ? binOfCategories(values, categories, most) : edgesOf(sorted(values), most)
    const count =
      table instanceof Float64Array ? table.length + 1 : table.reduce((a, b) => Math.max(a, b), 0) + 1
    const kinds = categories > 0 ? new Set(values).size : count
    if (present > 0 && (kinds > 1 || missing)) found.push({ column, count, table })
  }
  return binsOf(found)
}

/** Numbered through: `found` in the order of its columns. */
export function binsOf(
  found: readonly { column: number; count: number; table: Float64Array | Int32Array }[],
): Bins {
  const first = new Int32Array(found.length)
  let total = 0
  found.forEach(({ count }, k) => {
    first[k] = total
    total += count + 1
  })
  const blockWidth =
    blockWidths.find((width) => longestBlock(first, total, width) <= mostOfBlock) ?? narrowest
  return {
    columns: Int32Array.from(found, ({ column }) => column),
    first,
    counts: Int32Array.from(found, ({ count }) => count),
    codes: first.map((start, k) => codeStep * (start - first[k - (k % blockWidth)])),
    tables: found.map(({ table }) => table),
    total,
    blockWidth,
  }
}

/** From one bin's code to the next one's: the bytes of an entry. */
export const codeStep = 16

/** Entries of a block's histogram: 16 bytes each, together less than the first cache has. */
const mostOfBlock = 2304

const blockWidths = [64, 32, 16]
const narrowest = 8

function longestBlock(first: Int32Array, total: number, width: number): number {
  let longest = 0
  for (let k = 0; k < first.length; k += width)
    longest = Math.max(longest, (k + width < first.length ? first[k + width] : total) - first[k])
  return longest
}

/** In place, upwards: as the built-in sort, in a third of the time where there are many. */
function sorted(values: Float64Array): Float64Array {
  if (values.length < 1000) return values.sort()
  const loops = threadLoops()
  const mark = loops.mark()
  const at = loops.reserve(8 * values.length)
  const room = loops.reserve(8 * values.length + sortCounts)
  loops.f64(at, values.length).set(values)
  loops.sort(at, values.length, room)
  values.set(loops.f64(at, values.length))
  loops.release(mark)
  return values
}

/** Between `sorted` values: at most `most` − 1 edges. */
function edgesOf(sorted: Float64Array, most: number): Float64Array {
  let different = sorted.length > 0 ? 1 : 0
  for (let i = 1; i < sorted.length; i++) if (sorted[i] !== sorted[i - 1]) different++
  const edges: number[] = []
  // Each bin is filled until it has its share of the rows that are left; a value is never divided.
  let begin = 0
  for (let i = 1; i < sorted.length; i++) {
    if (sorted[i] === sorted[i - 1]) continue
    const share = (sorted.length - begin) / (most - edges.length)
    if (different > most && (i - begin < share || edges.length === most - 1)) continue
    edges.push(halfWay(sorted[i - 1], sorted[i]))
    begin = i
  }
  return Float64Array.from(edges)
}

/** A number t with low ≤ t < high. */
export function halfWay(low: number, high: number): number {
  const middle = low / 2 + high / 2
  return middle >= low && middle < high ? middle : low
}

/** The bin of each place: by frequency (of equal ones the lower place first), the rare ones together in the last. */
function binOfCategories(places: Float64Array, categories: number, most: number): Int32Array {
  const counts = new Int32Array(categories)
  for (const place of places) counts[place]++
  if (categories <= most) return Int32Array.from({ length: categories }, (_, place) => place)
  const bins = new Int32Array(categories).fill(most - 1)
  const byCount = Array.from(counts, (_, place) => place).sort((a, b) => counts[b] - counts[a])
  byCount.slice(0, most - 1).forEach((place, bin) => {
    bins[place] = bin
  })
  return bins
}

export const blocksOf = ({ columns, blockWidth }: Bins): number => Math.ceil(columns.length / blockWidth)

/** Bytes of a row's codes in a block. */
export const rowBytes = ({ blockWidth }: Bins): number => 2 * blockWidth

/** How far the codes of a column are from the first one of a row, of codes of that many rows. */
export function columnOffset({ blockWidth }: Bins, column: number, rows: number): number {
  const within = column % blockWidth
  return 2 * (((column - within) / blockWidth) * rows * blockWidth + within)
}

/** Bytes of the codes of that many rows. */
export const bytesOfCodes = (bins: Bins, rows: number): number => blocksOf(bins) * rows * rowBytes(bins)

export function bytesOfBins({ tables }: Bins): number {
  return tables.reduce((sum, table) => sum + table.byteLength + 64, 0)
}

/** Puts the records of the columns with codes, and their tables, into memory. Returns where the records are. */
export function placeRecords(loops: BoostingLoops, bins: Bins): number {
  const width = bins.columns.length
  const records = loops.reserve(4 * columnRecord * width)
  const tables = bins.tables.map((table) => {
    if (table instanceof Int32Array) {
      const at = loops.reserve(table.byteLength)
      loops.i32(at, table.length).set(table)
      return { at, length: table.length, steps: 0 }
    }
    // The search looks at any of 2^s − 1 edges.
    let steps = 1
    while (steps < table.length + 1) steps *= 2
    const at = loops.reserve(8 * steps)
    loops.f64(at, steps).fill(Infinity)
    loops.f64(at, table.length).set(table)
    return { at, length: table.length, steps }
  })
  const view = loops.i32(records, columnRecord * width)
  tables.forEach(({ at, length, steps }, k) => {
    const categories = bins.tables[k] instanceof Int32Array ? 1 : 0
    view.set(
      [bins.columns[k], bins.first[k], bins.counts[k], categories, 0, at, length, steps, bins.codes[k]],
      columnRecord * k,
    )
  })
  return records
}

/** Values looked at together: enough for long loops, and no large copy of the matrix. */
const blockValues = 1 << 18

/** Writes the codes of the rows of x to memory. */
export function encodeInto(loops: BoostingLoops, bins: Bins, records: number, x: Matrix, out: number): void {
  const width = bins.columns.length
  const block = Math.max(1, Math.min(x.rows, Math.floor(blockValues / x.columns)))
  const mark = loops.mark()
  const values = loops.reserve(8 * block * x.columns)
  for (let start = 0; start < x.rows; start += block) {
    const rows = Math.min(block, x.rows - start)
    const length = rows * x.columns
    loops.f64(values, length).set(x.values.subarray(start * x.columns, start * x.columns + length))
    loops.encode(
      values,
      rows,
      x.columns,
      records,
      width,
      out + start * rowBytes(bins),
      bins.blockWidth,
      x.rows * rowBytes(bins),
    )
  }
  loops.release(mark)
}
