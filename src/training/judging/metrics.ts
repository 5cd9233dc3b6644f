/**
 * How good predictions are. Every metric is finite wherever its inputs are, in degenerate folds too:
 *
 *   accuracy          share of rows predicted right
 *   balancedAccuracy  mean over the classes present in the truth of the share predicted right
 *   macroF1           mean F1 = 2tp/(2tp + fp + fn) over the classes present in the truth or the predictions
 *   logLoss           −mean log p(true class), p clipped to [1e-15, 1 − 1e-15]
 *   rmse, mae         square root of the mean squared, mean absolute error, in units of the target
 *   r2                1 − SSE/SST; where the truth is constant (or one row): 1 if predicted exactly, else 0
 *
 * The definitions are scikit-learn's (metrics/_classification.py, _regression.py), its conventions for degenerate
 * cases included; log loss clips at 1e-15 as it did until 1.2, so that values do not depend on the float type.
 */
import type { Task } from '../../data/index.js'
import { betterSides, type Direction } from '../../values.js'

export interface MetricDescription {
  readonly name: string
  readonly task: Task
  readonly direction: Direction
  readonly needsProbabilities: boolean
  readonly description: string
}

/** What there is to judge a classifier by. Codes index the classes 0 … classes − 1. */
export interface ClassifiedRows {
  readonly truth: Int32Array
  readonly predicted: Int32Array
  readonly classes: number
  /** Rows × classes, row-major; null where the model has none. */
  readonly probabilities: Float64Array | null
}

export interface EstimatedRows {
  readonly truth: Float64Array
  readonly predicted: Float64Array
}

interface ClassificationMetric extends MetricDescription {
  readonly task: 'classification'
  compute(rows: ClassifiedRows): number
}

interface RegressionMetric extends MetricDescription {
  readonly task: 'regression'
  compute(rows: EstimatedRows): number
}

const classification = (
  name: keyof typeof betterSides,
  needsProbabilities: boolean,
  description: string,
  compute: (rows: ClassifiedRows) => number,
): ClassificationMetric => ({
  name,
  task: 'classification',
  direction: betterSides[name],
  needsProbabilities,
  description,
  compute,
})

const regression = (
  name: keyof typeof betterSides,
  description: string,
  compute: (rows: EstimatedRows) => number,
): RegressionMetric => ({
  name,
  task: 'regression',
  direction: betterSides[name],
  needsProbabilities: false,
  description,
  compute,
})

/** Every metric of either task. */
const registry: readonly (ClassificationMetric | RegressionMetric)[] = [
  classification('accuracy', false, 'share of rows predicted right', accuracy),
  classification(
    'balancedAccuracy',
    false,
    'mean over classes of the share of their rows predicted right',
    balancedAccuracy,
  ),
  classification('macroF1', false, 'mean over classes of F1', macroF1),
  classification(
    'logLoss',
    true,
    'mean of −log of the probability given to the true class, clipped at 1e-15',
    logLoss,
  ),
  regression('rmse', 'root mean squared error, in units of the target', rmse),
  regression('mae', 'mean absolute error, in units of the target', mae),
  regression('r2', 'share of the variance explained; 0 is the mean, 1 is perfect', r2),
]

/** The metrics of a task (or of both), the usual objective first. */
export function metricsFor(task?: Task): readonly MetricDescription[] {
  return registry
    .filter((metric) => task === undefined || metric.task === task)
    .map(({ name, task: of, direction, needsProbabilities, description }) => ({
      name,
      task: of,
      direction,
      needsProbabilities,
      description,
    }))
}

/** The least and the greatest value that a metric can have. */
export function rangeOf(metric: string): readonly [low: number, high: number] {
  const side = registry.find(({ name }) => name === metric)?.direction
  if (side === 'minimize') return [0, Number.POSITIVE_INFINITY]
  return [metric === 'r2' ? Number.NEGATIVE_INFINITY : 0, 1]
}

/** Every metric that can be computed for these rows. At least one row. */
export function classificationMetrics(rows: ClassifiedRows): Record<string, number> {
  const metrics: Record<string, number> = {}
  for (const metric of registry) {
    if (metric.task === 'classification' && (rows.probabilities !== null || !metric.needsProbabilities)) {
      metrics[metric.name] = metric.compute(rows)
    }
  }
  return metrics
}

/** Every regression metric. At least one row. */
export function regressionMetrics(rows: EstimatedRows): Record<string, number> {
  const metrics: Record<string, number> = {}
  for (const metric of registry) if (metric.task === 'regression') metrics[metric.name] = metric.compute(rows)
  return metrics
}

export function accuracy({ truth, predicted }: ClassifiedRows): number {
  let right = 0
  for (let i = 0; i < truth.length; i++) if (truth[i] === predicted[i]) right++
  return right / truth.length
}

/** Rows of each class in the truth, in the predictions, and in both at once. */
function counts({ truth, predicted, classes }: ClassifiedRows) {
  const inTruth = new Int32Array(classes)
  const inPredictions = new Int32Array(classes)
  const inBoth = new Int32Array(classes)
  for (let i = 0; i < truth.length; i++) {
    inTruth[truth[i]]++
    inPredictions[predicted[i]]++
    if (truth[i] === predicted[i]) inBoth[truth[i]]++
  }
  return { inTruth, inPredictions, inBoth }
}

export function balancedAccuracy(rows: ClassifiedRows): number {
  const { inTruth, inBoth } = counts(rows)
  let sum = 0
  let present = 0
  for (let c = 0; c < rows.classes; c++) {
    if (inTruth[c] === 0) continue
    sum += inBoth[c] / inTruth[c]
    present++
  }
  return sum / present
}

export function macroF1(rows: ClassifiedRows): number {
  const { inTruth, inPredictions, inBoth } = counts(rows)
  let sum = 0
  let present = 0
  for (let c = 0; c < rows.classes; c++) {
    const size = inTruth[c] + inPredictions[c]
    if (size === 0) continue
    sum += (2 * inBoth[c]) / size
    present++
  }
  return sum / present
}

export function logLoss({ truth, classes, probabilities }: ClassifiedRows): number {
  const smallest = 1e-15
  let sum = 0
  for (let i = 0; i < truth.length; i++) {
    const p = probabilities![i * classes + truth[i]]
    sum -= Math.log(Math.min(Math.max(p, smallest), 1 - smallest))
  }
  return sum / truth.length
}

export function rmse({ truth, predicted }: EstimatedRows): number {
  let sum = 0
  for (let i = 0; i < truth.length; i++) sum += (truth[i] - predicted[i]) ** 2
  return Math.sqrt(sum / truth.length)
}

export function mae({ truth, predicted }: EstimatedRows): number {
  let sum = 0
  for (let i = 0; i < truth.length; i++) sum += Math.abs(truth[i] - predicted[i])
  return sum / truth.length
}

export function r2({ truth, predicted }: EstimatedRows): number {
  let mean = 0
  let constant = true
  for (let i = 0; i < truth.length; i++) {
    mean += truth[i] / truth.length
    if (truth[i] !== truth[0]) constant = false
  }
  let errors = 0
  let spread = 0
  for (let i = 0; i < truth.length; i++) {
    errors += (truth[i] - predicted[i]) ** 2
    spread += (truth[i] - mean) ** 2
  }
  // Rounding can leave a spread of 1e-30 where the truth is constant: the test is on the values themselves.
  if (constant || spread === 0) return errors === 0 ? 1 : 0
  return 1 - errors / spread
}
