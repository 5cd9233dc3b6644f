/**
 * How the table of a delimited file is laid out, by its first two records: where its header is, how many cells a row has, and which of
 * them belong to a column.
 */
import { readRecords, textOf } from './records.js'
import type { Finding, ReadOptions } from './types.js'

export interface Layout {
  /** The line of the header, or of the first row where there is none. */
  readonly line: number
  readonly hasHeader: boolean
  /** The columns' names as they are written. */
  readonly written: readonly string[]
  /** The same, with a name for a first one without. */
  readonly names: readonly string[]
  /** The name that was given to it; null where there is no such column. */
  readonly nameless: string | null
  /** Cells of a row: those beyond the columns are empty. */
  readonly cells: number
  readonly findings: readonly Finding[]
}

/** null where the text has no record. `columnNames`: see ReadOptions. */
export function layoutOf(
  text: Buffer,
  mark: number,
  isBlanks: boolean,
  columnNames: ReadOptions['columnNames'] = true,
): Layout | null {
  const records: { line: number; cells: string[] }[] = []
  readRecords(text, mark, (record) => {
    const cells = Array.from({ length: record.cells }, (_, i) => textOf(text, record, i).trim())
    return records.push({ line: record.line, cells }) < 2
  })
  if (records.length === 0) return null
  const [{ line, cells: first }, { cells: second } = { cells: null }] = records
  if (columnNames !== true) {
    const used = Math.max(usedCells(first), usedCells(second ?? []))
    const width = second === null || used === 0 ? first.length : used
    const names =
      columnNames === false ? Array.from({ length: width }, (_, i) => `column ${i + 1}`) : columnNames
    const cells = names.length >= width ? Math.max(names.length, first.length) : names.length
    return {
      ...{ line, hasHeader: false, written: names, names, nameless: null, cells },
      findings: [
        { what: 'header', found: 'the file has no header', why: 'as stated', isUsual: true },
        ...emptyColumns(cells - names.length),
      ],
    }
  }
  const { written, cells } = headerOf(first, second, isBlanks)
  const nameless = written.length > 1 && written[0] === '' ? nameBeside(written) : null
  return {
    ...{ line, hasHeader: true, written, nameless, cells },
    names: nameless === null ? written : [nameless, ...written.slice(1)],
    findings: [
      ...emptyColumns(cells - written.length),
      ...(nameless === null ? [] : [namelessFinding(nameless, written.length > first.length)]),
    ],
  }
}

/** The names of the columns, as the header has them, and the cells of a row. */
function headerOf(
  header: readonly string[],
  row: readonly string[] | null,
  isBlanks: boolean,
): { written: readonly string[]; cells: number } {
  const width = row?.length ?? header.length
  if (isBlanks) {
    // "# a b", as NumPy and gnuplot write it; then as R does, which names rows without a name for their column.
    if (header[0] === '#' && header.length === width + 1) return { written: header.slice(1), cells: width }
    if (width === header.length + 1) return { written: ['', ...header], cells: width }
  }
  const used = usedCells(header)
  const hasEmptyEnd = (width === header.length || width === header.length + 1) && used > 0 && used < width
  if (hasEmptyEnd && (row === null || usedCells(row) <= used))
    return { written: header.slice(0, used), cells: width }
  return { written: header, cells: header.length }
}

/** Cells up to the last one that is not empty. */
export function usedCells(cells: readonly string[]): number {
  return cells.findLastIndex((cell) => cell !== '') + 1
}

/** Records that are looked at. */
const lookedAt = 200

/** Where most of the first records have more cells than there are names: how many, and the line of the first that has. */
export function titleAbove(
  text: Buffer,
  mark: number,
  names: number,
): { line: number; cells: number } | null {
  const seen: { line: number; cells: number }[] = []
  readRecords(text, mark, (record) => {
    let { cells } = record
    while (cells > 0 && record.start[cells - 1] === record.end[cells - 1]) cells--
    return seen.push({ line: record.line, cells }) < lookedAt
  })
  const longer = seen.filter(({ cells }) => cells > names)
  const [first] = longer
  const isTable = longer.every(({ cells }) => cells <= first.cells) && 2 * longer.length > seen.length
  return first !== undefined && isTable ? first : null
}

function nameBeside(names: readonly string[]): string {
  let name = 'index'
  for (let n = 1; names.includes(name); n++) name = `index ${n}`
  return name
}

function emptyColumns(count: number): Finding[] {
  if (count <= 0) return []
  const found =
    count === 1
      ? 'the last column has neither a name nor a value'
      : `the last ${count} columns have neither a name nor a value`
  return [{ what: 'empty columns', found, why: 'rows end with a separator', isUsual: true }]
}

function namelessFinding(name: string, isLeftOutOfHeader: boolean): Finding {
  const as = isLeftOutOfHeader
    ? 'rows have one cell more than the header, as R writes the names of rows'
    : 'as pandas writes the numbers of rows'
  return {
    what: 'nameless column',
    found: `the first column has no name, and is called "${name}"`,
    why: `${as}; it is left out unless "columns" lists it or "namelessColumn" is "keep"`,
    isUsual: false,
  }
}
