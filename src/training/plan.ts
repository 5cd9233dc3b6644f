/**
 * What a worker needs to do any fit of a sweep: sent once to each worker, never a trial. Structured-cloneable;
 * large arrays are SharedArrayBuffers.
 */

import type { Dataset } from '../data/index.js'
import type { JsonValue, Metrics, Params } from '../values.js'
import type { ArtifactFiles } from './artifact-files.js'
import type { CommandReference } from './command/reference.js'
import type { FitNotes } from './notes.js'
import type { FitPlace } from './place.js'
import type { NamedReference } from './types.js'

/** Several trainers, by the values of the parameter `trainer`, which chooses one for each trial. */
export interface ChoiceReference {
  readonly kind: 'choice'
  readonly trainers: Readonly<Record<string, NamedReference>>
}

export type TrainerReference =
  | NamedReference
  | ChoiceReference
  /** A program with its arguments, placeholders in them, run in this directory (absolute): see command/. */
  | CommandReference
  /** A trainer or an objective passed in code: it lives in this process only, so nothing but the in-line executor can use it. */
  | { readonly kind: 'function'; readonly name: string }

/**
 * Which rows each fold is fitted on, and which it holds out; the same for every trial of a sweep.
 *
 * Rows are dealt into blocks, anew in every repeat. Fold f of k a repeat holds out block f mod k of repeat ⌊f / k⌋.
 */
export interface Resampling {
  /**
   * Repeats × rows, repeat by repeat: the block of each row of the data set (0 … k − 1), or −1 where it belongs to the holdout
   * part, or −2 where it is fitted on and never held out. On a SharedArrayBuffer.
   */
  readonly assignment: Int32Array
  /** How many folds a trial has, all repeats together. */
  readonly folds: number
  /** 1 unless stated. */
  readonly repeats?: number
  /** Which blocks a fold is fitted on beside the −2: all others (unless stated), or those before its own. */
  readonly trainsOn?: 'others' | 'earlier'
}

/** Where the checkpoints of a sweep's running trials are kept on this machine. */
export interface CheckpointPlan {
  /** Absolute. Each fit has a folder in it, by its trial and part. */
  readonly folder: string
  /** Megabytes that all of them together may take. */
  readonly limitMB: number
  /** Whether the last one of each fit stays when its trial has ended; not unless stated. */
  readonly stay?: boolean
}

/** One report as the trainer made it: its metrics need not be finite. */
export interface KeptReport {
  readonly step: number
  readonly metrics: Metrics
}

/**
 * What a fit has left so far that belongs to its trial and is no matter of its own continuation: a fit that goes on gives it
 * with the rest.
 */
export interface LeftFile {
  /**
   * `output`: what a program printed; `log`: what was logged, a line each; `said`: what a program has said or printed that counts at its
   * end, as JSON; `result`: the file of its result, where it has written that.
   */
  readonly kind: 'artifact' | 'output' | 'log' | 'said' | 'result'
  /** Of an artifact its name in the record, of output `stdout` or `stderr`. */
  readonly name: string
  /** Of a program's artifact: where it says that it lies, for the end, when it is read. Else empty. */
  readonly origin: string
  /** What it holds, or the absolute path of a file that holds it; null: nothing is there yet. */
  readonly content: Uint8Array | string | null
}

/** What a fit left for its own continuation, and where it leaves more. Written whole or not at all. */
export interface FitCheckpoint {
  /** Absolute; made when it is first asked for. What is in it when a step is reported is kept with that step. */
  readonly folder: string
  /** What was reported before that which is in the folder at the start was kept, in order: it is not trained again. */
  readonly reports: readonly KeptReport[]
  /** What it had left by then, with its content. */
  readonly left: readonly LeftFile[]
  /**
   * Keeps what is in the folder, with all that was reported and left so far: called before a report is answered. Never throws
   * for what a trial does.
   * @param report null: its step is among those kept already.
   * @param goesOn whether the trainer has not waited for the answer: then what is in the folder belongs to no step.
   */
  keep(report: KeptReport | null, goesOn: () => boolean, left: () => readonly LeftFile[]): Promise<void>
  /** The fit has ended: nothing is kept from now on. Resolves when nothing is being kept any more. */
  end(): Promise<void>
}

export interface FitPlan {
  readonly trainer: TrainerReference
  /** Names of all parameters of the sweep, which the arguments of a program may hold in braces. */
  readonly parameters?: readonly string[]
  /** null: the trainer is an objective without a data set. */
  readonly data: Dataset | null
  readonly resampling: Resampling | null
  /** The sweep's seed. */
  readonly seed: number
  /** Megabytes that the artifacts of a fit may take; 64 unless given. */
  readonly artifactsMB?: number
  /** Where fits keep checkpoints; they have none unless given. */
  readonly checkpoints?: CheckpointPlan
  /** Megabytes that fits may keep in each worker for those that come after them; 256 unless given, 0: nothing. Changes no result. */
  readonly sharedMemory?: number
  /**
   * By the names of trainers: what stood for hyperparameters that nobody gave when the sweep was recorded. Its results stay what
   * they were, whatever this version of Espalier would choose.
   */
  readonly defaults?: Readonly<Record<string, Params>>
  /** The metric the sweep optimises: the name an objective's plain number gets. */
  readonly objectiveMetric: string
  /** What is worked out of held-out predictions beside the metrics that always are, and beside the objective's. */
  readonly metrics?: readonly PlannedMetric[]
}

/** A metric by its name; one of somebody's own with the absolute path of its module. */
export interface PlannedMetric {
  readonly name: string
  readonly module: string | null
}

/**
 * One unit of work. `whole` belongs to objectives, the other parts to trainers. `baseline` is a fold for which a model without features
 * (judging/baseline.ts) gives one of its answers: whatever judges folds judges it.
 */
export interface FitJob {
  readonly trial: number
  /** 0 for the first attempt. Does not change the seed: an attempt again is the same fit again. */
  readonly attempt: number
  readonly part:
    | { readonly kind: 'fold'; readonly fold: number }
    | { readonly kind: 'whole' }
    | { readonly kind: 'final' }
    | { readonly kind: 'holdout' }
    | { readonly kind: 'baseline'; readonly fold: number; readonly answer: number }
  readonly params: Params
  /** What a program finds in its environment beside its own; nothing unless given. Never reaches the record. */
  readonly environment?: Readonly<Record<string, string>>
}

/** Who listens while a fit goes on. */
export interface FitHooks {
  /** Called for every valid report with its finite metrics; its answer goes to the trainer. */
  readonly report?: (step: number, metrics: Metrics) => 'continue' | 'prune' | Promise<'continue' | 'prune'>
  /** Aborted when the fit is to stop: with reason `'prune'` because the trial is pruned, else from outside. */
  readonly signal?: AbortSignal
  /** Takes what is logged, of which the result then holds nothing. */
  readonly log?: (message: string) => void
  /** What was logged and printed so far, where `log` takes it. */
  readonly logged?: () => readonly string[]
  /** A line that a program printed, as it does. */
  readonly print?: (line: string) => void
  /** Where it runs: seat 0 without devices unless given. */
  readonly place?: FitPlace
  /** Something of the fit goes on where it runs, until then, though the fit itself may have ended: nothing else shall have its devices before. */
  readonly occupied?: (until: Promise<unknown>) => void
  readonly checkpoint?: FitCheckpoint
  /** Takes the files the fit leaves, also where it fails. */
  readonly artifacts?: ArtifactFiles
  /** Takes what has to be left out of the record. */
  readonly notes?: FitNotes
}

/** What one fit gives. */
export interface FitResult {
  /** For a fold, baseline or holdout: the metrics asked for and those that always are, on the held-out rows. For `whole`: what the objective returned. Empty for `final`. */
  readonly metrics: Metrics
  readonly fitSeconds: number
  readonly predictSeconds: number
  /** Held-out predictions, in row order: class codes or numbers; with probabilities rows × classes where the model has them. */
  readonly predictions: {
    readonly rows: Int32Array
    readonly values: Float64Array
    readonly probabilities: Float64Array | null
  } | null
  /** The fitted model as a model artifact, for `loadModel` (only for `final`). */
  readonly model: JsonValue | null
  readonly log: readonly string[]
}
