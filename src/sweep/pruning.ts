/**
 * What a pruner sees of the record: the curve of each trial, and what its verdict leaves behind there.
 *
 * Folds are judged by the objective's metric, fold by fold. Steps are those that one fit reports: the whole trial
 * where it is one fit, fold 0 where it is cross-validated.
 */
import type { Curve, PruneReason, Pruner } from '../search/index.js'
import type { EndConditions, Histories, MetricHistory } from '../tracking/index.js'
import type { Direction, OutcomeStatus } from '../values.js'
import { knownOf } from './order.js'
import type { RecordedTrial, SweepSettings } from './types.js'

/** What a trial is judged by: the pruner, and the curves of the trials that its suggestion knew of. */
export interface Pruning {
  readonly pruner: Pruner
  readonly direction: Direction
  readonly history: readonly Curve[]
}

/** The name in a trial's history of the metric that a pruner goes by; null where it judges nothing. */
export function watchedMetric(pruner: Pruner, objectiveMetric: string, folds: number | null): string | null {
  const metric = pruner.metric ?? objectiveMetric
  switch (pruner.judges) {
    case 'nothing':
      return null
    case 'folds':
      return folds === null ? null : metric
    case 'steps':
      return folds === null ? metric : reportedIn(metric, 0)
  }
}

/** What a fold's fit reports by step stands under this name in the history of its trial. */
export function reportedIn(metric: string, fold: number): string {
  return `${metric}/fold${fold}`
}

/** The curve of an ended trial, from its history. Shares its arrays. */
export function curveOf(trial: number, status: OutcomeStatus, history: Histories, name: string): Curve {
  const { steps, values } = increasing(Object.hasOwn(history, name) ? history[name] : undefined)
  return { trial, status, steps, values }
}

/** Without the reports of steps at or before an earlier one. */
export function increasing(series: MetricHistory | undefined): MetricHistory {
  if (series === undefined) return { steps: [], values: [] }
  const { steps, values } = series
  if (steps.every((step, i) => i === 0 || step > steps[i - 1])) return series
  const kept: number[] = []
  let newest = Number.NEGATIVE_INFINITY
  steps.forEach((step, i) => {
    if (step <= newest) return
    newest = step
    kept.push(i)
  })
  return { steps: kept.map((i) => steps[i]), values: kept.map((i) => values[i]) }
}

/**
 * The variance that a mean of the first k folds has in excess of one of all K: s²·(1/k − 1/K). s² is the variance of
 * a fold, pooled from the trial's own folds and from the complete ones of the trial it was stopped against, because
 * one fold alone has none.
 */
export function partialMeanNoise(own: readonly number[], complete: readonly number[]): number {
  const [k, K] = [own.length, complete.length]
  const freedom = k - 1 + K - 1
  if (freedom < 1) return 0
  return ((squares(own) + squares(complete)) / freedom) * (1 / k - 1 / K)
}

/** The same where no other trial tells of the variance of a fold: s² from the trial's own folds, 0 where one is all there is. */
export function ownMeanNoise(own: readonly number[], folds: number): number {
  const k = own.length
  return k < 2 ? 0 : (squares(own) / (k - 1)) * (1 / k - 1 / folds)
}

/**
 * How far the value at a step is from the final one: the mean square of the difference, over the finished trials of
 * the history that came to the step; 0 where there are none.
 */
export function partialTrainingNoise(history: readonly Curve[], step: number): number {
  let sum = 0
  let count = 0
  for (const { status, steps, values } of history) {
    if (status !== 'finished') continue
    const at = steps.findIndex((other) => other >= step)
    if (at === -1) continue
    const missing = values[values.length - 1] - values[at]
    sum += missing * missing
    count++
  }
  return count === 0 ? 0 : sum / count
}

/** Sum of squared deviations from the mean. */
function squares(values: readonly number[]): number {
  let sum = 0
  for (const value of values) sum += value
  const mean = sum / values.length
  let squared = 0
  for (const value of values) squared += (value - mean) * (value - mean)
  return squared
}

/**
 * What a recorded trial was judged by when it ran: the same curves again, from the record of its sweep. null where
 * nothing was pruned.
 */
export function recordedPruning(
  pruner: Pruner,
  { objectives, folds, parallel, order }: Pick<SweepSettings, 'objectives' | 'folds' | 'parallel' | 'order'>,
  record: readonly RecordedTrial[],
  { trial, knew }: RecordedTrial,
): Pruning | null {
  const [{ metric, direction }] = objectives
  const watched = watchedMetric(pruner, metric, folds)
  if (watched === null) return null
  const known = knownOf(order, parallel, record, { trial, knew })
  const history = known.map(({ trial, outcome }) =>
    curveOf(trial, outcome!.status, outcome!.history, watched),
  )
  return { pruner, direction, history }
}

/** What is recorded of a stopped trial, among its conditions. */
export function prunedConditions(reason: PruneReason, extraNoise: number): EndConditions {
  return { pruned: { ...reason, ...(extraNoise > 0 && { extraNoise }) } }
}

/** The noise recorded with a stopped trial; 0 for any other. */
export function extraNoiseOf({ pruned }: EndConditions): number {
  return typeof pruned?.extraNoise === 'number' ? pruned.extraNoise : 0
}
