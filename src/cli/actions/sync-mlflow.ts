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
  for (const one of result.sweeps) report(one)
  const [sent, runs] = [sum(result.sweeps.map((one) => one.sent)), sum(result.sweeps.map((one) => one.runs))]
  const sweepsSaid = format.count(result.sweeps.length, 'sweep')
  print(
    sent === runs
      ? `${sweepsSaid}, ${format.count(runs, 'run')}: all on ${plain(result.server)}`
      : `${sweepsSaid}, ${format.count(runs, 'run')}: ${runs - sent} not on ${plain(result.server)}, see above; the same command goes on with them`,
  )
}

function report({ sweep, problems, warnings }: SyncedSweep): void {
  for (const warning of warnings) say(`warning: ${sweep}: ${plain(warning)}`)
  for (const { run, code, message } of problems)
    say(`${sweep}: ${run === null || run === sweep ? '' : `run ${run}: `}${code}: ${plain(message)}`)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
