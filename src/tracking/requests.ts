/**
 * Requests on the disk: `sweeps/<id>/requests/<request>.json`, written whole by whoever asks. The process that holds the
 * sweep takes one up by renaming it to `<request>.taken`, so that it is either taken up or taken back, and removes it when
 * the answer is on record.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { EspalierError } from '../errors.js'
import { type AskedRequest, parseRequest, requestText } from './acts.js'
import {
  errorCode,
  type FileSystem,
  isTemporary,
  makeDirectoryDurably,
  writeFileDurably,
} from './file-system.js'
import { isRunId } from './ids.js'

const waitingEnd = '.json'
const takenEnd = '.taken'
/** Bytes of a request; a longer one is refused unread. */
const longest = 1 << 20
/** ms after which what a writer left half made is cleared away. */
const halfMadeFor = 60_000

/** 16 hexadecimal digits, at random. */
export const newRequestId = () => randomBytes(8).toString('hex')

/** A request's file. `taken`: a process that held the sweep took it up. */
export interface WaitingRequest {
  readonly id: string
  readonly taken: boolean
}

export class RequestFolder {
  readonly path: string
  readonly #files: FileSystem

  constructor(files: FileSystem, sweepDirectory: string) {
    this.#files = files
    this.path = join(sweepDirectory, 'requests')
  }

  /** Writes a request; on the disk when it resolves. */
  async ask(request: Omit<AskedRequest, 'id'>): Promise<string> {
    const id = newRequestId()
    await makeDirectoryDurably(this.#files, this.path)
    const content = Buffer.from(requestText({ id, ...request }))
    await writeFileDurably(this.#files, this.#waiting(id), content)
    return id
  }

  /** What waits; nothing where nobody has asked yet. What was taken up, and not answered, comes first. */
  async list(): Promise<readonly WaitingRequest[]> {
    let entries: { name: string }[]
    try {
      entries = await this.#files.list(this.path)
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return []
      throw error
    }
    const found: WaitingRequest[] = []
    for (const { name } of entries) {
      for (const [end, taken] of [
        [waitingEnd, false],
        [takenEnd, true],
      ] as const)
        if (name.endsWith(end) && isRunId(name.slice(0, -end.length)))
          found.push({ id: name.slice(0, -end.length), taken })
    }
    return found.sort((a, b) => Number(b.taken) - Number(a.taken) || (a.id < b.id ? -1 : 1))
  }

  /** Takes a request up. false where whoever asked has taken it back. */
  take(id: string): Promise<boolean> {
    return this.#move(this.#waiting(id), this.#taken(id))
  }

  /** Takes a request back. false where it was taken up, or answered. */
  async takeBack(id: string): Promise<boolean> {
    const aside = join(this.path, `.back-${id}.tmp`)
    if (!(await this.#move(this.#waiting(id), aside))) return false
    await this.#files.remove(aside)
    return true
  }

  /**
   * A request that was taken up.
   * @throws USAGE where it is none.
   */
  async read(id: string): Promise<AskedRequest> {
    const path = this.#taken(id)
    const size = (await this.#files.stat(path))?.size ?? 0
    if (size > longest)
      throw new EspalierError('USAGE', `a request takes at most ${longest} bytes (got ${size})`)
    return parseRequest(id, Buffer.from(await this.#files.readFile(path)).toString())
  }

  /** The answer is on record. */
  async done(id: string): Promise<void> {
    await this.#files.remove(this.#taken(id))
  }

  /** Where a request is: nowhere once it was answered. */
  async state(id: string): Promise<'waiting' | 'taken' | 'gone'> {
    // In this order, as it is moved from the one to the other.
    if ((await this.#files.stat(this.#waiting(id))) !== null) return 'waiting'
    return (await this.#files.stat(this.#taken(id))) === null ? 'gone' : 'taken'
  }

  /** Clears away what writers left that died at it. */
  async tidy(): Promise<void> {
    if ((await this.#files.stat(this.path)) === null) return
    for (const { name } of await this.#files.list(this.path)) {
      const path = join(this.path, name)
      const modified = isTemporary(name) ? (await this.#files.stat(path))?.modified : undefined
      if (modified !== undefined && Date.now() - modified > halfMadeFor) await this.#files.remove(path)
    }
  }

  #waiting(id: string): string {
    return join(this.path, `${id}${waitingEnd}`)
  }

  #taken(id: string): string {
    return join(this.path, `${id}${takenEnd}`)
  }

  /** false where it is not there any more. */
  async #move(from: string, to: string): Promise<boolean> {
    try {
      await this.#files.rename(from, to)
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return false
      throw error
    }
    await this.#files.syncDirectory(this.path)
    return true
  }
}
