/**
 * How texts and numbers of a record are shown to people, on a terminal and in a page. Open to all rooms, like values.ts, and
 * needs neither Node nor a browser.
 */

/** What steers a terminal: control sequences, strings that a terminator ends, and other escapes (ECMA-48, 5.2 to 5.6). */
const escapes =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about.
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]/g

/** Characters that turn the direction of a text, or are not seen: two names could look the same, or like another. */
const unseen =
  /[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu

/**
 * Text of foreign origin on one line, with blanks for control characters. Those that are not seen, or turn the direction, are
 * shown by their numbers: `\u{202e}`.
 */
export function visible(text: string): string {
  return text
    .replace(/\s*[\r\n]+\s*/g, ' ')
    .replace(/\p{Cc}/gu, ' ')
    .replace(unseen, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
}

/** The same, without the escapes that would let it write elsewhere on a terminal, or colour it. */
export function plain(text: string): string {
  return visible(text.replace(escapes, ''))
}

/** The same of a text of several lines. */
export function plainLines(text: string): string {
  return text.split('\n').map(plain).join('\n')
}

/** Where the lines of a program begin in the reason of a failure. */
const linesOf = /(?:[:;] )?(the last lines of std(?:out|err))?:\n(?= {2})/
/** What a traceback ends with: the error. */
const errorLine = /^ {2}[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit)\w*(?::|$)/

/**
 * The reason of a failure on one line: of the lines that a program printed the one that tells most, which is the error of a
 * traceback, what stands apart before the others, or the last.
 */
export function reasonLine(reason: string): string {
  const [lines, at] = printedIn(reason)
  if (lines.length === 0) return plain(reason)
  const error = lines.findLast((line) => errorLine.test(line))
  const apart = lines[1]?.trim() === '…' ? lines[0] : undefined
  return plain(`${reason.slice(0, at)}: ${(apart ?? error ?? lines.at(-1)!).trim()}`)
}

/** The lines that a program printed last, as they stand in the reason of a failure; none where there are none. */
export function reasonLines(reason: string): string[] {
  const [lines, , title] = printedIn(reason)
  return (title === undefined ? lines : [`${title}:`, ...lines]).map((line) =>
    plain(line.replace(/^ {2}/, '').replaceAll('\t', '    ')),
  )
}

function printedIn(reason: string): [lines: string[], at: number, title: string | undefined] {
  const found = linesOf.exec(reason)
  if (found === null) return [[], reason.length, undefined]
  return [reason.slice(found.index + found[0].length).split('\n'), found.index, found[1]]
}

/** Six significant digits, without trailing zeros; whole numbers as they are (a seed, a count). */
export function number(value: number): string {
  if (Number.isSafeInteger(value)) return String(value)
  const rounded = Number(value.toPrecision(6))
  return Math.abs(rounded) < 1e15 ? String(rounded) : rounded.toExponential()
}

/** `0.52ms`, `42ms`, `0.42s`, `12.3s`, `3m 05s`, `2h 10m`. */
export function seconds(given: number): string {
  if (given === 0) return '0s'
  if (given < 0.0995) return `${Number((given * 1000).toPrecision(2))}ms`
  if (given < 9.995) return `${Number(given.toFixed(2))}s`
  if (given < 59.95) return `${given.toFixed(1)}s`
  const whole = Math.round(given)
  const two = (n: number) => String(n).padStart(2, '0')
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`
  const minutes = Math.round(given / 60)
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`
}

interface Reason {
  readonly code: string
  readonly message: string
}

/** How an attempt ended that did not end its trial. */
export function attemptEnd({
  error,
  inVain,
}: {
  readonly error: Reason | null
  readonly inVain?: Reason
}): string {
  const said = ({ code, message }: Reason) => `${code}: ${reasonLine(message)}`
  if (inVain !== undefined)
    return `came no further than its checkpoint, so that the next one started from the beginning: ${said(inVain)}`
  return error === null ? 'cut off' : said(error)
}
