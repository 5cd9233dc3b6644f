/** Which of the trials is the best: the better value, and at equal values the earlier trial. */
import type { Direction } from '../values.js'

/** Whether value `a` is better than `b` in this direction. */
export function isBetter(a: number, b: number, direction: Direction): boolean {
  return direction === 'maximize' ? a > b : a < b
}

/** The best so far of trials offered in any order. */
export class BestSoFar<T extends { readonly trial: number; readonly value: number }> {
  current: T | null = null

  constructor(private readonly direction: Direction) {}

  /** Takes note of a trial; true when it is the best now. */
  offer(candidate: T): boolean {
    const best = this.current
    const wins =
      best === null ||
      isBetter(candidate.value, best.value, this.direction) ||
      (candidate.value === best.value && candidate.trial < best.trial)
    if (wins) this.current = candidate
    return wins
  }
}
