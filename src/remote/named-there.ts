/**
 * Reasons of failures name files where the sweep's owner has them, not in a folder of a worker that is gone by the time they are read; and
 * so they are the same wherever a fit was done.
 */
import { pathToFileURL } from 'node:url'
import type { FitOutcome } from '../execution/index.js'

/** Where the code of a sweep lies on this machine, and where it comes from. */
export interface Moved {
  readonly here: string
  readonly there: string
}

export function namedThere(outcome: FitOutcome, { here, there }: Moved): FitOutcome {
  if (outcome.status !== 'failed' || there === '') return outcome
  const reason = outcome.reason
    .replaceAll(pathToFileURL(here).href, () => pathToFileURL(there).href)
    .replaceAll(here, () => there)
  return { ...outcome, reason }
}
