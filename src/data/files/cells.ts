/**
 * What the text of a cell means: missing, a number, true or false, a date. The same in every format of file and in
 * rows given in code.
 */
import { compileDateFormat, type DateFormat, type StatedDateFormat } from './date-format.js'

/** Texts that mean "no value here". */
export const missingMarks: readonly string[] = ['', 'NA', 'N/A', 'n/a', 'NaN', 'nan', 'null', 'NULL', '?']
const missing = new Set(missingMarks)

/**
 * Texts that other programs write into a column of numbers or dates where there is no value (pandas, R, Excel, SAS,
 * MySQL, C). They count as missing in such columns alone: among texts they can be values.
 */
export const looseMarks: ReadonlySet<string> = new Set([
  ...['None', '<NA>', 'NaT', '-nan', '-NaN', 'NAN', '#N/A', '#N/A N/A', '#NA', 'na', 'n.a.', 'N.A.', 'Null'],
  ...['#DIV/0!', '#VALUE!', '#REF!', '#NAME?', '#NUM!', '#NULL!', '#WERT!', '#BEZUG!', '#ZAHL!', '#NV'],
  ...['1.#QNAN', '-1.#QNAN', '1.#IND', '-1.#IND', '(null)', '\\N', '-', '--', '.'],
])

/** Whether a text stands for "no value" where the rest of its column is numbers or dates. */
export function isLooseMark(text: string): boolean {
  return text.length <= 9 && looseMarks.has(text)
}

/** The mark before the decimals of a number. */
export type DecimalMark = '.' | ','

/** How cells are written where it is not as in a plain file: what a sweep file states, or a model's signature. */
export interface CellNotation {
  /** Texts that count as missing beside those that always do. */
  readonly missing?: readonly string[]
  /** A point unless stated. */
  readonly decimal?: DecimalMark
  /** The mark between thousands; none unless stated. */
  readonly thousands?: string
  /** Texts before or behind numbers that are taken off: `%`, `€`. The number stays as it is. */
  readonly units?: readonly string[]
  /** How dates are written that are not in ISO 8601: see date-format.ts. */
  readonly dateFormat?: StatedDateFormat
  readonly trueValues?: readonly string[]
  readonly falseValues?: readonly string[]
}

/** What the text of a cell means, by the notation of its file. */
export interface CellRules {
  /** The cells that count as missing beside those that always do. */
  readonly missing: ReadonlySet<string>
  /** Those of the texts that are numbers: in a column of numbers -999 and -999.0 are the same. */
  readonly missingNumbers: ReadonlySet<number>
  readonly decimal: DecimalMark
  /** Whether a number is written as in a plain file: with a point, and nothing between thousands. */
  readonly plainNumbers: boolean
  /** The pattern of a number with marks between thousands, and the marks; null where there are none. */
  readonly thousands: { readonly pattern: RegExp; readonly marks: RegExp } | null
  /** What is taken off before and behind a number; null where nothing is. */
  readonly units: { readonly before: RegExp; readonly behind: RegExp } | null
  /** Of every column that `dateFormats` does not name. */
  readonly dateFormat: DateFormat | null
  readonly dateFormats: ReadonlyMap<string, DateFormat>
  /** In lower case: 1 and 0 by the words of the file. */
  readonly truth: ReadonlyMap<string, number>
}

export function cellRules(notation: CellNotation = {}): CellRules {
  const { missing: stated = [], decimal = '.', thousands, units = [], dateFormat = {} } = notation
  const { trueValues, falseValues } = notation
  const texts = stated.map((text) => text.trim())
  const words = (list: readonly string[] = [], value: 0 | 1) =>
    list.map((text) => [text.trim().toLowerCase(), value] as const)
  const rules: CellRules = {
    missing: new Set(texts),
    missingNumbers: new Set(),
    decimal,
    plainNumbers: decimal === '.' && thousands === undefined && units.length === 0,
    thousands: thousands === undefined ? null : thousandsPattern(thousands, decimal),
    units: units.length === 0 ? null : unitPatterns(units),
    dateFormat: typeof dateFormat === 'string' ? compileDateFormat(dateFormat) : null,
    dateFormats: new Map(
      typeof dateFormat === 'string'
        ? []
        : Object.entries(dateFormat).map(([column, format]) => [column, compileDateFormat(format)]),
    ),
    truth: new Map([...words(trueValues, 1), ...words(falseValues, 0)]),
  }
  const numbers = texts.map((text) => numberIn(text, rules)).filter(Number.isFinite)
  return { ...rules, missingNumbers: new Set(numbers) }
}

/** The rules of one column. */
export function rulesOf(column: string, rules: CellRules): CellRules {
  const dateFormat = rules.dateFormats.get(column)
  return dateFormat === undefined ? rules : { ...rules, dateFormat }
}

function unitPatterns(units: readonly string[]): CellRules['units'] {
  // Of two of which one ends with the other, the longer one is meant.
  const one = [...units]
    .sort((a, b) => b.length - a.length)
    .map((unit) => unit.trim().replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'))
    .join('|')
  return { before: new RegExp(`^([+-]?)\\s*(?:${one})\\s*`), behind: new RegExp(`\\s*(?:${one})$`) }
}

/** A number without the unit beside it. */
export function withoutUnit(text: string, { units }: Pick<CellRules, 'units'>): string {
  return units === null ? text : text.replace(units.behind, '').replace(units.before, '$1')
}

/** A blank between thousands is any of those that are written there: also the unbreakable ones. */
function thousandsPattern(mark: string, decimal: DecimalMark): CellRules['thousands'] {
  const one = mark === ' ' ? '[ \\u00a0\\u202f]' : `[${mark}]`
  return {
    pattern: new RegExp(`^[+-]?\\d{1,3}(?:${one}\\d{3})+(?:[${decimal}]\\d*)?$`),
    marks: new RegExp(one, 'g'),
  }
}

/** The finite number a text holds in the notation of its file, else NaN. */
export function numberIn(text: string, rules: CellRules): number {
  if (rules.plainNumbers) return parseNumber(text)
  const bare = bareNumberIn(text, rules)
  if (!Number.isNaN(bare) || rules.units === null) return bare
  const left = withoutUnit(text, rules)
  // A unit alone is no 0.
  return left === '' ? Number.NaN : bareNumberIn(left, rules)
}

function bareNumberIn(text: string, rules: CellRules): number {
  let bare = text
  if (rules.thousands?.pattern.test(text)) bare = text.replace(rules.thousands.marks, '')
  if (rules.decimal === '.') return parseNumber(bare)
  return bare.includes('.') ? Number.NaN : parseNumber(bare.replace(',', '.'))
}

/** Days since 1970-01-01 of an ISO 8601 date, or of one in the format of the file; else NaN. */
export function dateIn(text: string, { dateFormat }: CellRules): number {
  const days = parseDate(text)
  return Number.isNaN(days) && dateFormat !== null ? dateFormat.parse(text) : days
}

/** 1 or 0 for the words of truth values, those of the file among them; else NaN. */
export function truthIn(text: string, { truth }: CellRules): number {
  return truth.get(text.toLowerCase()) ?? parseBoolean(text)
}

/** Whether a text is a truth value without being told so for its column. */
export function isTruthWord(text: string, { truth }: CellRules): boolean {
  return isPlainBoolean(text) || (truth.size > 0 && truth.has(text.toLowerCase()))
}

/** What a cell means once blanks around it are taken off: null where missing. */
export function cellText(cell: string, rules: Pick<CellRules, 'missing'>): string | null {
  const text = cell.trim()
  return missing.has(text) || rules.missing.has(text) ? null : text
}

/** The finite number a text holds in plain decimal notation, else NaN. */
export function parseNumber(text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value)) return Number.NaN
  // Number() also reads 0x1F, 0b1, 0o7: codes, not measurements. Their second or third character is a letter.
  if (text.length > 2 && /^[+-]?0[xbo]/i.test(text)) return Number.NaN
  return value
}

/** Whether a text is an infinite number: a number, but none to train on. */
export function isInfinite(text: string): boolean {
  return Math.abs(Number(text)) === Infinity || /^[+-]?(?:inf(?:inity)?|1\.#inf|∞)$/i.test(text)
}

/**
 * Whether a text is a number written in another way than a data file does: with a currency or a per cent sign, with
 * marks between thousands, a decimal comma, a typographic minus, or brackets for one.
 */
export function isNumberOtherwise(text: string): boolean {
  if (text.length > 40 || !/\d/.test(text)) return false
  const bare = text
    .replace(/[\s$€£¥₹%'’_]/g, '')
    .replace(/^[−–—]/, '-')
    .replace(/^\((.*)\)$/, '-$1')
  return /^[+-]?(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d{1,3}(?:\.\d{3})+(?:,\d*)?|\d*[.,]?\d+|\d+[.,])$/.test(bare)
}

/** 1 or 0 for the words a file writes truth values with, else NaN. */
export function parseBoolean(text: string): number {
  switch (text.toLowerCase()) {
    case 'true':
    case 'yes':
    case 't':
    case 'y':
    case '1':
      return 1
    case 'false':
    case 'no':
    case 'f':
    case 'n':
    case '0':
      return 0
    default:
      return Number.NaN
  }
}

/** The words that are truth values without being told so: the others could be codes. */
export function isPlainBoolean(text: string): boolean {
  return text.length >= 4 && text.length <= 5 && /^(?:true|false)$/i.test(text)
}

const datePattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/

const msPerDay = 86_400_000

/**
 * Days since 1970-01-01, with the time of day as a fraction, of an ISO 8601 date (2024-03-31, 2024-03-31T13:45:00Z,
 * with a blank for the T, with an offset); else NaN. A time without an offset is UTC, so that a file means the
 * same on every machine.
 */
export function parseDate(text: string): number {
  if (text.length < 10 || text.charCodeAt(4) !== 45) return Number.NaN
  const found = datePattern.exec(text)
  if (found === null) return Number.NaN
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part ?? 0))
  const midnight = Date.UTC(year, month - 1, day)
  const read = new Date(midnight)
  // Date.UTC takes years below 100 for 19xx (such a date is none here), and 02-30 for 03-01.
  if (read.getUTCFullYear() !== year || read.getUTCMonth() !== month - 1 || read.getUTCDate() !== day)
    return Number.NaN
  if (hour > 23 || minute > 59 || second > 59) return Number.NaN
  const ms = ((hour * 60 + minute) * 60 + second) * 1000 + Number(`0.${found[7] ?? 0}`) * 1000
  return (midnight + ms - offsetOf(found[8])) / msPerDay
}

/** ms of `+02:00`, `-0530`, `Z`. */
function offsetOf(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return (zone[0] === '-' ? -minutes : minutes) * 60_000
}

export function daysOf(date: Date): number {
  return date.getTime() / msPerDay
}

/** The ISO 8601 text of days since 1970-01-01, to the millisecond; without the time of day where that is midnight. */
export function formatDate(days: number): string {
  const text = new Date(Math.round(days * msPerDay)).toISOString()
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, -14) : text
}

/** The order of `<`: by UTF-16 code unit, the same in every locale. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A text as an error message shows it. */
export function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
