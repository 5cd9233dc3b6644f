/**
 * What the main thread and a worker say to each other. Tasks and replies go through piscina; reports, their
 * answers and stops through a port that each worker is given when it opens, and only when there is something
 * to say.
 */
import type { MessagePort } from 'node:worker_threads'
import type { ErrorCode, Problem } from '../errors.js'
import type { FitJob, FitPlan } from '../training/index.js'
import type { Metrics } from '../values.js'
import type { FitOutcome, StopReason } from './types.js'

/** Piscina's workerData: copied once into each worker, with the data's arrays shared. */
export interface WorkerData {
  readonly plan: FitPlan
}

export type Task =
  | { readonly kind: 'open'; readonly port: MessagePort }
  /** `id` is this fit's in this pool: messages of a fit that has ended are known by it. */
  | { readonly kind: 'fit'; readonly id: number; readonly job: FitJob }
  | { readonly kind: 'end' }

export interface WorkerError {
  readonly code: ErrorCode
  readonly message: string
  readonly problems: readonly Problem[]
}

export type OpenReply = { readonly error: WorkerError | null }

export type FitReply =
  | {
      readonly outcome: FitOutcome
      /** The fit ended abnormally or left timers behind: no other fit shall run in this thread. */
      readonly spoilt: boolean
    }
  | { readonly error: WorkerError }

export type FromWorker =
  | {
      readonly kind: 'report'
      readonly id: number
      readonly report: number
      readonly step: number
      readonly metrics: Metrics
    }
  /** This thread is about to exit, by the will of an earlier fit: the present one is not to blame. */
  | { readonly kind: 'exit-of-another' }

export type ToWorker =
  | {
      readonly kind: 'answer'
      readonly id: number
      readonly report: number
      readonly verdict: 'continue' | 'prune'
    }
  | { readonly kind: 'stop'; readonly id: number; readonly reason: StopReason }
