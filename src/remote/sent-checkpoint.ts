/**
 * A checkpoint on its way between a worker and its coordinator: what it is in the message, and the content of its files in the queue, in
 * parts that fit into memory whatever the file. What the other side has already is not sent.
 */
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { EspalierError } from '../errors.js'
import {
  type Checkpoint,
  type CheckpointFile,
  checkCheckpoint,
  checkpointFile,
  readCheckpoint,
} from '../execution/index.js'
import { isJsonObject } from '../values.js'

/** Bytes of a part. */
const partBytes = 32 * 2 ** 20

export interface SentCheckpoint {
  readonly checkpoint: Checkpoint
  /** By the SHA-256 of a file: the digests of its parts, in order. Files that are not there are those the other side has. */
  readonly parts: Readonly<Record<string, readonly string[]>>
}

/**
 * Sends a whole checkpoint. Rejects with whatever `put` does, and where the folder is no more; what was put then is the caller's to drop.
 * @param has SHA-256 of files that the other side has.
 */
export async function sendCheckpoint(
  folder: string,
  has: ReadonlySet<string>,
  put: (digest: string, content: Uint8Array) => Promise<void>,
): Promise<SentCheckpoint> {
  const checkpoint = await readCheckpoint(folder)
  const parts: Record<string, string[]> = {}
  for (const { name, sha256 } of checkpoint.files) {
    if (has.has(sha256) || Object.hasOwn(parts, sha256)) continue
    const digests: string[] = []
    await inParts(checkpointFile(folder, name), async (part) => {
      const digest = createHash('sha256').update(part).digest('hex')
      await put(digest, part)
      digests.push(digest)
    })
    parts[sha256] = digests
  }
  return { checkpoint, parts }
}

async function inParts(path: string, take: (part: Uint8Array) => Promise<void>): Promise<void> {
  const file = await open(path, 'r')
  try {
    for (;;) {
      const { size } = await file.stat()
      const part = Buffer.allocUnsafe(Math.min(partBytes, Math.max(1, size)))
      let filled = 0
      while (filled < part.length) {
        const { bytesRead } = await file.read(part, filled, part.length - filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      if (filled === 0) return
      await take(part.subarray(0, filled))
    }
  } finally {
    await file.close()
  }
}

/** All digests of parts, each once. */
export function partsOf({ parts }: SentCheckpoint): string[] {
  return [...new Set(Object.values(parts).flat())]
}

/** Writes a file of a checkpoint from its parts. Throws CHECKPOINT_DAMAGED where one is missing, or there is more than the file. */
export async function writeParts(
  { name, bytes, sha256 }: CheckpointFile,
  path: string,
  { parts }: SentCheckpoint,
  get: (digest: string) => Promise<Uint8Array | null>,
): Promise<void> {
  if (!Object.hasOwn(parts, sha256)) throw notAsKept(`the file ${JSON.stringify(name)} was not sent`)
  const file = await open(path, 'wx')
  try {
    let written = 0
    for (const digest of parts[sha256]) {
      const part = await get(digest)
      if (part === null) throw notAsKept(`a part of ${JSON.stringify(name)} is not there any more`)
      written += part.length
      if (written > bytes) throw notAsKept(`${JSON.stringify(name)} is longer than it was`)
      await file.writeFile(part)
    }
  } finally {
    await file.close()
  }
}

/** Throws CHECKPOINT_DAMAGED for what is no checkpoint on its way. */
export function checkSent(given: unknown): SentCheckpoint {
  const { checkpoint, parts } = isJsonObject(given) ? given : {}
  const isList = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === 'string')
  if (!isJsonObject(parts) || !Object.values(parts).every(isList)) throw notAsKept('it is none')
  return { checkpoint: checkCheckpoint(checkpoint, 'what arrived'), parts: parts as SentCheckpoint['parts'] }
}

export function notAsKept(found: string): EspalierError {
  return new EspalierError('CHECKPOINT_DAMAGED', `a checkpoint arrives as it was kept (${found})`)
}

/** Why it could not be taken, without what to do about it. */
export function whyNot(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('; ')[0]!
}
