/**
 * How one fit can end without a result. Thrown by `performFit`, turned into an outcome by the executor: none
 * of them is an EspalierError, because none ends the sweep.
 */

import type { FailureCode } from '../errors.js'

/** Why a fit failed by the trainer's or the params' fault; the other codes are the worker's. */
export type FitFailureCode = Exclude<FailureCode, 'TIME_LIMIT' | 'WORKER_EXITED'>

/** The fit failed by the trainer's or the params' fault. `message` is the reason, with where it was found. */
export class FitFailure extends Error {
  override readonly name = 'FitFailure'
  readonly code: FitFailureCode

  constructor(code: FitFailureCode, reason: string, options: { cause?: unknown } = {}) {
    super(reason, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
  }
}

/** A report was answered with `prune`, or the signal was aborted with the reason `'prune'`. There is no result. */
export class FitPruned extends Error {
  override readonly name = 'FitPruned'
}

/** The signal was aborted from outside: says nothing about the trial. */
export class FitAborted extends Error {
  override readonly name = 'FitAborted'
}
