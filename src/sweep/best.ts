/** The best of trials that are offered one after the other. */
import { isBetterTrial, type Objectives, type RankedTrial } from '../values.js'

/** The best so far of trials offered in any order. */
export class BestSoFar<T extends RankedTrial> {
  readonly #objectives: Objectives

  current: T | null = null

  constructor(objectives: Objectives) {
    this.#objectives = objectives
  }

  /** Takes note of a trial; true when it is the best now. */
  offer(candidate: T): boolean {
    const wins = this.current === null || isBetterTrial(candidate, this.current, this.#objectives)
    if (wins) this.current = candidate
    return wins
  }
}
