/**
 * Reports among what a program prints. Loggers and progress bars put things around them: a report is found behind a
 * carriage return, a time stamp, a level, spaces, colour codes or a byte order mark, and in front of what a logger
 * adds. What looks meant and cannot be read is kept for a message.
 *
 * Where the mark begins a line, nothing but a report can be meant: a mistake there costs the trial at once. Elsewhere
 * it might be text about reports, so that a mistake is told only where it matters, when the program has ended.
 */
import { stripVTControlCharacters } from 'node:util'
import { FitFailure } from '../failures.js'
import { longestLine, type Message, parseMessage, reportMark } from './protocol.js'

export type Found =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'fault'; readonly fault: FitFailure }
  /** Looks like a report, and is none: `why` says what is wrong with it. */
  | { readonly kind: 'unread'; readonly why: string; readonly line: string }

/** What may stand before a report that begins its line: spaces, control characters, a byte order mark. */
const beginning = /^[\s\p{Cc}\p{Cf}]+/u
const meant = /espalier\s*[:=]?\s*\{/i
const keyOfReport = /^\{\s*"(?:metric|final|failed|artifact)"\s*:/

/** The reports on a line of stdout: behind the mark. */
export function reportsIn(line: string): Found[] {
  if (!/espalier/i.test(line) && !keyOfReport.test(line.trimStart())) return []
  const text = plain(line)
  const cut = line.length >= longestLine
  if (text.startsWith(reportMark)) return reportsFrom(text, 0, { strict: true, cut })
  const inside = text.indexOf(reportMark)
  if (
    inside !== -1 &&
    text
      .slice(inside + reportMark.length)
      .trimStart()
      .startsWith('{')
  )
    return reportsFrom(text, inside, { strict: false, cut })
  if (meant.test(text)) return [unread(`a report begins with "${reportMark}", in small letters`, text)]
  if (keyOfReport.test(text)) return [unread(`a report on stdout begins with "${reportMark}"`, text)]
  return []
}

/** The reports on a line of the reports file, which needs no mark: whatever is written there is meant. */
export function reportsInFile(line: string): Found[] {
  const text = plain(line)
  if (text === '') return []
  const cut = line.length >= longestLine
  const marked = text.indexOf(reportMark)
  const brace = text.indexOf('{')
  if (marked !== -1 && (brace === -1 || marked < brace))
    return reportsFrom(text, marked, { strict: true, cut })
  // Behind what a logger writes, an object begins with a name.
  const start = brace === 0 ? 0 : text.search(/\{\s*"/)
  return [strictly(text, start === -1 ? 0 : start, text.length, cut)]
}

/** A report on stderr, where nobody listens: a logger may have been left where loggers write by themselves. */
export function strayReport(line: string): Found | null {
  const [found] = line.includes(reportMark) ? reportsIn(line) : []
  if (found?.kind !== 'message') return null
  const why =
    'reports are read from stdout, and it stands on stderr (where the logging of Python writes unless told otherwise)'
  return unread(why, line)
}

/** All reports from the mark at `at` on: where two threads print, one line can hold several. */
function reportsFrom(text: string, at: number, { strict, cut }: { strict: boolean; cut: boolean }): Found[] {
  const found: Found[] = []
  for (let mark = at; mark !== -1; ) {
    const start = mark + reportMark.length
    const next = text.indexOf(reportMark, endOfObject(text, start))
    const end = next === -1 ? text.length : next
    const read = strictly(text, start, end, cut)
    found.push(read.kind === 'fault' && !(strict && mark === at) ? unread(read.fault.message, text) : read)
    mark = next
  }
  return found
}

/** The message between two places of a text; behind it may stand what a logger adds, set off by a space or a quote. */
function strictly(text: string, start: number, until: number, cut: boolean): Found {
  const end = Math.min(endOfObject(text, start), until)
  const behind = text.slice(end, until)
  const whole = behind === '' || /^[\s"']/.test(behind) ? text.slice(start, end) : text.slice(start, until)
  try {
    return { kind: 'message', message: parseMessage(whole, cut) }
  } catch (error) {
    if (error instanceof FitFailure) return { kind: 'fault', fault: error }
    throw error
  }
}

/** Behind the brace that closes the object which begins at a place, or where there is none, behind the text. */
function endOfObject(text: string, start: number): number {
  // A text that is never closed goes to the end: nothing is looked at twice.
  const token = /"[^"\\]*(?:\\.[^"\\]*)*"?|[{}]/g
  token.lastIndex = start
  let depth = 0
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (match[0] === '{') depth++
    else if (match[0] === '}' && --depth <= 0) return token.lastIndex
  }
  return text.length
}

/** Without colours and other orders to a terminal, and without what stands before its first word. */
function plain(line: string): string {
  return stripVTControlCharacters(line).replace(beginning, '')
}

function unread(why: string, line: string): Found {
  return { kind: 'unread', why, line }
}
