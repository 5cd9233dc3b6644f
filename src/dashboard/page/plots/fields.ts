/** Columns of a table of trials as something to draw by: how each is called in words, and how its axis runs. */
import { visible } from '../../../shown.js'
import { betterSide, type Direction } from '../../../values.js'
import type { SweepHead, TrialTable } from '../../data/index.js'
import { isSeconds } from './numbers.js'
import { extentOf } from './statistics.js'

export interface Field {
  /** Of the column. */
  readonly column: string
  readonly label: string
  readonly kind: 'number' | 'category'
  readonly log: boolean
  readonly integer: boolean
  /** Of numbers: what the axis has to hold. NaN where there is no value. */
  readonly min: number
  readonly max: number
  /** Of categories, as they are shown. */
  readonly names: readonly string[]
  /** The same as the record has them. */
  readonly values: readonly string[]
  readonly better: Direction | null
  /** When a parameter is active, in words. */
  readonly when: string | null
}

const words: Readonly<Record<string, string>> = {
  trial: 'trial',
  seconds: 'seconds',
  predicted: 'predicted value',
  deviation: 'deviation of the prediction',
  attempts: 'attempts',
  rule: 'why suggested',
  error: 'error',
  status: 'status',
}

/** By row: the number, or the place of the category; NaN: none. */
function readerOf(table: TrialTable, column: string): (row: number) => number {
  const found = table.columns.get(column)
  if (found === undefined) return () => Number.NaN
  if (found.kind === 'number') return (row) => found.values[row]
  return (row) => (found.codes[row] < 0 ? Number.NaN : found.codes[row])
}

/** The same of all rows at once. */
export function valuesOf(table: TrialTable, column: string): Float64Array {
  const found = table.columns.get(column)
  if (found?.kind === 'number') return found.values.subarray(0, table.length)
  const read = readerOf(table, column)
  return Float64Array.from({ length: table.length }, (_, row) => read(row))
}

/** How a column is called in a picture. */
export function labelOf(head: SweepHead, column: string): string {
  if (column === 'value') return visible(head.entry.objective.metric)
  return words[column] ?? visible(column.replace(/^(params|metrics|tags)\./, ''))
}

export function betterOf(head: SweepHead, column: string): Direction | null {
  if (column === 'value') return head.entry.objective.direction
  if (column === 'seconds') return 'minimize'
  // No side of a parameter is the better one, however it is called.
  if (!column.startsWith('metrics.')) return null
  if (isSeconds(column) || column.endsWith('Loss') || column.endsWith('_loss')) return 'minimize'
  return betterSide(column.slice('metrics.'.length)) ?? null
}

export function fieldOf(head: SweepHead, table: TrialTable, column: string): Field {
  const facts = column.startsWith('params.')
    ? head.parameters.find((one) => one.name === column.slice(7))
    : undefined
  const found = table.columns.get(column)
  const common = {
    column,
    label: labelOf(head, column),
    better: betterOf(head, column),
    when: facts?.when == null ? null : visible(facts.when),
  }
  if (found?.kind === 'category' || facts?.kind === 'category') {
    const values = found?.kind === 'category' ? found.names : (facts?.values ?? [])
    return {
      ...common,
      kind: 'category',
      log: false,
      integer: false,
      min: Number.NaN,
      max: Number.NaN,
      names: values.map((value) => (value === '' ? '(empty)' : visible(value))),
      values,
    }
  }
  const values = found?.kind === 'number' ? found.values.subarray(0, table.length) : []
  const extent = extentOf(values, [facts?.min ?? Number.NaN, facts?.max ?? Number.NaN])
  return {
    ...common,
    kind: 'number',
    log: facts?.log === true && (extent?.min ?? 0) > 0,
    integer: facts?.integer ?? column === 'trial',
    min: extent?.min ?? Number.NaN,
    max: extent?.max ?? Number.NaN,
    names: [],
    values: [],
  }
}

/** Columns that can be drawn by: value and metrics, searched parameters, times, what the search said. */
export function choosable(head: SweepHead, table: TrialTable): string[] {
  const metrics = head.metrics
    .filter((name) => name !== head.entry.objective.metric)
    .map((name) => `metrics.${name}`)
  const params = head.parameters.map(({ name }) => `params.${name}`)
  return ['value', 'seconds', 'trial', ...metrics, ...params, 'predicted', 'deviation'].filter((column) => {
    const found = table.columns.get(column)
    if (column === 'value' || column === 'trial') return true
    if (found === undefined) return false
    if (found.kind === 'category') return found.codes.subarray(0, table.length).some((code) => code >= 0)
    return found.values.subarray(0, table.length).some((value) => Number.isFinite(value))
  })
}
