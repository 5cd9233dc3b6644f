/** How long a run took. Apart from views.ts, as a page that asks queries of runs has no store. */
import { secondsBetween } from '../values.js'
import type { Run } from './types.js'

/** Seconds from a run's start to its end; null while it has none, and where the clock was set back in between. */
export function secondsOf(run: Pick<Run, 'started' | 'ended'>): number | null {
  return secondsBetween(run.started, run.ended)
}
