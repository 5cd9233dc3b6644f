/**
 * Whether the coordinators that fits are done for are alive: one whose announcement is taken away, or has not changed for long, waits for
 * nothing any more. While the queue cannot be reached nothing is known of it, and nothing concluded.
 */
import type { Clock } from './clock.js'
import type { Letters } from './protocol.js'
import type { Transport } from './transport.js'

interface Watched {
  beat: number
  /** When it last said something new, by this process's clock. */
  since: number
  readonly over: AbortController
}

export class SessionWatch {
  readonly #transport: Transport
  readonly #letters: Letters
  readonly #clock: Clock
  readonly #patience: number
  readonly #sessions = new Map<string, Watched>()

  constructor(transport: Transport, letters: Letters, clock: Clock, claimMs: number) {
    this.#transport = transport
    this.#letters = letters
    this.#clock = clock
    this.#patience = 1.5 * claimMs
  }

  /**
   * Aborted when nobody waits any more for what is done in this session; null where nobody does now. It is asked for each time: a coordinator that
   * was cut off comes back, and one whose queue has forgotten everything makes itself known again.
   */
  async join(session: string): Promise<AbortSignal | null> {
    const known = this.#sessions.get(session)
    if (known !== undefined) return known.over.signal
    const beat = await this.#beatOf(session)
    if (beat === null) return null
    const watched = this.#sessions.get(session) ?? {
      beat,
      since: this.#clock.now(),
      over: new AbortController(),
    }
    this.#sessions.set(session, watched)
    return watched.over.signal
  }

  /** Called every few seconds. */
  async look(): Promise<void> {
    for (const [session, watched] of this.#sessions) {
      const beat = await this.#beatOf(session)
      const now = this.#clock.now()
      if (beat === null || (beat === watched.beat && now - watched.since > this.#patience)) {
        this.#sessions.delete(session)
        watched.over.abort()
      } else if (beat !== watched.beat) {
        watched.beat = beat
        watched.since = now
      }
    }
  }

  /** null where it is not announced, or not by one whom we believe. */
  async #beatOf(session: string): Promise<number | null> {
    const body = await this.#transport.announcement('sweep', session)
    if (body === null) return null
    try {
      return this.#letters.readSweep(body).beat
    } catch {
      return null
    }
  }
}
