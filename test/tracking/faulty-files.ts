/** The real file system with faults put in, and what was asked of it counted. */
import { type FileSystem, nodeFileSystem } from '../../src/tracking/file-system.js'

export class FaultyFiles implements FileSystem {
  readonly counts = { append: 0, datasync: 0, rename: 0, bytes: 0 }
  /** What was opened, read, listed or looked at. */
  readonly reads = { open: 0, readFile: 0, list: 0, stat: 0 }
  /** Bytes the disk still takes; a write takes what fits, the next one fails. */
  space = Number.POSITIVE_INFINITY
  /** At most this many bytes a write: the system may take less than it is given. */
  shortest = Number.POSITIVE_INFINITY
  fail: Partial<Record<'append' | 'datasync' | 'rename' | 'truncate' | 'create' | 'makeDirectory', string>> =
    {}
  /** Milliseconds a datasync takes longer. */
  slow = 0

  open: FileSystem['open'] = async (path, how) => {
    if (how !== 'read') this.#mayFail('create')
    else this.reads.open++
    const file = await nodeFileSystem.open(path, how)
    return {
      ...file,
      append: async (bytes) => {
        this.#mayFail('append')
        if (this.space <= 0) throw failure('ENOSPC')
        this.counts.append++
        const count = await file.append(bytes.subarray(0, Math.min(this.space, this.shortest)))
        this.space -= count
        this.counts.bytes += count
        return count
      },
      datasync: async () => {
        this.#mayFail('datasync')
        this.counts.datasync++
        if (this.slow > 0) await new Promise((resolve) => setTimeout(resolve, this.slow))
        await file.datasync()
      },
      truncate: async (length) => {
        this.#mayFail('truncate')
        await file.truncate(length)
      },
    }
  }

  readFile: FileSystem['readFile'] = (path) => {
    this.reads.readFile++
    return nodeFileSystem.readFile(path)
  }
  list: FileSystem['list'] = (path) => {
    this.reads.list++
    return nodeFileSystem.list(path)
  }
  stat: FileSystem['stat'] = (path) => {
    this.reads.stat++
    return nodeFileSystem.stat(path)
  }
  remove = nodeFileSystem.remove
  syncDirectory = nodeFileSystem.syncDirectory

  makeDirectory: FileSystem['makeDirectory'] = async (path) => {
    this.#mayFail('makeDirectory')
    return nodeFileSystem.makeDirectory(path)
  }

  rename: FileSystem['rename'] = async (from, to) => {
    this.#mayFail('rename')
    this.counts.rename++
    await nodeFileSystem.rename(from, to)
  }

  #mayFail(what: keyof FaultyFiles['fail']): void {
    const code = this.fail[what]
    if (code !== undefined) throw failure(code)
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code })
}
