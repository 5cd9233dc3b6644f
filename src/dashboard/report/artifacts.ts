/** Small files of trials, as addresses that hold them. */
import { isEspalierError } from '../../errors.js'
import type { ChildRun, ParentRun, RunStore } from '../../tracking/index.js'
import { shownType } from '../data/index.js'

/** Bytes of one file, and of all of a report. */
const largest = 200_000
const mostBytes = 3_000_000

export interface Inlined {
  /** By `run/name`. */
  readonly addresses: Readonly<Record<string, string>>
  /** Files of these runs that are not among them. */
  readonly leftOut: number
}

/** @param share of the bytes of a report, 0 … 1. */
export async function inlineArtifacts(
  store: Pick<RunStore, 'readArtifact'>,
  runs: readonly (ChildRun | ParentRun)[],
  share: number,
): Promise<Inlined> {
  const addresses: Record<string, string> = {}
  let left = mostBytes * share
  let leftOut = 0
  for (const run of runs) {
    for (const { name, bytes } of run.artifacts) {
      const type = shownType(name)
      const content =
        type === null || bytes > Math.min(largest, left) ? null : await readOrNull(store, run, name)
      if (content === null) leftOut++
      else {
        addresses[`${run.id}/${name}`] = `data:${type};base64,${Buffer.from(content).toString('base64')}`
        left -= bytes
      }
    }
  }
  return { addresses, leftOut }
}

/** null where it is not there any more, or is not as it was written. */
async function readOrNull(
  store: Pick<RunStore, 'readArtifact'>,
  run: ChildRun | ParentRun,
  name: string,
): Promise<Uint8Array | null> {
  try {
    return await store.readArtifact(run, name)
  } catch (error) {
    if (isEspalierError(error)) return null
    throw error
  }
}
