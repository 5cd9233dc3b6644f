/**
 * What a program says, one JSON object a line (README, "A program in any language"):
 *
 *   {"metric": {"loss": 0.3}, "step": 4}      {"final": {"loss": 0.2}}, {"final": 0.2}
 *   {"failed": "reason"}                      {"artifact": "path/to/file", "name": "model.bin"}
 *
 * on lines of stdout behind the mark, or on the reports file (reports.ts finds them there). Every metric line is answered by a line on the
 * program's stdin. NaN and infinities, which are no JSON but what Python and awk write, are understood, so that a run
 * that diverged is told as such.
 */

import { nearestHint } from '../../spelling.js'
import { isJsonObject, type JsonValue } from '../../values.js'
import { FitFailure } from '../failures.js'

/** What a line of stdout begins with that is meant for Espalier. */
export const reportMark = 'espalier:'

/** Longer lines are no reports. */
export const longestLine = 1024 * 1024

export type Message =
  /** Not said by the program, but read from a line that it printed: nobody waits for an answer. */
  | { readonly kind: 'printed'; readonly metrics: unknown; readonly step: number }
  | { readonly kind: 'metric'; readonly metrics: unknown; readonly step: number | null }
  | { readonly kind: 'final'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'artifact'; readonly file: string; readonly name: string | null }

const shapes = {
  metric: '{"metric": {"loss": 0.3}, "step": 4}',
  final: '{"final": {"loss": 0.2}}',
  failed: '{"failed": "reason"}',
  artifact: '{"artifact": "path/to/file", "name": "model.bin"}',
} as const
const companion: Readonly<Record<string, string>> = { metric: 'step', artifact: 'name' }

/**
 * Reads one report. Throws FitFailure RESULT_INVALID with what was expected. Metrics are checked by who records them.
 * @param cut whether its line was longer than what is kept of one.
 */
export function parseMessage(line: string, cut = line.length >= longestLine): Message {
  const read = readJson(line, cut)
  if (!isJsonObject(read)) {
    throw invalid(`a report is one JSON object, like ${shapes.metric}`, line)
  }
  const kinds = Object.keys(shapes).filter((kind) => Object.hasOwn(read, kind)) as (keyof typeof shapes)[]
  if (kinds.length !== 1) {
    const [key = ''] = Object.keys(read)
    const hint = kinds.length > 1 ? '' : nearestHint(key, Object.keys(shapes), 'there are')
    throw invalid(`a report has one of "metric", "final", "failed" or "artifact"${hint}`, line)
  }
  const [kind] = kinds
  const unknown = Object.keys(read).find((key) => key !== kind && key !== companion[kind])
  if (unknown !== undefined)
    throw invalid(`this report looks like ${shapes[kind]}, without "${unknown}"`, line)
  switch (kind) {
    case 'metric': {
      const { step = null } = read
      if (step !== null && !Number.isFinite(step)) throw invalid('a step is a number', line)
      return { kind, metrics: read.metric, step: step as number | null }
    }
    case 'final':
      return { kind, result: read.final }
    case 'failed':
      if (typeof read.failed !== 'string') throw invalid(`a reason is a text: ${shapes.failed}`, line)
      return { kind, reason: read.failed }
    case 'artifact': {
      const { artifact: file, name = null } = read
      if (typeof file !== 'string' || file === '' || !(name === null || typeof name === 'string')) {
        throw invalid(`an artifact is a path, and a name if need be: ${shapes.artifact}`, line)
      }
      return { kind, file, name }
    }
  }
}

/** The line that answers a report. */
export function answerLine(step: number, answer: 'continue' | 'stop'): string {
  return `${JSON.stringify({ answer, step })}\n`
}

/** `NaN`, `-Infinity`, and as awk and C print them: `-nan`, `inf`. */
function notFinite(word: string): number {
  if (/nan$/i.test(word)) return Number.NaN
  return word.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

function readJson(line: string, cut: boolean): JsonValue {
  try {
    return jsonOf(line)
  } catch (error) {
    if (cut) throw invalid('a report is a line of at most 1 MB; larger things are artifacts', line)
    throw invalid(`a report is one line of JSON (${(error as Error).message})`, line)
  }
}

/** JSON in which NaN and infinities may stand. Throws as JSON.parse does. */
export function jsonOf(text: string): JsonValue {
  try {
    return JSON.parse(text)
  } catch (error) {
    // Texts are skipped whole; what is left of these words are numbers. The mark cannot come from a program's JSON.
    const mark = '\u0000espalier'
    const quoted = text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"?|-?\b(?:nan|inf(?:inity)?)\b/gi, (token) =>
      token.startsWith('"') ? token : JSON.stringify(mark + token),
    )
    try {
      return JSON.parse(quoted, (_, value) =>
        typeof value === 'string' && value.startsWith(mark) ? notFinite(value.slice(mark.length)) : value,
      )
    } catch {
      throw error
    }
  }
}

function invalid(law: string, line: string): FitFailure {
  return new FitFailure('RESULT_INVALID', `${law} (got ${shown(line)})`)
}

/** A line as it stands in a message. */
export function shown(line: string): string {
  const said = line.trim()
  return said.length > 200 ? `${said.slice(0, 200)}…` : said
}
