/** Failed trials by reason, and where each reason gathers. */
import { fieldOf, valuesOf } from './fields.js'
import { shortNumber } from './numbers.js'
import { quantile, sorted } from './statistics.js'
import { type SweepData, statusTest, trialAt } from './trial.js'

export interface FailureGroup {
  /** The code of the error; null where none is on record. */
  readonly code: string | null
  /** In their order. */
  readonly trials: readonly number[]
  /** Where it gathers, in words; null where it does not, or too few say so. */
  readonly where: string | null
}

/** Fewer failures gather nowhere. */
const least = 4
/** How far the two distributions of numbers must be apart, at their furthest. */
const apart = 0.45
/** The share of failures in one category, and how many times its share of all. */
const share = 0.6
const times = 1.5

/** The most frequent first. */
export function failureGroups(data: SweepData): FailureGroup[] {
  const { table } = data
  const failed = statusTest(table, 'failed')
  const groups = new Map<string | null, number[]>()
  for (let row = 0; row < table.length; row++) {
    if (!failed(row)) continue
    const code = table.cell('error', row) as string | null
    const rows = groups.get(code)
    if (rows === undefined) groups.set(code, [row])
    else rows.push(row)
  }
  return [...groups]
    .sort(([, a], [, b]) => b.length - a.length || a[0] - b[0])
    .map(([code, rows]) => ({
      code,
      trials: rows.map((row) => trialAt(table, row)),
      where: gathersAt(data, rows),
    }))
}

/** The query that selects the trials that failed for this reason. */
export function failedFor(code: string | null): string {
  return code === null ? 'status = failed and error is null' : `error = '${code.replaceAll("'", "''")}'`
}

/**
 * A query with this reason joined to it, in place of another of these reasons that was joined before; without it where it was
 * joined already.
 */
export function withReason(where: string, code: string | null, groups: readonly FailureGroup[]): string {
  let rest = where
  for (const group of groups) {
    const reason = failedFor(group.code)
    if (where === reason) rest = ''
    else if (where.startsWith('(') && where.endsWith(`) and ${reason}`))
      rest = where.slice(1, -`) and ${reason}`.length)
  }
  const joined = rest === '' ? failedFor(code) : `(${rest}) and ${failedFor(code)}`
  return joined === where ? rest : joined
}

/** The parameter that tells these rows from the others best. */
function gathersAt(data: SweepData, rows: readonly number[]): string | null {
  const { head, table } = data
  if (rows.length < least || rows.length === table.length) return null
  const among = new Set(rows)
  let best = apart
  let words: string | null = null
  for (const { name } of head.parameters) {
    const column = `params.${name}`
    const field = fieldOf(head, table, column)
    const values = valuesOf(table, column)
    const [inside, outside] = [true, false].map((is) =>
      sorted(values.filter((_, row) => among.has(row) === is)),
    )
    if (inside.length < least || outside.length === 0) continue
    const found =
      field.kind === 'category' ? commonest(inside, outside, field.names) : shifted(inside, outside)
    if (found === null || found.apart <= best) continue
    best = found.apart
    words = `${field.label} ${found.words}`
  }
  return words
}

function shifted(inside: Float64Array, outside: Float64Array): { apart: number; words: string } | null {
  let widest = 0
  let at = 0
  for (const value of inside) {
    const difference = shareBelow(outside, value) - shareBelow(inside, value)
    if (Math.abs(difference) <= Math.abs(widest)) continue
    widest = difference
    at = value
  }
  if (widest === 0) return null
  // More of the others lie below: these are where it is great.
  const words =
    widest > 0
      ? `above ${shortNumber(quantile(inside, 0.1), 2)}`
      : `below ${shortNumber(Math.max(at, quantile(inside, 0.9)), 2)}`
  return { apart: Math.abs(widest), words }
}

/** Of sorted values. */
function shareBelow(values: Float64Array, bound: number): number {
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (values[middle] < bound) low = middle + 1
    else high = middle
  }
  return low / values.length
}

function commonest(
  inside: Float64Array,
  outside: Float64Array,
  names: readonly string[],
): { apart: number; words: string } | null {
  let found: { apart: number; words: string } | null = null
  for (const [code, name] of names.entries()) {
    const part = (values: Float64Array) => values.filter((one) => one === code).length / values.length
    const [here, there] = [part(inside), part(outside)]
    if (here < share || here < times * there) continue
    if (found === null || here - there > found.apart)
      found = { apart: here - there, words: `is ${name.slice(0, 60)}` }
  }
  return found
}
