/**
 * Gathers what running trials report until there is some to write, so that it reaches the journal in few lines and a
 * sweep is not held up by it. A trial that ends before takes what it gathered with it: its end says it all.
 */
import type { LostWorker } from './conditions.js'
import { mostOutput } from './events.js'
import type { TrialProgress } from './types.js'

/** ms that reports gather, at first; and at most, when a sweep has run for long. */
const shortest = 500
const longest = 5_000
/** So much longer than it has run does a sweep wait with its reports. */
const shareOfAge = 1 / 200
/** Characters kept of a line that a trial prints. */
const longestLine = 500

interface Gathered {
  history: Record<string, { steps: number[]; values: number[]; times: number[] }> | undefined
  seats: readonly number[] | undefined
  workers: TrialProgress['workers']
  lost: LostWorker[] | undefined
  output: string[] | undefined
}

export class ProgressBuffer {
  readonly #gathered = new Map<number, Gathered>()
  readonly #write: (trial: number, progress: TrialProgress) => void
  readonly #began = performance.now()
  #timer: NodeJS.Timeout | undefined

  /** @param write takes what a trial has gathered, when it is time. */
  constructor(write: (trial: number, progress: TrialProgress) => void) {
    this.#write = write
  }

  add(trial: number, { history, seats, workers, lost, output }: TrialProgress): void {
    let gathered = this.#gathered.get(trial)
    if (gathered === undefined) {
      gathered = {
        history: undefined,
        seats: undefined,
        workers: undefined,
        lost: undefined,
        output: undefined,
      }
      this.#gathered.set(trial, gathered)
    }
    if (history !== undefined) {
      gathered.history ??= Object.create(null) as NonNullable<Gathered['history']>
      for (const [name, { steps, values, times = [] }] of Object.entries(history)) {
        gathered.history[name] ??= { steps: [], values: [], times: [] }
        const series = gathered.history[name]
        series.steps.push(...steps)
        series.values.push(...values)
        series.times.push(...times)
      }
    }
    if (seats !== undefined) {
      gathered.seats = seats
      gathered.workers = workers
    }
    if (lost !== undefined) gathered.lost = [...(gathered.lost ?? []), ...lost]
    if (output !== undefined) {
      gathered.output ??= []
      for (const line of output) gathered.output.push(line.slice(0, longestLine))
      if (gathered.output.length > 2 * mostOutput) gathered.output = gathered.output.slice(-mostOutput)
    }
    if (this.#timer !== undefined) return
    const age = performance.now() - this.#began
    this.#timer = setTimeout(() => this.flush(), Math.min(longest, shortest + age * shareOfAge))
    this.#timer.unref()
  }

  /** A trial has ended, or begins anew: what it gathered is not written. */
  drop(trial: number): void {
    this.#gathered.delete(trial)
  }

  /** Writes all that has gathered. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const [trial, { history, seats, workers, lost, output }] of this.#gathered) {
      this.#write(trial, {
        ...(history && { history }),
        ...(seats && { seats, ...(workers && { workers }) }),
        ...(lost && { lost }),
        ...(output && { output: output.slice(-mostOutput) }),
      })
    }
    this.#gathered.clear()
  }
}
