/**
 * How far a sweep was sent to a server: a file in the store, one for each server, and the lock of whoever sends.
 *
 * It saves work and is trusted for nothing else: which runs the server has is asked there at the beginning of each session, and what is
 * sent again after a crash is the same to the last byte, which the server takes once. So it need not be written after each step.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EspalierError, isEspalierError } from '../../errors.js'
import {
  type FollowPlace,
  type Lock,
  makeDirectoryDurably,
  nodeFileSystem,
  takeLock,
  writeFileDurably,
} from '../../tracking/index.js'
import { isJsonObject } from '../../values.js'
import type { ServerAddress } from './address.js'

/** What the server has of one run. */
export interface SentRun {
  /** The server's id of it. */
  id: string
  /** A digest of all that was sent; '' until all of it was. */
  page: string
  /** How many steps of each metric, and a digest of those: of a run that had not ended. */
  steps?: Record<string, readonly [count: number, digest: string]>
  /** Digests of the artifacts that it has, by name. */
  files?: Record<string, string>
  /** Tags that somebody set. */
  tags?: readonly string[]
  /** Whether it has its data sets. */
  inputs?: boolean
  /** A digest of the model of which it has a logged one. */
  model?: string
}

export interface CursorState {
  /** Whether `resume` goes on sending by itself. */
  live: boolean
  /** The server's id of its experiment. */
  experiment?: string
  /** How far the record had been read when all of it was sent; null while some is missing. */
  place: FollowPlace | null
  /** By trial number; the sweep itself is `sweep`. */
  runs: Record<string, SentRun>
}

export interface Cursor {
  readonly state: CursorState
  /** Writes it down, whole or not at all. */
  save(): Promise<void>
  release(): Promise<void>
}

const version = 1
const fileIn = (folder: string, server: ServerAddress) => join(folder, server.id, 'cursor.json')

/**
 * Takes up a sweep for sending to a server.
 * @param folder `mirrorsOf` the sweep.
 * @throws EspalierError SWEEP_LOCKED while another process does.
 */
export async function openCursor(folder: string, server: ServerAddress, sweep: string): Promise<Cursor> {
  const directory = join(folder, server.id)
  await makeDirectoryDurably(nodeFileSystem, directory)
  let lost: EspalierError | null = null
  let lock: Lock
  try {
    lock = await takeLock(directory, sweep, (error) => {
      lost = error
    })
  } catch (error) {
    if (!isEspalierError(error) || error.code !== 'SWEEP_LOCKED') throw error
    const who = /process \d+ on \S+/.exec(error.message)?.[0] ?? 'another process'
    throw new EspalierError(
      'SWEEP_LOCKED',
      `a sweep is sent to a server by one process at a time, and sweep ${sweep} is being sent to ${server.name} by ${who}; wait for it to end`,
      { cause: error },
    )
  }
  const state = (await readCursor(folder, server)) ?? { live: false, place: null, runs: {} }
  return {
    state,
    async save() {
      if (lost !== null) throw lost
      lock.mustHold()
      const text = `${JSON.stringify({ version, url: server.base, ...state })}\n`
      await writeFileDurably(nodeFileSystem, fileIn(folder, server), Buffer.from(text))
    },
    release: () => lock.release(),
  }
}

/** What is written down; null where there is nothing, or nothing that can be read: all is sent again then. */
export async function readCursor(folder: string, server: ServerAddress): Promise<CursorState | null> {
  try {
    return cursorIn(await readFile(fileIn(folder, server), 'utf8'))
  } catch {
    return null
  }
}

function cursorIn(text: string): CursorState | null {
  const json: unknown = JSON.parse(text)
  if (!isJsonObject(json) || json.version !== version || !isJsonObject(json.runs)) return null
  const { live, place, runs } = json as unknown as CursorState
  return { live: live === true, place: place ?? null, runs }
}

/** The URL of the server that a sweep is sent to as it goes, where it was begun so; null else. */
export async function liveServer(folder: string): Promise<string | null> {
  for (const { name } of await nodeFileSystem.list(folder).catch(() => [])) {
    const text = await readFile(join(folder, name, 'cursor.json'), 'utf8').catch(() => '{}')
    try {
      const { live, url } = JSON.parse(text) as { live?: unknown; url?: unknown }
      if (live === true && typeof url === 'string') return url
    } catch {}
  }
  return null
}
