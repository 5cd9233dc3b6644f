/** `runs delete`: asks before it deletes. */
import type { Run } from '../../tracking/index.js'
import * as format from '../format.js'
import { plain, print, say } from '../output.js'
import { isSweep, openStoreOf } from './common.js'
import { confirmed, mustBeAskable } from './confirm.js'
import { findRun } from './meant.js'

export async function deleteRuns(
  ids: readonly string[],
  options: { yes?: boolean; store?: string },
): Promise<void> {
  const store = await openStoreOf(options)
  // Every id is looked up before anything is deleted.
  const runs = new Map<string, Run>()
  for (const id of ids) {
    const run = await findRun(store, id)
    runs.set(run.id, run)
  }
  // A trial whose sweep is deleted too goes with it.
  const chosen = [...runs.values()].filter((run) => isSweep(run) || !runs.has(run.parent))
  if (!options.yes) {
    mustBeAskable()
    for (const run of chosen) say(describe(run))
    if (!(await confirmed(`Delete ${chosen.length === 1 ? 'it' : 'them'} for good?`))) {
      say('nothing was deleted')
      return
    }
  }
  for (const run of chosen) {
    await store.delete(run.id)
    print(`deleted ${describe(run)}`)
  }
}

function describe(run: Run): string {
  if (!isSweep(run)) return `trial ${run.trial} (${run.id}) of sweep ${run.parent}`
  const { finished, pruned, failed, running } = run.trials
  const trials = format.count(finished + pruned + failed + running, 'trial')
  return `sweep ${plain(run.name)} (${run.id}) with ${trials}, ${format.instant(run.started)}`
}
