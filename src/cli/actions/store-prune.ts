/** `store prune`: deletes sweeps by age, status, experiment, and says what that freed. */
import type { PrunedSweep, PruneFilter } from '../../tracking/index.js'
import * as format from '../format.js'
import { plain, print, printJson, say } from '../output.js'
import { checkExperiment, openStoreOf } from './common.js'
import { confirmed, mustBeAskable } from './confirm.js'

export interface PruneOptions {
  olderThan?: number
  status?: 'finished' | 'failed' | 'interrupted'
  experiment?: string
  checkpoints?: boolean
  dryRun?: boolean
  yes?: boolean
  store?: string
  json?: boolean
}

export async function pruneStore(options: PruneOptions): Promise<void> {
  const { olderThan, status, experiment, checkpoints = false, dryRun = false, yes, json } = options
  const store = await openStoreOf(options)
  if (experiment !== undefined) await checkExperiment(store, experiment)
  const which = { olderThan, status, experiment }
  const prune = (given: PruneFilter, dryRun: boolean) =>
    checkpoints ? store.pruneCheckpoints(given, dryRun) : store.prune(given, dryRun)
  const chosen = await prune(which, true)
  const ask = !dryRun && !yes && chosen.length > 0
  if (ask) {
    mustBeAskable()
    for (const one of chosen) say(describe(one))
    const these = chosen.length === 1 ? 'it' : `these ${chosen.length}`
    if (!(await confirmed(`Delete ${checkpoints ? 'these checkpoints' : these} for good?`))) {
      say('nothing was deleted')
      return
    }
  }
  // Just those that were shown, even if others have come to fit meanwhile.
  const pruned = dryRun ? chosen : await prune({ ...which, sweeps: chosen.map(({ run }) => run.id) }, false)
  const bytes = pruned.reduce((sum, one) => sum + one.bytes, 0)
  if (json) return printJson({ store: store.directory, dryRun, bytes, deleted: pruned.map(row) })
  const what = checkpoints ? 'the checkpoints of ' : ''
  for (const one of pruned) print(`${dryRun ? 'would delete' : 'deleted'} ${what}${describe(one)}`)
  const sweeps = pruned.length === 0 ? 'no sweep is like that' : format.count(pruned.length, 'sweep')
  print(`${sweeps}, ${format.bytes(bytes)} ${dryRun ? 'would be freed' : 'freed'}`)
}

function row({ run, bytes }: PrunedSweep) {
  const { id, experiment, name, status, trials, started, ended } = run
  return { run: id, experiment, name, status, trials, started, ended, bytes }
}

function describe({ run, bytes }: PrunedSweep): string {
  return `sweep ${plain(run.name)} (${run.id}) of ${plain(run.experiment)}, ${run.status}, ${format.counts(run.trials)}, ${format.instant(run.started)}, ${format.bytes(bytes)}`
}
