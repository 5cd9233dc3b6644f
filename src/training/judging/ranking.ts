/**
 * Metrics of the order in which probabilities put rows.
 *
 * Notation: P, N = the scores of the rows of a class, and of the others, each sorted.
 *   AUC  the share of pairs (row of the class, other row) in which the first has the higher score, ties counting half
 *        (Hanley, McNeil, The meaning and use of the area under a receiver operating characteristic curve, Radiology 143, 1982)
 *   AP   Σ_k (R_k − R_{k−1}) Π_k over the distinct scores from the highest down, Π_k and R_k being precision and recall of the rows
 *        with that score or more (scikit-learn's average_precision_score: no interpolation)
 * One against the rest: of each class, rows of the class against all others. One against one: of each pair of classes a, b, the
 * mean of AUC(a against b) by the probability of a and AUC(b against a) by that of b (Hand, Till, A simple generalisation of the area
 * under the ROC curve for multiple class classification problems, Machine Learning 45, 2001).
 *
 * A class that has no rows in the truth, or all of them, has no AUC, and is left out of a mean; NaN where nothing is left. Sorted
 * halves are merged, which costs n log n with the sort of typed arrays and no comparisons by function.
 */
import type { ClassifiedRows } from './metric-types.js'

/** By the probability of one class. NaN where the truth has rows of it alone, or none. */
export function rocAucOfClass(rows: ClassifiedRows, c: number): number {
  const [of, others] = scores(rows, c)
  return areaBetween(of, others)
}

/** NaN where the truth has no row of the class. */
export function averagePrecisionOfClass(rows: ClassifiedRows, c: number): number {
  const [of, others] = scores(rows, c)
  return averagePrecisionBetween(of, others)
}

/** Mean over classes; `weighted`: each with the share of rows it has in the truth. */
export function overClasses(
  ofClass: (rows: ClassifiedRows, c: number) => number,
  weighted: boolean,
): (rows: ClassifiedRows) => number {
  return (rows) => {
    const inTruth = new Float64Array(rows.classes)
    for (const code of rows.truth) inTruth[code]++
    return meanOverClasses(inTruth, (c) => ofClass(rows, c), weighted)
  }
}

/** The same, where it is known how many rows of each class there are in the truth. */
export function meanOverClasses(
  inTruth: Float64Array,
  ofClass: (c: number) => number,
  weighted: boolean,
): number {
  let sum = 0
  let weights = 0
  for (let c = 0; c < inTruth.length; c++) {
    if (inTruth[c] === 0) continue
    const found = ofClass(c)
    if (Number.isNaN(found)) continue
    const weight = weighted ? inTruth[c] : 1
    sum += weight * found
    weights += weight
  }
  return weights === 0 ? Number.NaN : sum / weights
}

/** Rows in the order of the probability of one class: found once, for many weightings of the rows. */
export interface Ranking {
  /** The rows of lowest probability first. */
  readonly order: Int32Array
  /** By place in the order: 1 where the row is of the class. */
  readonly isOf: Uint8Array
  /** 1 where the next row has a higher probability. */
  readonly isLast: Uint8Array
}

export function rankingOf({ truth, probabilities, classes }: ClassifiedRows, c: number): Ranking {
  const n = truth.length
  const scores = new Float64Array(n)
  for (let i = 0; i < n; i++) scores[i] = probabilities![i * classes + c]
  const order = new Int32Array(n)
  for (let i = 0; i < n; i++) order[i] = i
  order.sort((a, b) => scores[a] - scores[b])
  const isOf = new Uint8Array(n)
  const isLast = new Uint8Array(n)
  for (let k = 0; k < n; k++) {
    isOf[k] = truth[order[k]] === c ? 1 : 0
    isLast[k] = k + 1 === n || scores[order[k + 1]] !== scores[order[k]] ? 1 : 0
  }
  return { order, isOf, isLast }
}

/** A metric of one class over rows that count as often as their weights say, whole numbers: the same bits as over the rows written out. */
export type OfRanking = (ranking: Ranking, weights: Float64Array) => number

export const rocAucOfRanking: OfRanking = ({ order, isOf, isLast }, weights) => {
  let below = 0
  let ofAll = 0
  let sum = 0
  let of = 0
  let others = 0
  for (let k = 0; k < order.length; k++) {
    const weight = weights[order[k]]
    if (isOf[k] === 1) of += weight
    else others += weight
    if (isLast[k] === 0) continue
    sum += of * (below + others / 2)
    below += others
    ofAll += of
    of = 0
    others = 0
  }
  return ofAll === 0 || below === 0 ? Number.NaN : sum / (ofAll * below)
}

export const averagePrecisionOfRanking: OfRanking = ({ order, isOf, isLast }, weights) => {
  let found = 0
  let foundOthers = 0
  let sum = 0
  for (let k = order.length - 1; k >= 0; ) {
    let equal = 0
    do {
      const weight = weights[order[k]]
      if (isOf[k] === 1) equal += weight
      else foundOthers += weight
      k--
    } while (k >= 0 && isLast[k] === 0)
    if (equal === 0) continue
    found += equal
    sum += (equal * found) / (found + foundOthers)
  }
  return found === 0 ? Number.NaN : sum / found
}

/** Mean over pairs of classes; `weighted`: each with the share of rows it has. NaN where the truth has one class alone. */
export function rocAucOvo(weighted: boolean): (rows: ClassifiedRows) => number {
  return ({ truth, probabilities, classes }) => {
    const inTruth = new Int32Array(classes)
    for (const code of truth) inTruth[code]++
    const present = Array.from(inTruth.keys()).filter((c) => inTruth[c] > 0)
    // sorted[a][b]: the probabilities of a that the rows of b have.
    const sorted = present.map((a) => {
      const ofRows = present.map((b) => new Float64Array(inTruth[b]))
      const place = new Int32Array(classes).fill(-1)
      present.forEach((b, at) => {
        place[b] = at
      })
      const filled = new Int32Array(present.length)
      for (let i = 0; i < truth.length; i++) {
        const b = place[truth[i]]
        ofRows[b][filled[b]++] = probabilities![i * classes + a]
      }
      for (const values of ofRows) values.sort()
      return ofRows
    })
    let sum = 0
    let weights = 0
    for (let a = 0; a < present.length; a++) {
      for (let b = a + 1; b < present.length; b++) {
        const both = (areaBetween(sorted[a][a], sorted[a][b]) + areaBetween(sorted[b][b], sorted[b][a])) / 2
        const weight = weighted ? inTruth[present[a]] + inTruth[present[b]] : 1
        sum += weight * both
        weights += weight
      }
    }
    return weights === 0 ? Number.NaN : sum / weights
  }
}

/** The scores of the rows of a class, and of the others, sorted. */
function scores({ truth, probabilities, classes }: ClassifiedRows, c: number): [Float64Array, Float64Array] {
  let count = 0
  for (const code of truth) if (code === c) count++
  const of = new Float64Array(count)
  const others = new Float64Array(truth.length - count)
  let i = 0
  let j = 0
  for (let row = 0; row < truth.length; row++) {
    const p = probabilities![row * classes + c]
    if (truth[row] === c) of[i++] = p
    else others[j++] = p
  }
  return [of.sort(), others.sort()]
}

function areaBetween(of: Float64Array, others: Float64Array): number {
  if (of.length === 0 || others.length === 0) return Number.NaN
  let below = 0
  let upTo = 0
  let sum = 0
  for (const score of of) {
    while (below < others.length && others[below] < score) below++
    if (upTo < below) upTo = below
    while (upTo < others.length && others[upTo] <= score) upTo++
    sum += (below + upTo) / 2
  }
  return sum / (of.length * others.length)
}

function averagePrecisionBetween(of: Float64Array, others: Float64Array): number {
  if (of.length === 0) return Number.NaN
  let sum = 0
  let j = others.length
  for (let i = of.length; i > 0; ) {
    const score = of[i - 1]
    let equal = 0
    while (i > 0 && of[i - 1] === score) {
      i--
      equal++
    }
    while (j > 0 && others[j - 1] >= score) j--
    const found = of.length - i
    sum += (equal * found) / (found + others.length - j)
  }
  return sum / of.length
}
