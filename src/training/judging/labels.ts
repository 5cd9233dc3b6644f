/**
 * Metrics of predicted labels. All are functions of how many rows each class has in the truth, in the predictions, and in both.
 *
 * Notation: n = rows, t_c, p_c, b_c = rows of class c in the truth, in the predictions, in both; for a class c
 *   precision_c = b_c/p_c,  recall_c = b_c/t_c,  F1_c = 2b_c/(t_c + p_c), each 0 where there is nothing to divide by
 *   macro     mean over the classes present in the truth or the predictions
 *   weighted  mean over the classes of the truth, each with the weight t_c/n
 *   micro     over all classes at once; where every row has one label that is the share of rows predicted right
 *
 * The definitions, and the conventions where a class is missing, are scikit-learn's (metrics/_classification.py).
 */
import type { ClassifiedRows } from './metric-types.js'

export interface Counts {
  readonly rows: number
  readonly inTruth: Float64Array
  readonly inPredictions: Float64Array
  readonly inBoth: Float64Array
}

export function countsOf({
  truth,
  predicted,
  classes,
}: Pick<ClassifiedRows, 'truth' | 'predicted' | 'classes'>): Counts {
  const inTruth = new Float64Array(classes)
  const inPredictions = new Float64Array(classes)
  const inBoth = new Float64Array(classes)
  for (let i = 0; i < truth.length; i++) {
    inTruth[truth[i]]++
    inPredictions[predicted[i]]++
    if (truth[i] === predicted[i]) inBoth[truth[i]]++
  }
  return { rows: truth.length, inTruth, inPredictions, inBoth }
}

/** Share of rows predicted right. */
export function accuracy({ rows, inBoth }: Counts): number {
  return sum(inBoth) / rows
}

/** Mean of the recalls of the classes present in the truth. */
export function balancedAccuracy({ inTruth, inBoth }: Counts): number {
  let of = 0
  let present = 0
  for (let c = 0; c < inTruth.length; c++) {
    if (inTruth[c] === 0) continue
    of += inBoth[c] / inTruth[c]
    present++
  }
  return of / present
}

/** What is worked out class by class, and then averaged. */
export type OfClass = (counts: Counts, c: number) => number

export const precision: OfClass = ({ inPredictions, inBoth }, c) => share(inBoth[c], inPredictions[c])
export const recall: OfClass = ({ inTruth, inBoth }, c) => share(inBoth[c], inTruth[c])
export const f1: OfClass = ({ inTruth, inPredictions, inBoth }, c) =>
  share(2 * inBoth[c], inTruth[c] + inPredictions[c])

export function macro(ofClass: OfClass): (counts: Counts) => number {
  return (counts) => {
    let of = 0
    let present = 0
    for (let c = 0; c < counts.inTruth.length; c++) {
      if (counts.inTruth[c] + counts.inPredictions[c] === 0) continue
      of += ofClass(counts, c)
      present++
    }
    return of / present
  }
}

export function weighted(ofClass: OfClass): (counts: Counts) => number {
  return (counts) => {
    let of = 0
    for (let c = 0; c < counts.inTruth.length; c++)
      if (counts.inTruth[c] > 0) of += counts.inTruth[c] * ofClass(counts, c)
    return of / counts.rows
  }
}

/**
 * Matthews' correlation coefficient, for any number of classes: (n Σb − Σ t p)/√((n² − Σp²)(n² − Σt²)); 0 where one of them has a
 * single class. Source: Gorodkin, Comparing two K-category assignments by a K-category correlation coefficient, Computational Biology
 * and Chemistry 28 (2004).
 */
export function matthews({ rows, inTruth, inPredictions, inBoth }: Counts): number {
  const together = rows * sum(inBoth) - dot(inTruth, inPredictions)
  const apart = (rows * rows - dot(inPredictions, inPredictions)) * (rows * rows - dot(inTruth, inTruth))
  return apart === 0 ? 0 : together / Math.sqrt(apart)
}

/**
 * Cohen's kappa: (p_o − p_e)/(1 − p_e) with the agreement found, p_o = Σb/n, and the one expected by chance, p_e = Σ t p/n²; 0 where
 * truth and predictions are one class alone, which agree by chance. Source: Cohen, A coefficient of agreement for nominal scales,
 * Educational and Psychological Measurement 20 (1960).
 */
export function kappa({ rows, inTruth, inPredictions, inBoth }: Counts): number {
  const found = sum(inBoth) / rows
  const expected = dot(inTruth, inPredictions) / (rows * rows)
  return expected === 1 ? 0 : (found - expected) / (1 - expected)
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

function sum(values: Float64Array): number {
  let total = 0
  for (const value of values) total += value
  return total
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0
  for (let i = 0; i < a.length; i++) total += a[i] * b[i]
  return total
}
