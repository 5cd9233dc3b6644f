/**
 * The text of a delimited file made ready to be divided: lines that are no part of the table are emptied (so that the others keep
 * their numbers), and runs of blanks become tabs.
 */
import { separatorPattern } from '../../values.js'

const lineFeed = 10
const carriageReturn = 13
const blank = 32
const tab = 9
const quote = 34

const isLineEnd = (byte: number) => byte === lineFeed || byte === carriageReturn
const isBlank = (byte: number) => byte === blank || byte === tab

/** Where the line that begins at `from` ends, and the next one begins. */
function lineAt(text: Buffer, from: number): { end: number; next: number } {
  let end = from
  while (end < text.length && !isLineEnd(text[end])) end++
  const next = text[end] === carriageReturn && text[end + 1] === lineFeed ? end + 2 : end + 1
  return { end, next: Math.min(next, text.length) }
}

/** Fills these lines, counted from 1, with blanks, in place. */
export function emptyLines(text: Buffer, lines: readonly number[]): void {
  const wanted = new Set(lines)
  const last = Math.max(0, ...lines)
  for (let line = 1, from = 0; line <= last && from < text.length; line++) {
    const { end, next } = lineAt(text, from)
    if (wanted.has(line)) text.fill(blank, from, end)
    from = next
  }
}

/** The separator that a first line of `sep=;` states, as Excel reads and writes it, and the text behind that line. */
export function separatorLine(text: Buffer): { stated: string | null; rest: Buffer } {
  const { end } = lineAt(text.subarray(0, 10), 0)
  const stated = /^"?sep=(.)"?$/is.exec(text.toString('latin1', 0, end))?.[1]
  const isOne = stated !== undefined && separatorPattern.test(stated)
  // The end of the line stays, so that lines keep their numbers.
  return isOne ? { stated, rest: text.subarray(end) } : { stated: null, rest: text }
}

/** The first lines of a text, so many. */
export function firstLines(text: Buffer, count: number): Buffer {
  let at = 0
  for (let line = 0; line < count && at < text.length; line++) at = lineAt(text, at).next
  return text.subarray(0, at)
}

/** A copy in which a tab stands for every run of blanks and tabs outside of quotes, and none at the ends of a line. */
export function blanksAsTabs(text: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(text.length)
  let to = 0
  let begins = true
  for (let at = 0; at < text.length; ) {
    while (at < text.length && isBlank(text[at])) at++
    if (at === text.length) break
    if (isLineEnd(text[at])) {
      copy[to++] = text[at++]
      begins = true
      continue
    }
    if (!begins) copy[to++] = tab
    begins = false
    if (text[at] === quote) {
      const end = endOfQuotes(text, at)
      to += text.copy(copy, to, at, end)
      at = end
    }
    while (at < text.length && !isBlank(text[at]) && !isLineEnd(text[at])) copy[to++] = text[at++]
  }
  return copy.subarray(0, to)
}

/** Behind the quote that closes the one at `from`: doubled ones do not. */
function endOfQuotes(text: Buffer, from: number): number {
  for (let at = from; ; ) {
    at = text.indexOf(quote, at + 1)
    if (at === -1) return text.length
    if (text[at + 1] !== quote) return at + 1
    at++
  }
}
