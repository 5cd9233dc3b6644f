/**
 * What would make numbers or dates of columns of texts if it were said: a unit beside numbers, marks between thousands, a format of
 * dates, a line of units under the header. It is told in warnings, and `init` writes it into a sweep file; it is never taken by itself.
 */
import { type ThousandsMark, thousandsMarks } from '../values.js'
import { type CellRules, cellRules, isLooseMark, numberIn, parseNumber, rulesOf } from './files/cells.js'
import { possibleDateFormats } from './files/date-format.js'
import type { ColumnKind, FileColumn, FileTable } from './files/types.js'

type TextColumn = Extract<FileColumn, { kind: 'text' }>

/** How the numbers of a column are written. */
export interface NumberHint {
  readonly units: readonly string[]
  readonly thousands: ThousandsMark | null
  /** The first text that is so. */
  readonly example: string
}

/** Of all columns whose kind is not stated. */
export interface Hints {
  readonly units: readonly string[]
  /** null where columns differ, or have none. */
  readonly thousands: ThousandsMark | null
  /** By column: the formats by which all its texts are dates, one or two. */
  readonly dateFormats: Readonly<Record<string, readonly string[]>>
  /** Lines with units, under the header. */
  readonly skipLines: readonly number[]
  /** Whether the names of columns are numbers like those below them: a row. */
  readonly isHeaderRow: boolean
}

export function hintsOf(table: FileTable, types: Readonly<Record<string, ColumnKind>>): Hints {
  const texts = table.columns.filter(
    (column): column is TextColumn => column.kind === 'text' && !Object.hasOwn(types, column.name),
  )
  const numbers = texts.flatMap((column) => numberHint(column, table.rules) ?? [])
  const marks = new Set(numbers.flatMap(({ thousands }) => thousands ?? []))
  const dated = texts
    .map((column) => [column.name, dateFormatsOf(column)] as const)
    .filter(([, formats]) => formats.length > 0)
  return {
    units: [...new Set(numbers.flatMap(({ units }) => units))],
    thousands: marks.size === 1 ? [...marks][0] : null,
    dateFormats: Object.fromEntries(dated),
    skipLines: unitsLine(table, types)?.lines ?? [],
    isHeaderRow: isHeaderRow(table),
  }
}

/** Different texts that are tried. */
const mostTried = 1000

/** Some of the different texts that a column has in its rows. */
function textsTried({ categories, codes }: TextColumn): string[] {
  const used = new Uint8Array(categories.length)
  for (const code of codes) if (code >= 0) used[code] = 1
  const texts = categories.filter((_, code) => used[code] === 1)
  const step = Math.ceil(texts.length / mostTried)
  return texts.filter((_, i) => i % step === 0)
}

/** The formats of a column of dates that are not written as ISO 8601 has them; none where it is no such column. */
export function dateFormatsOf(column: TextColumn): string[] {
  return possibleDateFormats(textsTried(column))
}

/** A sign, a currency before the number or a unit behind it, and digits with any marks: a letter before digits makes a code. */
const withUnit =
  /^([+-]?)\s*(\p{Sc}|EUR|USD|GBP|CHF|JPY)?\s*([+-]?\d[\d.,'_ \u00a0\u202f]*?)\s*([%‰°\p{Sc}\p{L}][^\d]{0,9})?$/u

/** How all the texts of a column are numbers; null where they are not, or where nothing has to be said for it. */
export function numberHint(column: TextColumn, fileRules: CellRules): NumberHint | null {
  const rules = rulesOf(column.name, fileRules)
  const texts = textsTried(column).filter((text) => !isLooseMark(text))
  const odd = texts.filter((text) => Number.isNaN(numberIn(text, rules)))
  if (odd.length === 0) return null
  const bare: string[] = []
  const units = new Set<string>()
  let withoutUnit = texts.length - odd.length
  for (const text of odd) {
    const found = withUnit.exec(text)
    if (found === null || (found[2] !== undefined && found[4] !== undefined)) return null
    const unit = found[2] ?? found[4]
    if (unit === undefined) withoutUnit++
    else if (units.add(unit).size > 1) return null
    bare.push(found[1] + found[3])
  }
  // A number without the unit of the others could be in another one: 5 is no 5 %, and 5 k is no 5.
  if (units.size > 0 && withoutUnit > 0 && ![...units].every((unit) => /^\p{Sc}$/u.test(unit))) return null
  const { decimal } = rules
  const thousands = [null, ...thousandsMarks.filter((mark) => mark !== decimal)].find((mark) => {
    const tried = cellRules({ decimal, ...(mark !== null && { thousands: mark }) })
    const isWritten = (text: string) => !Number.isNaN(numberIn(text, tried))
    return bare.every(isWritten) && (mark === null || !odd.some(isBelowOne))
  })
  return thousands === undefined ? null : { units: [...units], thousands, example: odd[0] }
}

/** Whether a mark in a number is one before decimals: 0,500 is a half, not five hundred. */
export function isBelowOne(text: string): boolean {
  return /^\D*0[.,]/.test(text)
}

/** What is to be said, as it is written in `data`. */
export function saidOf({ units, thousands }: Pick<NumberHint, 'units' | 'thousands'>): string {
  return [
    ...(units.length > 0 ? [`"units": ${JSON.stringify(units)}`] : []),
    ...(thousands === null ? [] : [`"thousands": ${JSON.stringify(thousands)}`]),
  ].join(', ')
}

/**
 * The line under the header that has units: in some columns a text above numbers alone, and in no column a number.
 * `texts`: those, by their columns.
 */
export function unitsLine(
  table: FileTable,
  types: Readonly<Record<string, ColumnKind>>,
): { lines: number[]; texts: ReadonlyMap<string, string> } | null {
  const line = /^line (\d+)$/.exec(table.rows > 3 ? table.place(0).row : '')?.[1]
  if (line === undefined) return null
  const texts = new Map<string, string>()
  for (const column of table.columns) {
    if (column.kind === 'number') {
      if (!Number.isNaN(column.values[0])) return null
    } else if (column.codes[0] >= 0 && !Object.hasOwn(types, column.name)) {
      const text = column.categories[column.codes[0]]
      if (isTextAboveNumbers(column, rulesOf(column.name, table.rules))) texts.set(column.name, text)
    }
  }
  const isUnits = texts.size > 1 || [...texts.values()].some((text) => /^(?:\[.*\]|\(.*\))$/.test(text))
  return isUnits ? { lines: [Number(line)], texts } : null
}

function isTextAboveNumbers(column: TextColumn, rules: CellRules): boolean {
  const { codes, categories } = column
  const [first] = codes
  if (isLooseMark(categories[first]) || !Number.isNaN(numberIn(categories[first], rules))) return false
  if (codes.subarray(1).includes(first)) return false
  const others = categories.filter((_, code) => code !== first)
  const isNumber = (text: string) => !Number.isNaN(numberIn(text, rules))
  if (others.every((text) => isLooseMark(text) || isNumber(text))) return others.some(isNumber)
  return numberHint({ ...column, codes: codes.subarray(1) }, rules) !== null
}

/** Whether every column of numbers has a number for its name, and most of them one that could stand in it. */
export function isHeaderRow({ columns, reading }: FileTable): boolean {
  if (reading.separator === null) return false
  const numbers = columns.flatMap((column) =>
    column.kind === 'number' && column.as === undefined
      ? [{ name: parseNumber(column.name || 'none'), values: column.values }]
      : [],
  )
  if (numbers.length === 0 || numbers.some(({ name }) => Number.isNaN(name))) return false
  // As a program names columns that nobody has named.
  if (numbers.every(({ name }, i) => i === 0 || name === numbers[i - 1].name + 1)) return false
  const fitting = numbers.filter(
    ({ name, values }) => values.some((value) => value <= name) && values.some((value) => value >= name),
  )
  return 2 * fitting.length >= numbers.length
}
