/** Trials of another tool, as an import hands them to the record: the one form that every reader brings them into. */
import type { ParametersJson } from '../../space/index.js'
import type { Histories, RunError } from '../../tracking/index.js'
import type { JsonObject, MetricObjective, Metrics, Params } from '../../values.js'

/** A sweep that another tool ran. */
export interface ForeignSweep {
  readonly tool: 'optuna' | 'csv'
  /** What it is called there. */
  readonly study: string
  /** The file it was read from, absolute. */
  readonly file: string
  readonly objective: MetricObjective
  readonly parameters: ParametersJson
  /** What the tool itself says of the parameters, where `parameters` cannot say all of it. */
  readonly distributions?: JsonObject
  /** In the order of their numbers. */
  readonly trials: readonly ForeignTrial[]
  readonly tags: Readonly<Record<string, string>>
  /** What could not be carried over, each with what was done instead. */
  readonly warnings: readonly string[]
}

/** One of its trials. */
export interface ForeignTrial {
  readonly trial: number
  readonly params: Params
  /** `interrupted`: it has no outcome, and gets none here. */
  readonly status: 'finished' | 'pruned' | 'failed' | 'interrupted'
  /** Of the objective; a finished trial has one. */
  readonly value: number | null
  readonly metrics: Metrics
  readonly history: Histories
  /** Of a failed trial. */
  readonly error: RunError | null
  /** ISO 8601, UTC; null where the tool does not say. */
  readonly started: string | null
  readonly ended: string | null
  readonly tags: Readonly<Record<string, string>>
}
