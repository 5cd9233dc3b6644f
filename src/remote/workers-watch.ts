/** The workers of a queue, as their announcements tell: one that has said nothing new for long is gone, whatever its last words. */
import type { WorkerState } from '../execution/index.js'
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

  /** Those that are there. */
  announcements(): WorkerAnnouncement[] {
    const now = this.#clock.now()
    return [...this.#seen.values()]
      .filter(({ at }) => now - at < this.#patience)
      .map(({ announcement }) => announcement)
  }

  get seats(): number {
    return this.announcements().reduce((sum, { seats }) => sum + seats.length, 0)
  }

  list(): WorkerState[] {
    return this.announcements().map(({ worker, host, seats, fits, done }) => ({
      id: worker,
      host,
      seats,
      fits: fits.map(({ seat, trial }) => ({ seat, trial })),
      done,
    }))
  }
}
