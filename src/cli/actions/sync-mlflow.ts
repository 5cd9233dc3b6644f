/** `sync mlflow`: sweeps of the store are sent to an MLflow server, with a line of progress. */
import { EspalierError } from '../../errors.js'
import type { SyncedSweep } from '../../exchange/index.js'
import * as format from '../format.js'
import { isTerminal, plain, print, printJson, say } from '../output.js'
import { checkExperiment, findSweep, openStoreOf } from './common.js'

interface SyncTyped {
  readonly url?: string
  readonly experiment?: string
  readonly store?: string
  readonly json?: boolean
}

export async function syncToMlflow(ids: readonly string[], options: SyncTyped): Promise<void> {
  const { url, experiment, json = false } = options
  const store = await openStoreOf(options)
  if (ids.length > 0 && experiment !== undefined)
    throw new EspalierError(
      'USAGE',
      'sweeps are named by their ids or by their experiment, and both are given; name one',
    )
  if (experiment !== undefined) await checkExperiment(store, experiment)
  const sweeps: string[] = []
  for (const id of ids) sweeps.push((await findSweep(store, id)).id)
  const meant = ids.length > 0 ? sweeps : (await store.sweeps({ experiment })).map(({ id }) => id).reverse()
  const { syncMlflow } = await import('../../exchange/index.js')
  const shows = !json && isTerminal(process.stderr)
  const result = await syncMlflow(store, meant, {
    url,
    onProgress({ sweep, sent, runs }) {
      if (shows) process.stderr.write(`\r\u001b[K${sweep}: ${sent} of ${format.count(runs, 'run')}`)
    },
  })
  if (shows) process.stderr.write('\r\u001b[K')
  if (result.sweeps.some(({ problems }) => problems.length > 0)) process.exitCode = 1
  if (json) return printJson(result)
  report(result.sweeps)
  const [sent, runs] = [sum(result.sweeps.map((one) => one.sent)), sum(result.sweeps.map((one) => one.runs))]
  const isAway = result.sweeps.some(({ problems }) =>
    problems.some(({ code }) => code === 'MLFLOW_UNREACHABLE'),
  )
  const sweepsSaid = format.count(result.sweeps.length, 'sweep')
  print(
    sent === runs
      ? `${sweepsSaid}, ${format.count(runs, 'run')}: all on ${plain(result.server)}`
      : `${sweepsSaid}, ${format.count(runs, 'run')}: ${runs - sent} not on ${plain(result.server)}, see above${isAway ? '; the same command goes on with them' : ''}`,
  )
}

/** A warning that several sweeps have is told once. */
function report(sweeps: readonly SyncedSweep[]): void {
  const warned = new Map<string, string[]>()
  for (const { sweep, warnings } of sweeps)
    for (const warning of warnings) warned.set(warning, [...(warned.get(warning) ?? []), sweep])
  for (const [warning, [first, ...others]] of warned) {
    const more = others.length === 0 ? '' : ` (and ${format.count(others.length, 'sweep')} more)`
    say(`warning: ${first}${more}: ${plain(warning)}`)
  }
  for (const { sweep, problems } of sweeps)
    for (const { run, code, message } of problems)
      say(`${sweep}: ${run === null || run === sweep ? '' : `run ${run}: `}${code}: ${plain(message)}`)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
