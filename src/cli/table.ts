/**
 * Tables that fit the terminal: columns that can be spared are left out, then the widest give way, and long cells end
 * in an ellipsis. What is copied (ids) or misread when cut (numbers) gives way last.
 */
import Table from 'cli-table3'
import { createColors } from 'picocolors'
import { wantsColour } from './output.js'
import { cut, room } from './room.js'

export interface TableColumn {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** Shown whole as long as any other column can give way. */
  readonly whole?: boolean
  /** Left out where there is no room: the highest number first. */
  readonly spare?: number
}

/** A single line; styled where it is an object. */
export type Cell = string | { readonly text: string; readonly style: (text: string) => string }

const columnGap = 2
const narrowestWidth = 6
/** A column that gives way is still readable at this width; before that, columns that can be spared go. */
const readableWidth = 10

/** How many characters fit on a line of stdout; Infinity where it is not a terminal. */
export function lineWidth(): number {
  return process.stdout.isTTY ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY
}

/** The table as text, without a line break at its end. Made for lists of any length: 10,000 rows in 50 ms. */
export function table(
  allColumns: readonly TableColumn[],
  allRows: readonly (readonly Cell[])[],
  width = lineWidth(),
): string {
  const natural = naturalWidths(allColumns, allRows)
  const kept = withoutSpare(allColumns, natural, width)
  const columns = kept.map((c) => allColumns[c])
  const rows = kept.length === allColumns.length ? allRows : allRows.map((row) => kept.map((c) => row[c]))
  const widths = fit(
    kept.map((c) => natural[c]),
    width,
    columns.map(({ whole }) => whole === true),
  )
  const line = (cells: readonly Cell[]) => {
    let text = ''
    for (let c = 0; c < cells.length; c++) {
      const cell = cells[c]
      const plain = cut(textOf(cell), widths[c])
      const styled = typeof cell === 'string' ? plain : cell.style(plain)
      const blank = ' '.repeat(Math.max(0, widths[c] - room(plain)))
      text += `${columns[c].align === 'right' ? blank + styled : styled + blank}${' '.repeat(columnGap)}`
    }
    return text.trimEnd()
  }
  return [...titles(columns), ...rows].map(line).join('\n')
}

/** The same for a few rows of sentences: what does not fit goes on below. */
export function wrappedTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width = lineWidth(),
): string {
  const frame = [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
  ]
  const lines = ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle']
  const output = new Table({
    chars: Object.fromEntries([...frame, ...lines].map((part) => [part, ''])),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': columnGap },
    colWidths: fit(naturalWidths(columns, rows), width - columnGap).map(
      (columnWidth) => columnWidth + columnGap,
    ),
    wordWrap: true,
  })
  for (const row of titles(columns)) output.push(row.map((cell) => cell.style(cell.text)))
  for (const row of rows) output.push([...row])
  return output.toString().replace(/ +$/gm, '')
}

/** Names and their values, each line indented. Values are never cut: they may be paths. */
export function pairs(rows: readonly (readonly [string, string])[], indent = '  '): string {
  const widest = rows.reduce((width, [name]) => Math.max(width, room(name)), 0)
  return rows
    .map(([name, text]) => `${indent}${name}${' '.repeat(widest - room(name) + columnGap)}${text}`.trimEnd())
    .join('\n')
}

/** Every line moved to the right. */
export function indented(text: string, indent = '  '): string {
  return text
    .split('\n')
    .map((line) => indent + line)
    .join('\n')
}

/** A paragraph in lines of the terminal's width, each indented. */
export function paragraph(text: string, indent = '  ', width = lineWidth()): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1]
    if (line !== '' && indent.length + room(line) + 1 + room(word) > width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line) => indent + line).join('\n')
}

/** What a table needs to show every cell whole. */
export function tableWidth(columns: readonly TableColumn[], rows: readonly (readonly Cell[])[]): number {
  return naturalWidths(columns, rows).reduce((sum, width) => sum + width + columnGap, -columnGap)
}

/** The line of titles, where there are any. */
function titles(columns: readonly TableColumn[]) {
  const style = createColors(wantsColour(process.stdout)).bold
  return columns.some(({ title }) => title !== '')
    ? [columns.map(({ title }) => ({ text: title, style }))]
    : []
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text
}

function naturalWidths(columns: readonly TableColumn[], rows: readonly (readonly Cell[])[]): number[] {
  return columns.map(({ title }, c) => {
    let widest = Math.max(room(title), 1)
    for (const row of rows) widest = Math.max(widest, room(textOf(row[c])))
    return widest
  })
}

/** The columns that are shown: those that can be spared go, one by one, until the others are readable. */
function withoutSpare(columns: readonly TableColumn[], natural: readonly number[], width: number): number[] {
  let kept = columns.map((_, c) => c)
  const least = (c: number) =>
    columnGap + (columns[c].whole ? natural[c] : Math.min(natural[c], readableWidth))
  while (kept.reduce((sum, c) => sum + least(c), -columnGap) > width) {
    const spare = kept.filter((c) => columns[c].spare !== undefined)
    if (spare.length === 0) break
    const out = spare.reduce((a, b) => (columns[b].spare! > columns[a].spare! ? b : a))
    kept = kept.filter((c) => c !== out)
  }
  return kept
}

/**
 * Narrows the widest column, one character at a time, until the table fits or every column is at its narrowest. Those
 * to be shown whole come last.
 */
function fit(natural: readonly number[], width: number, whole: readonly boolean[] = []): number[] {
  const widths = [...natural]
  let excess = widths.reduce((sum, w) => sum + w + columnGap, -columnGap) - width
  for (const columns of [widths.map((_, c) => c).filter((c) => !whole[c]), widths.map((_, c) => c)]) {
    while (excess > 0 && columns.length > 0) {
      const widest = columns.reduce((a, b) => (widths[b] > widths[a] ? b : a))
      if (widths[widest] <= narrowestWidth) break
      widths[widest]--
      excess--
    }
  }
  return widths
}
