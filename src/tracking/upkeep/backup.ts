/**
 * A copy of a store in which every sweep is as it was at one moment, also while sweeps are being written. Of each, the
 * snapshot is copied before the journal, and the journal before the artifacts that it names; where one of them was
 * replaced meanwhile, the sweep is copied anew.
 */
import { createHash } from 'node:crypto'
import { dirname, relative } from 'node:path'
import { EspalierError } from '../../errors.js'
import { artifactFile } from '../artifacts.js'
import { writeFailed } from '../failures.js'
import { appendAll, errorCode, type FileSystem, makeDirectoryDurably } from '../file-system.js'
import { makeStore, sweepDirectory } from '../layout.js'
import { snapshotPath } from '../snapshot.js'
import { journalPath } from '../sweep-reader.js'
import { salvage } from './salvage.js'

export interface StoreBackup {
  readonly store: string
  readonly directory: string
  readonly sweeps: number
  readonly files: number
  readonly bytes: number
  /** Sweeps that are damaged in the store, and so in the copy. */
  readonly damaged: readonly string[]
}

interface Copied {
  files: number
  bytes: number
  damaged: boolean
}

const mostTries = 5

/** @throws USAGE where `target` is not empty, or lies in the store. */
export async function backUp(
  files: FileSystem,
  store: string,
  sweeps: readonly string[],
  target: string,
): Promise<StoreBackup> {
  const below = relative(store, target)
  if (below === '' || !below.startsWith('..')) {
    throw new EspalierError(
      'USAGE',
      `A copy of a store lies outside of it (${target} does not). Name another directory.`,
    )
  }
  const there = await files.stat(target)
  if (there !== null && (!there.directory || (await files.list(target)).length > 0)) {
    throw new EspalierError(
      'USAGE',
      `A copy of a store goes into a new or an empty directory (${target} is neither). Name another.`,
    )
  }
  const damaged: string[] = []
  const total = { sweeps: 0, files: 0, bytes: 0 }
  // What is not yet whole does not bear the name of the copy.
  const making = `${target}.part-${process.pid}`
  try {
    await files.remove(making)
    await makeStore(files, making)
    for (const sweep of sweeps) {
      const copied = await copySweep(
        files,
        sweepDirectory(store, sweep),
        sweepDirectory(making, sweep),
        sweep,
      )
      if (copied === null) continue
      total.sweeps++
      total.files += copied.files
      total.bytes += copied.bytes
      if (copied.damaged) damaged.push(sweep)
    }
    if (there !== null) await files.remove(target)
    await files.rename(making, target)
    await files.syncDirectory(dirname(target))
  } catch (error) {
    await files.remove(making).catch(() => {})
    throw writeFailed(target, error)
  }
  return { store, directory: target, ...total, damaged }
}

/** @returns null where the sweep was deleted meanwhile. */
async function copySweep(files: FileSystem, from: string, to: string, sweep: string): Promise<Copied | null> {
  for (let tries = 1; ; tries++) {
    await files.remove(to)
    const copied = await copyOnce(files, from, to, sweep)
    if (copied === 'changed' && tries < mostTries && (await files.stat(from)) !== null) continue
    if (copied !== null && copied !== 'changed') return copied
    await files.remove(to)
    if ((await files.stat(from)) === null || copied === null) return null
    throw new EspalierError(
      'STORE_CORRUPT',
      `A sweep is copied with every file its record names, but one of ${from} is gone or is not the one that was recorded. Find it and its remedy with espalier store check, then copy again.`,
    )
  }
}

async function copyOnce(
  files: FileSystem,
  from: string,
  to: string,
  sweep: string,
): Promise<Copied | 'changed' | null> {
  const snapshot = await read(files, snapshotPath(from))
  const journal = await read(files, journalPath(from))
  if (journal === null) return snapshot === null ? null : 'changed'
  const copied: Copied = { files: 0, bytes: 0, damaged: false }
  const write = async (path: string, content: Uint8Array) => {
    await makeDirectoryDurably(files, dirname(path))
    const file = await files.open(path, 'create')
    try {
      await appendAll(file, content)
      await file.datasync()
    } finally {
      await file.close()
    }
    copied.files++
    copied.bytes += content.length
  }
  // A record that is just being written is not yet one.
  await write(journalPath(to), journal.subarray(0, journal.lastIndexOf(10) + 1))
  if (snapshot !== null) await write(snapshotPath(to), snapshot)
  const found = await salvage(files, to, sweep)
  copied.damaged = (found?.damage.length ?? 0) > 0
  const owners = [
    { trial: null, artifacts: found?.parent?.artifacts ?? [] },
    ...(found?.children.values() ?? []),
  ]
  for (const { trial, artifacts } of owners) {
    for (const { name, sha256 } of artifacts) {
      const content = await read(files, artifactFile(from, trial, name))
      const isIt = content !== null && createHash('sha256').update(content).digest('hex') === sha256
      if (!isIt) return 'changed'
      await write(artifactFile(to, trial, name), content)
    }
  }
  await files.syncDirectory(to)
  return copied
}

async function read(files: FileSystem, path: string): Promise<Buffer | null> {
  try {
    return Buffer.from(await files.readFile(path))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}
