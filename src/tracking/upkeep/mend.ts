/** Keeps what is whole of a damaged journal, and the damaged one beside it. */
import { join } from 'node:path'
import { EspalierError } from '../../errors.js'
import { type FileSystem, writeFileDurably } from '../file-system.js'
import { JournalAdapter } from '../journal.js'
import type { Lock } from '../lock.js'
import { journalPath } from '../sweep-reader.js'
import { salvage } from './salvage.js'

export interface Mended {
  readonly sweep: string
  /** Lines that were left out, or were not where they should be. */
  readonly damage: number
  /** Trials that are kept. */
  readonly trials: number
  /** Where the damaged journal is now; null where nothing was damaged. */
  readonly kept: string | null
}

/** @throws STORE_CORRUPT where nothing is whole that tells what the sweep was. */
export async function mendSweep(
  files: FileSystem,
  directory: string,
  sweep: string,
  lock: Lock,
): Promise<Mended> {
  const path = journalPath(directory)
  const found = await salvage(files, directory, sweep)
  if (found === null || found.parent === null) {
    throw new EspalierError(
      'STORE_CORRUPT',
      `What is kept of a sweep begins with what it was to do, but nothing of ${path} that is whole tells it. Put the sweep's folder back from a copy, or delete what is left: espalier runs delete ${sweep}`,
    )
  }
  const { damage, parent, children, generation } = found
  if (damage.length === 0) return { sweep, damage: 0, trials: children.size, kept: null }
  const kept = join(directory, `journal-damaged-${new Date().toISOString().replaceAll(':', '-')}.jsonl`)
  await writeFileDurably(files, kept, await files.readFile(path))
  const journal = new JournalAdapter(
    files,
    path,
    sweep,
    () => {},
    () => lock.mustHold(),
  )
  await journal.replace(generation, parent, children)
  return { sweep, damage: damage.length, trials: children.size, kept }
}
