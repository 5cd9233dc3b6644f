/** A matrix of numbers, row-major: value (i, j) at i·columns + j. No NaN in it. */
export interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly values: Float64Array
}

/** The matrix as arrays of plain numbers, for libraries that take nothing else. */
export function toArrays({ rows, columns, values }: Matrix): number[][] {
  return Array.from({ length: rows }, (_, i) => Array.from(values.subarray(i * columns, (i + 1) * columns)))
}
