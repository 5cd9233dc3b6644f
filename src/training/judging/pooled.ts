/** Metrics over the predictions of all folds together: entries in fold order, a row as often as it was predicted. */
import type { Dataset } from '../../data/index.js'
import type { FitResult } from '../plan.js'
import { classificationMetrics, type NamedMetric, regressionMetrics } from './metrics.js'

/** By their names; NaN where one is not defined. Nothing where a fold has no predictions, or a metric no probabilities. */
export function pooledMetrics(
  { target, index }: Dataset,
  metrics: readonly NamedMetric[],
  results: readonly FitResult[],
): Record<string, number> {
  const parts = results.map(({ predictions }) => predictions)
  if (metrics.length === 0 || !parts.every((part) => part !== null)) return {}
  const rows = parts.flatMap((part) => Array.from(part.rows, (position) => index[position]))
  const values = parts.flatMap((part) => Array.from(part.values))
  if (target.kind === 'numbers') {
    const truth = Float64Array.from(rows, (row) => target.values[row])
    return regressionMetrics({ truth, predicted: Float64Array.from(values) }, metrics)
  }
  const classes = target.classes.length
  const withAll = parts.every(({ probabilities }) => probabilities !== null)
  const probabilities = withAll ? new Float64Array(rows.length * classes) : null
  let at = 0
  for (const part of probabilities === null ? [] : parts) {
    probabilities?.set(part.probabilities!, at)
    at += part.probabilities!.length
  }
  const truth = Int32Array.from(rows, (row) => target.codes[row])
  return classificationMetrics({ truth, predicted: Int32Array.from(values), classes, probabilities }, metrics)
}
