/**
 * What is read of a program that does not report itself: metrics by patterns from the lines it prints, and its result from the
 * last line of JSON on stdout, or from a file that it writes.
 *
 * Every match of the leading metric is a step: of the objective's, or of the first pattern where the objective has none. A
 * metric on the same line goes with that step. On a line of its own it goes with the step to come, or, if it is not printed before
 * the first step, with the step behind which it stands. A pattern with a group `step` says itself which step it is.
 *
 * stdout and stderr are read each for itself: in which order lines of the two arrive is a matter of time, and decides nothing.
 */
import { stripVTControlCharacters } from 'node:util'
import type { Metrics } from '../../values.js'
import { FitFailure } from '../failures.js'
import type { Capture } from './capture.js'
import type { Conversation } from './conversation.js'
import { longestMatched, type Match, Patterns } from './patterns.js'
import type { ProgramEnd } from './process-group.js'
import { longestLine, reportMark } from './protocol.js'
import type { ProgramResult } from './reference.js'
import type { Found } from './reports.js'
import type { ResultFile } from './result-file.js'
import { metricsInJson } from './result-json.js'
import type { SaidInReadings, SaidInStream } from './said.js'

type StreamName = 'stdout' | 'stderr'

/** Lines of the output in the reason of a failure. */
const shownLines = 6

export interface Read {
  /** What the program is called in messages. */
  readonly name: string
  readonly metrics?: Readonly<Record<string, string>>
  readonly result?: ProgramResult
}

/** A trial, as far as it matters here. */
export interface ReadFor {
  /** The first step that is not on record. */
  readonly step: number
  readonly objectiveMetric: string
  /** What is on record of a fit that goes on: the last value of each metric. */
  readonly reported: Metrics
}

export class Readings {
  readonly #read: Read
  readonly #context: ReadFor
  readonly #file: ResultFile | null
  readonly #conversation: Conversation
  readonly #patterns: Patterns | null
  readonly #leading: string | undefined
  readonly #streams: Readonly<Record<StreamName, Stream>>
  /** The last line of stdout that looks like an object of JSON. */
  #json: string | null = null

  constructor(read: Read, context: ReadFor, file: ResultFile | null, conversation: Conversation) {
    this.#read = read
    this.#context = context
    this.#file = file
    this.#conversation = conversation
    this.#patterns = read.metrics === undefined ? null : new Patterns(read.metrics)
    this.#leading = leadingMetric(read.metrics ?? {}, context.objectiveMetric)
    const stream = () => new Stream(this.#leading, context.step)
    this.#streams = { stdout: stream(), stderr: stream() }
  }

  get said(): SaidInReadings | null {
    if (this.#read.metrics === undefined && this.#read.result !== 'json') return null
    const { stdout, stderr } = this.#streams
    return { json: this.#json, streams: { stdout: stdout.said, stderr: stderr.said } }
  }

  /** What was read before an interruption. */
  goOnFrom(said: SaidInReadings | null): void {
    if (said === null) return
    const { json, streams } = said
    this.#json = json
    for (const name of ['stdout', 'stderr'] as const) this.#streams[name].goOnFrom(streams[name])
  }

  /** Takes up a line; what it holds is known when the piece of output it came with is read. */
  add(name: StreamName, line: string): void {
    const isJsonRead = this.#read.result === 'json' && name === 'stdout'
    if (!isJsonRead && this.#patterns === null) return
    const plain = stripVTControlCharacters(line)
    if (isJsonRead && /^\s*\{\s*["'}]/.test(plain)) this.#json = line.length >= longestLine ? line : plain
    // One character more than is looked at: the line goes on.
    if (this.#patterns !== null) this.#streams[name].waiting.push(plain.slice(0, longestMatched + 1))
  }

  /** Reads the lines that a piece of output has brought. */
  read(name: StreamName): void {
    const stream = this.#streams[name]
    const lines = stream.waiting.splice(0)
    if (this.#patterns === null || this.#conversation.fault !== null) return
    try {
      for (const matches of this.#patterns.matchesIn(lines))
        for (const { step, metrics } of stream.stepsOf(matches))
          this.#conversation.hear({ kind: 'message', message: { kind: 'printed', step, metrics } })
      this.#refuseTwoStreams()
    } catch (error) {
      if (!(error instanceof FitFailure)) throw error
      this.#conversation.fail(error)
    }
  }

  /** A report as it counts: one of what is read elsewhere would be told twice. */
  admitted(found: Found): Found {
    if (found.kind !== 'message') return found
    const { kind } = found.message
    const { metrics, result, name } = this.#read
    const key =
      metrics !== undefined && (kind === 'metric' || kind === 'final')
        ? 'metrics'
        : result !== undefined && kind === 'final'
          ? 'result'
          : null
    if (key === null) return found
    const law = `what a program reports is not read from its output too (${name} reports ${kind === 'final' ? 'its result' : 'a metric'} by ${reportMark}, and "trainer" has "${key}"); leave "${key}" out of the sweep file`
    return { kind: 'fault', fault: new FitFailure('RESULT_INVALID', law) }
  }

  /** Gives the conversation its result, where the program has ended well and is not to give it itself. */
  async conclude(
    { code }: ProgramEnd,
    printed: Readonly<Record<StreamName, Capture>>,
    signal: AbortSignal,
  ): Promise<void> {
    const { metrics, result } = this.#read
    const { fault, failed } = this.#conversation
    if (metrics === undefined && result === undefined) return
    if (code !== 0 || fault !== null || failed !== null || signal.aborted) return
    try {
      const last = metrics === undefined ? {} : this.#lastValues(printed)
      this.#conversation.result = { ...last, ...(await this.#resultRead(printed, signal)) }
    } catch (error) {
      if (!(error instanceof FitFailure)) throw error
      this.#conversation.fail(error)
    }
  }

  #refuseTwoStreams(): void {
    const { stdout, stderr } = this.#streams
    if (stdout.steps === 0 || stderr.steps === 0) return
    throw new FitFailure(
      'RESULT_INVALID',
      `the steps of a trial are on stdout or on stderr (lines of both match "${this.#leading}": ${this.#read.metrics![this.#leading!]}); write the pattern so that it matches the lines of one of them: from their beginning (^), or with the word before it`,
    )
  }

  /** The last value of each metric: on the stream of the steps, where it is there. */
  #lastValues(printed: Readonly<Record<StreamName, Capture>>): Metrics {
    const { stdout, stderr } = this.#streams
    const [own, other] = stderr.steps > 0 ? [stderr, stdout] : [stdout, stderr]
    const values = { ...this.#context.reported, ...other.last, ...own.last }
    const { objectiveMetric } = this.#context
    const { metrics, result, name } = this.#read
    if (result !== undefined || Object.hasOwn(values, objectiveMetric)) return values
    throw new FitFailure(
      'RESULT_INVALID',
      `a program must print a line that the pattern of the objective's metric matches ("${objectiveMetric}": ${metrics![objectiveMetric]}; ${name} ended with exit status 0, and no line of its stdout or stderr does); write the pattern as its lines are${lastLines(printed)}`,
    )
  }

  async #resultRead(printed: Readonly<Record<StreamName, Capture>>, signal: AbortSignal): Promise<Metrics> {
    const { result, metrics = {}, name } = this.#read
    if (result === undefined) return {}
    const { objectiveMetric } = this.#context
    // The last line that matches gives it, where the file has it not.
    const wanted = Object.hasOwn(metrics, objectiveMetric) ? null : objectiveMetric
    if (this.#file !== null) {
      const text = await this.#file.read(name, signal)
      return text === null
        ? {}
        : metricsInJson(text, `the file ${this.#file.path} that ${name} wrote`, wanted)
    }
    if (this.#json === null)
      throw new FitFailure(
        'RESULT_INVALID',
        `a program must print its result as a line of JSON on stdout, like {"loss": 0.2} ("result" is "json", and ${name} ended with exit status 0 and printed none)${lastLines(printed)}`,
      )
    if (this.#json.length >= longestLine)
      throw new FitFailure(
        'RESULT_INVALID',
        `a result is a line of at most 1 MB (the last line of JSON that ${name} printed is longer); leave out of it what is no metric`,
      )
    return metricsInJson(this.#json, `the last line of JSON that ${name} printed`, wanted)
  }
}

/** The metric whose matches are steps: the objective's, else the first. */
function leadingMetric(metrics: Readonly<Record<string, unknown>>, objective: string): string | undefined {
  return Object.hasOwn(metrics, objective) ? objective : Object.keys(metrics)[0]
}

function lastLines({ stdout, stderr }: Readonly<Record<StreamName, Capture>>): string {
  const said = (['stdout', 'stderr'] as const).flatMap((name) => {
    const lines = (name === 'stdout' ? stdout : stderr)
      .lastLines(shownLines)
      .map((line) => line.slice(0, 200))
    return lines.length === 0 ? [] : [`the last lines of ${name}:\n  ${lines.join('\n  ')}`]
  })
  return said.length === 0 ? '; it printed nothing' : `; ${said.join('\n')}`
}

interface Step {
  readonly step: number
  readonly metrics: Record<string, number>
}

/** One of the two streams of a program: which of its matches belong together. */
class Stream {
  /** Lines that are not yet read. */
  readonly waiting: string[] = []
  /** The last value of each metric. */
  readonly last: Record<string, number> = {}
  /** How many steps there were. */
  steps = 0
  readonly #leading: string | undefined
  #next: number
  /** Values that go with the step to come. */
  #pending: Record<string, number> = {}
  /** By metric, whether it is printed behind the step that it goes with. */
  readonly #behind = new Map<string, boolean>()
  #before: { readonly step: number; readonly value: number } | null = null

  constructor(leading: string | undefined, first: number) {
    this.#leading = leading
    this.#next = first
  }

  get said(): SaidInStream {
    return {
      ...{ steps: this.steps, behind: Object.fromEntries(this.#behind) },
      ...{ last: asText(this.last), pending: asText(this.#pending) },
    }
  }

  goOnFrom({ steps, behind, last, pending }: SaidInStream): void {
    this.steps = steps
    for (const [name, isBehind] of Object.entries(behind)) this.#behind.set(name, isBehind)
    Object.assign(this.last, asNumbers(last))
    this.#pending = asNumbers(pending)
  }

  /** The steps, and what is added to one, that a line brings. */
  stepsOf(matches: readonly Match[]): Step[] {
    const found: Step[] = []
    const at = (step: number) => {
      const known = found.find((one) => one.step === step)
      const entry = known ?? { step, metrics: {} }
      if (known === undefined) found.push(entry)
      return entry.metrics
    }
    const isStep = ({ metric }: Match) => metric === this.#leading
    const lastStep = matches.findLastIndex(isStep)
    matches.forEach((match, i) => {
      const { metric, value } = match
      this.last[metric] = value
      if (isStep(match)) this.#stepAt(match, at)
      else if (match.step !== null) at(match.step)[metric] = value
      else if (lastStep === -1) this.#apart(match, at)
      // Behind the last step of the line it goes with that one, else with the next.
      else if (i > lastStep) at(this.#next - 1)[metric] = value
      else this.#pending[metric] = value
      if (lastStep !== -1 && !this.#behind.has(metric)) this.#behind.set(metric, false)
    })
    return found
  }

  #stepAt({ metric, value, step: numbered }: Match, at: (step: number) => Record<string, number>): void {
    const step = numbered ?? this.#next
    this.#next = step + 1
    this.steps++
    const again = numbered !== null && this.#before?.step === step && Object.is(this.#before.value, value)
    this.#before = { step, value }
    // A bar that is drawn anew says nothing new.
    if (again) return
    Object.assign(at(step), this.#pending, { [metric]: value })
    this.#pending = {}
  }

  /** On a line without a step. */
  #apart({ metric, value }: Match, at: (step: number) => Record<string, number>): void {
    if (!this.#behind.has(metric)) this.#behind.set(metric, this.steps > 0)
    if (this.#behind.get(metric)) at(this.#next - 1)[metric] = value
    else this.#pending[metric] = value
  }
}

const asText = (numbers: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)]))

const asNumbers = (texts: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, Number(value)]))
