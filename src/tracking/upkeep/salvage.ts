/** What of one sweep can still be read, and what of it is damaged. */
import { applyToChildren, applyToParent, better, type ChildState, type ParentState } from '../events.js'
import { errorCode, type FileSystem } from '../file-system.js'
import { type LineDamage, readWhatIsWhole } from '../journal-reader.js'
import { readSnapshot } from '../snapshot.js'
import { journalPath } from '../sweep-reader.js'
import { Upgrade } from '../upgrade.js'

export interface Salvage {
  readonly damage: readonly LineDamage[]
  /** Bytes of half a record that a crash left. */
  readonly torn: number
  /** null where nothing tells what the sweep was. */
  readonly parent: ParentState | null
  readonly children: ReadonlyMap<number, ChildState>
  readonly generation: number
}

/** @returns null where there is no journal. */
export async function salvage(
  files: FileSystem,
  sweepDirectory: string,
  sweep: string,
): Promise<Salvage | null> {
  const path = journalPath(sweepDirectory)
  const snapshot = await readSnapshot(files, sweepDirectory, sweep)
  let file: Awaited<ReturnType<FileSystem['open']>>
  try {
    file = await files.open(path, 'read')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
  try {
    const { damage, torn, events, generation } = await readWhatIsWhole(file, path, sweep, snapshot)
    const upgrade = new Upgrade()
    const children = new Map<number, ChildState>()
    const begins = events.some(({ event }) => event === 'created' || event === 'parent')
    let parent = begins || snapshot === null ? null : upgrade.parent(snapshot.parent)
    for (const recorded of events) {
      const event = upgrade.event(recorded)
      applyToChildren(children, event)
      parent = applyToParent(parent, sweep, event)
    }
    if (parent !== null && damage.length > 0) parent = countedAnew(parent, children)
    return { damage, torn, parent, children, generation: Math.max(generation, snapshot?.generation ?? 0) }
  } finally {
    await file.close()
  }
}

/** A parent's figures as its children give them: some of the events that led to either may be missing. */
function countedAnew(parent: ParentState, children: ReadonlyMap<number, ChildState>): ParentState {
  const counted = { ...parent, finished: 0, pruned: 0, failed: 0, best: null as ParentState['best'] }
  const open: number[] = []
  for (const child of children.values()) {
    counted.trials = Math.max(counted.trials, child.trial + 1)
    if (child.status === 'running' || child.status === 'interrupted') open.push(child.trial)
    else counted[child.status]++
    if (child.status === 'finished') counted.best = better(counted.best, child, parent.objectives)
  }
  return { ...counted, open }
}
