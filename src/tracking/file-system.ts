/**
 * What the store needs of a file system, small enough that a test can put a faulty one in its place
 * (short writes, a full disk, an fsync that fails).
 */
import { constants } from 'node:fs'
import { access, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncPath } from '../sync-path.js'

export interface OpenFile {
  /** Writes at the end of the file; may write less than it was given. Returns the bytes written. */
  append(bytes: Uint8Array): Promise<number>
  /** Reads at `position`; fewer bytes than asked only at the end of the file. Returns the bytes read. */
  read(into: Uint8Array, position: number): Promise<number>
  /** Bytes, and a number that tells this file from another of the same name. */
  stat(): Promise<{ size: number; file: number }>
  truncate(length: number): Promise<void>
  /** Returns when the data is on the disk, not only in the system's memory. */
  datasync(): Promise<void>
  close(): Promise<void>
}

export interface FileSystem {
  /** `read`: must exist; `append`: must exist, is written at its end; `create`: must not exist yet. */
  open(path: string, how: 'read' | 'append' | 'create'): Promise<OpenFile>
  readFile(path: string): Promise<Uint8Array>
  /** Names in a directory with their kind. */
  list(path: string): Promise<{ name: string; directory: boolean }[]>
  /** null where nothing has this name. */
  stat(path: string): Promise<{ size: number; directory: boolean; modified: number } | null>
  /** With the directories above it. Returns the topmost one made, undefined if it was there. */
  makeDirectory(path: string): Promise<string | undefined>
  rename(from: string, to: string): Promise<void>
  /** A file, or a directory and all in it; nothing where nothing is. */
  remove(path: string): Promise<void>
  /** Makes names newly made in a directory survive a power cut. */
  syncDirectory(path: string): Promise<void>
}

const { O_RDONLY, O_RDWR, O_APPEND, O_CREAT, O_EXCL } = constants
/** A link in the place of a file is not followed, where the system knows how (not on Windows). */
const noFollow = constants.O_NOFOLLOW ?? 0
const openFlags = {
  read: O_RDONLY | noFollow,
  append: O_RDWR | O_APPEND | noFollow,
  create: O_RDWR | O_APPEND | O_CREAT | O_EXCL | noFollow,
}

/** The real one. */
export const nodeFileSystem: FileSystem = {
  async open(path, how) {
    const handle = await open(path, openFlags[how])
    return {
      append: async (bytes) => (await handle.write(bytes)).bytesWritten,
      async read(into, position) {
        let filled = 0
        while (filled < into.length) {
          const { bytesRead } = await handle.read(into, filled, into.length - filled, position + filled)
          if (bytesRead === 0) break
          filled += bytesRead
        }
        return filled
      },
      async stat() {
        const { size, ino } = await handle.stat()
        return { size, file: ino }
      },
      truncate: (length) => handle.truncate(length),
      datasync: () => handle.datasync(),
      close: () => handle.close(),
    }
  },
  readFile: (path) => readFile(path, { flag: openFlags.read }),
  async list(path) {
    const entries = await readdir(path, { withFileTypes: true })
    return entries.map((entry) => ({ name: entry.name, directory: entry.isDirectory() }))
  },
  async stat(path) {
    try {
      const found = await stat(path)
      return { size: found.size, directory: found.isDirectory(), modified: found.mtimeMs }
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null
      throw error
    }
  },
  async makeDirectory(path) {
    try {
      return await mkdir(path, { recursive: true })
    } catch (error) {
      // On a read-only file system Node says of all that is missing that it is missing.
      if (errorCode(error) === 'ENOENT') await mustBeWritable(dirname(path))
      throw error
    }
  },
  rename: (from, to) => rename(from, to),
  remove: (path) => rm(path, { recursive: true, force: true }),
  syncDirectory: syncPath,
}

/** Throws what keeps this user from writing in the nearest directory that is there. */
async function mustBeWritable(path: string): Promise<void> {
  try {
    await access(path, constants.W_OK)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    if (path !== dirname(path)) await mustBeWritable(dirname(path))
  }
}

export function errorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : undefined
}

/** Makes a directory and everything above it that is missing, so that it survives a power cut. */
export async function makeDirectoryDurably(files: FileSystem, path: string): Promise<void> {
  const topmost = await files.makeDirectory(path)
  if (topmost === undefined) return
  for (let made = path; ; made = dirname(made)) {
    await files.syncDirectory(dirname(made))
    if (made === topmost || made === dirname(made)) return
  }
}

let temporaries = 0

/** The name of a file that is not yet what it will be; a crash may leave it behind. */
export const isTemporary = (name: string) => name.startsWith('.') && name.endsWith('.tmp')

/**
 * Puts a whole file in place: whoever looks finds the old content or the new, never half of one, also after a
 * power cut. Written beside its place (or in `workshop`, on the same disk), synced, renamed, and the directory synced.
 */
export async function writeFileDurably(
  files: FileSystem,
  path: string,
  content: Uint8Array,
  workshop = dirname(path),
): Promise<void> {
  const temporary = join(workshop, `.${process.pid}-${Date.now()}-${temporaries++}.tmp`)
  try {
    const file = await files.open(temporary, 'create')
    try {
      await appendAll(file, content)
      await file.datasync()
    } finally {
      await file.close()
    }
    await files.rename(temporary, path)
    await files.syncDirectory(dirname(path))
  } catch (error) {
    await files.remove(temporary).catch(() => {})
    throw error
  }
}

/** Appends all of `bytes`, however many writes that takes. */
export async function appendAll(file: OpenFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const count = await file.append(written === 0 ? bytes : bytes.subarray(written))
    if (count <= 0) throw Object.assign(new Error('the file takes no more bytes'), { code: 'ENOSPC' })
    written += count
  }
}
