/** Trials as rows of the table: from a run, from what has come of a trial so far, and back from the table itself. */
import type { AnalysedTrial, AnalysedTrials } from '../../analysis/index.js'
import type { ChildRun, TrialConditions } from '../../tracking/index.js'
import { isJsonObject, type JsonValue, type Metrics, type Params, type ParamValue } from '../../values.js'
import { type FitSpan, type TrialRow, TrialTable } from '../data/index.js'
import type { Searched } from './parameters.js'

/** The row of a trial that was read whole. */
export function rowOfRun(run: ChildRun): TrialRow {
  const started = Date.parse(run.started)
  const running = 'seats' in run ? run.seats.map((seat) => ({ seat, start: started, end: null })) : []
  return {
    trial: run.trial,
    run: run.id,
    status: run.status,
    started,
    ended: run.ended === null ? null : Date.parse(run.ended),
    params: run.params,
    value: run.value,
    metrics: run.metrics,
    ...suggested(run.conditions),
    error: run.error?.code ?? null,
    attempts: attemptsOf(run),
    tags: run.tags,
    fits: run.ended === null ? running : spansOf(run.conditions, started),
  }
}

/** The latest attempt is listed where it failed or was cut off. */
function attemptsOf({ attempts, started }: ChildRun): number {
  const last = attempts.at(-1)
  if (last === undefined) return 1
  return last.started === started ? last.attempt : last.attempt + 1
}

/** The table of trials that were read whole. */
export function tableOf({ facts }: Searched, runs: readonly ChildRun[]): TrialTable {
  const table = new TrialTable(facts)
  for (const run of runs) table.upsert(rowOfRun(run))
  return table
}

/** Why a trial was suggested, and what the search predicted of it. */
export function suggested({ origin }: TrialConditions): Pick<TrialRow, 'rule' | 'predicted'> {
  return { rule: origin?.rule ?? '', predicted: predictionIn(origin?.predicted) }
}

function predictionIn(found: JsonValue | undefined): TrialRow['predicted'] {
  if (!isJsonObject(found)) return null
  const { mean, deviation } = found
  return typeof mean === 'number' && typeof deviation === 'number' ? { mean, deviation } : null
}

/** Where and when the fits of a trial ran that began at `started`. */
export function spansOf({ fits }: TrialConditions, started: number): FitSpan[] {
  if (fits === undefined) return []
  return fits.seats.map((seat, i) => ({ seat, start: started + fits.from[i], end: started + fits.to[i] }))
}

/** A row as it was put into the table: listed values are themselves again, other lists and objects are their texts. */
export function rowAt(table: TrialTable, at: number, { listed }: Searched): TrialRow {
  const number = (name: string) => table.cell(name, at) as number | null
  const text = (name: string) => table.cell(name, at) as string | null
  const [mean, deviation] = [number('predicted'), number('deviation')]
  const params: Record<string, ParamValue> = {}
  const metrics: Record<string, number> = {}
  const tags: Record<string, string> = {}
  for (const column of table.columns.keys()) {
    const dot = column.indexOf('.')
    const cell = dot < 0 ? null : table.cell(column, at)
    if (cell === null) continue
    const name = column.slice(dot + 1)
    const values = listed.get(name)
    if (column.startsWith('params.'))
      params[name] = values?.has(String(cell)) ? values.get(String(cell))! : cell
    else if (column.startsWith('metrics.')) metrics[name] = cell as number
    else tags[name] = String(cell)
  }
  return {
    trial: number('trial')!,
    run: text('run')!,
    status: text('status') as TrialRow['status'],
    started: number('started')!,
    ended: number('ended'),
    params: params satisfies Params,
    value: number('value'),
    metrics: metrics satisfies Metrics,
    rule: text('rule') ?? '',
    predicted: mean === null || deviation === null ? null : { mean, deviation },
    error: text('error'),
    attempts: number('attempts') ?? 1,
    tags,
    fits: table.fits.get(at) ?? [],
  }
}

/**
 * The trials of a table as an analysis looks at them, each made when it is looked at. Not where values are alike.
 * @param metric the objective's.
 */
export function analysedTrials(table: TrialTable, { listed }: Searched, metric: string): AnalysedTrials {
  const columnsOf = (family: string) =>
    [...table.columns.keys()]
      .filter((column) => column.startsWith(family))
      .map((column) => [column.slice(family.length), column] as const)
  const [params, metrics] = [columnsOf('params.'), columnsOf('metrics.')]
  const trialAt = (at: number): AnalysedTrial => {
    const value = table.cell('value', at) as number | null
    const error = table.cell('error', at) as string | null
    return {
      trial: table.cell('trial', at) as number,
      status: table.cell('status', at) as AnalysedTrial['status'],
      params: cellsAt(table, at, params, (cell, name) => listed.get(name)?.get(String(cell)) ?? cell),
      values: value === null ? {} : { [metric]: value },
      metrics: cellsAt(table, at, metrics, (cell) => cell as number),
      error: error === null ? null : { code: error },
    }
  }
  return {
    *[Symbol.iterator]() {
      for (let at = 0; at < table.length; at++) yield trialAt(at)
    },
  }
}

/** Cells of a row that are there, by their own names. */
function cellsAt<T>(
  table: TrialTable,
  at: number,
  columns: readonly (readonly [name: string, column: string])[],
  value: (cell: number | string, name: string) => T,
): Record<string, T> {
  return Object.fromEntries(
    columns.flatMap(([name, column]) => {
      const cell = table.cell(column, at)
      return cell === null ? [] : [[name, value(cell, name)]]
    }),
  )
}
