/**
 * Scrambled Sobol points: a sequence in the unit cube whose every prefix of 2^m points is spread evenly.
 *
 * Notation: d = dimensions; v[j][b] = direction number b (0 ... 31) of dimension j, a fraction of 32 bits with
 * the binary point before the highest. Point n is the xor of the v[j][b] over the bits b that are set in the
 * Gray code of n, so that the unscrambled points come in the usual order.
 *
 * Sources: I. M. Sobol' (1967); direction numbers of Joe & Kuo (2008), see sobol-directions.ts. Scrambling:
 * J. Matoušek, "On the L2-discrepancy for anchored boxes", Journal of Complexity 14 (1998): a random lower
 * triangular matrix over GF(2) for every dimension, then a random digital shift. It keeps the (t, m, s)-net
 * property, makes every single point uniform, and costs nothing a point.
 */
import { joeKuoDirections } from './sobol-directions.js'
import { randomStream } from './streams.js'

const bits = 32
const cellWidth = 2 ** -bits

/** Dimensions with direction numbers. Coordinates beyond are independent random numbers, not Sobol's. */
export const sobolDimensions = 256

export interface SobolSequence {
  readonly dimensions: number
  /** Writes point `index` (0 ... 2^32 - 1) to `out`, length d: coordinates in (0, 1), never 0 nor 1. O(d log index). */
  pointInto(index: number, out: Float64Array): void
  /** The same as a new array. */
  point(index: number): Float64Array
}

/**
 * The sequence in `dimensions` dimensions, scrambled by the stream of (seed, purpose). A coordinate beyond
 * `sobolDimensions` comes from a stream of (seed, purpose, index). With seed null the points are not
 * scrambled; then at most `sobolDimensions` dimensions, else a RangeError.
 *
 * A coordinate is the middle of its cell of width 2^-32: unscrambled point 0 is 2^-33 everywhere.
 */
export function sobolSequence(dimensions: number, seed: number | null, purpose = 'sobol'): SobolSequence {
  const d = Math.min(dimensions, sobolDimensions)
  if (seed === null && d < dimensions) {
    throw new RangeError(
      `unscrambled Sobol points have at most ${sobolDimensions} dimensions, not ${dimensions}`,
    )
  }
  // Row b holds direction number b of all dimensions: a point is a xor of rows. Signed words, as xor gives them.
  const directions = new Int32Array(bits * d)
  const shift = new Int32Array(d)
  const v = new Uint32Array(bits)
  for (let j = 0; j < d; j++) {
    directionNumbersInto(j, v)
    if (seed !== null) shift[j] = scramble(v, seed, purpose, j)
    for (let b = 0; b < bits; b++) directions[b * d + j] = v[b]
  }
  const sum = new Int32Array(d)

  function pointInto(index: number, out: Float64Array): void {
    if (!(Number.isInteger(index) && index >= 0 && index < 2 ** bits)) {
      throw new RangeError(`the index of a Sobol point is an integer from 0 to 2^32 - 1, not ${index}`)
    }
    for (let j = 0; j < d; j++) sum[j] = shift[j]
    let gray = index ^ (index >>> 1)
    for (let row = 0; gray !== 0; row += d, gray >>>= 1) {
      if ((gray & 1) === 0) continue
      for (let j = 0; j < d; j++) sum[j] ^= directions[row + j]
    }
    for (let j = 0; j < d; j++) out[j] = ((sum[j] >>> 0) + 0.5) * cellWidth
    if (d < dimensions) {
      const stream = randomStream(seed!, purpose, 'beyond', index)
      for (let j = d; j < dimensions; j++) out[j] = (stream.integer(2 ** bits) + 0.5) * cellWidth
    }
  }

  return {
    dimensions,
    pointInto,
    point(index) {
      const out = new Float64Array(dimensions)
      pointInto(index, out)
      return out
    },
  }
}

let table: number[][] | null = null

/** Direction numbers of dimension j (0-based), by the recurrence of Joe & Kuo (2008), equations 2 and 3. */
function directionNumbersInto(j: number, v: Uint32Array): void {
  if (j === 0) {
    for (let b = 0; b < bits; b++) v[b] = 2 ** (bits - 1 - b)
    return
  }
  table ??= joeKuoDirections.split(';').map((entry) => entry.trim().split(' ').map(Number))
  const [polynomial, ...m] = table[j - 1]
  const s = m.length
  for (let b = 0; b < bits; b++) {
    if (b < s) {
      v[b] = m[b] * 2 ** (bits - 1 - b)
      continue
    }
    v[b] = v[b - s] ^ (v[b - s] >>> s)
    for (let k = 1; k < s; k++) if ((polynomial >>> (s - k)) & 1) v[b] ^= v[b - k]
  }
}

/**
 * Multiplies the direction numbers by a random lower triangular matrix with a diagonal of ones: each digit
 * becomes itself plus a random combination of the higher digits. Returns the digital shift.
 */
function scramble(v: Uint32Array, seed: number, purpose: string, dimension: number): number {
  const stream = randomStream(seed, purpose, 'scramble', dimension)
  const original = Uint32Array.from(v)
  v.fill(0)
  for (let digit = 0; digit < bits; digit++) {
    // The row of the matrix: random above the diagonal's digit, one on it, zero below.
    const place = 2 ** (bits - 1 - digit)
    const row = stream.integer(2 ** digit) * 2 * place + place
    for (let b = 0; b < bits; b++) if (parity(original[b] & row)) v[b] |= place
  }
  return stream.integer(2 ** bits)
}

/** The xor of all bits of a word. */
function parity(word: number): number {
  word ^= word >>> 16
  word ^= word >>> 8
  word ^= word >>> 4
  return (0x6996 >>> (word & 15)) & 1
}
