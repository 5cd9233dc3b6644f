/** The time a sweep has: when it is over nothing further is begun, and after the grace what still runs is ended. */
import type { SweepSettings } from './types.js'

/** Timers hold 31 bits of milliseconds; a longer limit than 24 days is no limit. */
const longestTimer = 2 ** 31 - 1

/** So many of the latest trials say how long the next one will take. */
const recentTrials = 15

export class Deadline {
  readonly #over = new AbortController()
  readonly #graceOver = new AbortController()
  readonly #timers: NodeJS.Timeout[] = []
  readonly #began = performance.now()
  readonly #maxTime: number
  readonly #foresees: boolean
  /** ms that trials took, the latest ones. */
  readonly #took: number[] = []
  #sooner: NodeJS.Timeout | undefined

  constructor({
    maxTime,
    maxTimeGrace,
    foresees = false,
  }: Pick<SweepSettings, 'maxTime' | 'maxTimeGrace' | 'foresees'>) {
    this.#maxTime = maxTime
    this.#foresees = foresees
    for (const [controller, ms] of [
      [this.#over, maxTime],
      [this.#graceOver, maxTime + maxTimeGrace],
    ] as const)
      if (ms <= longestTimer) this.#timers.push(setTimeout(() => controller.abort(), ms))
  }

  /** Aborted: nothing further is begun. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  /** Aborted: what runs is ended. */
  get graceOver(): AbortSignal {
    return this.#graceOver.signal
  }

  /** A trial took so many ms: where that is foreseen, time is over for the next one when it could no longer end in time. */
  trialTook(ms: number): void {
    if (!this.#foresees || this.#over.signal.aborted) return
    this.#took.push(ms)
    if (this.#took.length > recentTrials) this.#took.shift()
    const usual = [...this.#took].sort((a, b) => a - b)[Math.floor(this.#took.length / 2)]
    const left = this.#began + this.#maxTime - usual - performance.now()
    clearTimeout(this.#sooner)
    if (left <= 0) this.#over.abort()
    else if (left <= longestTimer) this.#sooner = setTimeout(() => this.#over.abort(), left)
  }

  clear(): void {
    clearTimeout(this.#sooner)
    for (const timer of this.#timers) clearTimeout(timer)
  }
}
