/**
 * What may enter a record, and its text. Everything is copied on the way in, so that the caller can change its
 * objects afterwards, and refused if JSON could not give it back exactly.
 */
import { EspalierError } from '../errors.js'

/**
 * A deep copy of `value` as plain JSON. Entries that are `undefined` are left out, as JSON does.
 * @throws RECORD_INVALID for NaN, infinities, functions, class instances and whatever else JSON cannot carry.
 */
export function plainJson<T>(value: T, path: string): T {
  return copy(value, path, 0) as T
}

const deepest = 200

function copy(value: unknown, path: string, depth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (Number.isFinite(value)) return value
      throw refusal(path, `A recorded number must be finite (got ${value})`)
    case 'object':
      break
    default:
      throw refusal(path, `A record holds plain JSON only (got a ${typeof value})`)
  }
  if (value === null) return null
  if (depth > deepest)
    throw refusal(path, `A record may be nested ${deepest} levels deep (a circular value?)`)
  if (Array.isArray(value)) {
    const items = new Array(value.length)
    for (let i = 0; i < value.length; i++) items[i] = copyItem(value[i], path, i, depth + 1)
    return items
  }
  const prototype = Object.getPrototypeOf(value)
  // Objects from a worker or a vm have another Object.prototype: what matters is that nothing lies behind it.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    const kind = (value as object).constructor?.name ?? 'class instance'
    throw refusal(path, `A record holds plain JSON only (got a ${kind}); turn it into arrays and objects`)
  }
  const result: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const entry = (value as Record<string, unknown>)[key]
    if (entry === undefined) continue
    const copied =
      typeof entry === 'number' && Number.isFinite(entry) ? entry : copy(entry, `${path}.${key}`, depth + 1)
    if (key === '__proto__') {
      // Plain assignment would set the prototype instead of making an entry.
      Object.defineProperty(result, key, {
        value: copied,
        enumerable: true,
        writable: true,
        configurable: true,
      })
    } else result[key] = copied
  }
  return result
}

function copyItem(item: unknown, path: string, index: number, depth: number): unknown {
  if (typeof item === 'number' && Number.isFinite(item)) return item
  return copy(item, `${path}[${index}]`, depth)
}

function refusal(path: string, message: string): EspalierError {
  return new EspalierError('RECORD_INVALID', `${message} at ${path}.`, { problems: [{ path, message }] })
}

const negativeZeroMark = '\u0000 negative zero \u0000'
const negativeZeroText = new RegExp(JSON.stringify(negativeZeroMark).replaceAll('\\', '\\\\'), 'g')

/** JSON text that reads back as exactly the same value: JSON.stringify, except that it keeps -0. */
export function exactJson(value: unknown): string {
  if (!hasNegativeZero(value)) return JSON.stringify(value)
  const text = JSON.stringify(value, (_, v) => (Object.is(v, -0) ? negativeZeroMark : v))
  return text.replace(negativeZeroText, '-0')
}

function hasNegativeZero(value: unknown): boolean {
  if (typeof value === 'number') return value === 0 && Object.is(value, -0)
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (hasNegativeZero(value[i])) return true
    return false
  }
  for (const key in value) if (hasNegativeZero((value as Record<string, unknown>)[key])) return true
  return false
}
