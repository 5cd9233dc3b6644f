/** Reads one sweep's record without its lock, also while it is being written. */
import { join } from 'node:path'
import { isEspalierError } from '../errors.js'
import { artifactsDirectory } from './artifacts.js'
import { applyToChildren, applyToParent, type ChildState, type ParentState } from './events.js'
import { journalMissing, readFailed } from './failures.js'
import { errorCode, type FileSystem } from './file-system.js'
import { journalStart, readEvents, readHead, tornWarning } from './journal-reader.js'
import { readHolder } from './lock.js'
import { readSnapshot, type Snapshot } from './snapshot.js'
import { Upgrade } from './upgrade.js'

export const journalPath = (sweepDirectory: string) => join(sweepDirectory, 'journal.jsonl')

export interface SweepView {
  readonly parent: ParentState
  /** Empty unless children were asked for. */
  readonly children: Map<number, ChildState>
  /** Whether a process that lives is writing this sweep. */
  readonly live: boolean
}

/**
 * @param children whether the children are wanted: without them, only what came after the snapshot is read.
 * @returns null where there is no sweep, or one whose making never came to its first record.
 */
export async function readSweep(
  files: FileSystem,
  sweepDirectory: string,
  sweep: string,
  children: boolean,
  warn: (warning: string) => void,
): Promise<SweepView | null> {
  // A record that says "running" under nobody's lock was interrupted, unless its writer came or went while this
  // was reading: then it is read again.
  for (let tries = 0; ; tries++) {
    const live = readHolder(sweepDirectory)?.alive === true
    const read = await readOnce(files, sweepDirectory, sweep, children, live ? () => {} : warn)
    if (read === null) return null
    if (live || read.view.parent.status !== 'running' || tries >= 5) return { ...read.view, live }
    const lockedNow = readHolder(sweepDirectory)?.alive === true
    const size = (await files.stat(journalPath(sweepDirectory)))?.size
    if (!lockedNow && size === read.size) return { ...read.view, live: false }
  }
}

async function readOnce(
  files: FileSystem,
  sweepDirectory: string,
  sweep: string,
  wantChildren: boolean,
  warn: (warning: string) => void,
): Promise<{ view: Omit<SweepView, 'live'>; size: number } | null> {
  const path = journalPath(sweepDirectory)
  // Before the journal: a journal only grows, so one that is behind its snapshot was damaged.
  const snapshot = await readSnapshot(files, sweepDirectory, sweep)
  let file: Awaited<ReturnType<FileSystem['open']>>
  try {
    file = await files.open(path, 'read')
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR') throw readFailed(path, error)
    if (await hadJournal(files, sweepDirectory, snapshot)) throw journalMissing(path, sweep)
    return null
  }
  try {
    const read = async (after: Snapshot | null) => {
      const upgrade = new Upgrade()
      let parent = after && upgrade.parent(after.parent)
      const from = after?.place ?? journalStart
      const children = new Map<number, ChildState>()
      const { place, torn } = await readEvents(file, { path, sweep, from, known: snapshot }, (recorded) => {
        const event = upgrade.event(recorded)
        if (wantChildren) applyToChildren(children, event)
        parent = applyToParent(parent, sweep, event)
      })
      if (torn > 0) {
        const done = 'it is left out, and cut off when the sweep is resumed'
        warn(tornWarning(path, place.lines + 1, torn, done))
      }
      return parent === null ? null : { view: { parent, children }, size: place.bytes + torn }
    }
    const isShortcut =
      !wantChildren &&
      snapshot !== null &&
      (await file.stat()).size >= snapshot.place.bytes &&
      (await readHead(file, path, sweep))?.generation === snapshot.generation
    if (isShortcut) {
      try {
        return await read(snapshot)
      } catch (error) {
        // Which line it is, the whole journal tells.
        if (!isEspalierError(error) || error.code !== 'STORE_CORRUPT') throw error
      }
    }
    return await read(null)
  } finally {
    await file.close()
  }
}

/** Whether a folder without a journal is that of a sweep that had one, and not one just made or just deleted. */
async function hadJournal(
  files: FileSystem,
  sweepDirectory: string,
  snapshot: Snapshot | null,
): Promise<boolean> {
  if ((await files.stat(sweepDirectory)) === null) return false
  return snapshot !== null || (await files.stat(artifactsDirectory(sweepDirectory))) !== null
}
