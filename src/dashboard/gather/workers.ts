/** The workers on other machines that fits of a sweep ran on, from what the trials say: who they are, at what they are, what they have done. */
import type { ChildRun, FitSpans, FitWorker, RecordedDevice, TrialProgress } from '../../tracking/index.js'
import type { SweepWorker } from '../data/index.js'

interface Known {
  readonly id: string
  host: string
  readonly devices: Map<string, RecordedDevice>
  /** Trials with an outcome that had a fit there. */
  readonly trials: Set<number>
  /** ms since 1970. */
  last: number
}

interface AtWork {
  readonly worker: string
  readonly seat: number
  readonly since: number
}

export class Workers {
  readonly #known = new Map<string, Known>()
  /** Fits that run now, by trial. */
  readonly #running = new Map<number, readonly AtWork[]>()

  /** In the order in which they first had a fit. */
  list(): SweepWorker[] {
    return [...this.#known.values()].map(({ id, host, devices, trials, last }) => ({
      id,
      host,
      devices: [...devices.values()],
      at: [...this.#running]
        .flatMap(([trial, fits]) =>
          fits.filter(({ worker }) => worker === id).map(({ seat, since }) => ({ trial, seat, since })),
        )
        .sort((a, b) => a.seat - b.seat),
      trials: trials.size,
      last,
    }))
  }

  /** A trial that was read whole. */
  take(run: ChildRun): void {
    this.forget(run.trial)
    const { fits } = run.conditions
    if (run.ended !== null) this.ended(run.trial, fits, Date.parse(run.started))
    else if ('seats' in run) this.progress(run.trial, run, Date.parse(run.started))
  }

  /** The fits of a trial run at these seats from now on. */
  progress(trial: number, { seats, workers }: Pick<TrialProgress, 'seats' | 'workers'>, now: number): void {
    if (seats === undefined) return
    const before = this.#running.get(trial) ?? []
    for (const { worker } of before) this.#heard(worker, now)
    const running = seats.flatMap((seat, i): AtWork[] => {
      const worker = workers?.[i]
      if (!worker) return []
      this.#meet(worker, now)
      const same = before.find((one) => one.worker === worker.id && one.seat === seat)
      return [same ?? { worker: worker.id, seat, since: now }]
    })
    if (running.length === 0) this.#running.delete(trial)
    else this.#running.set(trial, running)
  }

  /** A trial has its outcome. */
  ended(trial: number, fits: FitSpans | undefined, started: number): void {
    this.#running.delete(trial)
    for (const [i, worker] of (fits?.workers ?? []).entries())
      if (worker !== null) this.#meet(worker, started + fits!.to[i]).trials.add(trial)
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

  #meet({ id, host, devices = [] }: FitWorker, now: number): Known {
    let known = this.#known.get(id)
    if (known === undefined) {
      known = { id, host, devices: new Map(), trials: new Set(), last: now }
      this.#known.set(id, known)
    }
    for (const device of devices) known.devices.set(device.id, device)
    known.last = Math.max(known.last, now)
    return known
  }

  #heard(worker: string, now: number): void {
    const known = this.#known.get(worker)
    if (known !== undefined) known.last = Math.max(known.last, now)
  }
}

/** Those of trials that were read whole. */
export function workersOf(runs: readonly ChildRun[]): SweepWorker[] {
  const workers = new Workers()
  for (const run of runs) workers.take(run)
  return workers.list()
}
