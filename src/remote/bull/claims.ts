/**
 * Claims as jobs that a worker of BullMQ holds: renewed four times in the time they last, and let go by our own clock before the queue
 * may have given them to another.
 */

import { type Job, WaitingError } from 'bullmq'
import { realClock } from '../clock.js'
import type { Claim, Closable, Server } from '../transport.js'
import type { Backing } from './backing.js'
import { type Offers, offerId, offersQueue } from './offers.js'
import { textsOf } from './text.js'
import type { TellingWorker } from './worker.js'

/** The share of a claim's time for which we vouch; the rest is for an end of the work, before another may begin. */
const vouchedFor = 0.8
/** How often the clock is looked at, in ms and at most as a share of a claim's time: the first thing a process does that was frozen. */
const look = { ms: 250, share: 0.05 }
/** ms that closing waits for works that were told to end. */
const endingMs = 10_000

/** Neither a wait that can end, nor one that keeps the process. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}

interface Held {
  readonly lost: AbortController
  /** On our clock: when its last renewal that was granted was asked for. */
  since: number
}

export class BullServer implements Server {
  readonly #backing: Backing
  readonly #claimMs: number
  readonly #work: (claim: Claim) => Promise<void>
  readonly #worker: TellingWorker
  readonly #held = new Map<string, Held>()
  readonly #works = new Set<Promise<void>>()
  #looking: NodeJS.Timeout | null = null
  #takesMore = true
  #closed: Promise<void> | null = null

  constructor(
    backing: Backing,
    offers: Offers,
    claimMs: number,
    seats: number,
    work: (claim: Claim) => Promise<void>,
  ) {
    this.#backing = backing
    this.#claimMs = claimMs
    this.#work = work
    this.#worker = backing.worker(
      offersQueue,
      (job, token) => this.#claim(job, token),
      { concurrency: seats, lockMs: claimMs, maxStalledCount: 0 },
      (jobs, sentAt) => this.#renewed(jobs, sentAt),
    )
    this.#worker.on('lockRenewalFailed', (jobs) => {
      for (const job of jobs) this.#lose(job, 'the queue has given the claim to nobody or to another')
    })
    this.#worker.on('stalled', (job) => void offers.bury(job).catch(() => {}))
    this.#worker.run().catch(() => {})
  }

  async drain(): Promise<void> {
    this.#takesMore = false
    // Not to be waited for: BullMQ's own pause that waits does not come back where the connection is lost meanwhile.
    await this.#worker.pause(true)
    while (this.#works.size > 0) await Promise.all(this.#works)
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#takesMore = false
    for (const job of this.#held.keys()) this.#lose(job, 'the server is closed')
    await Promise.race([Promise.all(this.#works), pause(endingMs)])
    await this.#backing.closeWorker(this.#worker)
    if (this.#looking !== null) clearInterval(this.#looking)
  }

  async #claim(job: Job, token: string): Promise<void> {
    if (!this.#takesMore) {
      await job.moveToWait(token)
      throw new WaitingError()
    }
    const work = this.#hold(job)
    this.#works.add(work)
    try {
      await work
    } finally {
      this.#works.delete(work)
    }
  }

  /** Resolves when its work has ended, whatever became of the claim: until then it has its seat. */
  async #hold(job: Job): Promise<void> {
    const id = job.id!
    // BullMQ writes down when it asked for the job, on the clock of this machine: the answer may have come to a process that was frozen.
    const asked = Math.max(0, Date.now() - (job.processedOn ?? Date.now()))
    const held: Held = { lost: new AbortController(), since: realClock.now() - asked }
    this.#held.set(id, held)
    this.#startLooking()
    try {
      if (this.#overdue(held)) return
      const [body] = textsOf(job.data)
      await this.#work({
        id: offerId(id),
        body: body!,
        lost: held.lost.signal,
      })
    } catch {
      // However the work ends, the offer is done with.
    } finally {
      this.#held.delete(id)
    }
  }

  #renewed(jobs: readonly string[], sentAt: number): void {
    for (const job of jobs) {
      const held = this.#held.get(job)
      if (held !== undefined) held.since = Math.max(held.since, sentAt)
    }
  }

  #lose(job: string, reason: string): void {
    this.#held.get(job)?.lost.abort(reason)
  }

  #overdue(held: Held): boolean {
    return realClock.now() - held.since > this.#claimMs * vouchedFor
  }

  #startLooking(): void {
    if (this.#looking !== null) return
    this.#looking = setInterval(
      () => {
        for (const held of this.#held.values()) {
          if (!held.lost.signal.aborted && this.#overdue(held)) {
            held.lost.abort('the queue has not renewed the claim in time')
          }
        }
        if (this.#held.size === 0 && this.#looking !== null) {
          clearInterval(this.#looking)
          this.#looking = null
        }
      },
      Math.min(look.ms, Math.max(1, this.#claimMs * look.share)),
    )
  }
}

/** Looks after the claims of the dead without taking any. */
export function tendClaims(backing: Backing, offers: Offers, claimMs: number): Closable {
  const worker = backing.worker(offersQueue, null, { concurrency: 1, lockMs: claimMs, maxStalledCount: 0 })
  worker.on('stalled', (job) => void offers.bury(job).catch(() => {}))
  worker.startStalledCheckTimer().catch(() => {})
  return { close: () => backing.closeWorker(worker) }
}
