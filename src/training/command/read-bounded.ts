/**
 * Files that a program names, read whatever they are: one that waits for ever (a pipe, a device) is none, one that grows
 * or says that it is empty (in /proc) is read to its end, and no more is read than may be kept.
 */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { FitFailure } from '../failures.js'

/**
 * The content of a file; null where it has more than `limit` bytes, or the signal aborts. Throws FitFailure
 * RESULT_INVALID where there is no file, or it cannot be read.
 * @param what it is, in a message.
 */
export async function readBounded(
  path: string,
  limit: number,
  signal: AbortSignal,
  what = 'an artifact',
): Promise<Uint8Array | null> {
  const refused = (why: string) =>
    new FitFailure('RESULT_INVALID', `${what} must be a file when the program ends (${path}: ${why})`)
  // To open a pipe that nobody writes into would wait for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      throw refused(error.code === 'ENOENT' ? 'there is none' : error.message)
    },
  )
  try {
    const found = await file.stat()
    if (!found.isFile()) throw refused('it is none')
    if (found.size > limit) return null
    const pieces: Buffer[] = []
    let length = 0
    while (!signal.aborted) {
      const piece = Buffer.allocUnsafe(Math.max(64 * 1024, Math.min(found.size - length + 1, 2 ** 20)))
      const { bytesRead } = await file.read(piece, 0, piece.length, length)
      if (bytesRead === 0) return Buffer.concat(pieces, length)
      pieces.push(piece.subarray(0, bytesRead))
      length += bytesRead
      if (length > limit) return null
    }
    return null
  } catch (error) {
    throw error instanceof FitFailure ? error : refused((error as Error).message)
  } finally {
    await file.close()
  }
}
