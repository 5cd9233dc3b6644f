/**
 * The clock that remote execution goes by: ms that only ever grow, on this machine alone.
 */

export interface Clock {
  /** ms since some moment; never less than it was. */
  now(): number
  /** Runs it once, `ms` from now; what is answered calls it off. */
  after(ms: number, run: () => void): () => void
}

/** How far the wall's clock may run ahead of ours before we take it that the machine was asleep, in ms. */
const nap = 1_000

/**
 * The machine's own. Time that the machine sleeps counts: the steady clock of Linux leaves it out, so that a laptop that was shut for
 * an hour would believe its claims fresh. A wall clock that is put forward looks the same, and does no harm: a claim is let go early.
 */
class RealClock implements Clock {
  #ahead = Date.now() - performance.now()
  #asleep = 0

  now(): number {
    const steady = performance.now()
    const ahead = Date.now() - steady
    if (ahead - this.#ahead > nap) this.#asleep += ahead - this.#ahead
    this.#ahead = ahead
    return steady + this.#asleep
  }

  after(ms: number, run: () => void): () => void {
    const timer = setTimeout(run, Math.max(0, ms))
    return () => clearTimeout(timer)
  }
}

export const realClock: Clock = new RealClock()
