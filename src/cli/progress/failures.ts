/** Failures as they come: a line each while they are few, and a line a second, with how many there were, once they are many. */
import type { SweepEvent } from '../../sweep/index.js'
import { count } from '../format.js'
import { reasonLine } from '../output.js'
import type { Ended } from './state.js'

/** So many get a line each. */
const few = 5
/** ms between the lines of the others. */
const interval = 1000

type Error = NonNullable<Ended['error']>

export class Failures {
  readonly #now: () => number
  #shown = 0
  #passedOver = 0
  #latest = Number.NEGATIVE_INFINITY

  /** @param now a clock, in ms. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** The line for a trial that ended; null where there is nothing to be said of it now. */
  ended({ trial, error }: Ended): string | null {
    return error === null ? null : this.#line(`trial ${trial}`, error)
  }

  /** The same for an attempt after which there is another. */
  attempt({ trial, error }: Extract<SweepEvent, { type: 'attempt-failed' }>): string | null {
    return this.#line(`trial ${trial}, which is tried again`, error)
  }

  /** What was passed over since the last line; null where nothing was. */
  rest(): string | null {
    return this.#passedOver === 0 ? null : `${count(this.#passedOver, 'more trial')}, not shown one by one`
  }

  #line(what: string, { code, message }: Error): string | null {
    const now = this.#now()
    if (this.#shown >= few && now - this.#latest < interval) {
      this.#passedOver++
      return null
    }
    this.#shown++
    this.#latest = now
    const others = this.#passedOver === 0 ? '' : ` (and ${this.#passedOver} before it)`
    this.#passedOver = 0
    return `${what}${others}: ${code}: ${reasonLine(message)}`
  }
}
