/** What is known of a sweep that is running: counted from its events, shown by the displays. */
import type { SweepEvent, TrialStep } from '../../sweep/index.js'
import type { Improvement } from '../chart.js'
import { clock, count } from '../format.js'
import { plain } from '../output.js'
import { requestInWords } from '../request.js'

export type Started = Extract<SweepEvent, { type: 'started' }>
export type Ended = Extract<SweepEvent, { type: 'trial-ended' }>
/** A trial that runs, with what it reported last. */
export interface RunningTrial {
  readonly trial: number
  readonly seconds: number
  readonly latest: TrialStep | null
}

type Asked = Extract<SweepEvent, { type: 'asked' }>

/** So many of the latest trials make the rate. */
const recentTrials = 64

export class SweepState {
  readonly #now: () => number

  started: Started | null = null
  finished = 0
  pruned = 0
  failed = 0
  running = 0
  best: { trial: number; value: number } | null = null
  /** Why no further trial starts, in words, once that is so. */
  closing: string | null = null
  /** Each trial that was better than all before it, in this session. */
  readonly improvements: Improvement[] = []
  readonly #underway = new Map<number, { readonly since: number; latest: TrialStep | null }>()
  #begun: number
  readonly #recent: number[] = []

  /** @param now a clock, in ms. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now

    this.#begun = now()
  }

  take(event: SweepEvent): void {
    if (event.type === 'started') {
      this.started = event
      this.#begun = this.#now()
    } else if (event.type === 'asked') {
      if (this.started !== null) this.started = { ...this.started, trials: event.trials }
      if (event.request.act.kind === 'stop' && event.request.outcome === 'done')
        this.closing ??= stoppingLine('interrupt', this.running)
    } else if (event.type === 'stopping') this.closing ??= stoppingLine(event.reason, this.running)
    else if (event.type === 'trial-started') {
      this.running++
      this.#underway.set(event.trial, { since: this.#now(), latest: null })
    } else if (event.type === 'trial-left') {
      this.running--
      this.#underway.delete(event.trial)
    } else if (event.type === 'step') {
      const trial = this.#underway.get(event.trial)
      if (trial !== undefined) trial.latest = event
    } else if (event.type === 'trial-ended') {
      this[event.status]++
      this.running--
      this.#underway.delete(event.trial)
      if (event.best && event.value !== null) {
        this.best = { trial: event.trial, value: event.value }
        this.improvements.push({ at: this.finished + this.pruned + this.failed - 1, value: event.value })
      }
      this.#recent.push(this.#now())
      if (this.#recent.length > recentTrials) this.#recent.shift()
    }
  }

  /** Trials that have run for at least so many seconds, the earliest first. */
  runningFor(seconds: number): RunningTrial[] {
    const now = this.#now()
    return [...this.#underway]
      .map(([trial, { since, latest }]) => ({ trial, seconds: (now - since) / 1000, latest }))
      .filter((one) => one.seconds >= seconds)
      .sort((a, b) => a.trial - b.trial)
  }

  /** Trials ended, those of earlier sessions included. */
  get done(): number {
    return (this.started?.done ?? 0) + this.finished + this.pruned + this.failed
  }

  /** How much of it is done, 0 … 1: of its trials, or of its time. */
  get share(): number {
    if (this.started === null) return 0
    const { budget, trials } = this.started
    const ofTrials = this.done / trials
    return budget === null ? ofTrials : Math.min(1, Math.max(ofTrials, (1000 * this.seconds) / budget))
  }

  /** Seconds since the sweep started, in this session. */
  get seconds(): number {
    return (this.#now() - this.#begun) / 1000
  }

  /** Trials a second of late; null before the first has ended. */
  get rate(): number | null {
    if (this.#recent.length === 0) return null
    const since = this.#recent.length < recentTrials ? this.#begun : this.#recent[0]
    const passed = (this.#now() - since) / 1000
    const ended = this.#recent.length < recentTrials ? this.#recent.length : recentTrials - 1
    return passed > 0 ? ended / passed : null
  }

  /** Seconds until the last trial ends at the present rate; null where that cannot be said. */
  get left(): number | null {
    const rate = this.rate
    if (this.started?.budget != null) return Math.max(0, this.started.budget / 1000 - this.seconds)
    return this.started === null || rate === null ? null : (this.started.trials - this.done) / rate
  }
}

/** What a sweep is, in one line, before its first trial. */
export function headline(started: Started): string {
  const { name, run, trials, budget, done, algorithm, parallel, workers, seed } = started
  const counted = budget === null ? trialsToDo(trials, done) : `${clock(budget / 1000)} for its trials`
  const threads = seatsLine(started) ?? `${workers} ${workers === 1 ? 'worker' : 'workers'}`
  return `sweep ${plain(name)} (${run.slice(0, 8)}): ${counted}, ${algorithm}, seed ${seed}, ${parallel} in flight on ${threads}`
}

/** `4 seats with 1 device each: 0, 1 NVIDIA A100; 2, 3 NVIDIA H100`; null without devices. */
export function seatsLine({
  seats,
  devicesPerFit = 1,
}: Pick<Started, 'seats' | 'devicesPerFit'>): string | null {
  if (seats === undefined) return null
  const byName = new Map<string, Set<string>>()
  for (const { id, name } of seats.flatMap(({ devices }) => devices)) {
    const called = name ?? ''
    byName.set(called, (byName.get(called) ?? new Set()).add(id))
  }
  const devices = [...byName].map(([name, ids]) => plain(`${[...ids].join(', ')} ${name}`.trim()))
  const share = devicesPerFit === 1 ? '1 device' : `${devicesPerFit} devices`
  const held = devicesPerFit < 1 ? `a share of ${devicesPerFit} of a device` : share
  return `${count(seats.length, 'seat')} with ${held} each: ${devices.join('; ')}`
}

/** How many, and not which: trials that were in flight when a sweep ended are done later than some with higher numbers. */
function trialsToDo(trials: number, done: number): string {
  if (done === 0) return count(trials, 'trial')
  if (done >= trials) return trials === 1 ? 'its trial has ended' : `all of its ${trials} trials have ended`
  return `${trials - done} of ${count(trials, 'trial')} to go`
}

/** What somebody asked of the sweep, and what became of it. */
export function askedLine({ request }: Asked): string {
  const { user, host } = request.by
  return `${plain(user)} on ${plain(host)} asked: ${requestInWords(request)}`
}

/** What a `stopping` event means, in words. */
function stoppingLine(reason: Extract<SweepEvent, { type: 'stopping' }>['reason'], running: number): string {
  const waiting =
    running > 0 ? `; ${running} running ${running === 1 ? 'trial ends' : 'trials end'} first` : ''
  switch (reason) {
    case 'interrupt':
      return `interrupted${waiting}${running > 0 ? ' (Ctrl-C again stops them)' : ''}`
    case 'max-time':
      return `the time for the sweep is over${waiting}`
    case 'stop-at':
      return `the value to stop at is reached${waiting}`
    case 'settled':
      return `nothing more is to be gained${waiting}`
    case 'exhausted':
      return `every setting of the space has been tried${waiting}`
    case 'same-failure':
      return `the first trials all failed for the same reason${waiting}`
  }
}
