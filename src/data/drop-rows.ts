/** A table without some of its rows. */
import type { FileColumn, FileTable } from './files/types.js'

/** Without the rows that have no value in this column, and how many those were. */
export function dropMissing(table: FileTable, name: string): { table: FileTable; dropped: number } {
  const column = table.columns.find((one) => one.name === name)
  if (column === undefined) return { table, dropped: 0 }
  const kept = new Int32Array(table.rows)
  let rows = 0
  for (let row = 0; row < table.rows; row++)
    if (column.kind === 'number' ? !Number.isNaN(column.values[row]) : column.codes[row] >= 0)
      kept[rows++] = row
  const dropped = table.rows - rows
  if (dropped === 0) return { table, dropped }
  const left = kept.subarray(0, rows)
  return {
    dropped,
    table: {
      ...table,
      rows,
      columns: table.columns.map((one) => selected(one, left)),
      place: (row) => table.place(kept[row]),
    },
  }
}

/** In place, as nobody reads the whole column again. */
function selected(column: FileColumn, kept: Int32Array): FileColumn {
  if (column.kind === 'number') {
    const values = column.values.subarray(0, kept.length)
    for (let i = 0; i < kept.length; i++) values[i] = column.values[kept[i]]
    if (column.loose === undefined) return { ...column, values }
    const { count, cells } = column.loose
    const left = cells.flatMap(({ row, cell }) => {
      const place = placeIn(kept, row)
      return place === -1 ? [] : [{ row: place, cell }]
    })
    const loose = { count: count - (cells.length - left.length), cells: left }
    const { loose: _, ...rest } = column
    return left.length === 0 ? { ...rest, values } : { ...rest, values, loose }
  }
  const codes = column.codes.subarray(0, kept.length)
  for (let i = 0; i < kept.length; i++) codes[i] = column.codes[kept[i]]
  const used = new Uint8Array(column.categories.length)
  for (const code of codes) if (code >= 0) used[code] = 1
  const newCode = new Int32Array(used.length)
  const categories = column.categories.filter((_, code) => used[code] === 1)
  for (let code = 0, next = 0; code < used.length; code++) newCode[code] = used[code] === 1 ? next++ : -1
  for (let i = 0; i < codes.length; i++) if (codes[i] >= 0) codes[i] = newCode[codes[i]]
  const row = column.firstText === null ? -1 : placeIn(kept, column.firstText.row)
  const firstText = row === -1 ? null : { row, cell: column.firstText!.cell }
  return { ...column, codes, categories, firstText }
}

/** The place of a row among those that are kept, which are in order; -1 where it is none of them. */
function placeIn(kept: Int32Array, row: number): number {
  let [low, high] = [0, kept.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (kept[middle] < row) low = middle + 1
    else high = middle
  }
  return kept[low] === row ? low : -1
}
