/** Offers as jobs of BullMQ: put up, taken back, looked for. Who claims them is in claims.ts. */

import type { Queue } from 'bullmq'
import type { Offer, OfferState } from '../transport.js'
import type { Backing } from './backing.js'
import { dataOf } from './text.js'

export const offersQueue = 'offers'

/** The greatest priority BullMQ has; ranks beyond it share it. */
const lastPriority = 2_097_151

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

  async stateOf(ids: readonly string[]): Promise<OfferState[]> {
    return Promise.all(ids.map((id) => this.#backing.patiently(() => this.#stateOf(jobId(id)))))
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
