/** `import optuna` and `import csv`: trials of another tool as a sweep of the store. */
import type { ForeignSweep, OptunaImportOptions, Recorded, TrialTableOptions } from '../../exchange/index.js'
import type { ParentRun } from '../../tracking/index.js'
import * as format from '../format.js'
import { plain, print, printJson, say } from '../output.js'
import { called, defined, openStoreOf, storeArgument } from './common.js'

interface RecordTyped {
  readonly experiment?: string
  readonly again?: boolean
  readonly store?: string
  readonly json?: boolean
}

interface OptunaTyped extends RecordTyped, OptunaImportOptions {}

export async function importOptuna(file: string, options: OptunaTyped): Promise<void> {
  const { readOptuna } = await import('../../exchange/index.js')
  const { study, objective, metric } = options
  await recorded(await readOptuna(file, defined({ study, objective, metric })), options)
}

interface TableTyped extends RecordTyped, Omit<TrialTableOptions, 'space' | 'reading'> {
  readonly space?: string
  readonly separator?: string
  readonly decimal?: '.' | ','
  readonly encoding?: NonNullable<TrialTableOptions['reading']>['encoding']
}

export async function importTable(file: string, options: TableTyped): Promise<void> {
  const { readTrialTable } = await import('../../exchange/index.js')
  const { params, value, metric, metrics, status, direction, separator, decimal, encoding } = options
  const space = options.space === undefined ? undefined : await spaceFile(options.space)
  const table = await readTrialTable(
    file,
    defined({
      ...{ params, value, metric, metrics, status, direction, space },
      reading: defined({ separator, decimal, encoding }),
    }),
  )
  await recorded(table, options)
}

async function spaceFile(path: string) {
  const { readSweepFile } = await import('../../launch/index.js')
  return readSweepFile(path)
}

async function recorded(sweep: ForeignSweep, options: RecordTyped): Promise<void> {
  const { recordForeign } = await import('../../exchange/index.js')
  const store = await openStoreOf(options)
  const { experiment, again, json } = options
  const outcome = await recordForeign(store, sweep, defined({ experiment, again }))
  for (const warning of outcome.warnings) say(`warning: ${plain(warning)}`)
  const run = (await store.run(outcome.sweep)) as ParentRun
  if (json) return printJson(surface(run, outcome))
  printOutcome(run, outcome, storeArgument(store.directory))
}

function surface(run: ParentRun, { already, trials, warnings }: Recorded) {
  const { id, experiment, name, objective, best } = run
  return { sweep: id, experiment, name, already, objective, trials, best, warnings }
}

function printOutcome(run: ParentRun, { already, trials }: Recorded, where: string): void {
  const { id, name, objective, best } = run
  const total = Object.values(trials).reduce((sum, count) => sum + count, 0)
  const counted = Object.entries(trials).flatMap(([status, count]) =>
    count > 0 ? [`${count} ${status}`] : [],
  )
  print(
    already
      ? `${plain(name)} is on record already, as sweep ${id}; --again records it once more`
      : `${plain(name)} is on record as sweep ${id}: ${format.count(total, 'trial')} (${counted.join(', ')})`,
  )
  print(
    best === null
      ? `no trial finished: none has a value of "${plain(objective.metric)}"`
      : `the best ${plain(objective.metric)} (${objective.direction}) is ${format.value(best.value)}, of trial ${best.trial}`,
  )
  const sweep = id.slice(0, 8)
  print('\nnext')
  for (const next of [
    `runs list --sweep ${sweep}`,
    ...(best === null ? [] : [`importance ${sweep}`, `sweep FILE --warm-start ${sweep}`]),
    'dashboard',
  ])
    print(`  ${called} ${next}${where}`)
}
