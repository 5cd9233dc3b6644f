/** What a program has said so far, and the answers it is given. */

import { FitFailure } from '../failures.js'
import type { ObjectiveContext } from '../types.js'
import { answerLine, parseMessage } from './protocol.js'

export interface Listener {
  /** Writes a line for the program to read. */
  answer(line: string): void
  /** The program was told to stop. */
  stopping(): void
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
  fault: FitFailure | null = null
  /** Lines not yet dealt with. */
  backlog = 0
  private nextStep = 0
  private work: Promise<void> = Promise.resolve()

  constructor(
    private readonly context: ObjectiveContext,
    private readonly listener: Listener,
  ) {}

  /** Takes up one report; they are dealt with one after the other. */
  hear(line: string): void {
    if (this.fault !== null || line.trim() === '') return
    this.backlog++
    this.work = this.work.then(() => this.deal(line)).finally(() => this.backlog--)
  }

  /** Resolves when everything heard so far has been dealt with. */
  async settled(): Promise<void> {
    while (this.backlog > 0) await this.work
  }

  fail(fault: FitFailure): void {
    if (this.fault !== null) return
    this.fault = fault
    this.listener.broken()
  }

  private async deal(line: string): Promise<void> {
    if (this.fault !== null) return
    try {
      const message = parseMessage(line)
      switch (message.kind) {
        case 'metric': {
          const step = message.step ?? this.nextStep
          this.nextStep = step + 1
          const verdict = await this.context.report(step, message.metrics as Record<string, number>)
          this.listener.answer(answerLine(step, verdict === 'prune' ? 'stop' : 'continue'))
          if (verdict === 'prune') this.listener.stopping()
          break
        }
        case 'final':
          this.result = message.result
          break
        case 'failed':
          this.failed = message.reason
          break
        case 'artifact':
          this.artifacts.set(message.name ?? message.file.split(/[/\\]/).at(-1)!, message.file)
      }
    } catch (error) {
      this.fail(
        error instanceof FitFailure ? error : new FitFailure('RESULT_INVALID', (error as Error).message),
      )
    }
  }
}
