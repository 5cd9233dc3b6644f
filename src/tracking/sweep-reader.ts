/** Reads one sweep's record without its lock, also while it is being written. */
import { join } from 'node:path'
import { applyToChildren, applyToParent, type ChildState, type ParentState } from './events.js'
import { readFailed } from './failures.js'
import { errorCode, type FileSystem } from './file-system.js'
import { type JournalPlace, journalStart, readEvents, readGeneration, tornWarning } from './journal.js'
import { readHolder } from './lock.js'
import { readSnapshot } from './snapshot.js'

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
  // Before the journal: a journal only grows, so it is never behind its snapshot unless it is another one.
  const snapshot = wantChildren ? null : await readSnapshot(files, sweepDirectory, sweep)
  let file: Awaited<ReturnType<FileSystem['open']>>
  try {
    file = await files.open(path, 'read')
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null
    throw readFailed(path, error)
  }
  try {
    let parent: ParentState | null = null
    let from: JournalPlace = journalStart
    if (snapshot !== null && (await file.stat()).size >= snapshot.place.bytes) {
      const generation = await readGeneration(file, path, sweep)
      if (generation === snapshot.generation) {
        parent = snapshot.parent
        from = snapshot.place
      }
    }
    const children = new Map<number, ChildState>()
    const read = await readEvents(file, path, sweep, from, (event) => {
      if (wantChildren) applyToChildren(children, event)
      parent = applyToParent(parent, sweep, event)
    })
    if (read.torn > 0) {
      warn(
        tornWarning(path, read.lines + 1, read.torn, 'it is left out, and cut off when the sweep is resumed'),
      )
    }
    return parent === null ? null : { view: { parent, children }, size: read.length + read.torn }
  } finally {
    await file.close()
  }
}
