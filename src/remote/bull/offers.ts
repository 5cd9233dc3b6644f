/** Offers as jobs of BullMQ: put up, taken back, looked for. Who claims them is in claims.ts. */

import type { Queue } from 'bullmq'
import type { Offer, OfferState } from '../transport.js'
import type { Backing } from './backing.js'
import { dataOf } from './text.js'

export const offersQueue = 'offers'

/** The greatest priority BullMQ has; ranks beyond it share it. */
const lastPriority = 2_097_151

/** Up to so many are each asked for by themselves. */
const fewAsked = 8
const none: ReadonlySet<string> = new Set()

/** BullMQ takes no numbers for ids. */
const mark = 'f-'

function jobId(id: string): string {
  return mark + id
}

export function offerId(job: string): string {
  return job.slice(mark.length)
}

export class Offers {
  readonly #backing: Backing
  readonly #queue: Queue

  constructor(backing: Backing) {
    this.#backing = backing
    this.#queue = backing.queue(offersQueue)
  }

  async offer(offer: Offer): Promise<void> {
    const options = {
      jobId: jobId(offer.id),
      // Priority 0 is BullMQ's word for none: all of ours have one, so that they stand in one order.
      priority: Math.min(offer.rank + 1, lastPriority),
    }
    await this.#backing.patiently(() => this.#queue.add('fit', dataOf([offer.body]), options))
  }

  /** Taken back where nobody has it; a job that somebody holds is locked, and stays. */
  async withdraw(id: string): Promise<void> {
    await this.#backing.patiently(() => this.#queue.remove(jobId(id)))
  }

  /** Of many, most are found in two lists; each of the others is asked for by itself. */
  async stateOf(ids: readonly string[]): Promise<OfferState[]> {
    const [waiting, active] = ids.length > fewAsked ? await this.#lists() : [none, none]
    return Promise.all(
      ids.map(jobId).map((job): OfferState | Promise<OfferState> => {
        if (active.has(job)) return 'claimed'
        return waiting.has(job) ? 'waiting' : this.#backing.patiently(() => this.#stateOf(job))
      }),
    )
  }

  /** Jobs that wait, and jobs that are worked on. In this order: one that is claimed meanwhile is in both, and never in none. */
  async #lists(): Promise<[ReadonlySet<string>, ReadonlySet<string>]> {
    const list = async (state: 'prioritized' | 'active') =>
      new Set(await this.#backing.patiently(() => this.#queue.getRanges([state], 0, -1)))
    return [this.#backing.deadWaitApart ? await list('prioritized') : none, await list('active')]
  }

  async #stateOf(job: string): Promise<OfferState> {
    switch (await this.#queue.getJobState(job)) {
      case 'active':
        return 'claimed'
      case 'waiting':
      case 'prioritized':
      case 'delayed':
      case 'waiting-children': {
        // One that was taken from the dead waits to be failed by whoever comes by: nobody will work on it again.
        const found = await this.#queue.getJob(job)
        return found === undefined || found.deferredFailure ? 'gone' : 'waiting'
      }
      default:
        return 'gone'
    }
  }

  async waiting(): Promise<string[]> {
    const ids = await this.#backing.patiently(() => this.#queue.getRanges(['prioritized'], 0, -1, true))
    return ids.map(offerId)
  }

  /** Removes what was taken from the dead: BullMQ puts it back to wait, to be failed by the next that takes it. */
  async bury(job: string): Promise<void> {
    await this.#backing.patiently(() => this.#queue.remove(job))
  }
}
