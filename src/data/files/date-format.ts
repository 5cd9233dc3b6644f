/**
 * Dates that are not in ISO 8601, by a format that somebody states: 31.12.2024 is `DD.MM.YYYY`. A format is never guessed, as
 * 03/04/2024 is two different days.
 *
 *   YYYY  year, four digits          MM M  month, two digits or one or two     DD D  day of the month
 *   YY    00 … 68 are 2000 … 2068, 69 … 99 are 1969 … 1999 (POSIX)
 *   HH H  hour, 0 … 23               mm    minute        ss    second (with decimals, where the file has them)
 *
 * Everything else stands for itself. Times are UTC, so that a file means the same on every machine.
 */

export interface DateFormat {
  /** Days since 1970-01-01, with the time of day as a fraction; NaN where the text is no such date. */
  parse(text: string): number
}

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second'

const tokens: Readonly<Record<string, readonly [part: Part, pattern: string]>> = {
  YYYY: ['year', '\\d{4}'],
  YY: ['year', '\\d{2}'],
  MM: ['month', '\\d{2}'],
  M: ['month', '\\d{1,2}'],
  DD: ['day', '\\d{2}'],
  D: ['day', '\\d{1,2}'],
  HH: ['hour', '\\d{2}'],
  H: ['hour', '\\d{1,2}'],
  mm: ['minute', '\\d{2}'],
  ss: ['second', '\\d{2}(?:\\.\\d{1,9})?'],
}

const token = /YYYY|YY|MM|M|DD|D|HH|H|mm|ss/g
const msPerDay = 86_400_000

/** What is wrong with a format, in words; null where nothing is. */
export function dateFormatProblem(format: string): string | null {
  const parts = partsOf(format)
  const has = (part: Part) => parts.filter((one) => one === part).length
  const twice = parts.find((part) => has(part) > 1)
  if (twice !== undefined) return `says each part of a date once, and this one has the ${twice} twice`
  const missing = (['year', 'month', 'day'] as const).filter((part) => has(part) === 0)
  if (missing.length > 0)
    return `has year, month and day (YYYY, MM, DD), and this one lacks the ${missing.join(' and the ')}`
  const rest = format.replace(token, '')
  const letter = /[A-Za-z]/.exec(rest.replace(/T/g, ''))?.[0]
  if (letter !== undefined)
    return `is made of YYYY, YY, MM, M, DD, D, HH, H, mm, ss and the marks between them, and "${letter}" is none of them`
  if (has('minute') + has('second') > 0 && has('hour') === 0) return 'has an hour (HH) where it has minutes'
  return null
}

/** One format for every column, or one for each column that is named. */
export type StatedDateFormat = string | Readonly<Record<string, string>>

/** What is wrong with a stated format, in a sentence, and the column it is of (null: of all); null where nothing is. */
export function statedFormatProblem(
  stated: StatedDateFormat,
): { column: string | null; message: string } | null {
  const formats: [string | null, string][] =
    typeof stated === 'string' ? [[null, stated]] : Object.entries(stated)
  for (const [column, format] of formats) {
    const problem = dateFormatProblem(format)
    if (problem === null) continue
    return {
      column,
      message: `a date format ${problem} (got ${JSON.stringify(format)}); write it as in "DD.MM.YYYY"`,
    }
  }
  return null
}

function partsOf(format: string): Part[] {
  return Array.from(format.matchAll(token), ([word]) => tokens[word][0])
}

/** `format`: one that nothing is wrong with. */
export function compileDateFormat(format: string): DateFormat {
  const parts = partsOf(format)
  const places = (['year', 'month', 'day', 'hour', 'minute', 'second'] as const).map(
    (part) => parts.indexOf(part) + 1,
  )
  let pattern = ''
  let at = 0
  for (const found of format.matchAll(token)) {
    pattern += `${literal(format.slice(at, found.index))}(${tokens[found[0]][1]})`
    at = found.index + found[0].length
  }
  const whole = new RegExp(`^${pattern}${literal(format.slice(at))}$`)
  return {
    parse(text) {
      const found = whole.exec(text)
      if (found === null) return Number.NaN
      const [written, month, day, hour, minute, second] = places.map((place) =>
        place === 0 ? 0 : Number(found[place]),
      )
      const year = found[places[0]].length === 2 ? written + (written < 69 ? 2000 : 1900) : written
      const midnight = Date.UTC(year, month - 1, day)
      const read = new Date(midnight)
      if (read.getUTCFullYear() !== year || read.getUTCMonth() !== month - 1 || read.getUTCDate() !== day)
        return Number.NaN
      if (hour > 23 || minute > 59 || second >= 60) return Number.NaN
      return (midnight + ((hour * 60 + minute) * 60 + second) * 1000) / msPerDay
    },
  }
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}

/** What a date looks like that is not in ISO 8601. */
const dateLike = /^\d{1,4}([./-])\d{1,2}\1\d{2,4}(?: |$)/

/** Formats that dates are often written in. */
const common: readonly string[] = ['.', '/', '-'].flatMap((mark) =>
  [
    `DD${mark}MM${mark}YYYY`,
    `D${mark}M${mark}YYYY`,
    `MM${mark}DD${mark}YYYY`,
    `M${mark}D${mark}YYYY`,
    `YYYY${mark}MM${mark}DD`,
    `YYYY${mark}M${mark}D`,
    `DD${mark}MM${mark}YY`,
    `MM${mark}DD${mark}YY`,
  ].flatMap((date) => ['', ' HH:mm', ' HH:mm:ss'].map((time) => date + time)),
)

/** The formats by which all of these texts are dates; none where they do not look like dates. At most two are named. */
export function possibleDateFormats(texts: readonly string[]): string[] {
  if (texts.length === 0 || !texts.every((text) => dateLike.test(text))) return []
  const fitting = common.filter((format) => {
    const { parse } = compileDateFormat(format)
    return texts.every((text) => !Number.isNaN(parse(text)))
  })
  // The two digits of DD are the stricter reading of the same order of parts.
  const byOrder = new Map(fitting.map((format) => [partsOf(format).join(), format] as const).reverse())
  return [...byOrder.values()].reverse().slice(0, 2)
}
