/**
 * Distributions of other tools as parameters of Espalier, which has evenly spread numbers, plain or in their logarithm, with or without
 * steps, and lists. What is spread otherwise is approximated, and says so.
 *
 * Notation: q = the quantum of a quantised distribution, k = how many of them a value is.
 */
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '../../values.js'
import type { Path, Told } from './told.js'

/** A parameter as a sweep file writes it, and what of the distribution is lost in it. */
export interface Taken {
  readonly parameter: JsonValue
  /** What it became and how that differs; nothing where it is the same. */
  readonly loss?: string
}

/** Why there can be no such parameter. */
export interface Fault {
  readonly fault: string
}

/** How a quantised distribution treats ends that are no multiples of its quantum. */
export type Ends =
  /** They are rounded to multiples, as values are. */
  | 'rounded'
  /** Values beyond them become the ends themselves. */
  | 'clipped'
  /** Multiples beyond them do not come. */
  | 'inside'

/** Values of an irregular list; longer ones are told by their steps. */
const longestList = 1000

export function constantOf(value: JsonValue): JsonValue {
  return isJsonObject(value) || Array.isArray(value) ? { type: 'constant', value } : value
}

/** One of a list. What is there more than once would be more likely. */
export function choiceOf(values: readonly JsonValue[]): Taken {
  const byText = new Map(values.map((value) => [canonicalJson(value), value]))
  const different = [...byText.values()]
  const parameter =
    different.length === 1 ? constantOf(different[0]) : { type: 'categorical', values: different }
  if (different.length === values.length) return { parameter }
  return { parameter, loss: 'values that are there more than once, and so more often, count once' }
}

/** A number from `min` to `max`, both included. */
export function rangeOf(
  min: number,
  max: number,
  { whole = false, log = false }: { readonly whole?: boolean; readonly log?: boolean } = {},
): Taken | Fault {
  if (!Number.isFinite(min) || !Number.isFinite(max))
    return { fault: `its ends must be finite numbers (they are ${min} and ${max})` }
  if (log && !(min > 0)) return { fault: `the smallest value must be above 0 on a log scale (it is ${min})` }
  if (min > max) return { fault: `"min" must not be above "max" (they are ${min} and ${max}); swap them` }
  if (min === max) return { parameter: min }
  return { parameter: { type: whole ? 'int' : 'float', min, max, ...(log && { scale: 'log' }) } }
}

/** Multiples of q, from about `low` to about `high`. */
export function multiplesOf(
  low: number,
  high: number,
  q: number,
  { log = false, ends }: { readonly log?: boolean; readonly ends: Ends },
): Taken | Fault {
  if (!(q > 0 && Number.isFinite(q))) return { fault: `the quantum must be a number above 0 (it is ${q})` }
  const range = rangeOf(low, high, { log })
  if ('fault' in range) return range
  const [first, last] =
    ends === 'inside'
      ? [Math.ceil(tidy(low / q)), Math.floor(tidy(high / q))]
      : [roundHalfEven(low / q), roundHalfEven(high / q)]
  if (ends === 'clipped') return clipped(low, high, q, log, first, last)
  if (first > last)
    return { fault: `there must be a multiple of ${q} from ${low} to ${high}; widen the range` }
  const isZeroLost = log && first === 0
  return steps(isZeroLost ? 1 : first, last, q, log, isZeroLost && last > 0 ? zeroLost : undefined)
}

const zeroLost = '0, to which small values are rounded, is left out: a log scale begins above it'

function clipped(
  low: number,
  high: number,
  q: number,
  log: boolean,
  first: number,
  last: number,
): Taken | Fault {
  const isBelow = tidy(first * q) < low
  const isAbove = tidy(last * q) > high
  const [from, to] = [isBelow ? first + 1 : first, isAbove ? last - 1 : last]
  if (!isBelow && !isAbove) return steps(from, to, q, log)
  if (to - from + 3 > longestList)
    return steps(
      from,
      to,
      q,
      log,
      `the ends ${low} and ${high} are left out where they are no multiples of ${q}`,
    )
  const inner = Array.from({ length: Math.max(to - from + 1, 0) }, (_, i) => tidy((from + i) * q))
  const values = [...new Set([...(isBelow ? [low] : []), ...inner, ...(isAbove ? [high] : [])])]
  if (values.length === 1) return { parameter: values[0] }
  const parameter = { type: 'ordinal', values }
  return log ? { parameter, loss: 'its values became a list, each as likely as the others' } : { parameter }
}

/** first·q … last·q. */
function steps(first: number, last: number, q: number, log: boolean, loss?: string): Taken | Fault {
  const [min, max] = [tidy(first * q), tidy(Math.max(first, last) * q)]
  const lost = loss === undefined ? {} : { loss }
  if (min === max) return { parameter: min, ...lost }
  const whole = [min, max, q].every((value) => Number.isSafeInteger(value))
  const parameter: JsonObject = { type: whole ? 'int' : 'float', min, max, ...(log && { scale: 'log' }) }
  if (!whole || q !== 1) parameter.step = q
  return { parameter, ...lost }
}

interface Bell {
  /** Of the logarithm, where it is log-normal. */
  readonly mean: number
  readonly deviation: number
  readonly log?: boolean
  readonly q?: number
}

/** Of a normal or log-normal distribution the range of three deviations around its mean, evenly, beginning at the mean. */
export function bellOf({ mean, deviation, log = false, q }: Bell): Taken | Fault {
  if (!(deviation >= 0)) return { fault: `the deviation must be 0 or more (it is ${deviation})` }
  const at = (x: number) => Number((log ? Math.exp(x) : x).toPrecision(12))
  const middle = at(mean)
  if (deviation === 0 && Number.isFinite(middle))
    return { parameter: q === undefined ? middle : tidy(roundHalfEven(middle / q) * q) }
  const [low, high] = [at(mean - 3 * deviation), at(mean + 3 * deviation)]
  const taken =
    q === undefined ? rangeOf(low, high, { log }) : multiplesOf(low, high, q, { log, ends: 'rounded' })
  if ('fault' in taken) return taken
  const { parameter } = taken
  if (!isJsonObject(parameter)) return taken
  const { min, max } = parameter as { min: number; max: number }
  const nearest = q === undefined ? middle : tidy(roundHalfEven(middle / q) * q)
  const kind = log ? 'log-normal' : 'normal'
  const even = log ? 'spread evenly in the logarithm' : 'spread evenly'
  return {
    parameter: { ...parameter, default: Math.min(Math.max(nearest, min), max) } as JsonObject,
    loss: [
      `the ${kind} distribution is cut off at three deviations from its mean, which leaves 99.7 % of it, and ${even}: from ${min} to ${max}; a Bayesian search begins at the mean`,
      ...(taken.loss === undefined ? [] : [taken.loss]),
    ].join('; '),
  }
}

/** Of a beta distribution the numbers from 0 to 1, evenly, beginning at its mean. */
export function betaOf(a: number, b: number, q?: number): Taken | Fault {
  if (!(a > 0 && b > 0)) return { fault: `"a" and "b" must be above 0 (they are ${a} and ${b})` }
  const taken = q === undefined ? rangeOf(0, 1) : multiplesOf(0, 1, q, { ends: 'rounded' })
  if ('fault' in taken || (a === 1 && b === 1) || !isJsonObject(taken.parameter)) return taken
  const mean = a / (a + b)
  const { max } = taken.parameter as { max: number }
  const nearest = q === undefined ? tidy(mean) : tidy(roundHalfEven(mean / q) * q)
  return {
    parameter: { ...taken.parameter, default: Math.min(nearest, max) } as JsonObject,
    loss: `the beta distribution (a ${a}, b ${b}) is spread evenly from 0 to ${max}; a Bayesian search begins at its mean`,
  }
}

/** As numpy and Python round. */
export function roundHalfEven(x: number): number {
  const below = Math.floor(x)
  const rest = x - below
  // −0 is 0 in JSON.
  if (rest !== 0.5) return Math.round(x) + 0
  return (below % 2 === 0 ? below : below + 1) + 0
}

/** Without the rounding error of a product: 3 · 0.1 is 0.3. */
function tidy(x: number): number {
  return Number(x.toPrecision(15))
}

const gridPoints = 5

/** Of what has no steps a few points, for a grid search. */
export function gridded(parameter: JsonValue, path: Path, told: Told): JsonValue {
  if (!isJsonObject(parameter) || parameter.type !== 'float' || parameter.step !== undefined)
    return parameter as JsonValue
  told.warn(path, `a grid has points; of this range it takes ${gridPoints}, both ends included ("grid")`)
  return { ...(parameter as JsonObject), grid: gridPoints }
}
