/**
 * The contract of execution: one unit of work is one fit (a fold of a trial, or a whole trial where there are
 * no folds, or the final model of a trial). An executor never throws for what a trial does.
 */
import type { FailureCode } from '../errors.js'
import type { FitArtifact, FitJob, FitNote, FitPlan, FitResult, OpenTrainer } from '../training/index.js'
import type { Metrics } from '../values.js'
import type { CheckpointStart } from './checkpoint-files.js'

export interface FitRequest extends FitJob {
  /** Milliseconds this fit may take from its start in a worker; Infinity for no limit. Enforced by ending the thread. */
  readonly timeLimit: number
}

/** What a fit leaves beside its result, however it ended, where it could still hand it over. */
export interface FitLeavings {
  readonly artifacts?: readonly FitArtifact[]
  /** What had to be left out of its record, and why. */
  readonly notes?: readonly FitNote[]
  /** Attempts that went on from a checkpoint, this one among them, and the last step that was in it. */
  readonly continued?: readonly CheckpointStart[]
  /** Megabytes at most in use on one of its devices while it ran, by whomever; missing where no tool tells. Set by the executor. */
  readonly deviceMemoryMB?: number
}

export type FitOutcome = FitLeavings &
  (
    | { readonly status: 'finished'; readonly result: FitResult }
    | {
        readonly status: 'pruned'
        readonly result: FitResult | null
        /** Where there is no result that has it: as of one that failed. */
        readonly log?: readonly string[]
      }
    | {
        readonly status: 'failed'
        readonly code: FailureCode
        readonly reason: string
        readonly seconds: number
        /** What the trainer logged and printed until then. */
        readonly log?: readonly string[]
      }
    /** Stopped from outside (signal): says nothing about the trial. */
    | { readonly status: 'aborted' }
  )

/** Why a fit is asked to stop: its trial is pruned, or nobody waits for it any more. */
export type StopReason = 'prune' | 'abort'

export type OnReport = (
  step: number,
  metrics: Metrics,
) => 'continue' | 'prune' | Promise<'continue' | 'prune'>

/** What a fit needs for itself: a GPU. */
export interface Device {
  /** As `CUDA_VISIBLE_DEVICES` takes it: an index or a UUID. No two devices of a machine have the same. */
  readonly id: string
  /** `cuda` (NVIDIA), `rocm` (AMD), or `named` where no tool told what it is. */
  readonly kind: 'cuda' | 'rocm' | 'named'
  /** As the tool of its maker calls it; null where none told. */
  readonly name: string | null
  readonly memoryMB: number | null
  readonly driver: string | null
  /** What it has wherever it is; null where no tool told. */
  readonly uuid: string | null
  /** What the variable of its kind calls it, where that is not its id. */
  readonly visibleAs?: string
}

/** What one seat holds: none, one or several devices; a share of one where fits may share it. */
export interface Seat {
  readonly devices: readonly Device[]
  /** What a fit there is told as the number of its seat, where that is not its place in the list. */
  readonly number?: number
}

/** Where a fit has begun to run. Never reaches a result, only the conditions of its trial. */
export interface FitStart {
  /** The seat that the fit holds until it ends: 0 … workers − 1. No two fits hold one at the same time. */
  readonly seat: number
  /** The devices that the seat holds; none unless given. */
  readonly devices?: readonly Device[]
  /** Of a fit that runs on another machine: the worker there. */
  readonly worker?: { readonly id: string; readonly host: string }
}

/** The seat of a running fit is lost through no fault of the fit, which waits to begin anew. */
export interface FitLoss {
  /** It went with a worker elsewhere that was not heard of any more; not one that gave the fit back. */
  readonly vanished: boolean
}

/** Who is told while a fit goes on, and who may stop it. */
export interface RunOptions {
  readonly onReport?: OnReport
  /** Called when the fit begins, and again where it begins anew because its seat was lost through no fault of its own. */
  readonly onStart?: (start: FitStart) => void
  /** Called between the two: from then until it begins anew the fit runs nowhere. */
  readonly onLost?: (loss: FitLoss) => void
  /** A line that the fit printed or logged, as it does. */
  readonly onOutput?: (line: string) => void
  /** A checkpoint of the fit is whole on this machine: the folder of it, which stays as it is until the next one is whole. */
  readonly onCheckpoint?: (folder: string) => void
  readonly signal?: AbortSignal
}

/**
 * Waiting fits start in this order: folds and whole trials before final models and holdouts (which never feed
 * the search), earlier trials first, earlier folds first; but a worker that has fitted on the rows of a later fold of the same trial
 * may take that one first.
 */
export interface Executor {
  /** How many seats there are, and so how many fits run at the same time. Known when `ready` has resolved. */
  readonly workers: number
  /** Resolves when the workers are able to start (data loaded, trainer imported); rejects with the clear cause if they cannot. */
  ready(): Promise<void>
  /**
   * Never rejects for what a trial does. An aborted signal ends the fit: asked first, then enforced after the
   * grace; the outcome is `aborted`, or `pruned` where the signal's reason is `'prune'`. Rejects where the
   * workers cannot start (as `ready` does), and with whatever `onReport`, `onStart` or `onLost` throws.
   */
  run(request: FitRequest, options?: RunOptions): Promise<FitOutcome>
  /** Ends the workers, even busy ones: what waits or runs is `aborted`. */
  close(): Promise<void>
}

export interface ExecutorOptions {
  readonly plan: FitPlan
  readonly workers: number
  /** Megabytes of heap a worker may use; null for Node's own limit. */
  readonly memoryLimit: number | null
  /** What each seat holds, as many as `workers`; nothing unless given. Never changes a result. */
  readonly seats?: readonly Seat[]
  /** How long a stopped trainer may go on after it was asked, in ms, before its thread is ended; 500 unless stated. */
  readonly grace?: number
  /** How long a worker may take to start (import the trainer), in ms; 30,000 unless stated. */
  readonly startLimit?: number
}

/** What an executor is made for: the fits of one sweep. */
export interface ExecutorSetup extends ExecutorOptions {
  /** The trainer or the objective itself, where this process has it: what was passed in code (nobody else can train it), and a program. */
  readonly code?: OpenTrainer
  /** Devices a fit holds, or the share of one: for who has its own seats. 0 unless given. */
  readonly devicesPerFit?: number
  /** The id of the sweep, where it is on record already. */
  readonly sweep?: string
  /** What its user calls it. */
  readonly name?: string
  /** Takes what a person has to know of where its fits run. */
  readonly warn?: (message: string) => void
}

/** Makes the executor of a sweep: what `launch` is handed to have fits run elsewhere. */
export type ExecutorFactory = (setup: ExecutorSetup) => Executor | Promise<Executor>
