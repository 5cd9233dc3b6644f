/** A separate test file: read as the data set's file was, and put behind its rows. */

import { nearestName } from '../spelling.js'
import { byCodeUnit, type MissingTexts } from './files/cells.js'
import { readTableFile } from './files/read.js'
import type { FileColumn, FileFormat, FileTable } from './files/types.js'

/** Reads the columns that are used, with the kinds they have in the first file. */
export async function readTestTable(
  file: string,
  columns: readonly FileColumn[],
  isUsed: (column: FileColumn) => boolean,
  format: FileFormat | undefined,
  missing: MissingTexts,
): Promise<FileTable> {
  const used = new Map(columns.filter(isUsed).map((column) => [column.name, column]))
  return readTableFile(file, {
    format,
    missing,
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
      return [{ ...column, values }]
    }
    return column.kind === 'text' && more.kind === 'text' ? [joinTexts(column, more, rows)] : []
  })
  return {
    columns,
    rows,
    place: (row) => (row < first.rows ? first.place(row) : second.place(row - first.rows)),
    digest: first.digest,
  }
}

type TextColumn = FileColumn & { readonly kind: 'text' }

function joinTexts(first: TextColumn, second: TextColumn, rows: number): TextColumn {
  const categories = [...new Set([...first.categories, ...second.categories])].sort(byCodeUnit)
  const place = new Map(categories.map((text, code) => [text, code]))
  const codes = new Int32Array(new SharedArrayBuffer(4 * rows))
  const put = ({ codes: from, categories: texts }: TextColumn, at: number) => {
    const places = texts.map((text) => place.get(text)!)
    for (let i = 0; i < from.length; i++) codes[at + i] = from[i] < 0 ? -1 : places[from[i]]
  }
  put(first, 0)
  put(second, first.codes.length)
  return { ...first, codes, categories }
}
