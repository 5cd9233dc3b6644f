/** The sweeps that a report is of. */
import { EspalierError } from '../../errors.js'
import { sweepNamed } from '../../launch/insight.js'
import type { ParentRun } from '../../tracking/index.js'
import type { ReportStore } from './data.js'

/** Sweeps that one page can set beside each other. */
const most = 20

/** Each once, in the order asked for. @throws EspalierError RUN_UNKNOWN, RUN_AMBIGUOUS, USAGE */
export async function meantSweeps(
  store: Pick<ReportStore, 'run' | 'sweeps' | 'directory'>,
  sweeps: string | ParentRun | readonly (string | ParentRun)[],
): Promise<ParentRun[]> {
  const asked = Array.isArray(sweeps) ? sweeps : [sweeps]
  const found = new Map<string, ParentRun>()
  for (const one of asked) {
    const run = typeof one === 'string' ? await sweepNamed(store, one, 'a report is') : one
    found.set(run.id, run)
  }
  if (found.size === 0 || found.size > most)
    throw new EspalierError(
      'USAGE',
      `a report is of 1 to ${most} sweeps (got ${found.size}): name fewer, or make several reports`,
    )
  return [...found.values()]
}
