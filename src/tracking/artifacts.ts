/** Files that belong to a run: `<sweep>/artifacts/<trial or "sweep">/<name>`. */
import { createHash } from 'node:crypto'
import { lstatSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EspalierError } from '../errors.js'
import { readFailed, writeFailed } from './failures.js'
import { errorCode, type FileSystem, makeDirectoryDurably, writeFileDurably } from './file-system.js'
import { childIdOf, isRunId } from './ids.js'
import { sweepDirectory, sweepsDirectory } from './layout.js'
import type { Artifact } from './types.js'

const partOfName = /^[A-Za-z0-9_][A-Za-z0-9._ +@-]*$/

/** @throws USAGE for a name that could lead out of the run's folder, or that some file system would not take. */
export function artifactFile(sweepDirectory: string, trial: number | null, name: string): string {
  const parts = name.split('/')
  if (name.length > 200 || !parts.every((part) => partOfName.test(part))) {
    throw new EspalierError(
      'USAGE',
      `The name of an artifact consists of letters, digits and ". _ + @ -", with "/" between folders (got ${JSON.stringify(name)}).`,
    )
  }
  return join(artifactFolder(sweepDirectory, trial), ...parts)
}

export function artifactFolder(sweepDirectory: string, trial: number | null): string {
  return join(artifactsDirectory(sweepDirectory), trial === null ? 'sweep' : String(trial))
}

export const artifactsDirectory = (sweepDirectory: string) => join(sweepDirectory, 'artifacts')

/**
 * Whose artifacts an id, or the beginning of one, stands for: found by the folders alone.
 * @throws RUN_UNKNOWN where no run with artifacts has it.
 */
export function findArtifactOwner(store: string, id: string): { sweep: string; trial: number | null } {
  const prefix = id.toLowerCase()
  const sweeps = namesIn(sweepsDirectory(store)).filter(isRunId)
  const found: { sweep: string; trial: number | null }[] = sweeps
    .filter((sweep) => sweep.startsWith(prefix))
    .map((sweep) => ({ sweep, trial: null }))
  for (const sweep of sweeps) {
    for (const name of namesIn(artifactsDirectory(sweepDirectory(store, sweep)))) {
      const trial = Number(name)
      if (Number.isSafeInteger(trial) && childIdOf(sweep, trial).startsWith(prefix))
        found.push({ sweep, trial })
    }
  }
  if (found.length === 1) return found[0]
  throw new EspalierError(
    found.length === 0 ? 'RUN_UNKNOWN' : 'RUN_AMBIGUOUS',
    `${found.length === 0 ? 'No run' : 'More than one run'} with artifacts in ${store} has an id that begins with ${JSON.stringify(id)}. espalier runs list shows the ids.`,
  )
}

/** Folders in a directory. Links are none. */
function namesIn(directory: string): string[] {
  try {
    if (!lstatSync(directory).isDirectory()) return []
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
  } catch {
    return []
  }
}

/** Writes the file; it is on the disk, under its name, when the promise resolves. */
export async function writeArtifact(
  files: FileSystem,
  sweepDirectory: string,
  trial: number | null,
  name: string,
  content: Uint8Array | string,
): Promise<Artifact> {
  const path = artifactFile(sweepDirectory, trial, name)
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  try {
    await makeDirectoryDurably(files, dirname(path))
    // Half of it is made where the next writer of the sweep clears up.
    await writeFileDurably(files, path, bytes, sweepDirectory)
  } catch (error) {
    throw writeFailed(path, error)
  }
  return { name, bytes: bytes.length, sha256: sha256(bytes) }
}

/** @throws STORE_CORRUPT where the file is gone or is not the one that was recorded. */
export async function readArtifactFile(
  files: FileSystem,
  path: string,
  artifact: Artifact,
): Promise<Uint8Array> {
  let bytes: Uint8Array
  try {
    bytes = await files.readFile(path)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw readFailed(path, error)
    throw new EspalierError('STORE_CORRUPT', `${path} is in the record, but the file is gone.`, {
      cause: error,
    })
  }
  const found = sha256(bytes)
  if (found === artifact.sha256) return bytes
  throw new EspalierError(
    'STORE_CORRUPT',
    `${path} was changed after it was written: its SHA-256 is ${found}, the record says ${artifact.sha256}. Put back the file from a copy, or train the run again.`,
  )
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
