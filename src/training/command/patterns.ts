/**
 * Metrics in the lines that a program prints anyway, found by regular expressions (`"metrics"` of a program). What a line has
 * is decided line by line, so that it does not depend on how the output was cut into pieces on its way.
 *
 * NaN and infinities are numbers too: as nobody writes them into a pattern of digits, a line that has such words is also matched
 * with zeros in their place, and the value is what stood there.
 */
import { createContext, Script } from 'node:vm'
import { FitFailure } from '../failures.js'
import { type CommasWritten, commasWritten, numberAround } from './commas.js'
import { shown } from './protocol.js'

/** Characters of a line that are looked at: patterns that go over a line from every place in it take the square of its length. */
export const longestMatched = 4096
/** ms of processor time that the lines of one piece of output may take. */
const mostMatching = 2000

export interface Match {
  readonly metric: string
  readonly value: number
  /** Given by the pattern's group `step`. */
  readonly step: number | null
}

/** A match and where its value stands. */
interface Place extends Taken {
  readonly from: number
  readonly to: number
  readonly step: Taken | undefined
}

interface Taken {
  readonly text: string
  /** It begins within a number. */
  readonly isEnd: boolean
  /** The number with commas that it is a part of; null where it is none. */
  readonly partOf: string | null
}

interface Pattern {
  readonly metric: string
  readonly expression: RegExp
  /** What it has itself at the sides of its groups. */
  readonly commas: { readonly value: CommasWritten; readonly step: CommasWritten }
}

/** The sign of NaN says nothing; C prints one. */
const words = /[-+]?\bnan\b|\b(?:infinity|inf)\b/gi
/** What may stand for them, in the forms in which patterns expect numbers. */
const standIns = ['0.0', '0', '0.0000', '0.00', '0.000', '0.000000', '0.0e+00']
const number = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/i
const word = /^[-+]?(?:nan|inf(?:inity)?)(?![a-z])/i
/** How a number goes on behind digits that a pattern took for it: `2` of `25` or `2.5`, `2.5` of `2.5e-05`. Nobody means the part. */
const moreDigits = /^\d*(?:\.\d+)?(?!\d|\.\d)/
const moreDecimals = /^\d+(?!\d|\.\d)/
const exponent = /^e[-+]?\d+(?!\w)/i
/** What stands before digits that are the end of a number: `1` before `2.5`, as a greedy `.*` leaves it. */
const begun = /\d(?:\.|e[-+]?)?$/i
/** Digits, and perhaps the beginning of an exponent. */
const digits = /^([-+]?(?:\d{1,3}(?:,\d{3})+\.?\d*|\d+\.?\d*|\.\d+))(e[-+]?)?$/i
/** Commas between thousands, where they can be nothing else: two of them, or a point behind one. */
const thousands = /^[-+]?\d{1,3}(?:,\d{3})+(?:,\d{3}|\.\d+)/
/** What stands behind a number in the same class of characters, and is none of it: the full stop of a sentence, a percent sign. */
const behind = /^\s*%?[-+.,;:e)\]}\s]*$/i

export class Patterns {
  readonly #patterns: readonly Pattern[]

  constructor(metrics: Readonly<Record<string, string>>) {
    this.#patterns = Object.entries(metrics).map(([metric, source]) => ({
      metric,
      expression: new RegExp(source, 'dg'),
      commas: { value: commasWritten(source, 'value'), step: commasWritten(source, 'step') },
    }))
  }

  /**
   * What each of these lines has, in the order in which it stands there. Throws FitFailure RESULT_INVALID where a pattern takes
   * something that is no number, or does not come to an end.
   */
  matchesIn(lines: readonly string[]): Match[][] {
    if (lines.length === 0) return []
    let at: Pattern | undefined
    let line = ''
    let found: Match[][] = []
    const isDone = inTime(() => {
      found = []
      for (const whole of lines) {
        line = whole.slice(0, longestMatched)
        const places: (Place & { readonly metric: string })[] = []
        for (at of this.#patterns) {
          for (const place of placesOf(at, line)) {
            // Of a line that goes on, a number at its end may be half of one.
            if (whole.length > longestMatched && /^[-+\d.,e]*$/i.test(line.slice(place.to))) continue
            places.push({ ...place, metric: at.metric })
          }
        }
        places.sort((a, b) => a.from - b.from)
        found.push(places.map((place) => matchAt(place, line)))
      }
    })
    if (isDone) return found
    throw new FitFailure(
      'RESULT_INVALID',
      `a pattern must be done with what a program prints at once within ${mostMatching / 1000} s (that of "${at!.metric}" was not: ${at!.expression.source}; the line: ${shown(line)}); write it so that a line can be matched in one way only, without repetitions inside repetitions`,
    )
  }
}

function placesOf(pattern: Pattern, line: string): Place[] {
  const places = matchedAt(pattern, line)
  const found = [...line.matchAll(words)].map(({ 0: { length }, index }) => ({
    from: index,
    to: index + length,
  }))
  if (found.length === 0) return places
  for (const standIn of standIns) {
    const worded = wordedPlaces(pattern, line, found, standIn)
    if (worded.length === 0) continue
    const isMeant = ({ from, to }: Place) => !worded.some((one) => from < one.to && one.from < to)
    return [...places.filter(isMeant), ...worded]
  }
  return places
}

/** The matches that take one of these words where something else stands for it. */
function wordedPlaces(
  pattern: Pattern,
  line: string,
  found: readonly { readonly from: number; readonly to: number }[],
  standIn: string,
): Place[] {
  let copy = ''
  let copied = 0
  const there = found.map(({ from, to }) => {
    const start = copy.length + from - copied
    copy += line.slice(copied, from) + standIn
    copied = to
    return { from, to, start, end: copy.length }
  })
  copy += line.slice(copied)
  return matchedAt(pattern, copy).flatMap(({ from: start, to: end, step }) => {
    const taken = there.find((one) => start < one.end && one.start < end)
    if (taken === undefined) return []
    const { from, to } = taken
    // The sign before an infinity stands in the line, and in the match.
    const signed = start === taken.start - 1 && /[-+]/.test(line[from - 1]) ? from - 1 : from
    return [{ from: signed, to, text: line.slice(signed, to), isEnd: false, partOf: null, step }]
  })
}

function matchedAt({ expression, commas }: Pattern, line: string): Place[] {
  return [...line.matchAll(expression)].flatMap(({ indices, groups }) => {
    const value = groups !== undefined && 'value' in groups ? indices!.groups!.value : indices![1]
    // The group takes no part in this alternative.
    if (value === undefined) return []
    const [from, to] = value
    const stepAt = indices!.groups?.step
    return [
      { from, to, ...takenAt(line, value, commas.value), step: stepAt && takenAt(line, stepAt, commas.step) },
    ]
  })
}

function takenAt(line: string, [from, to]: [number, number], commas: CommasWritten): Taken {
  const text = line.slice(from, to)
  const isEnd = /^[\d.]/.test(text) && begun.test(line.slice(Math.max(0, from - 3), from))
  return { text, isEnd, partOf: isEnd ? null : numberAround(line, [from, to], commas) }
}

function matchAt(place: Place & { readonly metric: string }, line: string): Match {
  const { metric, to, text, step } = place
  const value = numberIn(wholeNumber(text, line.slice(to)))
  if (value === null)
    throw new FitFailure(
      'RESULT_INVALID',
      `the pattern of a metric takes a number out of a line (that of "${metric}" took ${JSON.stringify(text)} out of ${shown(line)}); match the number alone, which has a decimal point and no comma: ([-+.0-9eE]+)`,
    )
  refusePart(metric, place, line)
  const numbered = step === undefined ? null : numberIn(step.text)
  if (step !== undefined && !Number.isFinite(numbered))
    throw new FitFailure(
      'RESULT_INVALID',
      `the group "step" of a pattern takes a number out of a line (that of "${metric}" took ${JSON.stringify(step.text)} out of ${shown(line)}); match its digits alone: (?<step>\\d+)`,
    )
  if (step !== undefined) refusePart(metric, step, line)
  return { metric, value, step: numbered }
}

/** What was taken, with what of its number stands behind it. */
function wholeNumber(text: string, rest: string): string {
  const [, taken, power] = digits.exec(text) ?? []
  if (taken === undefined) return text
  if (power !== undefined) return taken + (exponent.exec(power + rest)?.[0] ?? power)
  const more = (taken.includes('.') ? moreDecimals : moreDigits).exec(rest)?.[0] ?? ''
  return taken + more + (exponent.exec(rest.slice(more.length))?.[0] ?? '')
}

/** Throws where only a part of a number was taken that cannot be told to be all of it: nobody means that. */
function refusePart(metric: string, { text, isEnd, partOf }: Taken, line: string): void {
  if (isEnd)
    throw new FitFailure(
      'RESULT_INVALID',
      `a pattern takes a number from its beginning (that of "${metric}" took ${JSON.stringify(text)}, the end of one, out of ${shown(line)}); let what stands before the group take no digits of it: .*? in place of .*, or the word before the number`,
    )
  if (partOf !== null)
    throw new FitFailure(
      'RESULT_INVALID',
      `a pattern takes a number whole (that of "${metric}" took ${JSON.stringify(text)} of ${JSON.stringify(partOf)} out of ${shown(line)}); print it with a decimal point and nothing between thousands, or, where that divides two values, write the pattern with what stands on both sides: ([-+.0-9eE]+),\\d or \\d,([-+.0-9eE]+)`,
    )
}

/** `0.43`, `1e-3`, `.5`, `nan`, `-inf`, `97.3%` (97.3), `1,234.5`, with what ends a sentence behind it; null where it is none. */
export function numberIn(text: string): number | null {
  const written = text.trim()
  const [taken] = word.exec(written) ?? thousands.exec(written) ?? number.exec(written) ?? []
  if (taken === undefined || !behind.test(written.slice(taken.length))) return null
  if (/nan$/i.test(taken)) return Number.NaN
  if (word.test(taken)) return taken.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return Number(taken.replaceAll(',', ''))
}

const slot: { work: (() => void) | null } = { work: null }
let watched: { readonly script: Script; readonly context: object } | undefined

/** Whether the work came to an end: nothing but the watch of a script stops a regular expression. */
function inTime(work: () => void): boolean {
  watched ??= { script: new Script('work()'), context: createContext({ work: () => slot.work!() }) }
  slot.work = work
  try {
    for (let timeout = mostMatching; ; timeout *= 2) {
      const before = process.cpuUsage()
      try {
        watched.script.runInContext(watched.context, { timeout })
        return true
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
        const { user, system } = process.cpuUsage(before)
        // The watch goes by the clock: a process that was stopped, or got no processor, begins again, and has longer: its share may stay small.
        if ((user + system) / 1000 >= mostMatching / 2) return false
      }
    }
  } finally {
    slot.work = null
  }
}
