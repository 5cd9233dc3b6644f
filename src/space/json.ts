/** What JSON holds, told apart. */
import type { ParamValue } from '../values.js'

export type Json = Readonly<Record<string, unknown>>

export function isValue(value: unknown): value is ParamValue {
  if (typeof value === 'number') return Number.isFinite(value)
  return value === null || typeof value === 'string' || typeof value === 'boolean'
}

/** Each value that comes more than once. */
export function repeated(values: readonly unknown[]): unknown[] {
  return [...new Set(values.filter((value, i) => values.indexOf(value) !== i))]
}
