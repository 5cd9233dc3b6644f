/** How values are compared: numbers as numbers, anything else as text. */
import { canonicalJson, type JsonScalar, type JsonValue, textOf } from '../../values.js'

/** undefined where a run has none. */
export type Value = JsonValue | undefined

/**
 * Below 0 where a comes first; undefined where the two cannot be compared. A list or an object is compared as its
 * canonical JSON; a text beside it that is JSON of one counts as that one, however it is spaced.
 */
export function compare(a: JsonValue, b: JsonValue): number | undefined {
  if (isNested(a) || isNested(b)) {
    if (a === null || b === null) return undefined
    const [x, y] = [nestedText(a), nestedText(b)]
    return x < y ? -1 : x > y ? 1 : 0
  }
  if (typeof a === 'boolean' || typeof b === 'boolean' || a === null || b === null) {
    return String(a) === String(b) ? 0 : undefined
  }
  if (typeof a === 'number' || typeof b === 'number') {
    const [x, y] = [numberIn(a), numberIn(b)]
    if (x === null || y === null) return undefined
    return x < y ? -1 : x > y ? 1 : 0
  }
  return a < b ? -1 : a > b ? 1 : 0
}

function isNested(value: JsonValue): value is Exclude<JsonValue, JsonScalar> {
  return typeof value === 'object' && value !== null
}

function nestedText(value: JsonValue): string {
  if (isNested(value)) return canonicalJson(value) ?? textOf(value)
  const text = textOf(value)
  if (!/^\s*[[{]/.test(text)) return text
  try {
    return canonicalJson(JSON.parse(text)) ?? text
  } catch {
    return text
  }
}

function numberIn(value: number | string): number | null {
  if (typeof value === 'number') return value
  const number = value.trim() === '' ? Number.NaN : Number(value)
  return Number.isFinite(number) ? number : null
}

/** Below 0 where a comes first in an order, above where b does; what is missing comes last in either direction. */
export function compareForOrder(a: Value, b: Value, sign: number): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1
  const order = compare(a, b)
  if (order !== undefined) return sign * order
  // Numbers before texts, texts before the rest, so that the order is one also among mixed values.
  return sign * (rank(a) - rank(b)) || (textOf(a) < textOf(b) ? -sign : sign)
}

const rank = (value: Value) => (typeof value === 'number' ? 0 : typeof value === 'string' ? 1 : 2)
