/** A file's bytes and their digest. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { EspalierError } from '../../errors.js'

/** Throws FILE_NOT_READABLE. */
export async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'there is no such file',
      EISDIR: 'it is a directory',
    }
    throw new EspalierError(
      'FILE_NOT_READABLE',
      `the data file ${file} cannot be read: ${reasons[code ?? ''] ?? message}`,
      { cause: error },
    )
  }
}

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** An upper bound of the number of lines, so that columns are allocated once. */
export function countLines(bytes: Buffer): number {
  let count = 1
  const lineEnd = bytes.includes(10) ? 10 : 13
  for (let at = bytes.indexOf(lineEnd); at !== -1; at = bytes.indexOf(lineEnd, at + 1)) count++
  return count
}
