/**
 * A sweep as it is asked for and as it is recorded.
 */
import type { ExecutorFactory } from '../execution/index.js'
import type { PrunerSettings, SearchSettings } from '../search/index.js'
import type { AdviceName, DataJson, PrunerJson, PrunerName } from '../space/index.js'
import type { KeepModels, OutcomeOrder, SweepEnd, SweepEvent, TrialObjective } from '../sweep/index.js'
import type { Scheme, TrainerReference } from '../training/index.js'
import type { Direction, JsonObject, Metrics, Params } from '../values.js'

/** What the command line or a caller states beside the sweep file; it wins over the file. */
export interface SweepOverrides {
  algorithm?: SearchSettings['algorithm']
  /** Which trials are stopped early: a name, or an object with the name and settings, as in a file. */
  pruner?: PrunerName | PrunerJson
  /** Trials in all. */
  trials?: number
  /** Trials in flight. */
  parallel?: number
  /** Threads; never changes a result. Default: the machine's available cores. */
  workers?: number
  seed?: number
  experiment?: string
  /** The store's directory. Default: ESPALIER_STORE, or ./espalier-runs. */
  store?: string
  /** A data file, relative to the working directory. */
  data?: string
  target?: string
  /** A trainer's name, or the path of a module (./x.js) relative to the working directory. */
  trainer?: string
  metric?: string
  direction?: Direction
  folds?: number
  stratified?: boolean
  holdout?: number
  /** ms of training a trial may take, all folds together. */
  trialTimeout?: number
  /** ms of wall clock after which no further trial is suggested. */
  maxTime?: number
  /** Megabytes of heap a worker may use. */
  memoryLimit?: number
  retries?: number
  keepModels?: KeepModels
  order?: OutcomeOrder
  stopAt?: number
  /** What comes of the advice that nothing more is to be gained. Default: off. */
  advice?: AdviceName
}

/**
 * Who listens to a sweep, who may stop it, and where its fits run. What a listener throws ends the sweep, which can be
 * resumed.
 */
export interface LaunchHooks {
  onEvent?(event: SweepEvent): void
  /** Aborted: no further trial starts, running ones end. */
  readonly signal?: AbortSignal
  /** Aborted: running trials are stopped too. */
  readonly killSignal?: AbortSignal
  /** Makes what the fits run on; unless given, threads of this process. Never changes a result. */
  readonly executor?: ExecutorFactory
}

/** The data set of a sweep. */
export interface DataSpec {
  /** Absolute. */
  readonly file: string
  readonly target: string
  readonly digest: string
  readonly rows: number
  /** Features. */
  readonly columns: number
  /** What else the file says about its columns, as written. */
  readonly settings: Omit<DataJson, 'file' | 'target' | 'testFile'>
  /** Absolute; null without one. */
  readonly testFile: string | null
  readonly testDigest: string | null
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

/** Everything a sweep was asked to do, complete enough to run it again: recorded with the parent run. */
export interface SweepSpec {
  readonly name: string
  readonly description: string | null
  /** The sweep file, absolute; null where described in code. */
  readonly source: string | null
  readonly trainer:
    | (TrainerReference & {
        readonly digest?: string
        /** SHA-256 of each file that the command of a program names, by absolute path. */
        readonly digests?: Readonly<Record<string, string>>
      })
    /** A function passed in code: it cannot be found again from the record. */
    | { readonly kind: 'function'; readonly name: string }
  readonly data: DataSpec | null
  readonly objective: TrialObjective
  readonly validation: ValidationSpec | null
  readonly search: {
    readonly algorithm: SearchSettings['algorithm']
    /** The number asked for at first: the search may plan by it, so that extending the sweep changes nothing. */
    readonly trials: number
    readonly parallel: number
    readonly seed: number
    readonly enqueue: readonly Params[]
    readonly warmStart: {
      readonly sweep: string
      readonly trials: readonly { readonly params: Params; readonly value: number }[]
    } | null
    readonly replicates: number
    readonly pruner: PrunerSettings
    readonly stopAt: number | null
    /** Sweeps recorded before there was any have none: off. */
    readonly advice?: AdviceName
  }
  /** Trials in all: more than at first where the sweep was extended. */
  readonly trials: number
  readonly order: OutcomeOrder
  readonly retries: number
  /** ms; null for no limit. */
  readonly trialTimeout: number | null
  readonly memoryLimit: number | null
  readonly keepModels: KeepModels
  /** As written in the file. */
  readonly parameters: JsonObject
}

/**
 * The cross-validated value of the best trial, corrected for its having been chosen as the best of many: bootstrap
 * bias-corrected cross-validation, with its 95 % interval.
 */
export interface CorrectedEstimate {
  readonly metric: string
  readonly mean: number
  readonly low: number
  readonly high: number
  /** Complete trials the best was chosen among. Stopped trials lack rows, and are left out. */
  readonly trials: number
  readonly resamples: number
}

/** How a sweep ended. `status` is `failed` where not one trial finished, `interrupted` where it can be resumed. */
export interface SweepResult<P = Params> {
  readonly experiment: { readonly id: string; readonly name: string }
  /** The parent run's id. */
  readonly run: string
  readonly status: 'finished' | 'failed' | 'interrupted'
  readonly seed: number
  readonly trials: { readonly finished: number; readonly pruned: number; readonly failed: number }
  readonly best: {
    readonly run: string
    readonly trial: number
    readonly value: number
    readonly params: P
    readonly metrics: Metrics
  } | null
  readonly seconds: number
  /** The best trial's metrics on the holdout part, where there is one. */
  readonly holdout: Metrics | null
  /** What the best value is worth when the choice among the trials is counted. */
  readonly corrected: CorrectedEstimate | null
  readonly objective: { readonly metric: string; readonly direction: Direction }
  /** Failures by code and reason, most frequent first, each with the first trial that failed so. */
  readonly failures: readonly {
    readonly code: string
    readonly message: string
    readonly count: number
    readonly trial: number
    readonly run: string
  }[]
  /** Why it ended before its last trial; null where it did not. */
  readonly stopped: SweepEnd['stopped']
  readonly notes: readonly string[]
  readonly store: string
}
