/** The sweeps that a report is of. */
import { EspalierError } from '../../errors.js'
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
  if (asked.length === 0 || asked.length > most)
    throw new EspalierError('USAGE', `a report is of 1 to ${most} sweeps (got ${asked.length})`)
  const found = new Map<string, ParentRun>()
  for (const one of asked) {
    const run = typeof one === 'string' ? await sweepMeant(store, one) : one
    found.set(run.id, run)
  }
  return [...found.values()]
}

async function sweepMeant(
  store: Pick<ReportStore, 'run' | 'sweeps' | 'directory'>,
  id: string,
): Promise<ParentRun> {
  if (id === 'latest') {
    const [latest] = await store.sweeps()
    if (latest !== undefined) return latest
    throw new EspalierError(
      'RUN_UNKNOWN',
      `there is no sweep in ${store.directory} yet; run one: espalier sweep SPACE.json`,
    )
  }
  const run = await store.run(id)
  if (run.kind === 'sweep') return run
  throw new EspalierError(
    'USAGE',
    `a report is of sweeps, and ${run.id} is a trial; its sweep is ${run.parent}`,
  )
}
