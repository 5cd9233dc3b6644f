/** A file's bytes and their digest. */
import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { EspalierError } from '../../errors.js'
import { ProblemList } from '../problems.js'

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

/** The bytes of a text file without a byte order mark. Throws DATA_INVALID where it is empty or not UTF-8. */
export function checkText(bytes: Buffer, file: string, content: string): Buffer {
  const name = basename(file)
  const problems = new ProblemList()
  if (bytes.length === 0) problems.add(name, `a data file has ${content}, and this file is empty`)
  else if (bytes.subarray(0, 4).toString('latin1') === 'PAR1') {
    problems.add(
      name,
      'a data file in text has no binary parts, and this is a Parquet file; say "format": "parquet"',
    )
  } else if (!isUtf8(bytes)) {
    problems.add(name, 'a data file is UTF-8 text, and this file is not; save it in UTF-8')
  }
  problems.throwIfAny('DATA_INVALID')
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
}

/** An upper bound of the number of lines, so that columns are allocated once. */
export function countLines(bytes: Buffer): number {
  let count = 1
  const lineEnd = bytes.includes(10) ? 10 : 13
  for (let at = bytes.indexOf(lineEnd); at !== -1; at = bytes.indexOf(lineEnd, at + 1)) count++
  return count
}
