/** Which run is meant: by its id, `latest` for the newest sweep, `best` for the best trial. */
import { EspalierError } from '../../errors.js'
import type { ChildRun, Run, Store } from '../../tracking/index.js'
import { type Filters, filterOf } from './best.js'
import { findSweep, isSweep } from './common.js'

/** `best` is chosen as `espalier best` does it, with the same filters. */
export async function findRun(store: Store, id: string, filters: Filters = {}): Promise<Run> {
  if (id === 'latest') return findSweep(store, undefined)
  if (id === 'best') return store.bestRun(await filterOf(store, filters))
  return store.run(id)
}

/** Whose model is meant: `best` with its filters, the best trial of a sweep, or a trial; with `ensemble` the sweep of any of them. */
export async function findModelRun(
  store: Store,
  id: string,
  { ensemble = false, ...filters }: Filters & { readonly ensemble?: boolean },
): Promise<Run> {
  const given = (['experiment', 'sweep', 'metric', 'direction'] as const).filter(
    (name) => filters[name] !== undefined,
  )
  if (id !== 'best' && given.length > 0)
    throw new EspalierError(
      'USAGE',
      `--${given[0]} chooses what \`best\` means, and the run is given by its id (${id})`,
    )
  const run = await findRun(store, id, filters)
  if (ensemble) return isSweep(run) ? run : store.run((run as ChildRun).parent)
  return isSweep(run) ? store.bestRun({ sweep: run.id }) : run
}
