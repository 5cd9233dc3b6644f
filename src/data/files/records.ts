/**
 * Divides the bytes of a CSV or TSV file into records and cells: RFC 4180 (double quotes around a cell that holds
 * delimiters, line breaks or quotes, which are doubled), any line ending, blank lines skipped. Blanks may stand around the quotes, and a
 * quote within a cell that does not begin with one is a character like others, as in 3" pipe.
 *
 * Cells are places in the bytes, not texts: a number is read where it stands. A file of 6 million cells becomes columns in
 * a second so; a general parser that makes a string of each cell takes two before the first number is read
 * (bench/speed/data.ts).
 */

/** One record: cell i is bytes[start[i] … end[i]), without its quotes. The same object for every record. */
export interface CsvRecord {
  cells: number
  /** The line it begins on, from 1. */
  line: number
  readonly start: number[]
  readonly end: number[]
  /** 0 without quotes, 1 quoted, 2 quoted with doubled quotes inside. */
  readonly quotes: number[]
}

/** Why the bytes are no valid file, and the line of it. */
export interface CsvFault {
  readonly line: number
  readonly message: string
}

const lineFeed = 10
const carriageReturn = 13
const quote = 34
const blank = 32

/** Calls `onRecord` with each record until it answers false. Null where the bytes are valid as far as read. */
export function readRecords(
  bytes: Uint8Array,
  delimiter: number,
  onRecord: (record: CsvRecord) => boolean,
): CsvFault | null {
  const record: CsvRecord = { cells: 0, line: 1, start: [], end: [], quotes: [] }
  const { start, end, quotes } = record
  const length = bytes.length
  let line = 1
  let at = 0
  while (at < length) {
    record.cells = 0
    record.line = line
    for (;;) {
      const cell = record.cells++
      if (bytes[at] === blank) at = quoteBehind(bytes, at, delimiter)
      if (bytes[at] === quote) {
        start[cell] = ++at
        quotes[cell] = 1
        const opened = line
        for (;;) {
          if (at >= length)
            return { line: opened, message: 'a cell is opened by a quote that is never closed' }
          const byte = bytes[at]
          if (byte === quote) {
            if (bytes[at + 1] !== quote) break
            quotes[cell] = 2
            at++
          } else if (byte === lineFeed || (byte === carriageReturn && bytes[at + 1] !== lineFeed)) line++
          at++
        }
        end[cell] = at++
        while (bytes[at] === blank && delimiter !== blank) at++
        const next = bytes[at]
        if (at < length && next !== delimiter && next !== lineFeed && next !== carriageReturn) {
          return { line, message: 'there is text behind the closing quote of a cell' }
        }
      } else {
        start[cell] = at
        quotes[cell] = 0
        let byte = bytes[at]
        while (byte !== delimiter && byte !== lineFeed && byte !== carriageReturn && at < length)
          byte = bytes[++at]
        end[cell] = at
      }
      if (at >= length) break
      const mark = bytes[at++]
      if (mark === delimiter) continue
      if (mark === carriageReturn && bytes[at] === lineFeed) at++
      line++
      break
    }
    if (record.cells === 1 && quotes[0] === 0 && isBlank(bytes, start[0], end[0])) continue
    if (!onRecord(record)) return null
  }
  return null
}

/** The place of the quote that blanks stand before; else where it was. */
function quoteBehind(bytes: Uint8Array, from: number, delimiter: number): number {
  let at = from
  while (bytes[at] === blank && delimiter !== blank) at++
  return bytes[at] === quote ? at : from
}

function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 32 && bytes[i] !== 9) return false
  return true
}

/** The text of a cell. */
export function textOf(bytes: Buffer, record: CsvRecord, cell: number): string {
  const text = bytes.toString('utf8', record.start[cell], record.end[cell])
  return record.quotes[cell] === 2 ? text.replaceAll('""', '"') : text
}

/** 10⁰ … 10²²: the powers of ten that a double holds exactly. */
const powers = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))

/**
 * The number written in these bytes where it is a short decimal, else NaN: digits with at most 15 significant ones, a
 * point, an exponent. Exactly what `Number` gives: the digits and the power of ten are both exact, so the one division
 * or product rounds correctly (Clinger, How to read floating point numbers accurately, 1990, section 3).
 * @param mark the byte before the decimals: a point, or a comma.
 */
export function shortDecimal(bytes: Uint8Array, from: number, to: number, mark = 46): number {
  let at = from
  const negative = bytes[at] === 45
  if (negative) at++
  let digits = 0
  let significant = 0
  let scale = 0
  let seen = 0
  let point = false
  for (; at < to; at++) {
    const digit = bytes[at] - 48
    if (digit >= 0 && digit <= 9) {
      seen++
      digits = digits * 10 + digit
      if (significant > 0 || digit > 0) significant++
      if (point) scale--
    } else if (bytes[at] === mark && !point) point = true
    else break
  }
  if (seen === 0 || significant > 15) return Number.NaN
  if (at < to) {
    if ((bytes[at++] | 32) !== 101) return Number.NaN
    const sign = bytes[at] === 45 ? -1 : 1
    if (bytes[at] === 45 || bytes[at] === 43) at++
    let exponent = 0
    if (at === to || to - at > 3) return Number.NaN
    for (; at < to; at++) {
      const digit = bytes[at] - 48
      if (!(digit >= 0 && digit <= 9)) return Number.NaN
      exponent = exponent * 10 + digit
    }
    scale += sign * exponent
  }
  if (scale < -22 || scale > 22) return Number.NaN
  const value = scale < 0 ? digits / powers[-scale] : digits * powers[scale]
  return negative ? -value : value
}
