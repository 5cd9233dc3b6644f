/** What JSON holds: whether a value may be one of a parameter, and the space's own copy of it. */
import {
  canonicalJson,
  deepestJson,
  isDeeper,
  isJsonObject,
  type JsonScalar,
  type ParamValue,
} from '../values.js'

export type Json = Readonly<Record<string, unknown>>

/** Most levels of brackets in a value. */
const deepestValue = 32
/** Most characters of a value as JSON: what a program can still be told by an environment variable. */
const longestValue = 32_768

export function isScalar(value: unknown): value is JsonScalar {
  if (typeof value === 'number') return Number.isFinite(value)
  return value === null || typeof value === 'string' || typeof value === 'boolean'
}

/** What is wrong with a value in itself, as the end of a sentence that begins with what it is; null where nothing is. */
export function valueFault(value: unknown): string | null {
  const text = canonicalJson(value)
  if (text === null) return 'must be JSON, with finite numbers (NaN and infinities are none)'
  if (text.length > longestValue) {
    return `must have at most ${longestValue} characters as JSON, and this one has ${text.length}; give it a short name here, and look it up in your trainer`
  }
  return isDeeper(value, deepestValue) ? `must be nested at most ${deepestValue} levels deep` : null
}

/**
 * A copy that nobody can change, so that what one trial does to its params never reaches the next. −0 is 0: JSON can
 * write it, and nothing good comes of telling them apart. `value` must have no fault.
 */
export function frozenValue(value: unknown): ParamValue {
  if (Array.isArray(value)) return Object.freeze(value.map(frozenValue))
  if (!isJsonObject(value)) return Object.is(value, -0) ? 0 : (value as JsonScalar)
  return Object.freeze(
    Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, frozenValue(inner)])),
  )
}

/**
 * The path of what makes a text of JSON unusable before anything is asked of it: a key named "__proto__", which
 * JavaScript keeps for itself, or a nesting deeper than a record may be; null where there is nothing of the kind.
 */
export function unusable(json: unknown): { path: (string | number)[]; isDeep: boolean } | null {
  if (typeof json !== 'object' || json === null) return null
  const path: (string | number)[] = []
  function find(value: object): { path: (string | number)[]; isDeep: boolean } | null {
    if (path.length === deepestJson) return { path, isDeep: true }
    const isList = Array.isArray(value)
    for (const key of Object.keys(value)) {
      const inner = (value as Record<string, unknown>)[key]
      const isProto = key === '__proto__' && !isList
      if (!isProto && (typeof inner !== 'object' || inner === null)) continue
      path.push(isList ? Number(key) : key)
      const found = isProto ? { path, isDeep: false } : find(inner as object)
      if (found !== null) return found
      path.pop()
    }
    return null
  }
  return find(json)
}

/** Each value that comes more than once, by what it holds. */
export function repeated(values: readonly unknown[]): unknown[] {
  const counts = new Map<unknown, number>()
  return values.filter((value) => {
    const key = canonicalJson(value) ?? value
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    return count === 2
  })
}
