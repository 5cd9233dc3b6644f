/** Failures counted by reason, and the rule that ends a sweep whose first trials all fail alike. */
import type { RunError } from '../tracking/index.js'

/** So many first trials must have failed for one reason before the sweep gives up. */
export const hopelessAfter = 5

/** Two failures have one reason when code and message agree but for numbers. */
function reasonOf(error: RunError): string {
  return `${error.code} ${error.message.replace(/-?\d+(\.\d+)?(e[+-]?\d+)?/g, '#')}`
}

/** Trials that failed for one reason. */
export interface FailureCount {
  readonly code: string
  readonly message: string
  count: number
  /** The first of them. */
  readonly trial: number
}

export class Failures {
  readonly #reasons = new Map<string, FailureCount>()

  add(trial: number, error: RunError): void {
    const reason = reasonOf(error)
    const known = this.#reasons.get(reason)
    if (known) known.count++
    else this.#reasons.set(reason, { code: error.code, message: error.message, count: 1, trial })
  }

  /** Most frequent first. */
  list(): FailureCount[] {
    return [...this.#reasons.values()].sort((a, b) => b.count - a.count)
  }
}

/**
 * The common reason of the first trials, when all of the first HOPELESS_AFTER failed for the same one; judged
 * on the history a suggestion sees, so that a sweep ends at the same trial whatever the timing.
 */
export function hopeless(firstErrors: readonly (RunError | null)[]): RunError | null {
  if (firstErrors.length < hopelessAfter) return null
  const first = firstErrors[0]
  if (first === null) return null
  const reason = reasonOf(first)
  for (let i = 1; i < hopelessAfter; i++) {
    const error = firstErrors[i]
    if (error === null || reasonOf(error) !== reason) return null
  }
  return first
}
