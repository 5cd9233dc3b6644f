/**
 * What a sweep's best is worth more than: predictions that look at no feature, worked out for each fold from its training rows as a
 * model would be, and judged by the same metric.
 *
 * Classes: the commonest one, with the share of each as its probability. Numbers: the mean, the median and, for a quantile's metric,
 * that quantile, whichever is best.
 *
 * What a metric of one's own rewards nobody knows, and its code runs where fits do: there it judges models without features, which
 * answer the commonest class, or any other, or the mean, or the median.
 */
import type { Dataset, Target } from '../../data/index.js'
import type { Direction } from '../../values.js'
import { isBetter } from '../../values.js'
import type { FitPlan } from '../plan.js'
import { rowsOf } from '../resampling/resampling.js'
import type { Model } from '../types.js'
import type { NamedMetric } from './metrics.js'
import { quantile } from './numbers.js'

export interface Baseline {
  /** `the commonest class`, `the class NAME`, `the shares of the classes`, `the mean`, `the median`, `the quantile`. */
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
    ['the mean', mean],
    ['the median', median],
  ]
  if (metric.word === 'pinball' && metric.plain.includes(':')) {
    const q = Number(metric.plain.slice(metric.plain.indexOf(':') + 1))
    constants.push(['the quantile', (sorted) => quantile(sorted, q)])
  }
  const found = constants.map(([name, constant]) =>
    summed(name, metric, parts, (judged) => ofNumbers(metric, target.values, judged, constant)),
  )
  return bestBaseline(found, direction)
}

/** Of equally good ones the first. */
export function bestBaseline(found: readonly (Baseline | null)[], direction: Direction): Baseline | null {
  let best: Baseline | null = null
  for (const one of found)
    if (one !== null && (best === null || isBetter(one.value, best.value, direction))) best = one
  return best
}

/** null where a fold has no value. */
export function baselineOverFolds(name: string, byFold: readonly number[]): Baseline | null {
  const value = byFold.reduce((sum, one) => sum + one, 0) / byFold.length
  return Number.isFinite(value) ? { name, value, byFold } : null
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function median(sorted: Float64Array): number {
  return quantile(sorted, 0.5)
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
  return baselineOverFolds(
    name,
    parts.map((part) => judge([part])),
  )
}

function ofClasses(metric: NamedMetric, codes: Int32Array, classes: number, parts: readonly Part[]): number {
  const truth = Int32Array.from(parts.flatMap(({ heldOut }) => Array.from(heldOut, (row) => codes[row])))
  const predicted = new Int32Array(truth.length)
  const probabilities = new Float64Array(truth.length * classes)
  let at = 0
  for (const { training, heldOut } of parts) {
    const counts = countsOf(codes, training, classes)
    const commonest = commonestOf(counts)
    for (let i = 0; i < heldOut.length; i++, at++) {
      predicted[at] = commonest
      for (let c = 0; c < classes; c++) probabilities[at * classes + c] = counts[c] / training.length
    }
  }
  return metric.ofClasses({ truth, predicted, classes, probabilities })
}

function countsOf(codes: Int32Array, rows: Int32Array, classes: number): Float64Array {
  const counts = new Float64Array(classes)
  for (const row of rows) counts[codes[row]]++
  return counts
}

/** The first of those with the most rows. */
function commonestOf(counts: Float64Array): number {
  return counts.reduce((best, count, c) => (count > counts[best] ? c : best), 0)
}

/** With more classes than these only the commonest is answered. */
const mostAnswered = 10

/** The names of what models without features answer. */
export function featurelessAnswers(target: Target): string[] {
  if (target.kind === 'numbers') return ['the mean', 'the median']
  const { classes } = target
  return [
    'the commonest class',
    ...(classes.length > mostAnswered ? [] : classes.map((name) => `the class ${name}`)),
  ]
}

/** A model that looks at no feature, from the targets of these rows; `answer`: which of those above. */
export function featureless({ target, index }: Dataset, answer: number): Model {
  const toJSON = () => null
  if (target.kind === 'numbers') {
    const sorted = Float64Array.from(index, (row) => target.values[row]).sort()
    const value = answer === 0 ? mean(sorted) : median(sorted)
    return { predict: ({ rows }) => new Float64Array(rows).fill(value), toJSON }
  }
  const { classes, codes } = target
  const counts = countsOf(codes, index, classes.length)
  const label = classes[answer === 0 ? commonestOf(counts) : answer - 1]
  const shares = counts.map((count) => count / index.length)
  return {
    predict: ({ rows }) => new Array<string>(rows).fill(label),
    predictProbability: ({ rows }) => ({
      classes,
      values: Float64Array.from({ length: rows * classes.length }, (_, i) => shares[i % classes.length]),
    }),
    toJSON,
  }
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
