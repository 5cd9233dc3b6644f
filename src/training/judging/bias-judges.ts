/**
 * How trials compare on resampled rows, and what one of them is worth on a selection of rows.
 *
 * Notation: w_i = how often row i was drawn, t_ci = what row i adds to the score of trial c. These metrics order the trials as
 * Σ_i a_i t_ci does: one pass over N numbers a trial and resample.
 *
 *   accuracy          t = 1 where right, a = w
 *   balancedAccuracy  t = 1 where right, a = w over the drawn rows of the row's class
 *   logLoss           t = −log p(true class), a = w
 *   rmse, r2          t = squared error, a = w: r2 falls where it rises, because the truth is the same for all trials
 *   mae               t = absolute error, a = w
 *
 * macroF1 is counted over rows that weigh w. Every other metric is worked out on the rows as they were drawn, which takes tens of
 * times as long.
 *
 * The metric itself is computed by the functions every fold is measured with.
 */
import type { OutOfFold, Truth } from './bias-types.js'
import type { NamedMetric } from './metrics.js'
import { square } from './numbers.js'
import { logLoss } from './probabilities.js'

export interface Judge {
  /** Whether the metric rises with the score. */
  readonly rises: boolean
  /** For the weights of the rows, the score of each trial. */
  score(weights: Float64Array): (trial: number) => number
  /** The metric of a trial over these entries. */
  measure(trial: number, entries: Int32Array): number
}

/** How much longer a judge takes than one that goes by sums. */
export function slownessOf({ word }: NamedMetric): number {
  return bySums.has(word) ? 1 : 50
}

const bySums = new Set(['accuracy', 'balancedAccuracy', 'macroF1', 'logLoss', 'rmse', 'mae', 'r2'])

export function judgeOf(metric: NamedMetric, truth: Truth, trials: readonly OutOfFold[]): Judge {
  return truth.kind === 'classes' ? classJudge(metric, truth, trials) : numberJudge(metric, truth, trials)
}

function classJudge(
  metric: NamedMetric,
  truth: Truth & { kind: 'classes' },
  trials: readonly OutOfFold[],
): Judge {
  const { codes, classes } = truth
  const right = () => terms(trials, ({ values }, i) => (values[i] === codes[i] ? 1 : 0))
  const measure = (trial: number, entries: Int32Array) => {
    const { values, probabilities } = trials[trial]
    return metric.ofClasses({
      truth: Int32Array.from(entries, (i) => codes[i]),
      predicted: Int32Array.from(entries, (i) => values[i]),
      classes,
      probabilities:
        (metric.needsProbabilities && probabilities && rowsOf(probabilities, entries, classes)) || null,
    })
  }
  switch (metric.word) {
    case 'accuracy':
      return { rises: true, score: sums(right()), measure }
    case 'balancedAccuracy':
      return { rises: true, score: sums(right(), overClass(truth)), measure }
    case 'macroF1':
      return { rises: true, score: macroF1Scores(truth, trials), measure }
    case 'logLoss': {
      // One class alone, the true one: the metric looks at no other probability.
      const lossOver = (trial: number, entries: ArrayLike<number>) =>
        logLoss({
          truth: new Int32Array(entries.length),
          predicted: new Int32Array(entries.length),
          classes: 1,
          probabilities: Float64Array.from(entries, (i) => trials[trial].trueProbability![i]),
        })
      const loss = trials.map((_, trial) => Float64Array.from(codes, (_, i) => lossOver(trial, [i])))
      return { rises: true, score: sums(loss), measure: lossOver }
    }
    default:
      return { rises: true, score: drawn(measure), measure }
  }
}

function numberJudge(
  metric: NamedMetric,
  { values: truth }: Truth & { kind: 'numbers' },
  trials: readonly OutOfFold[],
): Judge {
  const measure = (trial: number, entries: Int32Array) => {
    const { values } = trials[trial]
    return metric.ofNumbers({
      truth: Float64Array.from(entries, (i) => truth[i]),
      predicted: Float64Array.from(entries, (i) => values[i]),
    })
  }
  const squares = () => terms(trials, ({ values }, i) => square(values[i] - truth[i]))
  switch (metric.word) {
    case 'rmse':
      return { rises: true, score: sums(squares()), measure }
    case 'r2':
      return { rises: false, score: sums(squares()), measure }
    case 'mae': {
      const errors = terms(trials, ({ values }, i) => Math.abs(values[i] - truth[i]))
      return { rises: true, score: sums(errors), measure }
    }
    default:
      return { rises: true, score: drawn(measure), measure }
  }
}

/** The metric itself, over every row as often as it was drawn. */
function drawn(measure: Judge['measure']): Judge['score'] {
  return (weights) => {
    const entries: number[] = []
    for (let i = 0; i < weights.length; i++) for (let k = 0; k < weights[i]; k++) entries.push(i)
    const all = Int32Array.from(entries)
    return (trial) => measure(trial, all)
  }
}

function rowsOf(values: Float64Array, entries: Int32Array, width: number): Float64Array {
  const chosen = new Float64Array(entries.length * width)
  entries.forEach((i, at) => {
    chosen.set(values.subarray(i * width, (i + 1) * width), at * width)
  })
  return chosen
}

function terms(trials: readonly OutOfFold[], term: (trial: OutOfFold, i: number) => number): Float64Array[] {
  return trials.map((trial) => {
    const ofTrial = new Float64Array(trial.values.length)
    for (let i = 0; i < ofTrial.length; i++) ofTrial[i] = term(trial, i)
    return ofTrial
  })
}

/** Σ_i a_i t_i for each trial, a being the weights, or what `weigh` makes of them. */
function sums(
  t: readonly Float64Array[],
  weigh: (weights: Float64Array) => Float64Array = (weights) => weights,
): Judge['score'] {
  return (weights) => {
    const a = weigh(weights)
    return (trial) => dot(a, t[trial])
  }
}

/** Four sums at once: an addition need not wait for the one before. */
function dot(a: Float64Array, b: Float64Array): number {
  const n = a.length
  const whole = n - (n % 4)
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  for (let i = 0; i < whole; i += 4) {
    s0 += a[i] * b[i]
    s1 += a[i + 1] * b[i + 1]
    s2 += a[i + 2] * b[i + 2]
    s3 += a[i + 3] * b[i + 3]
  }
  for (let i = whole; i < n; i++) s0 += a[i] * b[i]
  return s0 + s1 + (s2 + s3)
}

/** Each weight over the sum of the weights of its class. */
function overClass({ codes, classes }: Truth & { kind: 'classes' }): (weights: Float64Array) => Float64Array {
  const inClass = new Float64Array(classes)
  const shared = new Float64Array(codes.length)
  return (weights) => {
    inClass.fill(0)
    for (let i = 0; i < codes.length; i++) inClass[codes[i]] += weights[i]
    for (let i = 0; i < codes.length; i++) shared[i] = weights[i] === 0 ? 0 : weights[i] / inClass[codes[i]]
    return shared
  }
}

/** macroF1 itself, over rows that count as often as they were drawn. */
function macroF1Scores(
  { codes, classes }: Truth & { kind: 'classes' },
  trials: readonly OutOfFold[],
): Judge['score'] {
  // One count a row: of its predicted class, where right in the second half.
  const places = trials.map(({ values }) =>
    Int32Array.from(codes, (code, i) => (values[i] === code ? classes + code : values[i])),
  )
  const inTruth = new Float64Array(classes)
  const counts = new Float64Array(2 * classes)
  return (weights) => {
    inTruth.fill(0)
    for (let i = 0; i < codes.length; i++) inTruth[codes[i]] += weights[i]
    return (trial) => {
      const place = places[trial]
      counts.fill(0)
      for (let i = 0; i < place.length; i++) counts[place[i]] += weights[i]
      let sum = 0
      let present = 0
      for (let c = 0; c < classes; c++) {
        const right = counts[classes + c]
        const size = inTruth[c] + counts[c] + right
        if (size === 0) continue
        sum += (2 * right) / size
        present++
      }
      return sum / present
    }
  }
}
