/**
 * One fit as its coordinator sees it: offered, claimed by a worker, lost with it and offered again. What is asked of it and how it ends
 * is `Fit`'s, as for every executor; here is what distance adds: numbered messages, and workers that vanish.
 */
import {
  Fit,
  type FitOutcome,
  type FitRequest,
  type RunOptions,
  type StopReason,
} from '../execution/index.js'
import type { FitNote } from '../training/index.js'
import type { ToCoordinator, ToWorker } from './protocol.js'

/** A fit that so many workers vanish over, and that does not get on, is not offered again: it may be what ends them. */
const mostLosses = 10

export interface RemoteFitParts {
  /** What all its offers begin with. */
  readonly name: string
  /** ms that its worker has to end it where nobody waits for it any more. */
  readonly grace: number
  tellWorker(worker: string, message: ToWorker): void
  /** Offers it under its present name. */
  offer(fit: RemoteFit): void
  /** The number of a worker's seat among all there are. */
  seatNumber(start: Extract<ToCoordinator, { kind: 'start' }>): number
}

export class RemoteFit {
  readonly fit: Fit
  readonly #parts: RemoteFitParts
  #deliveries = 0
  /** Workers that vanished over it since it was further than ever before. */
  #losses = 0
  #furthest = Number.NEGATIVE_INFINITY
  /** Times it vanished before a worker said that it begins. */
  unbegun = 0
  /** Messages that came before those they come after. */
  readonly #early = new Map<number, ToCoordinator>()
  #next = 0
  #work: Promise<void> = Promise.resolve()
  #working = 0
  #worker: string | null = null
  readonly #notes = new Map<string, FitNote>()
  /** What lies in the queue for its present offer alone: digests. */
  given: readonly string[] = []
  /** It is in the queue, or was. */
  offered = false
  /** Most in use on one of its devices, as its worker has seen. */
  #deviceMemoryMB: number | null = null

  constructor(
    readonly request: FitRequest,
    options: RunOptions,
    parts: RemoteFitParts,
  ) {
    this.#parts = parts
    // The worker sees to the time limit: what is under way is no training.
    this.fit = new Fit({ ...request, timeLimit: Number.POSITIVE_INFINITY }, options, parts.grace)
  }

  /** The id of its present offer. */
  get id(): string {
    return `${this.#parts.name}-d${this.#deliveries}`
  }

  /** A worker has it in hand. */
  get claimed(): boolean {
    return this.#worker !== null
  }

  /** Takes a message of its present offer: each once, and in their order. */
  take(message: ToCoordinator, deal: (message: ToCoordinator) => Promise<void> | void): void {
    if (message.number < this.#next || this.#early.has(message.number)) return
    this.#early.set(message.number, message)
    for (let next = this.#early.get(this.#next); next !== undefined; next = this.#early.get(this.#next)) {
      const one = next
      this.#early.delete(this.#next++)
      const delivery = this.#deliveries
      this.#working++
      this.#work = this.#work
        .then(() => (delivery === this.#deliveries ? deal(one) : undefined))
        .catch((error) => this.fit.crash(error))
        .finally(() => this.#working--)
    }
  }

  start(message: Extract<ToCoordinator, { kind: 'start' }>): void {
    const { worker, host, devices } = message
    this.#worker = worker
    const id = this.id
    let reason: StopReason | null = null
    const { fit } = this
    const tell = () => this.#parts.tellWorker(worker, { kind: 'stop', fit: id, reason: reason ?? 'abort' })
    this.fit.start(
      this.#parts.seatNumber(message),
      {
        // A pruned fit is waited for, so that what it left does not depend on how far away it ran; its worker may be lost all the same.
        get concludes() {
          return fit.pruned || reason === 'prune'
        },
        ask: (asked) => {
          reason = asked
          tell()
        },
        end: tell,
      },
      { devices, worker: { id: worker, host } },
      { end: () => this.#deviceMemoryMB },
    )
  }

  report({ report, step, metrics }: Extract<ToCoordinator, { kind: 'report' }>): void {
    const worker = this.#worker
    const fit = this.id
    if (step > this.#furthest) {
      this.#furthest = step
      this.#losses = 0
    }
    void this.fit.report(step, metrics).then((verdict) => {
      if (worker !== null && fit === this.id)
        this.#parts.tellWorker(worker, { kind: 'answer', fit, report, verdict })
    })
  }

  /** A checkpoint of it is whole on this machine. */
  kept(folder: string, checkpoint: number): void {
    if (this.#worker !== null)
      this.#parts.tellWorker(this.#worker, { kind: 'kept', fit: this.id, checkpoint })
    this.fit.kept(folder)
  }

  /** For its record; of notes about the same thing the first one. */
  note(about: string, message: string): void {
    if (!this.#notes.has(about)) this.#notes.set(about, { about, message })
  }

  /** @param deviceMemoryMB at most in use on one of its devices; null where its worker has not looked. */
  conclude(outcome: FitOutcome, deviceMemoryMB: number | null): void {
    this.#deviceMemoryMB = deviceMemoryMB
    const notes = [...this.#notes.values(), ...(outcome.notes ?? [])]
    this.fit.conclude(notes.length === 0 ? outcome : { ...outcome, notes })
  }

  /** Its worker does not do it, and says so, or has vanished: it is offered again. */
  again(vanished = false): void {
    if (this.fit.ended) return
    // One that is pruned comes to that again, and leaves what it left.
    if (this.fit.stopping && !this.fit.pruned) this.#giveUp({ status: 'aborted' })
    else {
      this.fit.restart(vanished)
      this.#deliveries++
      this.#early.clear()
      this.#next = 0
      this.#worker = null
      this.offered = false
      this.#parts.offer(this)
    }
  }

  /** It is in nobody's hands, and nothing more comes from who had it: its worker was lost, unless what it said is still being dealt with. */
  missed(): void {
    if (this.#working > 0) return
    if (!this.claimed) {
      // Nobody was harmed by it: the queue forgot it, or a worker put it aside.
      this.unbegun++
      this.again()
    } else if (++this.#losses < mostLosses) this.again(true)
    else
      this.#giveUp({
        status: 'failed',
        code: 'WORKER_LOST',
        reason: `a fit must leave its worker alive (${this.#losses} workers vanished while they ran this one); look at their logs: does it take all memory?`,
        seconds: this.fit.seconds,
      })
  }

  /** What its worker said of its end cannot be read. */
  spoilt(error: unknown): void {
    if (++this.#losses < mostLosses) this.again()
    else this.fit.crash(error)
  }

  #giveUp(outcome: FitOutcome): void {
    if (!this.fit.running) this.fit.start(0, { ask: () => {}, end: () => {} })
    this.fit.conclude(outcome)
  }
}
