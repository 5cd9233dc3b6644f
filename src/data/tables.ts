/**
 * Rows of a table: choosing some of them without copying a column.
 */
import type { FileColumn } from './files/types.js'
import type { Column, Dataset, Table } from './types.js'

/** 0 … n − 1, on a SharedArrayBuffer. */
export function allRows(n: number): Int32Array {
  const index = new Int32Array(new SharedArrayBuffer(4 * n))
  for (let i = 0; i < n; i++) index[i] = i
  return index
}

/** The rows at these positions (0 … rows − 1) of a table. Columns are shared. */
export function selectRows(data: Dataset, positions: Int32Array): Dataset
export function selectRows(data: Table, positions: Int32Array): Table
export function selectRows(data: Table, positions: Int32Array): Table {
  const index = new Int32Array(positions.length)
  for (let i = 0; i < positions.length; i++) index[i] = data.index[positions[i]]
  return { ...data, index, rows: index.length }
}

/** A column of a file without what is known of the file alone. */
export function asColumn(column: FileColumn): Column {
  const { name } = column
  if (column.kind === 'text')
    return { name, kind: 'text', codes: column.codes, categories: column.categories }
  const { values, as } = column
  return as === undefined ? { name, kind: 'number', values } : { name, kind: 'number', values, as }
}
