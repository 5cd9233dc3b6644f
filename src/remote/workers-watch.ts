/**
 * The workers of a queue, as their announcements tell: one that has said nothing new for long is gone, whatever its last words. What is
 * not signed as it should be, or no announcement at all, is nobody's word, and kept apart.
 */
import { EspalierError } from '../errors.js'
import type { Clock } from './clock.js'
import type { Letters, WorkerAnnouncement } from './protocol.js'
import { isSigned } from './signing.js'
import type { Transport } from './transport.js'

export interface SeenWorker {
  readonly announcement: WorkerAnnouncement
  /** When it said something new last, by this process's clock. */
  readonly at: number
  /** Whether it has said anything since we began to look. */
  readonly spoke: boolean
  readonly signed: boolean
}

export class WorkersWatch {
  readonly #transport: Transport
  readonly #letters: Letters
  readonly #clock: Clock
  /** ms without a word, after which a worker is taken for gone. */
  readonly #patience: number
  readonly #seen = new Map<string, SeenWorker>()
  #unread: ReadonlyMap<string, EspalierError> = new Map()
  #looked = false

  constructor(transport: Transport, letters: Letters, clock: Clock, claimMs: number) {
    this.#transport = transport
    this.#letters = letters
    this.#clock = clock
    this.#patience = 2 * claimMs
  }

  async look(): Promise<void> {
    const announced = await this.#transport.announced('worker')
    const now = this.#clock.now()
    const there = new Set<string>()
    const unread = new Map<string, EspalierError>()
    for (const { id, body } of announced) {
      let announcement: WorkerAnnouncement
      try {
        announcement = this.#readOf(id, body)
      } catch (error) {
        // Of another version, or not signed as it should be: no worker for us.
        unread.set(id, error as EspalierError)
        continue
      }
      there.add(id)
      const before = this.#seen.get(id)
      if (before?.announcement.beat === announcement.beat) continue
      this.#seen.set(id, { announcement, at: now, spoke: this.#looked, signed: isSigned(body) })
    }
    for (const id of this.#seen.keys()) if (!there.has(id)) this.#seen.delete(id)
    this.#unread = unread
    this.#looked = true
  }

  /** By their names. */
  get workers(): ReadonlyMap<string, SeenWorker> {
    return this.#seen
  }

  /** Announcements that are not heeded, by the names they are under, and why. */
  get unread(): ReadonlyMap<string, EspalierError> {
    return this.#unread
  }

  /** Of those that are there, all together. */
  get seats(): number {
    const now = this.#clock.now()
    let seats = 0
    for (const { announcement, at } of this.#seen.values())
      if (now - at < this.#patience) seats += announcement.seats.length
    return seats
  }

  /** One that stands under another's name is not believed: whoever can write could put it there. */
  #readOf(id: string, body: string): WorkerAnnouncement {
    const announcement = this.#letters.readWorker(body)
    if (announcement.worker === id) return announcement
    throw new EspalierError(
      'MESSAGE_INVALID',
      'the announcement of a worker stands under its own name (one does not); was it put there by Espalier?',
    )
  }
}
