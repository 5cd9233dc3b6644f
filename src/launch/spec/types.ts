/**
 * A sweep as it is recorded, and as it is asked for: two forms of one thing (file.ts goes from one to the other).
 */
import type { FileReading } from '../../data/index.js'
import type { PrunerSettings, SearchSettings } from '../../search/index.js'
import type { AdviceName, DataJson, SweepFileJson, WarmStartAspect } from '../../space/index.js'
import type { KeepModels, OutcomeOrder, TrialObjective } from '../../sweep/index.js'
import type { ChoiceReference, NamedReference, Scheme, TrainerReference } from '../../training/index.js'
import type { JsonObject, Params } from '../../values.js'

/** A sweep as it is asked for: a file, and what stands beside it. */
export interface Asked<File extends SweepFileJson = SweepFileJson> {
  readonly file: File
  /** The file's own path, absolute: relative names in it start from its directory. null: described in code. */
  readonly source: string | null
  /** Where relative names start, if not at the file's directory: that of a recorded program. */
  readonly directory?: string
  /** Where the modules among the values of the parameter `trainer` are, by value, if not where these say. */
  readonly modules?: Readonly<Record<string, string>>
  readonly beside: BesideFile
}

/** What a file cannot say of a sweep, and its caller can. */
export interface BesideFile {
  readonly experiment?: string
  readonly retries?: number
  /** Whether a trial that took too long gets them too. */
  readonly retryTimeouts?: boolean
  /** Whether the best of its steps is the value of one that took too long, where that is its objective (`at: 'best'`). */
  readonly bestAtTimeLimit?: boolean
  /** ms of training a trial may take, all folds together. */
  readonly trialTimeout?: number
  /** Megabytes of heap a worker may use. */
  readonly memoryLimit?: number
  /** Megabytes that each worker may keep of what fits have in common. */
  readonly sharedMemory?: number
  readonly keepModels?: KeepModels
  readonly order?: OutcomeOrder
  /** How many trials an ensemble takes. */
  readonly ensemble?: number
  /** ms for as many trials as fit into it. */
  readonly budget?: number
  /** Trials in all, where a sweep was extended: more than its search was made for. */
  readonly extendedTo?: number
}

/** The data set of a sweep. */
export interface DataSpec {
  /** Absolute; the first where there are several. */
  readonly file: string
  /** All of them, in order, each with its SHA-256, where there are several; else null. */
  readonly files: readonly { readonly file: string; readonly digest: string }[] | null
  readonly target: string
  /** SHA-256 of the file; of several, that of their digests. */
  readonly digest: string
  readonly rows: number
  /** Features. */
  readonly columns: number
  /** What else the file says about its columns, as written. */
  readonly settings: Omit<DataJson, 'file' | 'target' | 'testFile'>
  /** Absolute; null without one. */
  readonly testFile: string | null
  readonly testDigest: string | null
  /** Whether `None`, `#N/A`, `-` and the like are missing in columns of numbers and dates, or make text of them. */
  readonly looseMissing: boolean
  /** How the files are written, then the test file: what was found out then is not found out otherwise later. */
  readonly readings: readonly FileReading[]
}

/** How the rows of the data set are divided: settings that belong to another scheme are null. */
export interface ValidationSpec {
  readonly scheme: Scheme
  readonly folds: number | null
  readonly repeats: number | null
  readonly fraction: number | null
  readonly stratified: boolean
  readonly holdout: number | null
  /** How many fits a trial is evaluated by. */
  readonly fits: number
}

/** A trainer by its name, with what is needed to know it again. */
export type NamedSpec = NamedReference & { readonly digest?: string }

/** What trains, with what is needed to know it again. */
export type TrainerSpec =
  | (Exclude<TrainerReference, ChoiceReference> & {
      readonly digest?: string
      /** SHA-256 of each file that the command of a program names, by absolute path. */
      readonly digests?: Readonly<Record<string, string>>
    })
  /** Those that the parameter `trainer` chooses among, by its values. */
  | {
      readonly kind: 'choice'
      readonly trainers: Readonly<Record<string, NamedSpec>>
    }
  /** A function passed in code: it cannot be found again from the record. */
  | { readonly kind: 'function'; readonly name: string }
  /** Another tool: its trials were imported, and what ran them is not on record (../elsewhere.ts). */
  | ElsewhereSpec

/** What is known of where imported trials come from. */
export interface ElsewhereSpec {
  readonly kind: 'elsewhere'
  /** In words, for wherever a trainer is shown: `optuna study "tpe"`. */
  readonly name: string
  /** `optuna`, `csv`. */
  readonly tool: string
  /** The file it was read from, absolute. */
  readonly file: string
  /** SHA-256 of what was read. */
  readonly digest: string
  /** What the tool itself says of the parameters, where that is more than `parameters` can say. */
  readonly distributions?: JsonObject
}

/** A metric that is worked out beside the usual ones. */
export interface MetricSpec {
  readonly name: string
  /** Of one's own: its module, absolute; else null. */
  readonly module: string | null
  /** Of the module. */
  readonly digest: string | null
}

/** From which probability on kept models answer the positive class: the one that is best by this metric. */
export interface ThresholdSpec {
  readonly metric: string
  readonly positive: string
}

/** How the search goes about it, with defaults filled in. */
export interface SearchSpec {
  /** `elsewhere`: another tool searched, as it may. */
  readonly algorithm: SearchSettings['algorithm'] | 'elsewhere'
  /** The number asked for at first: the search may plan by it, so that extending the sweep changes nothing. */
  readonly trials: number
  readonly parallel: number
  readonly seed: number
  readonly enqueue: readonly Params[]
  /** What was known from the start, whole: going on needs no other sweep. */
  readonly warmStart: WarmStartSpec | null
  readonly replicates: number
  readonly pruner: PrunerSettings
  readonly stopAt: number | null
  readonly advice: AdviceName
}

/** Results of an earlier sweep as this one takes them. */
export interface WarmStartSpec {
  /** The earlier sweep's id. */
  readonly sweep: string
  /** In what it may differ. */
  readonly despite: readonly WarmStartAspect[]
  readonly trials: readonly { readonly params: Params; readonly value: number }[]
}

/** Everything a sweep was asked to do, complete enough to run it again: recorded with the parent run. */
export interface SweepSpec {
  /** The version of this form: see version.ts. */
  readonly version: typeof specVersion
  readonly name: string
  readonly description: string | null
  /** The sweep file, absolute; null where described in code. */
  readonly source: string | null
  readonly trainer: TrainerSpec
  /**
   * By the names of the built-in trainers that train here: what stands for hyperparameters that are not given, which later
   * versions may choose otherwise.
   */
  readonly defaults: Readonly<Record<string, Params>>
  readonly data: DataSpec | null
  readonly objective: TrialObjective
  readonly metrics: readonly MetricSpec[]
  readonly threshold: ThresholdSpec | null
  readonly validation: ValidationSpec | null
  readonly search: SearchSpec
  /** Trials in all: more than at first where the sweep was extended. */
  readonly trials: number
  /** ms that a session of the sweep has, where it was given a time in place of a number of trials; null: it has no such limit. */
  readonly budget: number | null
  readonly order: OutcomeOrder
  readonly retries: number
  readonly retryTimeouts: boolean
  readonly bestAtTimeLimit: boolean
  /** ms; null for no limit. */
  readonly trialTimeout: number | null
  readonly memoryLimit: number | null
  /** Megabytes that each worker may keep of what fits have in common; 0: nothing. Changes no result. */
  readonly sharedMemory: number
  readonly keepModels: KeepModels
  /** How many of the best trials are averaged at the end; null: there is no ensemble. */
  readonly ensemble: number | null
  /** What each fit holds for itself. */
  readonly resources: { readonly devices: number }
  /** Whether checkpoints stay when their trials have ended, and the megabytes that all of them together may take. */
  readonly checkpoints: { readonly keep: boolean; readonly limitMB: number }
  /** Megabytes that the artifacts of a trial's objective may take. */
  readonly limits: { readonly artifactsMB: number }
  /** As written in the file. */
  readonly parameters: JsonObject
}

/** Specs recorded before there were versions are of version 1. */
export const specVersion = 4
