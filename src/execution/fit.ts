/**
 * One requested fit as the main thread sees it: waiting, running, ended; when it has to stop, and what its
 * outcome is then. Both executors use it; they differ only in how a fit is asked to stop and how it is ended.
 */

import { Waiting } from '../training/index.js'
import type { Metrics } from '../values.js'
import { onAbort } from './abort.js'
import { afterWaking } from './after-waking.js'
import type { WatchedFit } from './device-memory.js'
import type { FitOutcome, FitRequest, FitStart, RunOptions, StopReason } from './types.js'

type Verdict = 'continue' | 'prune'

/** How the executor reaches the running fit. */
export interface Reins {
  /**
   * Whether the fit surely concludes soon after it was asked or ended, as a program does that is ended with its
   * process group: then its end is waited for, whatever the outcome is by then.
   */
  readonly concludes?: boolean
  /** Tells the trainer that it is to stop: its signal aborts. */
  ask(reason: StopReason): void
  /** Stops it for good: what it does from now on is lost. */
  end(): void
}

/** Node's timers overflow above this; a longer limit is no limit. */
const longestTimer = 2 ** 31 - 1

export class Fit {
  readonly #options: RunOptions
  readonly #grace: number

  #state: 'waiting' | 'running' | 'ended' = 'waiting'
  /** Ended threads cost this fit a new start, though it was not to blame: how often. */
  restarts = 0
  #reins: Reins | null = null
  #began = 0
  /** For answers to the reports of this start. */
  #waiting = new Waiting()
  #watched: WatchedFit | null = null
  #timeOut: NodeJS.Timeout | undefined
  #graceOut: (() => void) | undefined
  #forget: (() => void) | undefined
  #stopped: StopReason | null = null
  #prunedByAnswer = false
  #concluded = false
  /** The outcome of a fit that is being ended, and has yet to conclude. */
  #verdict: FitOutcome | null = null
  /** What was answered, in order of reports: a fit that starts again gets the same answers, unasked. */
  readonly #answers: Promise<Verdict>[] = []
  #reports = 0
  #resolve!: (outcome: FitOutcome) => void
  #reject!: (error: unknown) => void
  readonly outcome: Promise<FitOutcome>

  constructor(
    readonly request: FitRequest,
    options: RunOptions,
    grace: number,
  ) {
    this.#options = options
    this.#grace = grace

    const { signal } = options
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    if (signal?.aborted) this.#onAbort()
    else if (signal) this.#forget = onAbort(signal, this.#onAbort)
  }

  /** Told to stop, by its signal or by the answer to a report. */
  get stopping(): boolean {
    return this.#stopped !== null
  }

  /** Told to stop by the answer to a report: done again, it is told so at the same one. */
  get pruned(): boolean {
    return this.#stopped === 'prune' && this.#prunedByAnswer
  }

  get ended(): boolean {
    return this.#state === 'ended'
  }

  /** Seconds since it began to run, but for what it waited for answers. */
  get seconds(): number {
    return (performance.now() - this.#began - this.#waiting.ms) / 1000
  }

  get running(): boolean {
    return this.#state === 'running'
  }

  /** It begins to run at this seat; `more`: what else is told of where it runs; `watched`: the memory of its devices. */
  start(
    seat: number,
    reins: Reins,
    more: Omit<FitStart, 'seat'> = {},
    watched: WatchedFit | null = null,
  ): void {
    this.#state = 'running'
    this.#watched = watched
    this.#reins = reins
    this.#began = performance.now()
    this.#waiting = new Waiting()
    this.#reports = 0
    try {
      this.#options.onStart?.({ seat, ...more })
    } catch (error) {
      this.crash(error)
      return
    }
    this.#limit(this.request.timeLimit)
  }

  /** Its time is over so many ms from now, but for what it waits meanwhile: how long answers take is no matter of the trial's. */
  #limit(ms: number): void {
    if (ms > longestTimer) return
    const waited = this.#waiting.ms
    this.#timeOut = setTimeout(() => {
      this.#timeOut = undefined
      const left = this.#waiting.ms - waited
      if (left >= 1) this.#limit(left)
      // A turn later, so that an outcome that arrived while this thread was busy counts.
      else setImmediate(() => this.exceed())
    }, ms)
  }

  /** Its seat is lost, and not through this fit: it waits again. `vanished`: with a worker that is not heard of any more. */
  restart(vanished = false): void {
    const ran = this.running
    this.#clear()
    this.#watched?.end()
    this.#reins = null
    this.#concluded = false
    this.restarts++
    this.#state = 'waiting'
    if (!ran) return
    try {
      this.#options.onLost?.({ vanished })
    } catch (error) {
      this.crash(error)
    }
  }

  /** One report of the running fit; resolves with the answer for the trainer. */
  report(step: number, metrics: Metrics): Promise<Verdict> {
    if (this.#state !== 'running') return Promise.resolve('prune')
    const index = this.#reports++
    this.#answers[index] ??= this.#judge(step, metrics)
    return this.#waiting.for(this.#answers[index])
  }

  /** A line that the running fit printed or logged. */
  print(line: string): void {
    if (this.#state !== 'running') return
    try {
      this.#options.onOutput?.(line)
    } catch (error) {
      // As with a report: the listener's own mistake.
      this.crash(error)
    }
  }

  /** A checkpoint of the running fit is whole. */
  kept(folder: string): void {
    if (this.#state !== 'running') return
    try {
      this.#options.onCheckpoint?.(folder)
    } catch (error) {
      this.crash(error)
    }
  }

  async #judge(step: number, metrics: Metrics): Promise<Verdict> {
    if (this.#stopped !== null) return 'prune'
    if (this.#options.onReport === undefined) return 'continue'
    try {
      const verdict = await this.#options.onReport(step, metrics)
      // A trainer that goes on although it was told to stop is ended after the grace like any other.
      if (verdict === 'prune') this.#stop('prune', false)
      return verdict
    } catch (error) {
      // The listener's own mistake, not the trial's: the caller of run hears of it.
      this.crash(error)
      return 'prune'
    }
  }

  /** The fit ended by itself, or was ended; reports it made before count. */
  conclude(outcome: FitOutcome): void {
    if (this.#state !== 'running') return
    this.#reins = null
    clearTimeout(this.#timeOut)
    // Nothing of it goes on: it waits for answers that are under way, however long that takes.
    this.#concluded = true
    if (this.#stopped === 'prune') this.#graceOut?.()
    const conclusion = this.#verdict === null ? outcome : withLeavings(this.#verdict, outcome)
    if (this.#answers.length === 0) this.#finish(conclusion)
    else void Promise.all(this.#answers).then(() => this.#finish(conclusion))
  }

  /** Ends it without a word about the trial: the executor closes. */
  abandon(): void {
    this.#kill({ status: 'aborted' })
  }

  /** Something other than the trial is wrong: `run` rejects. */
  crash(error: unknown): void {
    if (this.#state === 'ended') return
    const reins = this.#reins
    this.#end()
    this.#reject(error)
    reins?.end()
  }

  #finish(outcome: FitOutcome): void {
    if (this.#state === 'ended') return
    const stopped = this.#stopped
    const deviceMemoryMB = this.#watched?.end() ?? null
    this.#end()
    const ended = stopped === null ? outcome : stoppedOutcome(stopped, outcome)
    this.#resolve(deviceMemoryMB === null ? ended : { ...ended, deviceMemoryMB })
  }

  #end(): void {
    this.#clear()
    this.#watched?.end()
    this.#state = 'ended'
    this.#reins = null
    this.#forget?.()
  }

  #clear(): void {
    clearTimeout(this.#timeOut)
    this.#graceOut?.()
    this.#timeOut = undefined
    this.#graceOut = undefined
  }

  readonly #onAbort = () => {
    const reason: StopReason = this.#options.signal?.reason === 'prune' ? 'prune' : 'abort'
    if (this.#state === 'waiting') {
      this.#stopped = reason
      this.#finish({ status: 'aborted' })
    } else this.#stop(reason, true)
  }

  #stop(reason: StopReason, ask: boolean): void {
    if (this.#state !== 'running') return
    // Told from outside outweighs the pruner: it says that nobody waits for an answer.
    if (this.#stopped === null && !ask) this.#prunedByAnswer = true
    if (this.#stopped === null || reason === 'abort') this.#stopped = reason
    if (ask) this.#reins?.ask(reason)
    if (this.#reins?.concludes || (this.#concluded && this.#stopped === 'prune')) return
    this.#graceOut ??= afterWaking(this.#grace, () => this.#kill({ status: 'aborted' }))
  }

  /** Its time is over. */
  exceed(): void {
    if (this.#state !== 'running' || this.#reins === null) return
    const { timeLimit } = this.request
    this.#kill({
      status: 'failed',
      code: 'TIME_LIMIT',
      reason: `a fit may take ${timeLimit / 1000} s (it had not ended by then, and was stopped); raise --trial-timeout or narrow the space`,
      seconds: this.seconds,
    })
  }

  #kill(outcome: FitOutcome): void {
    const reins = this.#reins
    if (reins?.concludes) this.#verdict ??= outcome
    else this.#finish(outcome)
    reins?.end()
  }
}

/** The outcome of a fit that was told to stop, whatever it did then. */
function stoppedOutcome(stopped: StopReason, outcome: FitOutcome): FitOutcome {
  if (stopped === 'abort') return { status: 'aborted' }
  const result = outcome.status === 'finished' ? outcome.result : null
  const log = result === null ? logOf(outcome) : undefined
  return withLeavings({ status: 'pruned', result, ...(log && { log }) }, outcome)
}

/** What the fit logged and printed; undefined where that is not known. */
export function logOf(outcome: FitOutcome): readonly string[] | undefined {
  switch (outcome.status) {
    case 'finished':
      return outcome.result.log
    case 'pruned':
      return outcome.result?.log ?? outcome.log
    case 'failed':
      return outcome.log
    case 'aborted':
      return undefined
  }
}

/** The outcome, with what another one of the same fit left. */
function withLeavings(outcome: FitOutcome, { artifacts, notes, continued }: FitOutcome): FitOutcome {
  return {
    ...outcome,
    ...(artifacts && { artifacts }),
    ...(notes && { notes }),
    ...(continued && { continued }),
  }
}
