/** The columns that say which rows belong together, in which order they come, and how much they count. */
import type { FileColumn, FileTable } from './files/types.js'
import { type ProblemList, pathOf } from './problems.js'

/** Group numbers 0, 1, 2 … in the order of first appearance: one a row. On a SharedArrayBuffer. */
export function groupsOf(column: FileColumn, table: FileTable, problems: ProblemList): Int32Array {
  const groups = new Int32Array(new SharedArrayBuffer(4 * table.rows))
  const seen = new Map<number, number>()
  const cells: ArrayLike<number> = column.kind === 'number' ? column.values : column.codes
  refuseMissing(column, table, 'group', problems)
  for (let row = 0; row < table.rows; row++) {
    let group = seen.get(cells[row])
    if (group === undefined) {
      group = seen.size
      seen.set(cells[row], group)
    }
    groups[row] = group
  }
  return groups
}

/** Numbers in whose order rows come. */
export function timesOf(column: FileColumn, table: FileTable, problems: ProblemList): Float64Array {
  if (column.kind === 'number') {
    refuseMissing(column, table, 'time', problems)
    return column.values
  }
  const { firstText } = column
  problems.add(
    pathOf(table.place(firstText?.row ?? 0), column.name),
    `the time is a number or a date, written 2024-03-31 or 2024-03-31T13:45:00Z, and ${firstText === null ? 'this is text' : `${JSON.stringify(firstText.cell)} is none`}; say how dates are written with "dateFormat"`,
  )
  return new Float64Array(table.rows)
}

/** Weights above 0, for `rows` rows: those of a test file count 1. On a SharedArrayBuffer. */
export function weightsOf(
  column: FileColumn,
  table: FileTable,
  rows: number,
  problems: ProblemList,
): Float64Array {
  const weights = new Float64Array(new SharedArrayBuffer(8 * rows)).fill(1)
  if (column.kind !== 'number') return weights
  refuseMissing(column, table, 'weight', problems)
  for (let row = 0; row < table.rows; row++) {
    weights[row] = column.values[row]
    if (weights[row] <= 0) {
      problems.addShared(
        table.place(row),
        column.name,
        'above 0',
        `a weight is above 0, and this one is ${weights[row]}; remove rows that do not count`,
      )
    }
  }
  return weights
}

function refuseMissing(column: FileColumn, table: FileTable, role: string, problems: ProblemList): void {
  for (let row = 0; row < table.rows; row++) {
    const isMissing = column.kind === 'number' ? Number.isNaN(column.values[row]) : column.codes[row] < 0
    if (!isMissing) continue
    const message = `every row has a ${role}, and here it is missing; remove the row`
    problems.addShared(table.place(row), column.name, 'present', message)
  }
}
