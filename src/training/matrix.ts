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

/** The matrix as arrays of plain numbers, for libraries that take nothing else. */
export function toArrays({ rows, columns, values }: Matrix): number[][] {
  return Array.from({ length: rows }, (_, i) => Array.from(values.subarray(i * columns, (i + 1) * columns)))
}
