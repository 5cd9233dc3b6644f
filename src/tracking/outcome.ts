/**
 * How a trial ended: the one type of it, for the loop that runs trials, the record that keeps them, and whoever compares
 * what is kept with what comes of training again.
 */
import type { Metrics, Values } from '../values.js'
import type { EndConditions } from './conditions.js'

/** One metric's history: value by step (step = fold or epoch). Parallel arrays keep records short. */
export interface MetricHistory {
  readonly steps: readonly number[]
  readonly values: readonly number[]
  /** When each was reported: ms since its trial began. Missing where nothing was reported by step. */
  readonly times?: readonly number[]
}

/** Each metric's history, by its name. */
export type Histories = Readonly<Record<string, MetricHistory>>

/** Why a run failed. */
export interface RunError {
  readonly code: string
  readonly message: string
}

interface Ended {
  /** The last report of each metric, and what the trial gave at its end on top of it. */
  readonly metrics: Metrics
  readonly history: Histories
  /** What is known of the trial only since it ran. */
  readonly conditions: EndConditions
}

export interface FinishedOutcome extends Ended {
  readonly status: 'finished'
  /** Of every objective. */
  readonly values: Values
  readonly error: null
}

export interface PrunedOutcome extends Ended {
  readonly status: 'pruned'
  /** Of the objectives that were reported until it was stopped. */
  readonly values: Values
  readonly error: null
}

export interface FailedOutcome extends Ended {
  readonly status: 'failed'
  /** None. */
  readonly values: Values
  readonly error: RunError
}

export type TrialOutcome = FinishedOutcome | PrunedOutcome | FailedOutcome

/** The last report of each metric. */
export function lastReported(history: Histories): Metrics {
  const metrics: Record<string, number> = Object.create(null)
  for (const [name, { values }] of Object.entries(history)) metrics[name] = values[values.length - 1]
  return { ...metrics }
}
