/** Which run is meant: by its id, `latest` for the newest sweep, `best` for the best trial. */
import type { Run, Store } from '../../tracking/index.js'
import { type Filters, filterOf } from './best.js'
import { findSweep } from './common.js'

/** `best` is chosen as `espalier best` does it, with the same filters. */
export async function findRun(store: Store, id: string, filters: Filters = {}): Promise<Run> {
  if (id === 'latest') return findSweep(store, undefined)
  if (id === 'best') return store.bestRun(await filterOf(store, filters))
  return store.run(id)
}
