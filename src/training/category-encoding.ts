/**
 * Texts as numbers, where there are many different ones.
 *
 * By the target (Micci-Barreca 2001, A preprocessing scheme for high-cardinality categorical attributes): a text becomes the mean of
 * the target in the rows that have it, drawn towards the mean p of all rows as if m further rows had p,
 *
 *     e(c) = (Σ w y + m p) / (Σ w + m)    over the rows with text c; w their weights, m the smoothing.
 *
 * Numbers have one such column. Classes have one for each class but the first, whose y is 1 in rows of the class and else 0; two classes
 * so have one. A text that no row has is p.
 *
 * A row of its own text's mean would see its own target. So training rows are encoded by the rows of four other fifths alone
 * (cross-fitting, as scikit-learn's TargetEncoder does); which fifth a row is in depends on its place, mixed, and on nothing else, but
 * where groups or times hold rows together (resampling/inner-parts.ts). Rows that no row tells of (the first in time, a single
 * group) have the mean of themselves, the same for all of them. Rows that are predicted are encoded by all training rows.
 *
 * By a hash (Weinberger et al. 2009, Feature hashing for large scale multitask learning): a text is +1 or −1 in one of n columns, both by
 * MurmurHash3 of its UTF-8. Nothing is learned, and no text is unknown.
 */
import type { Dataset } from '../data/index.js'
import { type InnerParts, type InnerRows, innerParts } from './resampling/inner-parts.js'

/** The target as columns of numbers: one row each. `scale`: they are divided by it, so that no sum overflows. */
export interface TargetColumns {
  readonly columns: readonly Float64Array[]
  readonly scale: number
}

/** What a text stands for in each target column, and what an unknown one does. */
export interface TargetMeans {
  /** By target column, then by category. */
  readonly values: number[][]
  readonly prior: number[]
}

export function targetColumns({ target, index }: Pick<Dataset, 'target' | 'index'>): TargetColumns {
  if (target.kind === 'numbers') {
    const y = Float64Array.from(index, (row) => target.values[row])
    const largest = y.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const scale = largest > 1e150 ? largest : 1
    return { columns: [y.map((value) => value / scale)], scale }
  }
  const isSeen = new Uint8Array(target.classes.length)
  for (const row of index) isSeen[target.codes[row]] = 1
  const seen = target.classes.map((_, code) => code).filter((code) => isSeen[code] === 1)
  const told = seen.length === 1 ? seen : seen.slice(1)
  return {
    columns: told.map((code) => Float64Array.from(index, (row) => Number(target.codes[row] === code))),
    scale: 1,
  }
}

/**
 * @param places the category of each row, −1 for none.
 * @param tells whether a row goes into the means; all do unless it is given.
 */
export function targetMeans(
  places: Int32Array,
  categories: number,
  { columns, scale }: TargetColumns,
  weights: Float64Array | null,
  smoothing: number,
  tells: ((row: number) => boolean) | null = null,
): TargetMeans {
  const values: number[][] = []
  const prior: number[] = []
  for (const y of columns) {
    const sums = new Float64Array(categories)
    const counts = new Float64Array(categories)
    let sum = 0
    let count = 0
    for (let i = 0; i < places.length; i++) {
      if (tells !== null && !tells(i)) continue
      const weight = weights === null ? 1 : weights[i]
      sum += weight * y[i]
      count += weight
      if (places[i] < 0) continue
      sums[places[i]] += weight * y[i]
      counts[places[i]] += weight
    }
    const mean = count === 0 ? 0 : sum / count
    values.push(
      Array.from(sums, (of, c) => {
        const total = counts[c] + smoothing
        return total === 0 ? mean * scale : ((of + smoothing * mean) / total) * scale
      }),
    )
    prior.push(mean * scale)
  }
  return { values, prior }
}

const fifths = 5

/** The parts in which training rows are encoded. */
export function encodingParts(data: InnerRows): InnerParts {
  return innerParts(data, fifths, () => Int32Array.from({ length: data.rows }, (_, i) => fifthOf(i)))
}

/** Each row by the means of the rows that tell of its part: rows × target columns. */
export function crossFitted(
  places: Int32Array,
  categories: number,
  target: TargetColumns,
  weights: Float64Array | null,
  smoothing: number,
  { part, tells }: InnerParts,
): Float64Array {
  const width = target.columns.length
  const encoded = new Float64Array(places.length * width)
  for (const own of new Set(part)) {
    const told = part.some((_, row) => tells(row, own))
    const { values, prior } = targetMeans(places, categories, target, weights, smoothing, (row) =>
      told ? tells(row, own) : part[row] === own,
    )
    for (let i = 0; i < places.length; i++) {
      if (part[i] !== own) continue
      for (let j = 0; j < width; j++)
        encoded[i * width + j] = told && places[i] >= 0 ? values[j][places[i]] : prior[j]
    }
  }
  return encoded
}

/** Whatever the order of rows, such as by class: the place is mixed (the finaliser of MurmurHash3). */
function fifthOf(row: number): number {
  return mixed(row + 1) % fifths
}

/** The column, 0 … columns − 1, and the sign of a text. */
export function hashedText(text: string, columns: number): { column: number; sign: 1 | -1 } {
  const hash = murmur3(Buffer.from(text, 'utf8'))
  return { column: (hash >>> 1) % columns, sign: hash & 1 ? 1 : -1 }
}

/** MurmurHash3_x86_32 with the seed 0, as an unsigned number. Source: Appleby, MurmurHash3.cpp (public domain). */
export function murmur3(bytes: Uint8Array): number {
  const blocks = bytes.length >> 2
  let h = 0
  for (let i = 0; i < blocks; i++) {
    const at = 4 * i
    h ^= scrambled(bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24))
    h = (h << 13) | (h >>> 19)
    h = (Math.imul(h, 5) + 0xe6546b64) | 0
  }
  let rest = 0
  for (let at = bytes.length - 1; at >= 4 * blocks; at--) rest = (rest << 8) | bytes[at]
  if (bytes.length % 4 > 0) h ^= scrambled(rest)
  return mixed(h ^ bytes.length)
}

function scrambled(block: number): number {
  const k = Math.imul(block, 0xcc9e2d51)
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593)
}

function mixed(bits: number): number {
  let h = bits
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
