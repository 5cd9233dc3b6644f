/** Rows that a table has more than once. */
import type { Column } from '../types.js'

/** How many rows are equal, in every column, to one before them. */
export function countDuplicates(columns: readonly Column[], rows: number): number {
  const cells = columns.map(
    (column): ArrayLike<number> => (column.kind === 'number' ? column.values : column.codes),
  )
  const firstWith = new Map<number, number>()
  const isEqual = (a: number, b: number) =>
    cells.every((column) => column[a] === column[b] || (Number.isNaN(column[a]) && Number.isNaN(column[b])))
  const hashes = hashesOf(cells, rows)
  let count = 0
  for (let row = 0; row < rows; row++) {
    const first = firstWith.get(hashes[row])
    if (first === undefined) firstWith.set(hashes[row], row)
    // Another row of the same hash is so rare that it may go uncounted.
    else if (isEqual(first, row)) count++
  }
  return count
}

/** 53 bits of each row, column by column: two multiplicative hashes of 32 bits (Knuth, TAOCP 6.4) over the halves of every number. */
function hashesOf(columns: readonly ArrayLike<number>[], rows: number): Float64Array {
  const high = new Uint32Array(rows)
  const low = new Uint32Array(rows)
  const bits = new Float64Array(1)
  const words = new Uint32Array(bits.buffer)
  for (const column of columns) {
    for (let row = 0; row < rows; row++) {
      // -0 is 0, and there is one NaN.
      bits[0] = Number.isNaN(column[row]) ? Number.NaN : column[row] + 0
      const h = Math.imul((high[row] ^ words[0]) + 0x9e3779b9, 0x85ebca6b)
      high[row] = Math.imul(h ^ (h >>> 15) ^ words[1], 0xc2b2ae35)
      const l = Math.imul((low[row] ^ words[1]) + 0x7f4a7c15, 0x27d4eb2f)
      low[row] = Math.imul(l ^ (l >>> 13) ^ words[0], 0x165667b1)
    }
  }
  return Float64Array.from(high, (h, row) => (h >>> 11) * 0x100000000 + low[row])
}
