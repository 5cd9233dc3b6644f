/**
 * From which probability on the positive of two classes is answered: where a metric of labels is best on out-of-fold predictions.
 *
 * Between two neighbouring probabilities p < q every threshold gives the same labels, and their middle is taken; 0 answers the
 * positive class always. Of equally good ones the one nearest to one half is taken, then the lower. One pass down the sorted
 * probabilities: each moves some rows from one label to the other.
 */
import type { OutOfFold } from './bias-types.js'
import type { NamedMetric } from './metrics.js'

export interface Threshold {
  /** The positive class is answered where its probability is this or more. */
  readonly value: number
  /** The metric with it, and with the labels as the models answered them. */
  readonly score: number
  readonly before: number
}

/** `positive`: the code of the class. null where predictions have no probabilities. */
export function bestThreshold(
  metric: NamedMetric,
  truth: Int32Array,
  { values, probabilities }: OutOfFold,
  positive: number,
): Threshold | null {
  if (metric.ofCounts === null || probabilities?.length !== 2 * truth.length) return null
  const negative = 1 - positive
  const p = Float64Array.from(truth, (_, i) => probabilities[2 * i + positive])
  const order = Array.from(truth.keys()).sort((a, b) => p[b] - p[a] || a - b)
  const counts = {
    rows: truth.length,
    inTruth: new Float64Array(2),
    inPredictions: new Float64Array(2),
    inBoth: new Float64Array(2),
  }
  for (const code of truth) counts.inTruth[code]++
  counts.inPredictions[negative] = truth.length
  counts.inBoth[negative] = counts.inTruth[negative]

  const sign = metric.direction === 'maximize' ? 1 : -1
  let best: { value: number; score: number } | null = null
  const offer = (value: number) => {
    const score = metric.ofCounts!(counts)
    const gain = best === null ? 1 : sign * (score - best.score)
    const nearer =
      best === null ||
      Math.abs(value - 0.5) < Math.abs(best.value - 0.5) ||
      (Math.abs(value - 0.5) === Math.abs(best.value - 0.5) && value < best.value)
    if (gain > 0 || (gain === 0 && nearer)) best = { value, score }
  }
  if (p[order[0]] < 1) offer(between(p[order[0]], 1))
  for (let at = 0; at < order.length; ) {
    const score = p[order[at]]
    for (; at < order.length && p[order[at]] === score; at++) {
      counts.inPredictions[positive]++
      counts.inPredictions[negative]--
      if (truth[order[at]] === positive) counts.inBoth[positive]++
      else counts.inBoth[negative]--
    }
    offer(at === order.length ? 0 : between(p[order[at]], score))
  }
  const predicted = Int32Array.from(values)
  const before = metric.ofClasses({ truth, predicted, classes: 2, probabilities })
  return { ...best!, before }
}

/** The middle; the upper one where no number is between them, as the lower must stay below. */
function between(lower: number, upper: number): number {
  const middle = (lower + upper) / 2
  return middle > lower ? middle : upper
}
