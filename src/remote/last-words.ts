/**
 * Whether all that workers have said of their fits has been heard. What a worker has to say lies in our mailbox before its claim is given
 * up, and may lie there for long where more is said than we hear: by the clock alone, its fit would be taken for lost, and done again, and
 * more would be said. So a note to ourselves goes behind it; once that is heard, nothing more comes from whoever had a fit that was in
 * nobody's hands when it was sent.
 */
import type { Clock } from './clock.js'
import type { RemoteFit } from './remote-fit.js'

/** Fits in nobody's hands, by the ids their offers had. */
type Gone = ReadonlyMap<RemoteFit, string>

export class LastWords {
  readonly #clock: Clock
  readonly #patience: number
  readonly #send: (note: number) => Promise<void>
  #count = 0
  /** What notes that have not been heard were sent for, by their numbers. */
  readonly #unheard = new Map<number, Gone>()
  #sentAt = Number.NEGATIVE_INFINITY

  /** @param patience ms after which a note is sent anew: a queue may have forgotten it. */
  constructor(clock: Clock, patience: number, send: (note: number) => Promise<void>) {
    this.#clock = clock
    this.#patience = patience
    this.#send = send
  }

  /** Of these, found in nobody's hands now, nothing more comes once `heard` answers them; until then they are to be looked at again. */
  expect(gone: Gone): void {
    const now = this.#clock.now()
    if (gone.size === 0 || (this.#unheard.size > 0 && now - this.#sentAt < this.#patience)) return
    const number = this.#count++
    this.#sentAt = now
    this.#unheard.set(number, gone)
    this.#send(number).catch(() => {})
  }

  /** Those that nothing more comes of. */
  heard(number: number): RemoteFit[] {
    const gone = this.#unheard.get(number) ?? new Map()
    // Those before it were forgotten, or are behind it and say less.
    for (const earlier of this.#unheard.keys()) if (earlier <= number) this.#unheard.delete(earlier)
    return [...gone].filter(([{ id, fit }, was]) => id === was && !fit.ended).map(([remote]) => remote)
  }
}
