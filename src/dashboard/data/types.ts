/**
 * What the page shows: the same, whether a live server sends it or it stands in a report. Plain JSON, but for the table of
 * trials (table.ts).
 */
import type { Insight, Surface } from '../../analysis/index.js'
import type { Judging } from '../../launch/index.js'
import type { Act, ChildRun, Histories, ParentRun, RecordedDevice, RunStatus } from '../../tracking/index.js'
import type { Direction, Metrics, Params, ParamValue } from '../../values.js'

/** A sweep in the list of all. */
export interface SweepEntry {
  readonly id: string
  readonly experiment: string
  readonly name: string
  readonly status: RunStatus
  /** ms since 1970. */
  readonly started: number
  readonly ended: number | null
  readonly objective: { readonly metric: string; readonly direction: Direction }
  readonly trials: ParentRun['trials']
  /** How many it is to come to; null where it goes by time, or nobody knows. */
  readonly planned: number | null
  readonly best: { readonly run: string; readonly trial: number; readonly value: number } | null
  /** The objective's metric of the best trial on the holdout part. */
  readonly holdout: number | null
  /** Corrected for the choice among many. */
  readonly corrected: { readonly mean: number; readonly low: number; readonly high: number } | null
  readonly baseline: { readonly name: string; readonly value: number } | null
  /** What `reproduce` last said of the best, or of the sweep with it; null where it never was. */
  readonly reproduced: 'equal' | 'different' | null
  /** Best value so far, at up to 40 places evenly over its trials. */
  readonly spark: readonly number[]
  readonly trialsPerMinute: number | null
  readonly secondsLeft: number | null
  readonly tags: Readonly<Record<string, string>>
}

/** A searched parameter as an axis. */
export interface ParameterFacts {
  readonly name: string
  readonly kind: 'number' | 'category'
  readonly integer: boolean
  readonly log: boolean
  /** Of numbers. */
  readonly min: number | null
  readonly max: number | null
  /** Of categories: as texts (`textOf`), in the order of the file. */
  readonly values: readonly string[] | null
  readonly default: ParamValue | null
  /** When it is active, in words: `kernel is rbf`; null: always. */
  readonly when: string | null
}

/** A sweep without its trials. */
export interface SweepHead {
  readonly run: ParentRun
  readonly entry: SweepEntry
  readonly parameters: readonly ParameterFacts[]
  /** Every metric that a trial has, the objective's first. */
  readonly metrics: readonly string[]
  readonly judging: Judging | null
  /** Workers on other machines that have, or had, fits of it; none of a sweep that runs here. */
  readonly workers: readonly SweepWorker[]
}

/** A worker on another machine, as the trials tell of it. Times in ms since 1970, by the clock of the machine that coordinates. */
export interface SweepWorker {
  readonly id: string
  readonly host: string
  /** Those that its fits had. */
  readonly devices: readonly RecordedDevice[]
  /** Fits that it is at, with the number of the seat among those of all workers. */
  readonly at: readonly { readonly trial: number; readonly seat: number; readonly since: number }[]
  /** Trials with an outcome that had a fit there. */
  readonly trials: number
  /** Seats that its fits had, since when, with the devices of each. */
  readonly seats: readonly {
    readonly seat: number
    readonly from: number
    readonly devices: readonly string[]
  }[]
  /** When a fit of it began or ended last; null where nothing but its end is known. */
  readonly last: number | null
  /** When it was missed: it vanished over a fit, and has had none since. */
  readonly missed: number | null
}

/** A trial as a row of the table. What it reported by step is asked for by itself. */
export interface TrialRow {
  readonly trial: number
  readonly run: string
  readonly status: RunStatus
  readonly started: number
  readonly ended: number | null
  readonly params: Params
  readonly value: number | null
  readonly metrics: Metrics
  /** Why it was suggested, in one word. */
  readonly rule: string
  /** Of the value, before it ran, by the search. */
  readonly predicted: { readonly mean: number; readonly deviation: number } | null
  /** The code of its failure. */
  readonly error: string | null
  readonly attempts: number
  readonly tags: Readonly<Record<string, string>>
  /** Seats at which its fits run or ran, with when: ms since 1970. */
  readonly fits: readonly FitSpan[]
}

export interface FitSpan {
  readonly seat: number
  readonly start: number
  /** null while it runs. */
  readonly end: number | null
}

/** What trials reported by step. */
export interface TrialSteps {
  readonly trial: number
  readonly status: RunStatus
  readonly history: Histories
}

/** Steps that a trial has reported since. */
export interface FurtherSteps {
  readonly trial: number
  readonly history: Histories
  /** How many steps of each metric of `history` stand before these: what is known from there on is replaced. */
  readonly from: Readonly<Record<string, number>>
}

/** Something new, in a live page. */
export type LiveEvent =
  /** Sweeps that are new or have changed, and those that are gone. `whole`: `changed` are all that there are. */
  | {
      readonly type: 'sweeps'
      readonly changed: readonly SweepEntry[]
      readonly gone: readonly string[]
      readonly whole: boolean
    }
  /** Of the sweep that is watched: rows that are new or have changed. */
  | {
      readonly type: 'trials'
      readonly sweep: string
      /** null where it has not changed. */
      readonly head: SweepHead | null
      readonly rows: readonly TrialRow[]
      readonly deleted: readonly number[]
      /** Further steps of trials that run. */
      readonly steps: readonly FurtherSteps[]
      /** The end of what trials that run have printed, whole: in place of what was there. */
      readonly output: readonly { readonly trial: number; readonly lines: readonly string[] }[]
    }
  /** The record was written anew: read the table of this sweep again. */
  | { readonly type: 'again'; readonly sweep: string }

/** What can be asked of a sweep from the page. */
export type { Act }

/** What a report holds: everything the page may ask for. */
export interface ReportData {
  /** ISO 8601. */
  readonly made: string
  readonly version: string
  readonly store: string
  readonly sweeps: readonly SweepReport[]
}

export interface SweepReport {
  readonly head: SweepHead
  /** Insights by metric; the objective's is always there. */
  readonly insights: Readonly<Record<string, Insight>>
  /** By `surfaceKey`. */
  readonly surfaces: Readonly<Record<string, Surface>>
  /** Of all trials, or of the best where they would be too much. */
  readonly steps: readonly TrialSteps[]
  /** Whole trials: all, or the best and the failed where they would be too much. */
  readonly trials: readonly ChildRun[]
  /** Small artifacts as data: URLs, by `run/name`. */
  readonly artifacts: Readonly<Record<string, string>>
  /** What was left out, in words; null where it is whole. */
  readonly leftOut: string | null
}

/** What the page knows of where it is. */
export interface PageFacts {
  readonly version: string
  readonly store: string
  /** Whether acts are possible. */
  readonly readOnly: boolean
  /** How the program is called: `espalier`, `npx espalier`; for commands to copy. With ` --store DIR` where it needs that. */
  readonly called: string
  readonly storeArgument: string
}
