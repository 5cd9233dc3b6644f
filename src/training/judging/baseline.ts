/**
 * What a sweep's best is worth more than: predictions that look at no feature, worked out for each fold from its training rows as a
 * model would be, and judged by the same metric.
 *
 * Classes: the commonest one, with the share of each as its probability. Numbers: the mean, the median and, for a quantile's metric,
 * that quantile, whichever is best.
 */
import type { Direction } from '../../values.js'
import { isBetter } from '../../values.js'
import type { FitPlan } from '../plan.js'
import { rowsOf } from '../resampling/resampling.js'
import type { NamedMetric } from './metrics.js'
import { quantile } from './numbers.js'

export interface Baseline {
  /** `the commonest class`, `the shares of the classes`, `the mean`, `the median`, `the quantile`. */
  readonly name: string
  readonly value: number
  /** Fold by fold; null of a pooled metric, which has no values there. */
  readonly byFold: readonly number[] | null
}

interface Part {
  readonly training: Int32Array
  readonly heldOut: Int32Array
}

/** null where there are no folds, or the metric has no value for such predictions. */
export function baselineOf(
  { data, resampling }: Pick<FitPlan, 'data' | 'resampling'>,
  metric: NamedMetric,
  direction: Direction,
): Baseline | null {
  if (data === null || resampling === null) return null
  const { target, index } = data
  const rows = (positions: Int32Array) => positions.map((at) => index[at])
  const parts: Part[] = Array.from({ length: resampling.folds }, (_, fold) => ({
    training: rows(rowsOf(resampling, { kind: 'training', fold })),
    heldOut: rows(rowsOf(resampling, { kind: 'fold', fold })),
  }))
  if (target.kind === 'classes') {
    const name = metric.needsProbabilities ? 'the shares of the classes' : 'the commonest class'
    return summed(name, metric, parts, (judged) =>
      ofClasses(metric, target.codes, target.classes.length, judged),
    )
  }
  const constants: [string, (sorted: Float64Array) => number][] = [
    ['the mean', (sorted) => sorted.reduce((sum, value) => sum + value, 0) / sorted.length],
    ['the median', (sorted) => quantile(sorted, 0.5)],
  ]
  if (metric.word === 'pinball' && metric.plain.includes(':')) {
    const q = Number(metric.plain.slice(metric.plain.indexOf(':') + 1))
    constants.push(['the quantile', (sorted) => quantile(sorted, q)])
  }
  let best: Baseline | null = null
  for (const [name, constant] of constants) {
    const found = summed(name, metric, parts, (judged) => ofNumbers(metric, target.values, judged, constant))
    if (found !== null && (best === null || isBetter(found.value, best.value, direction))) best = found
  }
  return best
}

/** Over all folds at once where the metric is pooled, else the mean of the folds. */
function summed(
  name: string,
  metric: NamedMetric,
  parts: readonly Part[],
  judge: (parts: readonly Part[]) => number,
): Baseline | null {
  if (metric.pooled) {
    const value = judge(parts)
    return Number.isFinite(value) ? { name, value, byFold: null } : null
  }
  const byFold = parts.map((part) => judge([part]))
  const value = byFold.reduce((sum, one) => sum + one, 0) / byFold.length
  return Number.isFinite(value) ? { name, value, byFold } : null
}

function ofClasses(metric: NamedMetric, codes: Int32Array, classes: number, parts: readonly Part[]): number {
  const truth = Int32Array.from(parts.flatMap(({ heldOut }) => Array.from(heldOut, (row) => codes[row])))
  const predicted = new Int32Array(truth.length)
  const probabilities = new Float64Array(truth.length * classes)
  let at = 0
  for (const { training, heldOut } of parts) {
    const counts = new Float64Array(classes)
    for (const row of training) counts[codes[row]]++
    const commonest = counts.reduce((best, count, c) => (count > counts[best] ? c : best), 0)
    for (let i = 0; i < heldOut.length; i++, at++) {
      predicted[at] = commonest
      for (let c = 0; c < classes; c++) probabilities[at * classes + c] = counts[c] / training.length
    }
  }
  return metric.ofClasses({ truth, predicted, classes, probabilities })
}

function ofNumbers(
  metric: NamedMetric,
  values: Float64Array,
  parts: readonly Part[],
  constant: (sorted: Float64Array) => number,
): number {
  const truth: number[] = []
  const predicted: number[] = []
  for (const { training, heldOut } of parts) {
    const answer = constant(Float64Array.from(training, (row) => values[row]).sort())
    for (const row of heldOut) {
      truth.push(values[row])
      predicted.push(answer)
    }
  }
  return metric.ofNumbers({ truth: Float64Array.from(truth), predicted: Float64Array.from(predicted) })
}

/** By how much values, fold by fold, are better than others on the same folds, and how much of that may be noise. */
export interface PairedGain {
  readonly gain: number
  /** Its standard error. */
  readonly noise: number
}

/**
 * Notation: d_f = how much better in fold f, J folds, s² their variance; gain = mean d, noise = √(s²·(1/J + ratio)), where ratio =
 * rows held out over rows fitted on, because folds share their training rows. Source: Nadeau, Bengio, Inference for the
 * generalization error, Machine Learning 52 (2003). null for fewer than two folds.
 */
export function pairedGain(
  values: readonly number[],
  others: readonly number[],
  direction: Direction,
  ratio: number,
): PairedGain | null {
  const folds = values.length
  if (folds < 2 || others.length !== folds) return null
  const gains = values.map((value, fold) => (direction === 'maximize' ? 1 : -1) * (value - others[fold]))
  const gain = gains.reduce((sum, one) => sum + one, 0) / folds
  const variance = gains.reduce((sum, one) => sum + (one - gain) * (one - gain), 0) / (folds - 1)
  return { gain, noise: Math.sqrt(variance * (1 / folds + ratio)) }
}
