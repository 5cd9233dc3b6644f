/**
 * What trainers, models and objectives give back, checked: predictions of the right kind and number, metrics that
 * are numbers. Whatever is wrong is a FitFailure that says where; a metric that is not finite is set apart, because
 * only the objective decides whether a trial has failed.
 */
import { type Dataset, rowsAsWritten, type Table } from '../../data/index.js'
import { isJsonObject, type Metrics } from '../../values.js'
import { FitFailure } from '../failures.js'
import type { Model, Predictions } from '../types.js'
import { classificationMetrics, type NamedMetric, regressionMetrics } from './metrics.js'
import type { OwnMetric } from './own-metric.js'

/** Metrics by name: those that can stand on record, and those that are not finite (null as JSON writes NaN). */
export interface Measured {
  readonly metrics: Metrics
  readonly notFinite: ReadonlyMap<string, number | null>
}

export interface Judged extends Measured {
  /** Class codes or numbers, one a row. */
  readonly values: Float64Array
  /** Rows × classes, in the order of the data set's classes. */
  readonly probabilities: Float64Array | null
}

/** Predicts the rows of `data`, and compares with its target by these metrics. */
export function judge(model: Model, data: Dataset, metrics: readonly NamedMetric[]): Judged {
  const { target, columns, index, rows: count } = data
  // Without the target: a model must not be able to look at it.
  const features: Table = { columns, index, rows: count }
  if (target.kind === 'numbers') {
    const predicted = checkNumbers(model.predict(features), count)
    const truth = Float64Array.from(index, (row) => target.values[row])
    const measured = checkMetrics(regressionMetrics({ truth, predicted }, metrics), 'the predictions')
    return { ...measured, values: predicted, probabilities: null }
  }
  const { classes } = target
  const both = model.predictBoth?.(features)
  const predicted = checkLabels(both?.labels ?? model.predict(features), count, classes)
  const found = both?.probabilities ?? model.predictProbability?.(features)
  const probabilities = found === undefined ? null : checkProbabilities(found, count, classes)
  const truth = Int32Array.from(index, (row) => target.codes[row])
  const rows = { truth, predicted, classes: classes.length, probabilities }
  return {
    ...checkMetrics(classificationMetrics(rows, metrics), 'the predictions'),
    values: Float64Array.from(predicted),
    probabilities,
  }
}

function checkLength(found: Predictions, rows: number, what: string): void {
  const length: unknown = (found as { length?: unknown } | null | undefined)?.length
  if (length === rows) return
  throw new FitFailure(
    'RESULT_INVALID',
    `predict must return ${what}, one for each of the ${rows} rows (got ${typeof length === 'number' ? `${length} of them` : typeof found})`,
  )
}

function checkNumbers(found: Predictions, rows: number): Float64Array {
  checkLength(found, rows, 'numbers')
  const bad = Array.prototype.findIndex.call(found, (value) => !Number.isFinite(value))
  if (bad !== -1) {
    throw new FitFailure(
      'RESULT_INVALID',
      `predictions are finite numbers, and that of row ${bad} is ${found[bad]}`,
    )
  }
  return Float64Array.from(found as Float64Array)
}

function checkLabels(found: Predictions, rows: number, classes: readonly string[]): Int32Array {
  checkLength(found, rows, 'labels')
  const codes = new Map(classes.map((name, code) => [name, code]))
  return Int32Array.from({ length: rows }, (_, i) => {
    const code = codes.get(found[i] as string)
    if (code !== undefined) return code
    throw new FitFailure(
      'RESULT_INVALID',
      `predictions are classes of the target (${classes.slice(0, 10).join(', ')}), and that of row ${i} is ${JSON.stringify(found[i]) ?? String(found[i])}`,
    )
  })
}

/** In the order of the data set's classes; a class the model does not know has probability 0. */
function checkProbabilities(
  found: { readonly classes: readonly string[]; readonly values: Float64Array },
  rows: number,
  classes: readonly string[],
): Float64Array {
  const width = found.classes?.length
  if (found.values?.length !== rows * width) {
    throw new FitFailure(
      'RESULT_INVALID',
      `predictProbability must return { classes, values } with rows × classes values (${rows} × ${width}; got ${found.values?.length})`,
    )
  }
  const bad = found.values.findIndex((value) => !(value >= 0 && value <= 1 + 1e-9))
  if (bad !== -1) {
    throw new FitFailure(
      'RESULT_INVALID',
      `probabilities are numbers from 0 to 1, and row ${Math.floor(bad / width)} has ${found.values[bad]}`,
    )
  }
  const values = new Float64Array(rows * classes.length)
  found.classes.forEach((name, from) => {
    const to = classes.indexOf(name)
    if (to === -1)
      throw new FitFailure('RESULT_INVALID', `predictProbability names the class "${name}", which is none`)
    for (let i = 0; i < rows; i++) values[i * classes.length + to] = found.values[i * width + from]
  })
  return values
}

/** Metrics by name, the finite ones and the others; `where` says whose they are. */
export function checkMetrics(found: unknown, where: string): Measured {
  if (!isJsonObject(found)) {
    throw new FitFailure(
      'RESULT_INVALID',
      `metrics are numbers by name, and ${where} gave ${describe(found)}`,
    )
  }
  const metrics: Record<string, number> = Object.create(null)
  const notFinite = new Map<string, number | null>()
  for (const [name, value] of Object.entries(found)) {
    if (typeof value !== 'number' && value !== null) {
      throw new FitFailure(
        'RESULT_INVALID',
        `a metric is a number, and ${where} gave "${name}" as ${describe(value)}`,
      )
    }
    if (Number.isFinite(value)) metrics[name] = value as number
    else notFinite.set(name, value)
  }
  return { metrics: { ...metrics }, notFinite }
}

/** Throws METRIC_NOT_FINITE where the objective's metric is among those that are not; `why`: when it is not, where that is known. */
export function mustBeFinite(
  metric: string,
  { notFinite }: Measured,
  where: string,
  why: string | null = null,
): void {
  if (!notFinite.has(metric)) return
  const value = notFinite.get(metric)
  throw new FitFailure(
    'METRIC_NOT_FINITE',
    `an objective's metric is finite, and ${where} gave "${metric}" as ${value}${why === null ? '' : `: ${why}`}`,
  )
}

/** The metrics of somebody's own. What they throw is told by whoever guards them. */
export async function judgeOwn(
  own: readonly (OwnMetric & { readonly name: string })[],
  data: Dataset,
  { values, probabilities }: Pick<Judged, 'values' | 'probabilities'>,
  guard: (name: string, measure: () => number) => Promise<number>,
): Promise<Measured> {
  const found: Record<string, unknown> = {}
  for (const { name, measure } of own) {
    // Each its own: what one of them changes is no other's.
    const given = ownInput(data, values, probabilities)
    found[name] = await guard(name, () =>
      measure(given.truth, given.predicted, given.probabilities, given.rows),
    )
  }
  return checkMetrics(found, 'a metric of your own')
}

/** What a metric of one's own is given. */
export function ownInput(
  { target, columns, index }: Dataset,
  values: Float64Array,
  probabilities: Float64Array | null,
) {
  const rows = rowsAsWritten({ columns, index })
  if (target.kind === 'numbers') {
    const truth = Array.from(index, (row) => target.values[row])
    return { truth, predicted: Array.from(values), probabilities: null, rows }
  }
  const { classes, codes } = target
  const width = classes.length
  return {
    truth: Array.from(index, (row) => classes[codes[row]]),
    predicted: Array.from(values, (code) => classes[code]),
    probabilities:
      probabilities &&
      Array.from(index, (_, i) =>
        Object.fromEntries(classes.map((name, c) => [name, probabilities[i * width + c]])),
      ),
    rows,
  }
}

/** What an objective returned, as metrics: a plain number is the objective's metric. */
export function objectiveMetrics(found: unknown, objectiveMetric: string): Measured {
  const where = 'the objective'
  if (typeof found !== 'number' && !isJsonObject(found)) {
    throw new FitFailure(
      'RESULT_INVALID',
      `an objective returns a number, or metrics by name, and this one returned ${describe(found)}`,
    )
  }
  const measured = checkMetrics(
    typeof found === 'number' ? { [objectiveMetric]: found } : { ...found },
    where,
  )
  mustBeFinite(objectiveMetric, measured, where)
  if (!Object.hasOwn(measured.metrics, objectiveMetric)) {
    const names = Object.keys(measured.metrics)
    throw new FitFailure(
      'RESULT_INVALID',
      `an objective's metrics have the sweep's metric "${objectiveMetric}" among them, and these are ${names.length === 0 ? 'none' : names.join(', ')}`,
    )
  }
  return measured
}

function describe(value: unknown): string {
  if (value === undefined || typeof value === 'function')
    return typeof value === 'function' ? 'a function' : 'nothing'
  const text = typeof value === 'bigint' ? `${value}n` : (jsonText(value) ?? String(value))
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/** null where it has none, as what holds itself. */
function jsonText(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? null
  } catch {
    return null
  }
}
