/** The time a sweep has: when it is over nothing further is begun, and after the grace what still runs is ended. */
import type { SweepSettings } from './types.js'

/** Timers hold 31 bits of milliseconds; a longer limit than 24 days is no limit. */
const longestTimer = 2 ** 31 - 1

export class Deadline {
  readonly #over = new AbortController()
  readonly #graceOver = new AbortController()
  readonly #timers: NodeJS.Timeout[] = []

  constructor({ maxTime, maxTimeGrace }: Pick<SweepSettings, 'maxTime' | 'maxTimeGrace'>) {
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

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }
}
