/** Looks at everything a store holds: every line of every journal, and every artifact with its digest. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describeError } from '../../errors.js'
import { artifactFile, artifactFolder, artifactsDirectory } from '../artifacts.js'
import type { FileSystem } from '../file-system.js'
import { isRunId } from '../ids.js'
import { isDeletedSweep, sweepDirectory, sweepsDirectory } from '../layout.js'
import { readHolder } from '../lock.js'
import { RequestFolder } from '../requests.js'
import { journalPath } from '../sweep-reader.js'
import type { Artifact } from '../types.js'
import { salvage } from './salvage.js'

/** One thing that is not as it should be. */
export interface StoreProblem {
  /** `damage`: a record or a file is not as it was written. `left over`: what nobody needs, or what is not the store's. */
  readonly kind: 'damage' | 'left over'
  readonly sweep: string | null
  readonly path: string
  /** Of a journal, from 1. */
  readonly line: number | null
  readonly what: string
  readonly remedy: string
}

export interface StoreCheck {
  readonly store: string
  readonly sweeps: number
  readonly trials: number
  /** Artifacts whose digests were compared. */
  readonly artifacts: number
  readonly problems: readonly StoreProblem[]
}

interface Tally {
  sweeps: number
  trials: number
  artifacts: number
  problems: StoreProblem[]
}

export async function checkStore(files: FileSystem, store: string): Promise<StoreCheck> {
  const tally: Tally = { sweeps: 0, trials: 0, artifacts: 0, problems: [] }
  const directory = sweepsDirectory(store)
  for (const { name, directory: isDirectory } of (await files.list(directory)).sort(byName)) {
    const path = join(directory, name)
    if (isDirectory && isRunId(name)) {
      await checkSweep(files, store, name, tally).catch((error) => {
        const what = describeError(error).message
        tally.problems.push(damage(name, path, what, 'See to the cause, and check again'))
      })
    } else if (isDeletedSweep(name)) {
      tally.problems.push(
        leftOver(null, path, 'was deleted, but not to its end', 'The next sweep clears it away'),
      )
    } else {
      const remedy = 'It is left alone; move it elsewhere'
      tally.problems.push(
        leftOver(null, path, 'is no sweep: a sweep is a folder called after its id', remedy),
      )
    }
  }
  return { store, ...tally }
}

async function checkSweep(files: FileSystem, store: string, sweep: string, tally: Tally): Promise<void> {
  const directory = sweepDirectory(store, sweep)
  const live = readHolder(directory)?.alive === true
  const found = await salvage(files, directory, sweep)
  const path = journalPath(directory)
  if (found === null || (found.parent === null && found.damage.length === 0)) {
    if ((await files.stat(directory)) === null || live) return
    const isEmpty = (await files.list(directory)).every(
      ({ name }) => name === 'journal.jsonl' || name === 'lock',
    )
    tally.problems.push(
      isEmpty
        ? leftOver(sweep, directory, 'is a sweep that never came to its first record', 'Remove the folder')
        : damage(sweep, path, 'is gone, but the sweep had one', putBack(sweep)),
    )
    return
  }
  tally.sweeps++
  tally.trials += found.children.size
  for (const { line, what } of found.damage) {
    const remedy = `Put the sweep's folder back from a copy, or keep what is whole: espalier store check --mend ${sweep}`
    tally.problems.push({ ...damage(sweep, path, what, remedy), line })
  }
  if (found.torn > 0 && found.damage.length === 0 && !live) {
    const what = `ends in ${found.torn} bytes of half a record, left by a crash`
    tally.problems.push(leftOver(sweep, path, what, 'The next to write the sweep cuts them off'))
  }
  const recorded = new Map<string, Artifact>()
  for (const artifact of found.parent?.artifacts ?? [])
    recorded.set(artifactFile(directory, null, artifact.name), artifact)
  for (const child of found.children.values())
    for (const artifact of child.artifacts)
      recorded.set(artifactFile(directory, child.trial, artifact.name), artifact)
  for (const [file, artifact] of recorded) {
    tally.artifacts++
    const what = await flawOf(files, file, artifact)
    if (what !== null) tally.problems.push(damage(sweep, file, what, putBack(sweep)))
  }
  if (live) return
  const requests = new RequestFolder(files, directory)
  for (const { id } of await requests.list()) {
    const what = `holds request ${id}, which nobody answered`
    tally.problems.push(leftOver(sweep, requests.path, what, 'It is answered when the sweep is resumed'))
  }
  const deleted = new Set(found.parent?.deleted?.map(({ trial }) => artifactFolder(directory, trial)))
  for (const file of await filesBelow(files, artifactsDirectory(directory))) {
    if (recorded.has(file)) continue
    const ofDeleted = [...deleted].some((folder) => file.startsWith(folder))
    tally.problems.push(
      leftOver(
        sweep,
        file,
        'is on no record',
        ofDeleted
          ? 'The next to write the sweep clears it away'
          : 'It is left alone; remove it if it is of no use',
      ),
    )
  }
}

/** What is wrong with an artifact, null where nothing is. */
async function flawOf(files: FileSystem, path: string, { bytes, sha256 }: Artifact): Promise<string | null> {
  try {
    const content = await files.readFile(path)
    if (content.length !== bytes) return `has ${content.length} bytes, the record says ${bytes}`
    const found = createHash('sha256').update(content).digest('hex')
    return found === sha256 ? null : `has the SHA-256 ${found}, the record says ${sha256}`
  } catch (error) {
    return (error as { code?: unknown }).code === 'ENOENT'
      ? 'is in the record, but the file is gone'
      : describeError(error).message
  }
}

/** Every file below a directory; none where it is not there. A link is a file here. */
export async function filesBelow(files: FileSystem, directory: string): Promise<string[]> {
  if ((await files.stat(directory)) === null) return []
  const found: string[] = []
  for (const { name, directory: isDirectory } of (await files.list(directory)).sort(byName)) {
    const path = join(directory, name)
    if (isDirectory) found.push(...(await filesBelow(files, path)))
    else found.push(path)
  }
  return found
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)

const putBack = (sweep: string) =>
  `Put it back from a copy, or delete what it belongs to (espalier runs delete; the sweep is ${sweep})`

function damage(sweep: string, path: string, what: string, remedy: string): StoreProblem {
  return { kind: 'damage', sweep, path, line: null, what, remedy }
}

function leftOver(sweep: string | null, path: string, what: string, remedy: string): StoreProblem {
  return { kind: 'left over', sweep, path, line: null, what, remedy }
}
