/**
 * Content by its digest, as jobs in a queue that nobody works on: pieces, and a head that is written when all of them are there and removed
 * before any of them is. Never more than a piece beside the content is in memory.
 */

import { createHash } from 'node:crypto'
import type { Queue } from 'bullmq'
import { EspalierError } from '../../errors.js'
import type { Backing } from './backing.js'
import { dataOf, textsOf } from './text.js'

/** Bytes of a piece, before base64. */
const pieceBytes = 768 * 1024

function headId(digest: string): string {
  return `c-${digest}`
}

function pieceId(digest: string, piece: number): string {
  return `c-${digest}-${piece}`
}

export class Contents {
  readonly #backing: Backing
  readonly #queue: Queue

  constructor(backing: Backing) {
    this.#backing = backing
    this.#queue = backing.queue('content')
  }

  async put(digest: string, content: Uint8Array): Promise<void> {
    if ((await this.#bytesOf(digest)) !== null) return
    for (let piece = 0; piece * pieceBytes < content.length; piece++) {
      const part = content.subarray(piece * pieceBytes, (piece + 1) * pieceBytes)
      const text = Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('base64')
      await this.#add(pieceId(digest, piece), text)
    }
    await this.#add(headId(digest), String(content.length))
  }

  async get(digest: string): Promise<Uint8Array | null> {
    const bytes = await this.#bytesOf(digest)
    if (bytes === null) return null
    const content = new Uint8Array(bytes)
    const hash = createHash('sha256')
    for (let at = 0, piece = 0; at < bytes; piece++) {
      const text = await this.#read(pieceId(digest, piece))
      if (text === null) {
        // Dropped while we read it, which begins with the head; or never whole.
        if ((await this.#bytesOf(digest)) === null) return null
        throw this.#corrupt(digest, `piece ${piece} is missing`)
      }
      const part = Buffer.from(text, 'base64')
      if (part.length === 0 || at + part.length > bytes) throw this.#corrupt(digest, 'its length is another')
      content.set(part, at)
      hash.update(part)
      at += part.length
    }
    const found = hash.digest('hex')
    if (found !== digest) throw this.#corrupt(digest, `it has the digest ${found}`)
    return content
  }

  async drop(digest: string): Promise<void> {
    const bytes = await this.#bytesOf(digest)
    await this.#backing.patiently(() => this.#queue.remove(headId(digest)))
    for (let piece = 0; piece * pieceBytes < (bytes ?? 0); piece++) {
      await this.#backing.patiently(() => this.#queue.remove(pieceId(digest, piece)))
    }
  }

  async #bytesOf(digest: string): Promise<number | null> {
    const text = await this.#read(headId(digest))
    if (text === null) return null
    const bytes = Number(text)
    if (!Number.isSafeInteger(bytes) || bytes < 0) throw this.#corrupt(digest, 'its head is none')
    return bytes
  }

  async #add(jobId: string, text: string): Promise<void> {
    await this.#backing.patiently(() => this.#queue.add('content', dataOf([text]), { jobId }))
  }

  async #read(jobId: string): Promise<string | null> {
    const job = await this.#backing.patiently(() => this.#queue.getJob(jobId))
    return job === undefined ? null : textsOf(job.data)[0]!
  }

  #corrupt(digest: string, found: string): EspalierError {
    return new EspalierError(
      'MESSAGE_INVALID',
      `content must have the digest it is kept by (${digest} in ${this.#backing.name}: ${found}); drop it and put it there again`,
    )
  }
}
