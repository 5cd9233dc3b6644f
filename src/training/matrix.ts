/**
 * A matrix of numbers, row-major: value (i, j) at i·columns + j. NaN, for a missing value, only where a learner takes missing values;
 * infinities never.
 */
export interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly values: Float64Array
  /**
   * For each column the number of its categories, whose places 0, 1, 2 … are its values; 0 for a column of numbers. Absent where all
   * are numbers, as they are for learners that take no categories.
   */
  readonly categories?: Int32Array
}

/** The values at these places. A loop: `from` with a function takes ten times as long. */
export function valuesAt(values: Float64Array, places: Int32Array): Float64Array {
  const found = new Float64Array(places.length)
  for (let i = 0; i < found.length; i++) found[i] = values[places[i]]
  return found
}

/** Writes up to `count` columns from `first` on, one behind the other (count × rows): several at once, as a row's neighbours are near. */
export function columnsInto(
  out: Float64Array,
  { rows, columns, values }: Matrix,
  first: number,
  count: number,
): void {
  const width = Math.min(count, columns - first)
  for (let i = 0, from = first; i < rows; i++, from += columns)
    for (let j = 0, to = i; j < width; j++, to += rows) out[to] = values[from + j]
}

/** The matrix as arrays of plain numbers, for libraries that take nothing else. */
export function toArrays({ rows, columns, values }: Matrix): number[][] {
  return Array.from({ length: rows }, (_, i) => Array.from(values.subarray(i * columns, (i + 1) * columns)))
}
