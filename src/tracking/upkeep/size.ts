/** What of a store takes room. */
import { join } from 'node:path'
import { artifactsDirectory } from '../artifacts.js'
import type { FileSystem } from '../file-system.js'
import { checkpointsDirectory, sweepDirectory } from '../layout.js'
import { journalPath } from '../sweep-reader.js'
import { filesBelow } from './check.js'

/** Bytes of one sweep. */
export interface SweepSize {
  readonly sweep: string
  readonly bytes: number
  readonly journal: number
  readonly artifacts: number
  readonly checkpoints: number
}

/** Bytes of the sweeps of a store, the largest first. One that is deleted meanwhile is left out. */
export async function sizesOf(
  files: FileSystem,
  store: string,
  sweeps: readonly string[],
): Promise<readonly SweepSize[]> {
  const sizes: SweepSize[] = []
  for (const sweep of sweeps) {
    const directory = sweepDirectory(store, sweep)
    let bytes = 0
    let journal = 0
    let artifacts = 0
    let checkpoints = 0
    for (const path of await filesBelow(files, directory)) {
      // A link takes no room here, and is not followed.
      const size = (await files.stat(path).catch(() => null))?.size ?? 0
      bytes += size
      if (path === journalPath(directory)) journal = size
      else if (path.startsWith(join(artifactsDirectory(directory), '/'))) artifacts += size
      else if (path.startsWith(join(checkpointsDirectory(directory), '/'))) checkpoints += size
    }
    sizes.push({ sweep, bytes, journal, artifacts, checkpoints })
  }
  return sizes.sort((a, b) => b.bytes - a.bytes || (a.sweep < b.sweep ? -1 : 1))
}
