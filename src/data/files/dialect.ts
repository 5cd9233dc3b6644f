/**
 * How a delimited file is written: what is between its cells, and before the decimals of its numbers. Found out from its first
 * records; what more than one reading fits is asked for, and never guessed.
 */
import { cellRules, cellText, type DecimalMark, isLooseMark } from './cells.js'
import { readRecords, textOf } from './records.js'

/** In this order where several divide the file equally well. */
const separators = [',', ';', '\t', '|'] as const

/** Records that are looked at. */
const lookedForSeparator = 200
const lookedForDecimal = 20_000

/** The name of a separator in messages. */
export function separatorName(mark: string): string {
  const names: Readonly<Record<string, string>> = {
    ',': 'commas',
    ';': 'semicolons',
    '\t': 'tabs',
    '|': 'bars (|)',
    ' ': 'blanks',
  }
  return names[mark] ?? JSON.stringify(mark)
}

/**
 * What divides the header and every record after it into the same number of cells, and that into the most; where nothing does, what
 * divides the header.
 * @param usual what the file's name stands for: taken where the others do no better.
 */
export function findSeparator(text: Buffer, usual: ',' | '\t'): string {
  const candidates = [usual, ...separators.filter((mark) => mark !== usual)]
  const found = candidates.map((mark) => ({ mark, ...divide(text, mark.charCodeAt(0)) }))
  const most = (list: typeof found) => list.reduce((best, one) => (one.width > best.width ? one : best))
  const regular = found.filter(({ isRegular, width }) => isRegular && width > 1)
  if (regular.length > 0) return most(regular).mark
  return found[0].width > 1 ? usual : most(found).mark
}

function divide(text: Buffer, mark: number): { width: number; isRegular: boolean } {
  let width = 0
  let records = 0
  let isRegular = true
  const fault = readRecords(text, mark, ({ cells }) => {
    if (records++ === 0) width = cells
    else if (cells !== width) isRegular = false
    return isRegular && records < lookedForSeparator
  })
  return { width, isRegular: isRegular && fault === null }
}

/** A cell by which the decimal mark is known, and where it is. */
interface Evidence {
  readonly column: string
  readonly line: number
  readonly cell: string
}

export type FoundDecimal =
  | { readonly decimal: DecimalMark; readonly because: Evidence | null }
  /** Both are used, or what is used could be a mark between thousands. */
  | { readonly decimal: null; readonly comma: Evidence | null; readonly point: Evidence | null }

const sign = '[+-]?'
const patterns = {
  whole: new RegExp(`^${sign}\\d+$`),
  /** Decimals beyond doubt: not three digits behind one to three others, as between thousands. */
  comma: new RegExp(
    `^${sign}(?:\\d*,(?:\\d{1,2}|\\d{4,})|0?,\\d+|\\d{4,},\\d+|\\d{1,3}(?:\\.\\d{3})+,\\d+)(?:e[+-]?\\d+)?$`,
    'i',
  ),
  point: new RegExp(
    `^${sign}(?:\\d*\\.(?:\\d{1,2}|\\d{4,})|0?\\.\\d+|\\d{4,}\\.\\d+|\\d{1,3}(?:,\\d{3})+\\.\\d+|\\d*\\.?\\d+e[+-]?\\d+)(?:e[+-]?\\d+)?$`,
    'i',
  ),
  commaOrThousands: new RegExp(`^${sign}\\d{1,3}(?:,\\d{3})+$`),
  pointOrThousands: new RegExp(`^${sign}\\d{1,3}(?:\\.\\d{3})+$`),
}
type Pattern = keyof typeof patterns

/**
 * The decimal mark of a file, by its columns of numbers.
 * @param isLooked whether a column is one whose cells say something.
 */
export function findDecimal(
  text: Buffer,
  separator: string,
  isLooked: (name: string) => boolean,
  missing: readonly string[] = [],
): FoundDecimal {
  const rules = cellRules({ missing })
  let columns: {
    name: string
    present: number
    counts: Map<Pattern, number>
    first: Map<Pattern, Evidence>
  }[] = []
  let looked: number[] = []
  let records = 0
  readRecords(text, separator.charCodeAt(0), (record) => {
    if (records++ === 0) {
      columns = Array.from({ length: record.cells }, (_, i) => ({
        name: textOf(text, record, i).trim(),
        present: 0,
        counts: new Map(),
        first: new Map(),
      }))
      looked = columns.map((_, i) => i).filter((i) => isLooked(columns[i].name))
      return true
    }
    for (const i of looked) {
      if (i >= record.cells || record.start[i] === record.end[i]) continue
      const cell = cellText(textOf(text, record, i), rules)
      if (cell === null || isLooseMark(cell)) continue
      const column = columns[i]
      column.present++
      for (const pattern in patterns) {
        const one = pattern as Pattern
        if (!patterns[one].test(cell)) continue
        column.counts.set(one, (column.counts.get(one) ?? 0) + 1)
        if (!column.first.has(one)) column.first.set(one, { column: column.name, line: record.line, cell })
        break
      }
    }
    return records < lookedForDecimal
  })
  const numeric = columns.filter(
    ({ present, counts }) => 2 * [...counts.values()].reduce((a, b) => a + b, 0) > present,
  )
  const first = (pattern: Pattern) =>
    numeric.map((column) => column.first.get(pattern)).find((one) => one !== undefined) ?? null
  const comma = first('comma')
  const point = first('point')
  if (comma !== null && point !== null) return { decimal: null, comma, point }
  if (comma !== null) return { decimal: ',', because: comma }
  if (point !== null) return { decimal: '.', because: point }
  const either = { comma: first('commaOrThousands'), point: first('pointOrThousands') }
  return either.comma === null && either.point === null
    ? { decimal: '.', because: null }
    : { decimal: null, ...either }
}
