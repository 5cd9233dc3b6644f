/** A trial that is ended from outside while it runs: by whom, and what that makes of it. */
import type { FailureCode } from '../errors.js'
import { requested } from '../search/index.js'
import type { AskedRequest, Person, PrunedBecause, RunError } from '../tracking/index.js'

/** By whom a trial was ended. */
export interface EndedBy {
  /** The request's id. */
  readonly request: string
  readonly by: Person
}

export function endedBy({ id, by }: Pick<AskedRequest, 'id' | 'by'>): EndedBy {
  return { request: id, by: { user: by.user, host: by.host } }
}

/** The code of a trial that was ended before it had a value. */
export const endedByRequest = 'ENDED_BY_REQUEST' satisfies FailureCode

/** Between those who may end a trial and the trial. */
export class TrialEnding {
  #by: EndedBy | null = null
  #onEnd: (() => void) | null = null

  /** By whom it was ended; null where it was not. */
  get by(): EndedBy | null {
    return this.#by
  }

  /** Ends the trial. false where it does not run, or is ended already. */
  end(by: EndedBy): boolean {
    if (this.#onEnd === null || this.#by !== null) return false
    this.#by = by
    this.#onEnd()
    return true
  }

  /** The trial runs, and can be ended. */
  begin(onEnd: () => void): void {
    this.#onEnd = onEnd
  }

  /** It has come to its end. */
  close(): void {
    this.#onEnd = null
  }
}

/** Why a trial has no value that was ended before it reported one. */
export function endedError({ by }: EndedBy): RunError {
  return { code: endedByRequest, message: `it was ended on request of ${by.user} on ${by.host}` }
}

/** What is recorded of a trial that was ended when it had come to a step. */
export function endedReason(ended: EndedBy, step: number, value: number): PrunedBecause {
  const { user, host } = ended.by
  return {
    rule: requested,
    step,
    value,
    // Nothing was compared: it is bound by what it came to.
    bound: value,
    reason: `it was ended at step ${step} on request of ${user} on ${host}`,
    request: ended.request,
    by: { user, host },
  }
}
