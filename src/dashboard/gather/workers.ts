/** The workers on other machines that fits of a sweep ran on, from what the trials say: who they are, at what they are, what they have done. */
import type {
  ChildRun,
  FitSpans,
  FitWorker,
  LostWorker,
  RecordedDevice,
  TrialProgress,
} from '../../tracking/index.js'
import type { SweepWorker } from '../data/index.js'

interface Known {
  readonly id: string
  host: string
  readonly devices: Map<string, RecordedDevice>
  /** Those that its fits had. */
  readonly seats: Map<number, { from: number; devices: readonly string[] }>
  /** Trials with an outcome that had a fit there. */
  readonly trials: Set<number>
  /** ms since 1970; less than any where nothing is known. */
  last: number
  /** When it vanished last. */
  missed: number
}

interface AtWork {
  readonly worker: string
  readonly seat: number
  readonly since: number
}

/** A fit that begins or ends at a worker. */
interface Met {
  readonly seat: number
  /** ms since 1970. */
  readonly from: number
  readonly now: number
}

export class Workers {
  readonly #known = new Map<string, Known>()
  /** Fits that run now, by trial. */
  readonly #running = new Map<number, readonly AtWork[]>()

  /** In the order in which they first had a fit. */
  list(): SweepWorker[] {
    return [...this.#known.values()].map(({ id, host, devices, seats, trials, last, missed }) => ({
      id,
      host,
      // Not in the order in which fits began on them, which is another each time.
      devices: [...devices.values()].sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true })),
      at: [...this.#running]
        .flatMap(([trial, fits]) =>
          fits.filter(({ worker }) => worker === id).map(({ seat, since }) => ({ trial, seat, since })),
        )
        .sort((a, b) => a.seat - b.seat),
      trials: trials.size,
      seats: [...seats].map(([seat, more]) => ({ seat, ...more })).sort((a, b) => a.seat - b.seat),
      last: Number.isFinite(last) ? last : null,
      missed: missed > last ? missed : null,
    }))
  }

  /** A trial that was read whole. */
  take(run: ChildRun): void {
    this.forget(run.trial)
    const { fits } = run.conditions
    const started = Date.parse(run.started)
    if (run.ended !== null) this.ended(run.trial, fits, started)
    else if ('seats' in run) this.progress(run.trial, run, started, started)
  }

  /**
   * The fits of a trial run at these seats from now on.
   * @param started when this attempt at the trial began.
   */
  progress(
    trial: number,
    { seats, workers, lost = [] }: Pick<TrialProgress, 'seats' | 'workers' | 'lost'>,
    now: number,
    started: number,
  ): void {
    for (const worker of lost) this.#miss(worker, started)
    if (seats === undefined) return
    const before = this.#running.get(trial) ?? []
    const running = seats.flatMap((seat, i): AtWork[] => {
      const worker = workers?.[i]
      if (!worker) return []
      const same = before.find((one) => one.worker === worker.id && one.seat === seat)
      if (same !== undefined) return [same]
      this.#meet(worker, { seat, from: now, now })
      return [{ worker: worker.id, seat, since: now }]
    })
    for (const { worker, seat } of before) {
      const goesOn = running.some((one) => one.worker === worker && one.seat === seat)
      if (!goesOn && lost.every(({ id }) => id !== worker)) this.#heard(worker, now)
    }
    if (running.length === 0) this.#running.delete(trial)
    else this.#running.set(trial, running)
  }

  /** A trial has its outcome. */
  ended(trial: number, fits: FitSpans | undefined, started: number): void {
    this.#running.delete(trial)
    if (fits === undefined) return
    for (const worker of (fits.lost ?? []).flat()) this.#miss(worker, started)
    for (const [i, worker] of (fits.workers ?? []).entries()) {
      if (worker === null) continue
      const met = { seat: fits.seats[i], from: started + fits.from[i], now: started + fits.to[i] }
      this.#meet(worker, met).trials.add(trial)
    }
  }

  /** A trial begins anew, or its process ended before it did: nothing of it runs. */
  cut(trial: number): void {
    this.#running.delete(trial)
  }

  /** A trial is taken out of the record. */
  forget(trial: number): void {
    this.#running.delete(trial)
    for (const { trials } of this.#known.values()) trials.delete(trial)
  }

  #of({ id, host }: Pick<FitWorker, 'id' | 'host'>): Known {
    let known = this.#known.get(id)
    if (known === undefined) {
      const never = Number.NEGATIVE_INFINITY
      known = {
        ...{ id, host, devices: new Map(), seats: new Map(), trials: new Set() },
        ...{ last: never, missed: never },
      }
      this.#known.set(id, known)
    }
    return known
  }

  #meet(worker: FitWorker, { seat, from, now }: Met): Known {
    const known = this.#of(worker)
    const { devices = [] } = worker
    for (const device of devices) known.devices.set(device.id, device)
    const before = known.seats.get(seat)
    known.seats.set(seat, {
      from: Math.min(from, before?.from ?? from),
      devices: devices.map(({ id }) => id),
    })
    known.last = Math.max(known.last, now)
    return known
  }

  #heard(worker: string, now: number): void {
    const known = this.#known.get(worker)
    if (known !== undefined) known.last = Math.max(known.last, now)
  }

  #miss({ id, host, ms }: LostWorker, started: number): void {
    const known = this.#of({ id, host })
    known.missed = Math.max(known.missed, started + ms)
  }
}

/** Those of trials that were read whole. */
export function workersOf(runs: readonly ChildRun[]): SweepWorker[] {
  const workers = new Workers()
  for (const run of runs) workers.take(run)
  return workers.list()
}
