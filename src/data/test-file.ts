/** A separate test file: read as the data set's file was, and put behind its rows. */

import { nearestName } from '../spelling.js'
import { byCodeUnit } from './files/cells.js'
import { readTableFile } from './files/read.js'
import type { FileColumn, FileTable, LooseCells, ReadOptions } from './files/types.js'

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

/** The rows of the first table, then those of the second. Columns the second does not have are left out. */
export function joinTables(first: FileTable, second: FileTable): FileTable {
  const rows = first.rows + second.rows
  const columns = first.columns.flatMap((column): FileColumn[] => {
    const more = second.columns.find(({ name }) => name === column.name)
    if (more === undefined) return []
    if (column.kind === 'number' && more.kind === 'number') {
      const values = new Float64Array(new SharedArrayBuffer(8 * rows))
      values.set(column.values)
      values.set(more.values, first.rows)
      const { loose: _, ...rest } = column
      const loose = joinLoose(column.loose, more.loose, first.rows)
      return [{ ...rest, values, ...(loose && { loose }) }]
    }
    return column.kind === 'text' && more.kind === 'text' ? [joinTexts(column, more, first.rows, rows)] : []
  })
  return {
    columns,
    rows,
    place: (row) => (row < first.rows ? first.place(row) : second.place(row - first.rows)),
    digest: first.digest,
    reading: first.reading,
    findings: first.findings,
    rules: first.rules,
  }
}

type TextColumn = FileColumn & { readonly kind: 'text' }

function joinLoose(
  first: LooseCells | undefined,
  second: LooseCells | undefined,
  firstRows: number,
): LooseCells | undefined {
  if (second === undefined) return first
  const cells = second.cells.map(({ row, cell }) => ({ row: firstRows + row, cell }))
  return { count: (first?.count ?? 0) + second.count, cells: [...(first?.cells ?? []), ...cells] }
}

function joinTexts(first: TextColumn, second: TextColumn, firstRows: number, rows: number): TextColumn {
  const categories = [...new Set([...first.categories, ...second.categories])].sort(byCodeUnit)
  const place = new Map(categories.map((text, code) => [text, code]))
  const codes = new Int32Array(new SharedArrayBuffer(4 * rows))
  const put = ({ codes: from, categories: texts }: TextColumn, at: number) => {
    const places = texts.map((text) => place.get(text)!)
    for (let i = 0; i < from.length; i++) codes[at + i] = from[i] < 0 ? -1 : places[from[i]]
  }
  put(first, 0)
  put(second, firstRows)
  const later = second.firstText && { ...second.firstText, row: firstRows + second.firstText.row }
  return { ...first, codes, categories, firstText: first.firstText ?? later }
}
