/** Columns of the table of trials: which there are, what they are called, and how their cells are written. */
import { day, metric, number, seconds } from '../../format.js'
import { plain } from '../../shown.js'
import type { SweepHead, TrialTable } from '../data/index.js'
import { elapsedColumn } from './elapsed.js'
import type { DataTable } from './plots/picture.js'

/** More parameters than these are shown only where they are asked for. */
const mostParameters = 12

/** All there are, in the order in which they are shown: what the trial is, params, metrics, the rest. */
export function allColumns(table: TrialTable, { parameters, metrics }: SweepHead): readonly string[] {
  const first = ['trial', 'status', 'value']
  const params = parameters.map(({ name }) => `params.${name}`)
  const named = metrics.map((name) => `metrics.${name}`)
  const known = new Set([...first, ...params, ...named])
  const rest = [...table.columns.keys()].filter((name) => !known.has(name))
  return [...first, ...params, ...named, ...rest].filter((name) => table.columns.has(name))
}

/** Those that are shown unless others are chosen. */
export function usualColumns(table: TrialTable, head: SweepHead): readonly string[] {
  const params = head.parameters.slice(0, mostParameters).map(({ name }) => `params.${name}`)
  const { failed } = head.run.trials
  return ['trial', 'status', 'value', ...params, 'seconds', ...(failed > 0 ? ['error'] : [])].filter((name) =>
    table.columns.has(name),
  )
}

/** What a column, or what is brushed as one, is called: the value of trials by the metric that it is of. */
export function titleOf(column: string, head: SweepHead): string {
  if (column === 'value') return plain(head.run.objective.metric)
  if (column === elapsedColumn) return 'seconds since it began'
  return plain(column.replace(/^(?:params|metrics|tags)\./, ''))
}

/** What kind of thing a column is, for those who do not see where it stands. */
export function familyOf(column: string): string {
  if (column === 'value') return 'objective'
  const family = /^(params|metrics|tags)\./.exec(column)?.[1]
  return family === undefined ? '' : { params: 'parameter', metrics: 'metric', tags: 'tag' }[family]!
}

export function cellText(table: TrialTable, column: string, row: number, head: SweepHead): string {
  const cell = table.cell(column, row)
  if (cell === null) return ''
  if (typeof cell === 'string') return plain(column === 'run' ? cell.slice(0, 8) : cell)
  if (column === 'started' || column === 'ended') return day(new Date(cell).toISOString())
  if (column === 'seconds') return seconds(cell)
  if (column === 'value') return metric(head.run.objective.metric, cell)
  return column.startsWith('metrics.') ? metric(column.slice('metrics.'.length), cell) : number(cell)
}

/** Rows with all columns, exactly, for other programs: instants as ISO 8601. */
export function exactRows(table: TrialTable, head: SweepHead, rows: ArrayLike<number>): DataTable {
  const columns = allColumns(table, head)
  const cells = Array.from(rows, (row) => columns.map((column) => exactCell(table, column, row)))
  return { columns, rows: cells }
}

/** As other programs read it: instants as ISO 8601. */
export function exactCell(table: TrialTable, column: string, row: number): string | number | null {
  const cell = table.cell(column, row)
  const isInstant = column === 'started' || column === 'ended'
  return isInstant && typeof cell === 'number' ? new Date(cell).toISOString() : cell
}
