/**
 * How a delimited file is written: what is between its cells, and before the decimals of its numbers. Found out from its first
 * records; what more than one reading fits is asked for, and never guessed.
 */
import {
  type CellNotation,
  cellRules,
  cellText,
  type DecimalMark,
  isLooseMark,
  parseNumber,
  withoutUnit,
} from './cells.js'
import type { Layout } from './layout.js'
import { blanksAsTabs, firstLines } from './lines.js'
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
 * What divides the header and every record after it into the same number of cells, and that into the most; where no mark does, blanks, if
 * they do and there are numbers among the cells; else what divides most of the records alike, or the header.
 * @param usual what the file's name stands for: taken where the others do no better.
 */
export function findSeparator(text: Buffer, usual: ',' | '\t'): string {
  const candidates = [usual, ...separators.filter((mark) => mark !== usual)]
  const found = candidates.map((mark) => ({ mark, ...divide(text, mark.charCodeAt(0)) }))
  type Found = (typeof found)[number]
  const best = (list: readonly Found[], of: (one: Found) => number) =>
    list.reduce((first, one) => (of(one) > of(first) ? one : first))
  const regular = found.filter(({ isRegular, width }) => isRegular && width > 1)
  if (regular.length > 0) return best(regular, ({ width }) => width).mark
  const byBlanks = divide(blanksAsTabs(firstLines(text, lookedForSeparator)), 9, true)
  if (byBlanks.isRegular && byBlanks.width > 1 && byBlanks.hasNumbers) return ' '
  if (found[0].width > 1) return usual
  const alike = best(found, (one) => one.alike)
  if (alike.alike > 1) return alike.mark
  return byBlanks.alike > 1 && byBlanks.width > 1 && byBlanks.hasNumbers
    ? ' '
    : best(found, ({ width }) => width).mark
}

interface Divided {
  /** Cells of the header. */
  readonly width: number
  /** Whether all records have as many; or one more that is empty in each, as a separator at the end leaves one. */
  readonly isRegular: boolean
  /** The most records that have one number of cells, above 1. */
  readonly alike: number
  /** Whether the cells of a column are numbers, all of them. */
  readonly hasNumbers: boolean
}

/** @param isBlanks rows may have one cell more than the header: a name of the row. */
function divide(text: Buffer, mark: number, isBlanks = false): Divided {
  const widths = new Map<number, number>()
  let width = 0
  let records = 0
  let ofRows = 0
  let isRegular = true
  let numeric: number[] = []
  const fault = readRecords(text, mark, (record) => {
    const { cells } = record
    if (cells > 1) widths.set(cells, (widths.get(cells) ?? 0) + 1)
    if (records++ === 0) width = isBlanks && textOf(text, record, 0) === '#' ? cells - 1 : cells
    else {
      if (ofRows === 0) {
        ofRows = cells
        if (isBlanks) numeric = Array.from({ length: cells }, (_, i) => i)
      }
      const isLonger = cells === width + 1 && (isBlanks || isEmpty(record, cells - 1))
      if (cells !== ofRows || (cells !== width && !isLonger)) isRegular = false
      // For blanks alone: a wide file would have its first rows read five times.
      if (isBlanks) numeric = numeric.filter((i) => i < cells && isNumberOrMissing(textOf(text, record, i)))
    }
    return records < lookedForSeparator
  })
  return {
    width,
    isRegular: isRegular && fault === null,
    alike: Math.max(0, ...widths.values()),
    hasNumbers: numeric.length > 0,
  }
}

function isEmpty({ start, end }: CsvRecord, cell: number): boolean {
  return start[cell] === end[cell]
}

const plainRules = cellRules()

function isNumberOrMissing(cell: string): boolean {
  const text = cellText(cell, plainRules)
  return text === null || isLooseMark(text) || !Number.isNaN(parseNumber(text.replace(',', '.')))
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
  /** An exponent alone tells of no mark: R writes 1e-04 beside 0,5. */
  whole: new RegExp(`^${sign}\\d+(?:e[+-]?\\d+)?$`, 'i'),
  /** Decimals beyond doubt: not three digits behind one to three others, as between thousands. */
  comma: new RegExp(
    `^${sign}(?:\\d*,(?:\\d{1,2}|\\d{4,})|0?,\\d+|\\d{4,},\\d+|\\d{1,3}(?:\\.\\d{3})+,\\d+|\\d*,\\d+(?=e))(?:e[+-]?\\d+)?$`,
    'i',
  ),
  point: new RegExp(
    `^${sign}(?:\\d*\\.(?:\\d{1,2}|\\d{4,})|0?\\.\\d+|\\d{4,}\\.\\d+|\\d{1,3}(?:,\\d{3})+\\.\\d+|\\d*\\.\\d+(?=e))(?:e[+-]?\\d+)?$`,
    'i',
  ),
  commaOrThousands: new RegExp(`^${sign}\\d{1,3}(?:,\\d{3})+$`),
  pointOrThousands: new RegExp(`^${sign}\\d{1,3}(?:\\.\\d{3})+$`),
}
type Pattern = keyof typeof patterns

function patternOf(cell: string): Pattern | null {
  for (const name in patterns) if (patterns[name as Pattern].test(cell)) return name as Pattern
  return null
}

/** What stands beside numbers in many files, and says nothing of their marks. */
const commonUnit = /\s*[%$€£¥₹]\s*/

/** What is known of a column by the cells that were looked at. */
interface LookedColumn {
  readonly place: number
  readonly name: string
  present: number
  matched: number
  /** Whether its numbers have a unit that nobody stated: it is a column of texts then. */
  hasUnits: boolean
  readonly first: Map<Pattern, Evidence>
}

const isNumeric = ({ present, matched }: LookedColumn) => 2 * matched > present

/**
 * The decimal mark of a file, by its columns of numbers: by their first cells, and where those do not tell, by all that have a mark.
 * @param isLooked whether a column is one whose cells say something.
 */
export function findDecimal(
  text: Buffer,
  mark: number,
  { names, hasHeader }: Pick<Layout, 'names' | 'hasHeader'>,
  isLooked: (name: string) => boolean,
  { missing, units }: CellNotation,
): FoundDecimal {
  const rules = cellRules({ missing, units })
  let columns = names
    .map(
      (name, place): LookedColumn => ({
        place,
        name,
        present: 0,
        matched: 0,
        hasUnits: false,
        first: new Map(),
      }),
    )
    .filter(({ name }) => isLooked(name))
  let records = 0
  const look = (column: LookedColumn, record: CsvRecord) => {
    const written = cellText(textOf(text, record, column.place), rules)
    if (written === null || isLooseMark(written)) return
    column.present++
    const stated = withoutUnit(written, rules)
    let pattern = patternOf(stated)
    if (pattern === null && commonUnit.test(stated)) {
      pattern = patternOf(stated.replace(commonUnit, ''))
      column.hasUnits ||= pattern !== null
    }
    if (pattern === null) return
    column.matched++
    if (!column.first.has(pattern))
      column.first.set(pattern, { column: column.name, line: record.line, cell: written })
  }
  readRecords(text, mark, (record) => {
    const { cells, start, end } = record
    if (records++ === 0 && hasHeader) return true
    const isBeyond = records > lookedForDecimal
    for (const column of columns) {
      const { place } = column
      if (place >= cells || start[place] === end[place]) continue
      if (!isBeyond || hasMark(text, start[place], end[place])) look(column, record)
    }
    if (records < lookedForDecimal) return true
    if (records === lookedForDecimal) {
      columns = columns.filter((one) => one.present === 0 || isNumeric(one))
      if (!mayHaveMarks(text.subarray(end[cells - 1]), mark)) return false
    }
    return !columns.some((one) => isNumeric(one) && (one.first.has('comma') || one.first.has('point')))
  })
  const byFirst = columns.filter(isNumeric)
  const plain = byFirst.filter((one) => !one.hasUnits && [...one.first.keys()].some((key) => key !== 'whole'))
  const numeric = plain.length > 0 ? plain : byFirst
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

/** Whether a cell can have a point or a comma: of a file with commas between cells the latter is in quotes. */
function mayHaveMarks(text: Buffer, mark: number): boolean {
  return text.includes(46) || text.includes(mark === 44 ? 34 : 44)
}

function hasMark(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] === 44 || bytes[at] === 46) return true
  return false
}
