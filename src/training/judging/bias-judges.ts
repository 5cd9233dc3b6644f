/**
 * How trials compare on resampled rows, and what one of them is worth on a selection of rows.
 *
 * Notation: w_i = how often row i was drawn, t_ci = what row i adds to the score of trial c. The judges:
 *
 *   sums      Σ_i w_i t_ci orders the trials: of means over rows what the metric is on row i alone; of rmse and r2 the squared error
 *             (r2 falls where it rises, because the truth is the same for all trials)
 *   counts    of metrics of labels: how many rows drawn each class has in the truth, the predictions, and in both, from the rows
 *             that are predicted wrong
 *   rankings  of areas and precisions by rank: rows are put in order once, and walked with their weights
 *   drawn     every other metric, worked out on the rows as they were drawn, which takes tens of times as long
 *
 * The metric itself is computed by the functions every fold is measured with.
 */
import { openWasm } from '../../numeric/index.js'
import { valuesAt } from '../matrix.js'
import type { OutOfFold, Truth } from './bias-types.js'
import type { Counts } from './labels.js'
import type { NamedMetric } from './metrics.js'
import { square } from './numbers.js'
import { logLoss } from './probabilities.js'
import { meanOverClasses, rankingOf } from './ranking.js'

export interface Judge {
  /** Whether the metric rises with the score. */
  readonly rises: boolean
  /** The scores of the trials (weightings × trials) for `count` weightings of the rows, one behind the other (weightings × rows). */
  scores(weights: Float64Array, count: number): Float64Array
  /** The metric of a trial over these entries. */
  measure(trial: number, entries: Int32Array): number
}

type Classes = Truth & { kind: 'classes' }
type Numbers = Truth & { kind: 'numbers' }

/** Numbers of rows in order that are kept: 256 MiB of them. */
const mostRanked = 2 ** 26

/** How much longer a judge takes than one that goes by sums. `classes`: of the target, 0 for numbers. */
export function slownessOf(metric: NamedMetric, classes: number): number {
  if (metric.ofCounts !== null || metric.isMean || squaresOrder(metric)) return 1
  if (metric.ranked !== null) return 8 * (metric.ranked.only(classes) === null ? classes : 1)
  return 50
}

/** Whether the sum of squared errors orders the trials. */
function squaresOrder({ word }: NamedMetric): boolean {
  return word === 'rmse' || word === 'r2'
}

export function judgeOf(metric: NamedMetric, truth: Truth, trials: readonly OutOfFold[]): Judge {
  return truth.kind === 'classes' ? classJudge(metric, truth, trials) : numberJudge(metric, truth, trials)
}

function classJudge(metric: NamedMetric, truth: Classes, trials: readonly OutOfFold[]): Judge {
  const { codes, classes } = truth
  const measure = (trial: number, entries: Int32Array) => {
    const { values, probabilities, trueProbability } = trials[trial]
    // One class alone, the true one: the metric looks at no other probability.
    if (metric.word === 'logLoss')
      return logLoss({
        truth: new Int32Array(entries.length),
        predicted: new Int32Array(entries.length),
        classes: 1,
        probabilities: valuesAt(trueProbability!, entries),
      })
    return metric.ofClasses({
      truth: codesAt(codes, entries),
      predicted: codesAt(values as Int32Array, entries),
      classes,
      probabilities:
        (metric.needsProbabilities && probabilities && rowsOf(probabilities, entries, classes)) || null,
    })
  }
  const judge = (scores: Judge['scores']) => ({ rises: true, scores, measure })
  if (metric.ofCounts !== null) return judge(byCounts(metric.ofCounts, truth, trials))
  if (metric.isMean) return judge(bySums(ofEachRow(measure, trials, codes.length)))
  const lists = metric.ranked?.only(classes) === null ? classes : 1
  if (metric.ranked !== null && lists * trials.length * codes.length <= mostRanked)
    return judge(byRankings(metric.ranked, truth, trials))
  return judge(asDrawn(measure, trials, codes.length))
}

function numberJudge(metric: NamedMetric, { values: truth }: Numbers, trials: readonly OutOfFold[]): Judge {
  const n = truth.length
  const measure = (trial: number, entries: Int32Array) =>
    metric.ofNumbers({
      truth: valuesAt(truth, entries),
      predicted: valuesAt(trials[trial].values as Float64Array, entries),
    })
  if (squaresOrder(metric)) {
    const squares = ({ values }: OutOfFold, i: number) => square(values[i] - truth[i])
    const terms = termsOf(trials.length, n, (trial, i) => squares(trials[trial], i))
    return { rises: metric.word === 'rmse', scores: bySums(terms), measure }
  }
  if (metric.isMean) return { rises: true, scores: bySums(ofEachRow(measure, trials, n)), measure }
  return { rises: true, scores: asDrawn(measure, trials, n), measure }
}

function codesAt(codes: Int32Array, entries: Int32Array): Int32Array {
  const found = new Int32Array(entries.length)
  for (let i = 0; i < found.length; i++) found[i] = codes[entries[i]]
  return found
}

function rowsOf(values: Float64Array, entries: Int32Array, width: number): Float64Array {
  const found = new Float64Array(entries.length * width)
  for (let i = 0, k = 0; i < entries.length; i++)
    for (let c = 0, from = entries[i] * width; c < width; c++, k++) found[k] = values[from + c]
  return found
}

/** The metric itself, over every row as often as it was drawn. */
function asDrawn(measure: Judge['measure'], trials: readonly OutOfFold[], n: number): Judge['scores'] {
  return (weights, count) => {
    const scores = new Float64Array(count * trials.length)
    for (let b = 0; b < count; b++) {
      const entries: number[] = []
      for (let i = 0; i < n; i++) for (let k = 0; k < weights[b * n + i]; k++) entries.push(i)
      const all = Int32Array.from(entries)
      for (let c = 0; c < trials.length; c++) scores[b * trials.length + c] = measure(c, all)
    }
    return scores
  }
}

/** Trials × rows. */
interface Terms {
  readonly trials: number
  readonly rows: number
  readonly values: Float64Array
}

function termsOf(trials: number, rows: number, term: (trial: number, i: number) => number): Terms {
  const values = new Float64Array(trials * rows)
  for (let c = 0, k = 0; c < trials; c++) for (let i = 0; i < rows; i++, k++) values[k] = term(c, i)
  return { trials, rows, values }
}

function ofEachRow(measure: Judge['measure'], trials: readonly OutOfFold[], rows: number): Terms {
  const entry = new Int32Array(1)
  return termsOf(trials.length, rows, (trial, i) => {
    entry[0] = i
    return measure(trial, entry)
  })
}

/** resampling.as.ts. */
interface Loops {
  sums(w: number, weightings: number, t: number, trials: number, n: number, out: number): void
}

function bySums({ trials, rows, values }: Terms): Judge['scores'] {
  const loops = openWasm<Loops>('#training-kernels/resampling')
  const terms = loops.reserve(8 * values.length)
  loops.f64(terms, values.length).set(values)
  const mark = loops.mark()
  return (weights, count) => {
    loops.release(mark)
    const from = loops.reserve(8 * count * rows)
    const out = loops.reserve(8 * count * trials)
    loops.f64(from, count * rows).set(weights.subarray(0, count * rows))
    loops.sums(from, count, terms, trials, rows, out)
    return loops.f64(out, count * trials).slice()
  }
}

function byCounts(
  ofCounts: (counts: Counts) => number,
  { codes, classes }: Classes,
  trials: readonly OutOfFold[],
): Judge['scores'] {
  const n = codes.length
  const mistakes = trials.map(({ values }) => mistakesOf(codes, values as Int32Array, classes))
  const inTruth = new Float64Array(classes)
  const counts = {
    rows: n,
    inTruth,
    inPredictions: new Float64Array(classes),
    inBoth: new Float64Array(classes),
  }
  const { inPredictions, inBoth } = counts
  return (weights, count) => {
    const scores = new Float64Array(count * trials.length)
    for (let b = 0; b < count; b++) {
      const w = weights.subarray(b * n, (b + 1) * n)
      counts.rows = countTruth(inTruth, codes, w)
      for (let c = 0; c < trials.length; c++) {
        const { rows, ends, truths, predictions } = mistakes[c]
        inPredictions.set(inTruth)
        inBoth.set(inTruth)
        for (let cell = 0, k = 0; cell < ends.length; cell++) {
          let sum = 0
          for (; k < ends[cell]; k++) sum += w[rows[k]]
          inBoth[truths[cell]] -= sum
          inPredictions[truths[cell]] -= sum
          inPredictions[predictions[cell]] += sum
        }
        scores[b * trials.length + c] = ofCounts(counts)
      }
    }
    return scores
  }
}

/** The rows that are predicted wrong, by what they are and what they are taken for. */
interface Mistakes {
  readonly rows: Int32Array
  /** For each pair of classes that is mistaken, where its rows end. */
  readonly ends: Int32Array
  readonly truths: Int32Array
  readonly predictions: Int32Array
}

function mistakesOf(codes: Int32Array, values: Int32Array, classes: number): Mistakes {
  const byPair = new Map<number, number[]>()
  for (let i = 0; i < codes.length; i++) {
    if (values[i] === codes[i]) continue
    const pair = codes[i] * classes + values[i]
    const rows = byPair.get(pair)
    if (rows === undefined) byPair.set(pair, [i])
    else rows.push(i)
  }
  const pairs = [...byPair.keys()]
  let end = 0
  return {
    rows: Int32Array.from(pairs.flatMap((pair) => byPair.get(pair)!)),
    ends: Int32Array.from(pairs, (pair) => (end += byPair.get(pair)!.length)),
    truths: Int32Array.from(pairs, (pair) => Math.floor(pair / classes)),
    predictions: Int32Array.from(pairs, (pair) => pair % classes),
  }
}

/** Writes how many rows each class has; answers how many there are together. */
function countTruth(inTruth: Float64Array, codes: Int32Array, weights: Float64Array): number {
  inTruth.fill(0)
  let all = 0
  for (let i = 0; i < codes.length; i++) {
    inTruth[codes[i]] += weights[i]
    all += weights[i]
  }
  return all
}

function byRankings(
  { ofRanking, weighted, only }: NonNullable<NamedMetric['ranked']>,
  { codes, classes }: Classes,
  trials: readonly OutOfFold[],
): Judge['scores'] {
  const n = codes.length
  const one = only(classes)
  const rankings = trials.map(({ values, probabilities }) => {
    const rows = {
      truth: codes,
      predicted: values as Int32Array,
      classes,
      probabilities: probabilities ?? null,
    }
    const looked = one === null ? Array.from({ length: classes }, (_, c) => c) : [one]
    return looked.map((c) => rankingOf(rows, c))
  })
  const inTruth = new Float64Array(classes)
  return (weights, count) => {
    const scores = new Float64Array(count * trials.length)
    for (let b = 0; b < count; b++) {
      const w = weights.subarray(b * n, (b + 1) * n)
      if (one === null) countTruth(inTruth, codes, w)
      for (let c = 0; c < trials.length; c++) {
        const ofTrial = rankings[c]
        scores[b * trials.length + c] =
          one === null
            ? meanOverClasses(inTruth, (k) => ofRanking(ofTrial[k], w), weighted)
            : ofRanking(ofTrial[0], w)
      }
    }
    return scores
  }
}
