/** What a program has said so far, and the answers it is given. */

import { FitFailure } from '../failures.js'
import type { ObjectiveContext } from '../types.js'
import type { LeftArtifact } from './left.js'
import { answerLine, shown } from './protocol.js'
import type { Found } from './reports.js'
import type { SaidInConversation } from './said.js'

export interface Listener {
  /** Writes a line for the program to read. */
  answer(line: string): void
  /** The program is to stop. `isTold`: it was, in the answer to a report. */
  stopping(isTold: boolean): void
  /** Something the program said is wrong: there is no point in going on. */
  broken(): void
}

export class Conversation {
  /** What the last `final` line gave; undefined while there is none. */
  result: unknown
  /** The program's own word that it failed. */
  failed: string | null = null
  /** Files by the name they are to be kept under. */
  readonly artifacts = new Map<string, string>()
  /** Of those that were handed in before an interruption and not again, by name: what was in them. */
  readonly kept = new Map<string, Uint8Array>()
  fault: FitFailure | null = null
  /** Reports not yet dealt with. */
  backlog = 0
  readonly #context: ObjectiveContext
  readonly #listener: Listener
  /** What looked like a report and was none: the first of it, and how many there were. */
  #unread: { readonly why: string; readonly line: string; count: number } | null = null
  #nextStep: number
  #work: Promise<void> = Promise.resolve()

  constructor(context: ObjectiveContext, listener: Listener) {
    this.#context = context
    this.#listener = listener
    this.#nextStep = context.step
  }

  /** Takes up one report; they are dealt with one after the other. */
  hear(found: Found): void {
    if (found.kind === 'unread') {
      if (this.#unread === null) this.#unread = { why: found.why, line: found.line, count: 1 }
      else this.#unread.count++
      return
    }
    if (this.fault !== null) return
    this.backlog++
    this.#work = this.#work.then(() => this.#deal(found)).finally(() => this.backlog--)
  }

  /** An artifact that was handed in before an interruption. */
  takeUp(name: string, { path, content }: LeftArtifact): void {
    this.artifacts.set(name, path)
    if (content !== null) this.kept.set(name, content)
  }

  /** What was said before an interruption. */
  goOnFrom({ result, unread }: SaidInConversation): void {
    this.result = result
    this.#unread = unread && { ...unread }
  }

  get said(): SaidInConversation {
    const { result } = this
    return { ...(result !== undefined && { result }), unread: this.#unread }
  }

  /** In words, what looked like a report and could not be read; null where there was none. */
  get unread(): string | null {
    if (this.#unread === null) return null
    const { why, line, count } = this.#unread
    const more = count === 1 ? '' : `, and ${count - 1} more like it`
    return `what looks like a report could not be read: ${shown(line)}${more}; ${why}`
  }

  /** Resolves when everything heard so far has been dealt with. */
  async settled(): Promise<void> {
    while (this.backlog > 0) await this.#work
  }

  fail(fault: FitFailure): void {
    if (this.fault !== null) return
    this.fault = fault
    this.#listener.broken()
  }

  async #deal(found: Exclude<Found, { kind: 'unread' }>): Promise<void> {
    if (this.fault !== null) return
    if (found.kind === 'fault') {
      this.fail(found.fault)
      return
    }
    const { message } = found
    try {
      switch (message.kind) {
        case 'metric':
        case 'printed': {
          const isReport = message.kind === 'metric'
          const step = message.step ?? this.#nextStep
          this.#nextStep = step + 1
          const verdict = await this.#context.report(step, message.metrics as Record<string, number>)
          if (isReport) this.#listener.answer(answerLine(step, verdict === 'prune' ? 'stop' : 'continue'))
          if (verdict === 'prune') this.#listener.stopping(isReport)
          break
        }
        case 'final':
          this.result = message.result
          break
        case 'failed':
          this.failed = message.reason
          break
        case 'artifact': {
          const name = message.name ?? message.file.split(/[/\\]/).at(-1)!
          this.artifacts.set(name, message.file)
          this.kept.delete(name)
        }
      }
    } catch (error) {
      this.fail(
        error instanceof FitFailure ? error : new FitFailure('RESULT_INVALID', (error as Error).message),
      )
    }
  }
}
