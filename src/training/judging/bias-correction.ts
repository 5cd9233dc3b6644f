/**
 * What the best of many cross-validated trials is worth: bootstrap bias-corrected cross-validation.
 *
 * The best of C noisy values is better than the trial behind it. The selection is therefore repeated on resampled
 * rows and judged on the rows that were left out:
 *
 *   for b = 1 … B:  draw N rows with replacement; c* = the trial that is best on them;  v_b = the metric of c* on the
 *                   rows not drawn
 *   estimate = mean of v_b, interval = their 2.5 % and 97.5 % percentiles
 *
 * No model is fitted: everything comes from the out-of-fold predictions Π (N × C). Source: Tsamardinos, Greasidou,
 * Borboudakis, Bootstrapping the out-of-sample predictions for efficient and accurate cross-validation, Machine Learning 107
 * (2018), BBC-CV. As there, predictions of all folds are pooled, the metric is one over all rows, and the
 * estimate is somewhat pessimistic, because each selection sees fewer different rows than the sweep did.
 *
 * A sweep's own value v is the mean over folds, which is another number than the metric over all rows m (for r2, rmse and
 * macroF1 by much). So that the two can stand side by side, everything is moved by v − m of the best trial. What then
 * would still be better than v is the noise of the resamples: a choice cannot be worth more than nothing, and the
 * estimate is v at best. The interval says where the worth may lie, and may reach beyond v, but not beyond what the metric
 * can be.
 *
 * Rows that belong together are drawn together (`groups`). Where a row is predicted more than once (repeated
 * cross-validation), every prediction is an entry of its own, and the row's number is its group.
 *
 * Which trial is best on the rows drawn is found from weights, w_i = how often row i was drawn (bias-judges.ts), of several
 * resamples at once; the metric itself is computed for the best trial alone, but where it cannot be worked out so.
 */
import { randomStream } from '../../numeric/index.js'
import type { Direction } from '../../values.js'
import { judgeOf } from './bias-judges.js'
import type { OutOfFold, Truth } from './bias-types.js'
import { metricNamed, type NamedMetric } from './metrics.js'
import { quantile } from './numbers.js'

/** Resamples that are judged together. */
const atOnce = 8

export interface BiasCorrectionInput {
  /** One of the kind of the truth; by its name, where that names no class. */
  readonly metric: NamedMetric | string
  readonly direction: Direction
  readonly truth: Truth
  /** In trial order: of equally good trials the first is chosen. null for one that lacks predictions: it is left out. */
  readonly trials: readonly (OutOfFold | null)[]
  /** For each entry the number of its group: a group is drawn as a whole. null: each entry is its own. */
  readonly groups?: Int32Array | null
  /** The trial that was chosen, and its value as the sweep measures it. Without it the estimate stays that of all rows. */
  readonly best?: { readonly trial: OutOfFold; readonly value: number }
  /** How often rows are drawn: 1,000 unless stated. */
  readonly resamples?: number
  readonly seed: number
}

export interface BiasCorrectedEstimate {
  /** In the metric's own units. */
  readonly mean: number
  /** The 2.5 % and 97.5 % percentiles. */
  readonly interval: readonly [low: number, high: number]
  /** How many trials the best was chosen from. */
  readonly trials: number
  /** How many trials lacked predictions. */
  readonly leftOut: number
}

/** The probability each row gives to its true class, from rows × classes: what `trueProbability` takes. */
export function trueProbabilities(
  codes: ArrayLike<number>,
  probabilities: Float64Array,
  classes: number,
): Float64Array {
  return Float64Array.from(codes, (code, i) => probabilities[i * classes + code])
}

/**
 * null where there is nothing to resample: no complete trial, fewer than two rows (groups), or a metric that most resamples leave
 * undefined.
 */
export function biasCorrectedEstimate(input: BiasCorrectionInput): BiasCorrectedEstimate | null {
  const { direction, truth, resamples = 1000, seed } = input
  const task = truth.kind === 'classes' ? 'classification' : 'regression'
  const metric = typeof input.metric === 'string' ? metricNamed(input.metric, task, null) : input.metric
  const n = truth.kind === 'classes' ? truth.codes.length : truth.values.length
  const trials = input.trials.filter((one) => one !== null)
  const complete = trials.filter((one) => isComplete(one, n, truth, metric))
  const groups = numbered(input.groups ?? Int32Array.from({ length: n }, (_, i) => i))
  const groupCount = groups.reduce((most, group) => Math.max(most, group + 1), 0)
  if (complete.length === 0 || groupCount < 2) return null

  const judge = judgeOf(metric, truth, complete)
  const sign = (direction === 'maximize') === judge.rises ? 1 : -1
  const drawn = new Int32Array(groupCount)
  const weights = new Float64Array(atOnce * n)
  const left = new Int32Array(atOnce * n)
  const leftCounts = new Int32Array(atOnce)
  const found: number[] = []
  for (let first = 0; first < resamples; first += atOnce) {
    const count = Math.min(atOnce, resamples - first)
    for (let b = 0; b < count; b++) {
      const random = randomStream(seed, 'bias-correction', first + b)
      const start = b * n
      let leftCount = 0
      // Drawing every group once leaves nothing to judge by: possible with a handful of groups alone.
      do {
        drawn.fill(0)
        random.drawInto(drawn)
        leftCount = 0
        for (let i = 0; i < n; i++) {
          const times = drawn[groups[i]]
          weights[start + i] = times
          if (times === 0) left[start + leftCount++] = i
        }
      } while (leftCount === 0)
      leftCounts[b] = leftCount
    }
    const scores = judge.scores(weights, count)
    for (let b = 0; b < count; b++) {
      let chosen = 0
      let highest = Number.NEGATIVE_INFINITY
      for (let c = 0; c < complete.length; c++) {
        const score = sign * scores[b * complete.length + c]
        if (score > highest) {
          highest = score
          chosen = c
        }
      }
      // Not defined where the rows that were not drawn lack a class.
      const value = judge.measure(chosen, left.subarray(b * n, b * n + leftCounts[b]))
      if (!Number.isNaN(value)) found.push(value)
    }
  }
  if (found.length < resamples / 2) return null
  let sum = 0
  for (const value of found) sum += value
  const values = Float64Array.from(found).sort()
  const ofRows = {
    mean: sum / values.length,
    low: quantile(values, 0.025),
    high: quantile(values, 0.975),
  }
  const { best } = input
  const chosen = best === undefined ? -1 : complete.indexOf(best.trial)
  const everyEntry = Int32Array.from({ length: n }, (_, i) => i)
  const { mean, low, high } =
    chosen === -1
      ? ofRows
      : besideBest(ofRows, best!.value, judge.measure(chosen, everyEntry), direction, metric.range)
  return {
    mean,
    interval: [low, high],
    trials: complete.length,
    leftOut: input.trials.length - complete.length,
  }
}

interface Estimate {
  readonly mean: number
  readonly low: number
  readonly high: number
}

/** On the scale of the best trial's own value v, and not better than that; m is the metric of that trial over all rows. */
function besideBest(
  { mean, low, high }: Estimate,
  v: number,
  m: number,
  direction: Direction,
  [least, greatest]: readonly [number, number],
): Estimate {
  const moved = (value: number) => Math.min(greatest, Math.max(least, value + (v - m)))
  const bounded = direction === 'maximize' ? Math.min(moved(mean), v) : Math.max(moved(mean), v)
  return { mean: bounded, low: Math.min(moved(low), bounded), high: Math.max(moved(high), bounded) }
}

/** The same groups as 0, 1, 2 … without gaps. */
function numbered(groups: Int32Array): Int32Array {
  const number = new Map<number, number>()
  return groups.map((group) => {
    if (!number.has(group)) number.set(group, number.size)
    return number.get(group)!
  })
}

function isComplete(
  { values, trueProbability, probabilities }: OutOfFold,
  n: number,
  truth: Truth,
  metric: NamedMetric,
): boolean {
  if (values.length !== n || truth.kind === 'numbers' || !metric.needsProbabilities)
    return values.length === n
  return metric.word === 'logLoss'
    ? trueProbability?.length === n
    : probabilities?.length === n * truth.classes
}
