/** What a sweep keeps in mind of a trial that has ended: the same from its outcome and from its record. */
import type { Curve, ObservedTrial, PendingTrial } from '../search/index.js'
import type { RunError, TrialOutcome } from '../tracking/index.js'
import type { Metrics, Objectives, Values } from '../values.js'
import { curveOf, extraNoiseOf } from './pruning.js'

export interface Known {
  /** What the search is told of it. */
  readonly observed: ObservedTrial
  /** Of the objectives, by name. */
  readonly values: Values
  readonly metrics: Metrics
  readonly error: RunError | null
  readonly hasModel: boolean
  /** What pruners may know of it; null where nothing is pruned. */
  readonly curve: Curve | null
  /** The objective's value at each fold of a finished trial, where advice is sought. */
  readonly foldValues: readonly number[] | null
}

/** Which metrics in the history of a trial are looked at; null for none. */
export interface Watched {
  /** What the pruner goes by. */
  readonly byPruner: string | null
  /** What the advice goes by, fold by fold. */
  readonly byAdvice: string | null
}

export function knownFrom(
  { trial, params, origin }: PendingTrial,
  outcome: TrialOutcome,
  hasModel: boolean,
  objectives: Objectives,
  { byPruner, byAdvice }: Watched,
): Known {
  const { status, values, metrics, error, history, conditions } = outcome
  const extraNoise = extraNoiseOf(conditions)
  const observed = { trial, params, origin, outcome: status, values: inOrder(values, objectives) }
  return {
    observed: extraNoise > 0 ? { ...observed, extraNoise } : observed,
    values,
    metrics,
    error,
    hasModel,
    curve: byPruner === null ? null : curveOf(trial, status, history, byPruner),
    foldValues: byAdvice === null || status !== 'finished' ? null : (history[byAdvice]?.values ?? null),
  }
}

/** The values as the search is told them: one for each objective, or none where one is missing. */
function inOrder(values: Values, objectives: Objectives): readonly number[] {
  if (!objectives.every(({ metric }) => Object.hasOwn(values, metric))) return []
  return objectives.map(({ metric }) => values[metric])
}
