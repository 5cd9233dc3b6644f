/**
 * What a caller states of a sweep, and what comes of it.
 */
import type { AskedDevices, ExecutorFactory } from '../execution/index.js'
import type { SearchSettings } from '../search/index.js'
import type { AdviceName, PrunerJson, PrunerName, WarmStartJson } from '../space/index.js'
import type { KeepModels, OutcomeOrder, SweepEnd, SweepEvent } from '../sweep/index.js'
import type { ModelThreshold } from '../training/index.js'
import type { Direction, Encoding, Metrics, Params } from '../values.js'

/** What the command line or a caller states beside the sweep file; it wins over the file. */
export interface SweepOverrides {
  algorithm?: SearchSettings['algorithm']
  /** Which trials are stopped early: a name, or an object with the name and settings, as in a file. */
  pruner?: PrunerName | PrunerJson
  /** A sweep of the store whose results are known from the start, as in a file: its id, `latest`, or an object. */
  warmStart?: string | WarmStartJson
  /** Trials in all. */
  trials?: number
  /** Trials in flight. */
  parallel?: number
  /** Threads; never changes a result. Default: the machine's available cores. */
  workers?: number
  /** Which devices (GPUs) fits may use: all that are found, none, or these numbers or UUIDs. Default: `auto` where a fit needs any. */
  devices?: AskedDevices
  /** Devices a fit holds while it runs, or a share of one (0.5); goes before `resources` of the file. Changes no result. */
  devicesPerFit?: number
  seed?: number
  experiment?: string
  /** The store's directory. Default: ESPALIER_STORE, or ./espalier-runs. */
  store?: string
  /** A data file, relative to the working directory, or several with the same columns. */
  data?: string | readonly string[]
  /** How the data files are written, as in a file: found out unless stated. */
  separator?: string
  decimal?: '.' | ','
  encoding?: Encoding
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
  /**
   * ms for the whole sweep, in place of a number of trials: as many as can be expected to end within it, up to `trials` (1,000 unless
   * stated). Recorded; a sweep that goes on has as long again.
   */
  budget?: number
  /** ms of wall clock after which no further trial is suggested. */
  maxTime?: number
  /** ms after `maxTime` in which running trials may end; then they are cut off, and run again when it is resumed. No limit unless stated. */
  maxTimeGrace?: number
  /** Megabytes of heap a worker may use. */
  memoryLimit?: number
  /** Megabytes that each worker may keep of what fits have in common. Default: 256; 0: nothing. Changes no result. */
  sharedMemory?: number
  /** Further attempts of a failed trial; 0 unless stated. */
  retries?: number
  /** Whether a trial that took longer than `trialTimeout` gets them too; not unless stated, as it would most often take as long again. */
  retryTimeouts?: boolean
  keepModels?: KeepModels
  /** Whether the last checkpoints of trials stay when they have ended. */
  keepCheckpoints?: boolean
  /** At the end the best trials are averaged, of which so many are taken in all, one perhaps more than once; not unless stated. */
  ensemble?: number
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

/** Of a sweep that begins. */
export interface NewSweepHooks extends LaunchHooks {
  /** Its id, where somebody has to know it before it has begun; a new one unless given. */
  readonly id?: string
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

/** The best few trials as one model, kept with the sweep: `loadModel` and `predict` take the id of the sweep. */
export interface EnsembleResult {
  /** The trials it averages, and how often each counts. */
  readonly members: readonly { readonly run: string; readonly trial: number; readonly weight: number }[]
  /** The cross-validated value of the average. Its members were chosen by the same rows, which flatters it. */
  readonly value: number
  /** The same, each fold judged by members chosen without it; null where that could not be worked out. */
  readonly estimate: number | null
  /** Its metrics on the holdout part, where there is one. */
  readonly holdout: Metrics | null
  /** The threshold it answers by, where one is asked for: chosen on the mean of its members' out-of-fold probabilities. */
  readonly threshold: ChosenThreshold | null
}

/** With the metric's value at it, and without it, on the predictions that it was chosen on. */
export interface ChosenThreshold extends ModelThreshold {
  readonly score: number
  readonly before: number
}

/** One of the trainers that a sweep chose among, and how it did. */
export interface TrainerFamily {
  /** What the parameter `trainer` calls it. */
  readonly trainer: string
  /** How many trials had it, however they ended. */
  readonly trials: number
  /** The best finished one; null without. */
  readonly best: { readonly run: string; readonly trial: number; readonly value: number } | null
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
  /** What predictions that look at no feature are worth by the objective's metric; null where there are no folds. */
  readonly baseline: { readonly name: string; readonly value: number } | null
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
  /** The average of the best few; null where none was asked for, or none could be made (a note says why). */
  readonly ensemble: EnsembleResult | null
  /** Where the trainer is a parameter: each of them, best first. null where there is one. */
  readonly families: readonly TrainerFamily[] | null
  readonly store: string
}
