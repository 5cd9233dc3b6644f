/** The workers of a queue, as their announcements tell: one that has said nothing new for long is gone, whatever its last words. */
import type { Clock } from './clock.js'
import type { Letters, WorkerAnnouncement } from './protocol.js'
import type { Transport } from './transport.js'

interface Seen {
  readonly announcement: WorkerAnnouncement
  /** By this process's clock. */
  readonly at: number
}

export class WorkersWatch {
  readonly #transport: Transport
  readonly #letters: Letters
  readonly #clock: Clock
  /** ms without a word, after which a worker is taken for gone. */
  readonly #patience: number
  readonly #seen = new Map<string, Seen>()

  constructor(transport: Transport, letters: Letters, clock: Clock, claimMs: number) {
    this.#transport = transport
    this.#letters = letters
    this.#clock = clock
    this.#patience = 2 * claimMs
  }

  async look(): Promise<void> {
    const now = this.#clock.now()
    const announced = await this.#transport.announced('worker')
    const there = new Set<string>()
    for (const { id, body } of announced) {
      let announcement: WorkerAnnouncement
      try {
        announcement = this.#letters.readWorker(body)
      } catch {
        // Of another version, or not signed as it should be: no worker for us.
        continue
      }
      there.add(id)
      const before = this.#seen.get(id)
      if (before?.announcement.beat !== announcement.beat) this.#seen.set(id, { announcement, at: now })
    }
    for (const id of this.#seen.keys()) if (!there.has(id)) this.#seen.delete(id)
  }

  /** Of those that are there, all together. */
  get seats(): number {
    const now = this.#clock.now()
    let seats = 0
    for (const { announcement, at } of this.#seen.values())
      if (now - at < this.#patience) seats += announcement.seats.length
    return seats
  }
}
