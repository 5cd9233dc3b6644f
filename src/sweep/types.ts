/**
 * What a sweep is asked to do, what it tells while it goes on, and how it ended.
 */
import type { Executor, Seat } from '../execution/index.js'
import type { History, Pruner, Searcher, StoppingAdvice, SuggestionOrigin } from '../search/index.js'
import type { AdviceName } from '../space/index.js'
import type { AnsweredRequest, RunError, SweepWriter, TrialOutcome } from '../tracking/index.js'
import type { FitArtifact, FitResult } from '../training/index.js'
import type {
  Direction,
  JsonValue,
  MetricObjective,
  Metrics,
  OutcomeStatus,
  Params,
  RankedTrial,
} from '../values.js'
import type { Settled } from './advice.js'
import type { FailureCount } from './failures.js'

/** What a trial's value is. */
export interface TrialObjective extends MetricObjective {
  /** Of a metric reported by step: the best of them, or (unless stated) what the trial gave at its end. */
  readonly at?: 'best' | 'last'
}

/** Which models are kept: of every finished trial, of every trial that was the best when it ended, or none. */
export type KeepModels = 'all' | 'best' | 'none'

/** The order in which the search hears of outcomes: by trial number (reproducible), or as they come. */
export type OutcomeOrder = 'trial' | 'arrival'

/** One objective or several; what goes by one alone (a pruner, advice, `stopAt`) goes by the first. */
export type TrialObjectives = readonly [TrialObjective, ...TrialObjective[]]

export interface SweepSettings {
  readonly objectives: TrialObjectives
  /** Trials in all, N. */
  readonly trials: number
  /** Trials in flight, P: the window. */
  readonly parallel: number
  /** Folds of a trial; null where a trial is one fit. */
  readonly folds: number | null
  readonly seed: number
  readonly order: OutcomeOrder
  /** Further attempts a failed trial gets. */
  readonly retries: number
  /** Whether one that took too long gets them too; not unless stated. */
  readonly retryTimeouts?: boolean
  /** Whether a trial that took too long keeps the best of its steps, where those are its value (`at: 'best'`); it does unless stated. */
  readonly bestAtTimeLimit?: boolean
  /** Training time a trial may take, all its folds together, in ms; Infinity for no limit. */
  readonly trialTimeout: number
  readonly keepModels: KeepModels
  /** Whether the best trial is evaluated on a holdout part at the end. */
  readonly holdout: boolean
  /** No further trial is suggested once the search knows of a value at least this good. */
  readonly stopAt: number | null
  /** What comes of the advice that nothing more is to be gained, for sweeps with folds: off unless stated. */
  readonly advice?: AdviceName
  /** Wall-clock ms after which no further trial is suggested; Infinity for no limit. */
  readonly maxTime: number
  /** Whether no trial is begun that would probably end after `maxTime`, by how long those before it took; not unless stated. */
  readonly foresees?: boolean
  /** ms after that in which running trials may end; then they are cut off, and run again when the sweep is resumed. */
  readonly maxTimeGrace: number
}

/** A trial that is in the record already, when a sweep is resumed. */
export interface RecordedTrial {
  readonly trial: number
  readonly params: Params
  readonly origin: SuggestionOrigin
  /** Attempts begun so far. */
  readonly attempts: number
  /** How many of them failed: they count against its retries, an attempt cut off does not. */
  readonly failures: number
  /** null: it was running when the sweep stopped, and runs again. */
  readonly outcome: TrialOutcome | null
  /** Its place in the order of arrival, where the sweep goes by that. */
  readonly arrival: number | null
  /** How many outcomes its suggestion knew of, where the sweep goes by arrival and trials are pruned. */
  readonly knew: number | null
  readonly hasModel: boolean
  /** An earlier session says on the record that its final model could not be kept. */
  readonly modelFailed?: boolean
}

type PackedFiles = readonly { readonly name: string; readonly content: string }[]

/** The parts of a sweep, chosen and put together by the launch room. */
export interface SweepParts {
  readonly searcher: Searcher
  /** None unless given. */
  readonly pruner?: Pruner
  /** Whether nothing more is to be gained, by this history and the fold values of its best trial; needed for advice. */
  advise?(history: History, foldValues: readonly number[]): Promise<StoppingAdvice | null>
  readonly executor: Executor
  readonly writer: SweepWriter
  /** The files kept of a trial's fitted model: itself with its signature, a sample input. */
  packModel(state: JsonValue, trial: number): PackedFiles | Promise<PackedFiles>
  /** Metrics over the predictions of all folds of a trial together, NaN where one has no value there. */
  pool?(results: readonly FitResult[]): Metrics
  /** The file that keeps the out-of-fold predictions of a trial, written before the trial ends on the record. */
  packPredictions?(results: readonly FitResult[]): FitArtifact | null
  /** What becomes of checkpoints; nothing unless given. */
  readonly checkpoints?: {
    /** A trial has ended, and its outcome is on record. Never rejects. */
    ended(trial: number): Promise<void>
    /** Which fits of a trial have one to go on from: folds, null for the only fit of a trial without. Never rejects. */
    left(trial: number): Promise<ReadonlySet<number | null>>
    /** That of this fit goes: it starts from the beginning. Whether there is none any more; never rejects. */
    drop(trial: number, fold: number | null): Promise<boolean>
  }
  /** Heeds what is asked of the sweep while it runs, and does again what was asked before; nothing of it unless given. */
  readonly requests?: {
    /** What stands on its record. */
    readonly before: readonly AnsweredRequest[]
    /** Params as the space writes them; throws USAGE where they are not possible in it. */
    complete(params: Params): Params
  }
  onEvent(event: SweepEvent): void
  /** Aborted: no further trial is suggested, running ones end (first Ctrl-C). */
  readonly stop: AbortSignal
  /** Aborted: running trials are ended too (second Ctrl-C). */
  readonly kill: AbortSignal
}

/** Metrics that a trial reported at a step, or a fold that is a step of it came to. */
export interface TrialStep {
  readonly fold: number | null
  readonly step: number
  readonly metrics: Metrics
}

/** What a sweep tells while it goes on. Trials end in any order where several are in flight. */
export type SweepEvent =
  | {
      readonly type: 'started'
      readonly run: string
      readonly experiment: string
      readonly name: string
      readonly trials: number
      /** ms it has, where it was given a time in place of a number of trials. */
      readonly budget: number | null
      /** Trials already in the record when the sweep was resumed. */
      readonly done: number
      readonly parallel: number
      readonly workers: number
      /** What each of them holds, where devices are dealt out, and how many of those a fit holds, or which share of one. */
      readonly seats?: readonly Seat[]
      readonly devicesPerFit?: number
      readonly algorithm: string
      readonly seed: number
      readonly store: string
      readonly objective: { readonly metric: string; readonly direction: Direction }
    }
  | {
      readonly type: 'trial-started'
      readonly trial: number
      readonly params: Params
      readonly origin: SuggestionOrigin
    }
  | {
      readonly type: 'trial-ended'
      readonly trial: number
      readonly run: string
      readonly status: OutcomeStatus
      readonly value: number | null
      readonly params: Params
      readonly error: RunError | null
      readonly seconds: number
      /** Better than every trial that ended before it. */
      readonly best: boolean
    }
  /** A running trial reported metrics at a step. `fold`: the fold whose fit did; null where the step is the trial's own. */
  | ({ readonly type: 'step'; readonly trial: number } & TrialStep)
  /** It waited for a worker yet when the sweep was to stop: it begins when the sweep is resumed. */
  | { readonly type: 'trial-left'; readonly trial: number }
  | {
      readonly type: 'attempt-failed'
      readonly trial: number
      readonly attempt: number
      readonly error: RunError
    }
  /** Somebody asked something of the sweep, which now comes to so many trials. */
  | { readonly type: 'asked'; readonly request: AnsweredRequest; readonly trials: number }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'note'; readonly message: string }
  | { readonly type: 'stopping'; readonly reason: StopReason }

/** Why no further trial is suggested before the number asked for is reached. */
export type StopReason = 'exhausted' | 'stop-at' | 'settled' | 'max-time' | 'interrupt' | 'same-failure'

export interface SweepEnd {
  /** `failed`: not one trial finished. `interrupted`: stopped from outside, and resumable. */
  readonly status: 'finished' | 'failed' | 'interrupted'
  readonly stopped: StopReason | null
  /** The advice that nothing more is to be gained, where it was asked for and given. */
  readonly settled: Settled | null
  readonly best: (RankedTrial & { readonly params: Params; readonly metrics: Metrics }) | null
  /** The best trial's metrics on the holdout part. */
  readonly holdout: Metrics | null
  /** Trials it was to come to: more than it was begun with, where somebody asked for more. */
  readonly trials: number
  readonly counts: { readonly finished: number; readonly pruned: number; readonly failed: number }
  /** Failures by code and reason, most frequent first. */
  readonly failures: readonly Readonly<FailureCount>[]
  readonly error: RunError | null
}
