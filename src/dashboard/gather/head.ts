/** A sweep without its trials, as the page shows it. */
import type { Judging } from '../../launch/index.js'
import type { ParentRun } from '../../tracking/index.js'
import type { SweepHead, SweepWorker, TrialTable } from '../data/index.js'
import { entryOf } from './entry.js'
import type { Searched } from './parameters.js'

/**
 * @param table null: not read yet; then only the objective's metric is known.
 * @param workers none where its trials were not read yet.
 */
export function headOf(
  run: ParentRun,
  { facts }: Searched,
  table: TrialTable | null,
  judging: Judging | null,
  workers: readonly SweepWorker[],
): SweepHead {
  return {
    run,
    entry: entryOf(run, table, judging),
    parameters: facts,
    metrics: metricsOf(run.objective.metric, table),
    judging,
    workers,
  }
}

function metricsOf(objective: string, table: TrialTable | null): string[] {
  const prefix = 'metrics.'
  const names = [...(table?.columns.keys() ?? [])]
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
  return [objective, ...names.filter((name) => name !== objective)]
}
