/**
 * A shortcut for lists of sweeps: what the parent run amounted to after the first so many lines of its journal,
 * so that only what follows need be read. The journal alone is the record: a snapshot that is missing, damaged
 * or of an earlier journal is passed over. It also is a witness: a journal that has fewer lines than its snapshot
 * knows, or others, is damaged.
 */
import { join } from 'node:path'
import type { ParentState } from './events.js'
import { type FileSystem, writeFileDurably } from './file-system.js'
import type { KnownPlace } from './journal-reader.js'
import { decodeLine, encodeLine } from './line.js'

export interface Snapshot extends KnownPlace {
  parent: ParentState
}

/** 1 went with journals of version 1, whose lines are not chained; it is passed over. */
const snapshotVersion = 2

export const snapshotPath = (sweepDirectory: string) => join(sweepDirectory, 'snapshot.json')

export async function writeSnapshot(
  files: FileSystem,
  sweepDirectory: string,
  snapshot: Snapshot,
): Promise<void> {
  const line = encodeLine({ snapshot: snapshotVersion, ...snapshot })
  await writeFileDurably(files, snapshotPath(sweepDirectory), line)
}

export async function readSnapshot(
  files: FileSystem,
  sweepDirectory: string,
  sweep: string,
): Promise<Snapshot | null> {
  let bytes: Buffer
  try {
    bytes = Buffer.from(await files.readFile(snapshotPath(sweepDirectory)))
  } catch {
    return null
  }
  const end = bytes.indexOf(10)
  const line = end < 0 ? null : decodeLine(bytes, 0, end)
  if (line?.state !== 'good' || line.entries.snapshot !== snapshotVersion) return null
  const snapshot = line.entries as unknown as Snapshot
  return snapshot.parent.id === sweep ? snapshot : null
}
