/**
 * The plain-JSON words every room speaks. Like errors.ts this file belongs to no room and imports nothing,
 * because `training` and `tracking` speak of params without knowing the search space.
 */

/** What JSON can hold without brackets. */
export type JsonScalar = string | number | boolean | null
/** What JSON can hold; in records numbers are finite. */
export type JsonValue = JsonScalar | readonly JsonValue[] | { readonly [key: string]: JsonValue }
/** A JSON object. */
export type JsonObject = { [key: string]: JsonValue }

/** Encodings of data files in text. */
export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'latin1', 'windows-1252'] as const
export type Encoding = (typeof encodings)[number]

/** Marks that can stand between the thousands of numbers. */
export const thousandsMarks = ['.', ',', ' ', "'", '_'] as const
export type ThousandsMark = (typeof thousandsMarks)[number]

/** What can stand between the cells of a data file. A blank: any run of blanks and tabs. */
export const separatorPattern = /^[\t !#$%&*,./:;<=>?@^_`|~-]$/

/** Whether a value is an object with names, as JSON means it: neither null nor an array. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether there are more than `most` brackets within brackets. Without recursion, which a line of brackets would overflow. */
export function isDeeper(value: unknown, most: number): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    const open = level.filter((one): one is object => typeof one === 'object' && one !== null)
    if (open.length > 0 && depth === most) return true
    level = open.flatMap((one) => Object.values(one))
  }
  return false
}

/** Deeper than this no value of a record is nested, and no file that is read. */
export const deepestJson = 200

/**
 * One text for every way to write a value: compact JSON, the keys of objects in the order of their code units. Two
 * values are the same value exactly where their texts are equal; −0 is 0, and 1 is not "1". Null where `value` is no
 * JSON: a number that is not finite, nothing, a function, an instance of a class, or nested deeper than `deepestJson`.
 */
export function canonicalJson(value: unknown): string | null {
  return typeof value === 'object' && value !== null ? canonicalNested(value, 1) : canonicalScalar(value)
}

function canonicalScalar(value: unknown): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : null
  const isScalar = value === null || typeof value === 'string' || typeof value === 'boolean'
  return isScalar ? JSON.stringify(value) : null
}

function canonicalNested(value: object, depth: number): string | null {
  if (depth > deepestJson) return null
  const isList = Array.isArray(value)
  if (!isList && !isPlainObject(value)) return null
  const parts: string[] = []
  // Of a list by position, so that a gap in it is met too.
  const keys = isList ? value.keys() : Object.keys(value).sort()
  for (const key of keys) {
    const inner = (value as Record<string | number, unknown>)[key]
    const text =
      typeof inner === 'object' && inner !== null ? canonicalNested(inner, depth + 1) : canonicalScalar(inner)
    if (text === null) return null
    parts.push(isList ? text : `${JSON.stringify(key)}:${text}`)
  }
  return isList ? `[${parts.join(',')}]` : `{${parts.join(',')}}`
}

/** Objects from a worker or a vm have another Object.prototype: what matters is that nothing lies behind it. */
function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** A value as text: numbers with all their digits, texts as they are, lists and objects as compact JSON. */
export function textOf(value: JsonValue): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

/** A value one parameter can take: any JSON, lists and objects too. Numbers are finite, also inside. */
export type ParamValue = JsonValue

/** The params of one trial: a value for every active parameter, inactive ones absent. */
export type Params = Readonly<Record<string, ParamValue>>

/** Whether larger or smaller values of the objective are better. */
export type Direction = 'minimize' | 'maximize'

/** Which values are better of the metrics that every trainer can be judged by, by the first word of their names. */
export const betterSides = {
  accuracy: 'maximize',
  balancedAccuracy: 'maximize',
  macroF1: 'maximize',
  logLoss: 'minimize',
  rocAuc: 'maximize',
  weightedRocAuc: 'maximize',
  rocAucOvo: 'maximize',
  weightedRocAucOvo: 'maximize',
  averagePrecision: 'maximize',
  weightedAveragePrecision: 'maximize',
  f1: 'maximize',
  microF1: 'maximize',
  weightedF1: 'maximize',
  precision: 'maximize',
  macroPrecision: 'maximize',
  microPrecision: 'maximize',
  weightedPrecision: 'maximize',
  recall: 'maximize',
  macroRecall: 'maximize',
  microRecall: 'maximize',
  weightedRecall: 'maximize',
  matthews: 'maximize',
  kappa: 'maximize',
  brier: 'minimize',
  balancedLogLoss: 'minimize',
  topK: 'maximize',
  rmse: 'minimize',
  mae: 'minimize',
  r2: 'maximize',
  medianAbsoluteError: 'minimize',
  mape: 'minimize',
  maxError: 'minimize',
  explainedVariance: 'maximize',
  pinball: 'minimize',
  poissonDeviance: 'minimize',
  gammaDeviance: 'minimize',
} as const satisfies Record<string, Direction>

const sidesByName = new Map<string, Direction>(
  Object.entries(betterSides).map(([name, side]) => [bareName(name), side]),
)

/**
 * The better side of a metric that is known, however it is spelt (`log_loss`, `Accuracy`), and whatever it is of (`recall:yes`,
 * `pooled:rocAuc`); undefined of any other.
 */
export function betterSide(metric: string): Direction | undefined {
  const [first, second] = metric.split(':', 2)
  return sidesByName.get(bareName(first === 'pooled' && second !== undefined ? second : first))
}

function bareName(metric: string): string {
  return metric.toLowerCase().replace(/[\s_-]/g, '')
}

/** How a trial ended. */
export type OutcomeStatus = 'finished' | 'pruned' | 'failed'

/** Metrics by name. Every value is finite: one that is not is left out, and fails its trial where it is the objective. */
export type Metrics = Readonly<Record<string, number>>

/** A metric that a sweep optimises, and which of its values are better. */
export interface MetricObjective {
  readonly metric: string
  readonly direction: Direction
}

/** What a sweep optimises: one metric or several. */
export type Objectives = readonly [MetricObjective, ...MetricObjective[]]

/** The value of each objective, by the name of its metric. */
export type Values = Metrics

/** Whether value `a` is better than `b` in this direction. */
export function isBetter(a: number, b: number, direction: Direction): boolean {
  return direction === 'maximize' ? a > b : a < b
}

/** A trial as it is compared with others. */
export interface RankedTrial {
  readonly trial: number
  readonly values: Values
}

/**
 * Which of two trials of one sweep is better: the one with the better value, and at equal values the earlier one. The
 * only place that says so.
 */
export function isBetterTrial(a: RankedTrial, b: RankedTrial, objectives: Objectives): boolean {
  const [{ metric, direction }] = objectives
  const [ofA, ofB] = [a.values[metric], b.values[metric]]
  return ofA === ofB ? a.trial < b.trial : isBetter(ofA, ofB, direction)
}

/** Seconds from one recorded instant to another; null while there is no other, and where the clock was set back. */
export function secondsBetween(started: string, ended: string | null): number | null {
  if (ended === null) return null
  const passed = (Date.parse(ended) - Date.parse(started)) / 1000
  return passed >= 0 ? passed : null
}
