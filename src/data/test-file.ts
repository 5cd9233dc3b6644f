/** A separate test file: read as the data set's file was, and put behind its rows. */

import { nearestName } from '../spelling.js'
import { byCodeUnit } from './files/cells.js'
import { readTableFile } from './files/read.js'
import type { FileColumn, FileTable, ReadOptions } from './files/types.js'

/** Reads the columns that are used, with the kinds they have in the first file. */
export async function readTestTable(
  file: string,
  columns: readonly FileColumn[],
  isUsed: (column: FileColumn) => boolean,
  how: Pick<ReadOptions, 'format' | 'notation' | 'skipLines' | 'columnNames' | 'reading' | 'usualDecimal'>,
): Promise<FileTable> {
  const used = new Map(columns.filter(isUsed).map((column) => [column.name, column]))
  return readTableFile(file, {
    ...how,
    header(names, problems, where) {
      const others = names.filter((name) => !used.has(name))
      for (const name of used.keys()) {
        if (names.includes(name)) continue
        const near = nearestName(name, others)
        problems.add(
          where,
          `the test file has the columns of the data file, and "${name}" is missing${near === null ? '' : ` (is "${near}" meant?)`}`,
        )
      }
    },
    kindOf(name) {
      const column = used.get(name)
      if (column === undefined) return 'skip'
      return column.kind === 'text' ? 'text' : (column.as ?? 'number')
    },
  })
}

/** The rows of the first table, then those of the next ones, each copied once. Columns that one of them does not have are left out. */
export function joinTables(tables: readonly FileTable[]): FileTable {
  const starts = [0]
  for (const { rows } of tables) starts.push(starts[starts.length - 1] + rows)
  const rows = starts[tables.length]
  const others = tables.slice(1).map(({ columns }) => new Map(columns.map((column) => [column.name, column])))
  const [first] = tables
  const columns = first.columns.flatMap((column): FileColumn[] => {
    const parts = [column, ...others.flatMap((columns) => columns.get(column.name) ?? [])]
    if (parts.length < tables.length || parts.some(({ kind }) => kind !== column.kind)) return []
    return column.kind === 'number'
      ? [joinNumbers(parts as NumberColumn[], starts, rows)]
      : [joinTexts(parts as TextColumn[], starts, rows)]
  })
  return {
    ...first,
    columns,
    rows,
    place(row) {
      const table = starts.findLastIndex((start) => start <= row)
      return tables[table].place(row - starts[table])
    },
  }
}

type NumberColumn = FileColumn & { readonly kind: 'number' }
type TextColumn = FileColumn & { readonly kind: 'text' }

function joinNumbers(parts: readonly NumberColumn[], starts: readonly number[], rows: number): NumberColumn {
  const values = new Float64Array(new SharedArrayBuffer(8 * rows))
  parts.forEach((part, i) => {
    values.set(part.values, starts[i])
  })
  const { loose: _, ...rest } = parts[0]
  const count = parts.reduce((sum, { loose }) => sum + (loose?.count ?? 0), 0)
  const cells = parts.flatMap(
    ({ loose }, i) => loose?.cells.map(({ row, cell }) => ({ row: starts[i] + row, cell })) ?? [],
  )
  return { ...rest, values, ...(count > 0 && { loose: { count, cells } }) }
}

function joinTexts(parts: readonly TextColumn[], starts: readonly number[], rows: number): TextColumn {
  const categories = [...new Set(parts.flatMap((part) => part.categories))].sort(byCodeUnit)
  const place = new Map(categories.map((text, code) => [text, code]))
  const codes = new Int32Array(new SharedArrayBuffer(4 * rows))
  let firstText: TextColumn['firstText'] = null
  parts.forEach((part, i) => {
    const places = part.categories.map((text) => place.get(text)!)
    for (let row = 0; row < part.codes.length; row++)
      codes[starts[i] + row] = part.codes[row] < 0 ? -1 : places[part.codes[row]]
    if (firstText === null && part.firstText !== null)
      firstText = { ...part.firstText, row: starts[i] + part.firstText.row }
  })
  return { ...parts[0], codes, categories, firstText }
}
