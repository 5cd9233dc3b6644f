/**
 * The layout of a store on the disk, its version, and how an older one becomes this one.
 *
 *     store.json                      {"format":"espalier-store","version":1}
 *     .gitignore                      keeps the store out of the repository it may lie in
 *     sweeps/<id>/journal.jsonl       the record: one event a line
 *     sweeps/<id>/snapshot.json       a shortcut for lists of sweeps
 *     sweeps/<id>/lock/               while it is being written: by whom
 *     sweeps/<id>/requests/           what is asked of it while it runs, until that is answered
 *     sweeps/<id>/checkpoints/        what its trials leave for their own continuation (execution/checkpoint-files.ts)
 *     sweeps/<id>/mirrors/<server>/   how far it was sent to a server of another tool (exchange/mlflow/cursor.ts)
 *     sweeps/<id>/artifacts/<trial number or "sweep">/…
 */
import { lstatSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { EspalierError } from '../errors.js'
import { readFailed, writeFailed } from './failures.js'
import { errorCode, type FileSystem, makeDirectoryDurably, writeFileDurably } from './file-system.js'
import { isRunId } from './ids.js'

const storeVersion = 1
const format = 'espalier-store'

/**
 * Steps from one version of the layout to the next, by the version they start from. A step may be repeated
 * after a crash, so it must bear finding its work half done. None is needed yet: version 1 is the first.
 */
export type Migrations = Readonly<
  Record<number, (files: FileSystem, storeDirectory: string) => Promise<void>>
>
const migrations: Migrations = {}

const markerPath = (store: string) => join(store, 'store.json')
export const sweepsDirectory = (store: string) => join(store, 'sweeps')
/** What a sweep's folder is called from the moment it is deleted until it is gone. */
export const deletedMark = '.deleted-'
export const isDeletedSweep = (name: string) =>
  name.startsWith(deletedMark) && isRunId(name.slice(deletedMark.length))
export const checkpointsDirectory = (sweepDirectory: string) => join(sweepDirectory, 'checkpoints')
export const mirrorsDirectory = (sweepDirectory: string) => join(sweepDirectory, 'mirrors')
export const sweepDirectory = (store: string, sweep: string) => join(store, 'sweeps', sweep)

/**
 * Whether a store is there, in this program's version.
 * @returns false where there is nothing, or an empty directory.
 * @throws STORE_INVALID for anything else that is not a store, STORE_VERSION for one of a newer version.
 */
export async function findStore(
  files: FileSystem,
  store: string,
  steps: Migrations = migrations,
  version = storeVersion,
): Promise<boolean> {
  let found: Awaited<ReturnType<FileSystem['stat']>>
  try {
    found = await files.stat(store)
  } catch (error) {
    if (errorCode(error) !== 'ENOTDIR') throw readFailed(store, error)
    throw new EspalierError('STORE_INVALID', `A store is a directory, but ${store} lies below a file.`)
  }
  if (found === null) {
    if (lstatSync(store, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new EspalierError(
        'STORE_INVALID',
        `A store is a directory, but ${store} is a link that leads nowhere (to ${readlinkSync(store)}). Put back what it leads to, remove the link, or name another store (--store).`,
      )
    }
    return false
  }
  if (!found.directory) {
    throw new EspalierError(
      'STORE_INVALID',
      `A store is a directory, but ${store} is a file. Name another (--store).`,
    )
  }
  const recorded = await readMarker(files, store)
  if (recorded === null) return false
  if (recorded > version) {
    throw new EspalierError(
      'STORE_VERSION',
      `${store} was made by a newer version of Espalier (its layout is version ${recorded}, this program knows ${version}). Update Espalier, or name another store (--store).`,
    )
  }
  for (let from = recorded; from < version; from++) await migrate(files, store, from, steps)
  return true
}

async function readMarker(files: FileSystem, store: string): Promise<number | null> {
  const path = markerPath(store)
  let text: string
  try {
    text = Buffer.from(await files.readFile(path)).toString()
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw readFailed(path, error)
    const entries = await files.list(store).catch((cause) => {
      throw readFailed(store, cause)
    })
    // It was made in this moment.
    if (entries.some(({ name }) => name === 'store.json')) return readMarker(files, store)
    // Hidden files do not count: an editor or a version control system may keep some anywhere. `sweeps` alone is
    // a store whose making was cut short.
    const strangers = entries.filter(({ name }) => !name.startsWith('.') && name !== 'sweeps')
    if (strangers.length === 0) return null
    throw new EspalierError(
      'STORE_INVALID',
      `A store has a file store.json, but ${store} has none, and is not empty (it holds ${strangers[0].name}). Name an empty or a new directory (--store).`,
    )
  }
  let marker: { format?: unknown; version?: unknown } | null = null
  try {
    marker = JSON.parse(text)
  } catch {}
  if (marker?.format === format && Number.isSafeInteger(marker.version)) return marker.version as number
  throw new EspalierError(
    'STORE_INVALID',
    `${path} must say {"format":"${format}","version":${storeVersion}}, but does not: this is not a store, or the file was damaged. Name another store (--store), or put the file right.`,
  )
}

async function migrate(files: FileSystem, store: string, from: number, steps: Migrations): Promise<void> {
  const step = steps[from]
  if (step === undefined) {
    throw new EspalierError(
      'STORE_VERSION',
      `${store} has a layout of version ${from}, which this program cannot bring up to version ${storeVersion}.`,
    )
  }
  try {
    await step(files, store)
  } catch (error) {
    throw writeFailed(store, error)
  }
  await writeMarker(files, store, from + 1)
}

/** Makes a store where there is none. Several processes may do so at once. */
export async function makeStore(files: FileSystem, store: string): Promise<void> {
  if (await findStore(files, store)) return
  try {
    await makeDirectoryDurably(files, sweepsDirectory(store))
  } catch (error) {
    throw writeFailed(store, error)
  }
  await writeMarker(files, store, storeVersion)
}

/**
 * Keeps git from taking the records for changes of the repository that the store lies in. One that is there already,
 * an empty one too, is left as it is. Records go on without it.
 */
export async function ignoreStore(files: FileSystem, store: string): Promise<void> {
  const path = join(store, '.gitignore')
  try {
    if ((await files.stat(path)) === null) await writeFileDurably(files, path, Buffer.from('*\n'))
  } catch {}
}

async function writeMarker(files: FileSystem, store: string, version: number): Promise<void> {
  const path = markerPath(store)
  try {
    await writeFileDurably(files, path, Buffer.from(`${JSON.stringify({ format, version })}\n`))
  } catch (error) {
    throw writeFailed(path, error)
  }
}
