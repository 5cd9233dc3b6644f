/** `runs list`: sweeps as a table, or the trials of one. */
import { createColors } from 'picocolors'
import type { ChildRun, ParentRun, RunStatus } from '../../tracking/index.js'
import { progressOf, trainerName } from '../../tracking/index.js'
import { secondsBetween } from '../../values.js'
import * as format from '../format.js'
import { plain, print, printJson, say, wantsColour } from '../output.js'
import { lineWidth, type TableColumn, table, tableWidth } from '../table.js'
import { called, findSweep, openStoreOf, shortIds, storeArgument, unknownExperiment } from './common.js'
import { progressLine } from './sweep-progress.js'

export interface ListOptions {
  sweep?: string
  experiment?: string
  status?: RunStatus
  where?: string
  sort?: string
  limit?: number
  store?: string
  json?: boolean
}

export async function listRuns(options: ListOptions): Promise<void> {
  const { experiment, status, where, limit, json } = options
  const store = await openStoreOf(options)
  const query = { experiment, status, where, orderBy: options.sort, limit }
  if (options.sweep === undefined) {
    const sweeps = await store.sweeps(query)
    if (json) printJson(sweeps.map(sweepRow))
    else if (sweeps.length === 0) {
      const unknown = experiment === undefined ? null : await unknownExperiment(store, experiment)
      say(plain(unknown ?? nothing(options, `no sweeps in ${store.directory}`)))
    } else {
      print(sweepTable(sweeps))
      const { id } = sweeps[0]
      say(
        `\nThe trials of one: ${called} runs list --sweep ${id.slice(0, 8)}${storeArgument(store.directory)}`,
      )
    }
    return
  }
  const sweep = await findSweep(store, options.sweep)
  const trials = await store.runs({ ...query, sweep: sweep.id })
  if (json) printJson(trials.map(trialRow))
  else if (trials.length === 0) say(nothing(options, `no trials in sweep ${sweep.id}`))
  else print(trialTable(trials, sweep))
}

/** A sweep as `runs list --json` prints it. */
function sweepRow(run: ParentRun) {
  const { id, experiment, name, status, trials, best, started } = run
  const progress = progressOf(run)
  return {
    run: id,
    experiment,
    name,
    trainer: trainerName(run.spec),
    status,
    trials,
    best,
    started,
    seconds: secondsBetween(started, run.ended),
    ...(progress && { progress }),
  }
}

/** A trial as `runs list --sweep ID --json` prints it. */
function trialRow(run: ChildRun) {
  const { id, parent, trial, status, value, params, metrics, error } = run
  return {
    run: id,
    parent,
    trial,
    status,
    value,
    params,
    metrics,
    seconds: secondsBetween(run.started, run.ended),
    error,
  }
}

function sweepTable(sweeps: readonly ParentRun[]): string {
  const short = shortIds(sweeps.map(({ id }) => id))
  const build = (narrow: boolean) => {
    const columns: TableColumn[] = [
      { title: 'run', whole: true },
      { title: 'experiment' },
      { title: 'name', spare: 6 },
      { title: 'trainer', spare: 7 },
      { title: 'status', whole: true, spare: 1 },
      { title: 'trials', spare: 3 },
      { title: 'best', whole: true },
      { title: 'trial', align: 'right', whole: true, spare: 5 },
      { title: 'started', whole: true, spare: 4 },
      { title: 'time', align: 'right', whole: true, spare: 2 },
    ]
    const rows = sweeps.map((run) => [
      short(run.id),
      plain(run.experiment),
      plain(run.name),
      plain(trainerName(run.spec)),
      run.status,
      trialsOf(run, narrow),
      run.best ? `${plain(run.objective.metric)} ${format.number(run.best.value)}` : '',
      run.best ? String(run.best.trial) : '',
      narrow ? format.day(run.started) : format.instant(run.started),
      took(run),
    ])
    return { columns, rows }
  }
  const full = build(false)
  if (tableWidth(full.columns, full.rows) <= lineWidth()) return table(full.columns, full.rows)
  const { columns, rows } = build(true)
  return table(columns, rows)
}

/** Counts of its trials; of a running sweep, how far it has come. */
function trialsOf(run: ParentRun, narrow: boolean): string {
  const progress = progressOf(run)
  if (progress !== null) return narrow ? `${progress.done}/${progress.trials}` : progressLine(progress)
  const { finished, pruned, failed } = run.trials
  return narrow ? String(finished + pruned + failed) : format.counts(run.trials)
}

function trialTable(trials: readonly ChildRun[], sweep: ParentRun): string {
  const short = shortIds(trials.map(({ id }) => id))
  const names = [...new Set(trials.flatMap(({ params }) => Object.keys(params)))]
  const style = createColors(wantsColour(process.stdout)).bold
  const failures = trials.some(({ error }) => error !== null)
  const build = (paramColumns: readonly TableColumn[], paramCells: (run: ChildRun) => string[]) => {
    const columns: TableColumn[] = [
      { title: 'trial', align: 'right', whole: true },
      { title: 'run', whole: true },
      { title: 'status', whole: true, spare: 1 },
      { title: plain(sweep.objective.metric), align: 'right', whole: true },
      ...paramColumns,
      { title: 'time', align: 'right', whole: true, spare: 2 },
      ...(failures ? [{ title: 'error' }] : []),
    ]
    const rows = trials.map((run) => {
      const text = run.value === null ? '' : format.number(run.value)
      return [
        String(run.trial),
        short(run.id),
        run.status,
        run.trial === sweep.best?.trial ? { text, style } : text,
        ...paramCells(run),
        took(run),
        ...(failures ? [run.error?.code ?? ''] : []),
      ]
    })
    return { columns, rows }
  }
  const apart = build(
    names.map((name) => ({ title: plain(name) })),
    ({ params }) => names.map((name) => format.value(params[name])),
  )
  if (tableWidth(apart.columns, apart.rows) <= lineWidth()) return table(apart.columns, apart.rows)
  // Very many params would leave each column too narrow to read: they share one.
  const together = build([{ title: 'params' }], ({ params }) => [format.paramsLine(params)])
  return table(together.columns, together.rows)
}

function took(run: ParentRun | ChildRun): string {
  const passed = secondsBetween(run.started, run.ended)
  return passed === null ? '' : format.seconds(passed)
}

function nothing({ where, status, experiment, sweep }: ListOptions, otherwise: string): string {
  if (!where && !status && !experiment) return otherwise
  const hint =
    sweep === undefined && where?.includes('params') ? ' (params belong to trials: add --sweep ID)' : ''
  return `no run is like that${hint}`
}
