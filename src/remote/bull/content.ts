/**
 * Content by its digest, as jobs in a queue that nobody works on: pieces, and a head that is written when all of them are there and removed
 * before any of them is. Never more than a piece beside the content is in memory.
 */

import { createHash } from 'node:crypto'
import type { Queue } from 'bullmq'
import { EspalierError } from '../../errors.js'
import type { KeptName } from '../transport.js'
import type { Backing } from './backing.js'
import { dataOf, textsOf } from './text.js'

/** Bytes of a piece, before base64. */
const pieceBytes = 768 * 1024

const mark = 'c-'

/** What content is kept by: its digest, and its owner where it has one. */
export function contentName(digest: string, owner?: string): string {
  return owner === undefined ? digest : `${digest}.${owner}`
}

function digestIn(name: string): string {
  return name.split('.', 1)[0]!
}

/** Of a job, head or piece: a piece has its number behind its name. */
function keptName(job: string): KeptName {
  const name = job.slice(mark.length)
  const at = name.indexOf('.')
  if (at < 0) return { digest: name.split('-', 1)[0]!, owner: null }
  return { digest: name.slice(0, at), owner: name.slice(at + 1) }
}

function headId(name: string): string {
  return mark + name
}

function pieceId(name: string, piece: number): string {
  return `${mark}${name}-${piece}`
}

/** Whether a job, head or piece, is this owner's, or that of one whose name goes on from it. */
function isOf(owner: string, job: string): boolean {
  const name = job.slice(mark.length)
  const own = name.slice(digestIn(name).length + 1)
  return own === owner || own.startsWith(`${owner}-`)
}

export class Contents {
  readonly #backing: Backing
  readonly #queue: Queue

  constructor(backing: Backing) {
    this.#backing = backing
    this.#queue = backing.queue('content')
  }

  async put(name: string, content: Uint8Array): Promise<void> {
    if ((await this.#bytesOf(name)) !== null) return
    for (let piece = 0; piece * pieceBytes < content.length; piece++) {
      const part = content.subarray(piece * pieceBytes, (piece + 1) * pieceBytes)
      const text = Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('base64')
      await this.#add(pieceId(name, piece), text)
    }
    await this.#add(headId(name), String(content.length))
  }

  async get(name: string): Promise<Uint8Array | null> {
    const bytes = await this.#bytesOf(name)
    if (bytes === null) return null
    const content = this.#roomFor(name, bytes)
    const hash = createHash('sha256')
    for (let at = 0, piece = 0; at < bytes; piece++) {
      const text = await this.#read(pieceId(name, piece))
      if (text === null) {
        // Dropped while we read it, which begins with the head; or never whole.
        if ((await this.#bytesOf(name)) === null) return null
        throw this.#corrupt(name, `piece ${piece} is missing`)
      }
      const part = Buffer.from(text, 'base64')
      if (part.length === 0 || at + part.length > bytes) throw this.#corrupt(name, 'its length is another')
      content.set(part, at)
      hash.update(part)
      at += part.length
    }
    const found = hash.digest('hex')
    if (found !== digestIn(name)) throw this.#corrupt(name, `it has the digest ${found}`)
    return content
  }

  /** What a head says may be anybody's word. */
  #roomFor(name: string, bytes: number): Uint8Array {
    try {
      return new Uint8Array(bytes)
    } catch {
      throw this.#corrupt(name, `its ${bytes} bytes do not fit into memory`)
    }
  }

  async drop(name: string): Promise<void> {
    const bytes = await this.#bytesOf(name)
    await this.#backing.patiently(() => this.#queue.remove(headId(name)))
    for (let piece = 0; piece * pieceBytes < (bytes ?? 0); piece++) {
      await this.#backing.patiently(() => this.#queue.remove(pieceId(name, piece)))
    }
  }

  dropOf(owner: string): Promise<void> {
    return this.#dropWhere((job) => isOf(owner, job))
  }

  dropUnowned(digests: ReadonlySet<string>): Promise<void> {
    return this.#dropWhere((job) => {
      const { digest, owner } = keptName(job)
      return owner === null && digests.has(digest)
    })
  }

  async all(): Promise<KeptName[]> {
    return (await this.#jobs()).map(keptName)
  }

  #jobs(): Promise<string[]> {
    return this.#backing.patiently(() => this.#queue.getRanges(['waiting'], 0, -1, true))
  }

  /** Heads first: what is being read then is not there, and not half there. */
  async #dropWhere(goes: (job: string) => boolean): Promise<void> {
    const jobs = (await this.#jobs()).filter(goes).sort((a, b) => a.length - b.length)
    for (const job of jobs) await this.#backing.patiently(() => this.#queue.remove(job))
  }

  async #bytesOf(name: string): Promise<number | null> {
    const text = await this.#read(headId(name))
    if (text === null) return null
    const bytes = Number(text)
    if (!Number.isSafeInteger(bytes) || bytes < 0) throw this.#corrupt(name, 'its head is none')
    return bytes
  }

  async #add(jobId: string, text: string): Promise<void> {
    await this.#backing.patiently(() => this.#queue.add('content', dataOf([text]), { jobId }))
  }

  async #read(jobId: string): Promise<string | null> {
    const job = await this.#backing.patiently(() => this.#queue.getJob(jobId))
    return job === undefined ? null : (textsOf(job.data)[0] ?? '')
  }

  #corrupt(name: string, found: string): EspalierError {
    return new EspalierError(
      'MESSAGE_INVALID',
      `content must have the digest it is kept by (${name} in ${this.#backing.name}: ${found}); drop it and put it there again`,
    )
  }
}
