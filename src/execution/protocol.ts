/**
 * What the main thread and a worker say to each other. Tasks and replies go through piscina; reports, their
 * answers and stops through a port that each worker is given when it opens, and only when there is something
 * to say.
 */
import type { MessagePort } from 'node:worker_threads'
import type { FitJob, FitPlace, FitPlan, LoadedModel, TrainerReference } from '../training/index.js'
import type { JsonValue, Metrics } from '../values.js'
import type { FitOutcome, StopReason } from './types.js'
import type { WorkerError } from './worker-error.js'

/** Piscina's workerData: copied once into each worker, with the data's arrays shared. */
export interface WorkerData {
  readonly plan: FitPlan
}

export type Task =
  | { readonly kind: 'open'; readonly port: MessagePort; readonly place: FitPlace }
  /** `id` is this fit's in this pool: messages of a fit that has ended are known by it. */
  | { readonly kind: 'fit'; readonly id: number; readonly job: FitJob }
  | { readonly kind: 'end' }

export type OpenReply = { readonly error: WorkerError | null }

export type FitReply =
  | {
      readonly outcome: FitOutcome
      /** The fit ended abnormally or left timers behind: no other fit shall run in this thread. */
      readonly spoilt: boolean
    }
  | { readonly error: WorkerError }

export type FromWorker =
  /** The first thing it says: what the system calls the thread. */
  | { readonly kind: 'begun'; readonly systemName: string }
  | {
      readonly kind: 'report'
      readonly id: number
      readonly report: number
      readonly step: number
      readonly metrics: Metrics
    }
  /** A line that the fit printed or logged. */
  | { readonly kind: 'output'; readonly id: number; readonly line: string }
  /** A checkpoint of the fit is whole: the name of its folder. */
  | { readonly kind: 'checkpoint'; readonly id: number; readonly name: string }
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

/** What a thread is sent out for (errand.ts). */
export type ErrandTask =
  | { readonly kind: 'describe'; readonly reference: TrainerReference }
  /** A metric of one's own is described. */
  | { readonly kind: 'metric'; readonly file: string }
  | {
      readonly kind: 'predict'
      readonly file: string
      readonly model: JsonValue
      readonly input: Parameters<LoadedModel['predictTable']>[0]
      readonly probabilities: boolean
    }

export type ErrandReply =
  /** The first thing it says: what the system calls it. */
  | { readonly kind: 'begun'; readonly systemName: string }
  /** The module is there: from now on it is used. */
  | { readonly kind: 'imported' }
  | { readonly kind: 'answer'; readonly answer: unknown }
  | { readonly kind: 'error'; readonly error: WorkerError }
