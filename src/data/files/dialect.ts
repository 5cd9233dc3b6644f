/**
 * How a delimited file is written: what is between its cells, and before the decimals of its numbers. Found out from its first
 * records; what more than one reading fits is asked for, and never guessed.
 */
import { cellRules, cellText, type DecimalMark, isLooseMark } from './cells.js'
import { type CsvRecord, readRecords, textOf } from './records.js'

/** In this order where several divide the file equally well. */
const separators = [',', ';', '\t', '|'] as const

/** Records that are looked at. */
const lookedForSeparator = 200
/** Beyond them cells are looked at only where these do not tell. */
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

/** What is known of a column by the cells that were looked at. */
interface LookedColumn {
  readonly place: number
  readonly name: string
  present: number
  matched: number
  readonly first: Map<Pattern, Evidence>
}

const isNumeric = ({ present, matched }: LookedColumn) => 2 * matched > present

/**
 * The decimal mark of a file, by its columns of numbers: by their first cells, and where those do not tell, by all that have a mark.
 * @param isLooked whether a column is one whose cells say something.
 */
export function findDecimal(
  text: Buffer,
  separator: string,
  isLooked: (name: string) => boolean,
  missing: readonly string[] = [],
): FoundDecimal {
  const rules = cellRules({ missing })
  let columns: LookedColumn[] = []
  let records = 0
  const look = (column: LookedColumn, record: CsvRecord) => {
    const cell = cellText(textOf(text, record, column.place), rules)
    if (cell === null || isLooseMark(cell)) return
    column.present++
    for (const name in patterns) {
      const pattern = name as Pattern
      if (!patterns[pattern].test(cell)) continue
      column.matched++
      if (!column.first.has(pattern))
        column.first.set(pattern, { column: column.name, line: record.line, cell })
      break
    }
  }
  readRecords(text, separator.charCodeAt(0), (record) => {
    const { cells, start, end } = record
    if (records++ === 0) {
      columns = Array.from({ length: cells }, (_, place) => ({
        place,
        name: textOf(text, record, place).trim(),
        present: 0,
        matched: 0,
        first: new Map(),
      })).filter(({ name }) => isLooked(name))
      return true
    }
    const isBeyond = records > lookedForDecimal
    for (const column of columns) {
      const { place } = column
      if (place >= cells || start[place] === end[place]) continue
      if (!isBeyond || hasMark(text, start[place], end[place])) look(column, record)
    }
    if (records < lookedForDecimal) return true
    if (records === lookedForDecimal) columns = columns.filter((one) => one.present === 0 || isNumeric(one))
    return !columns.some((one) => isNumeric(one) && (one.first.has('comma') || one.first.has('point')))
  })
  const numeric = columns.filter(isNumeric)
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

function hasMark(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] === 44 || bytes[at] === 46) return true
  return false
}
