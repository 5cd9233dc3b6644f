/** What a data file holds where it is packed: gzip, or a zip file with one member. Told by its first bytes, not by its name. */
import { basename, extname } from 'node:path'
import { promisify } from 'node:util'
import type { Entry } from 'yauzl'
import { describeError } from '../../errors.js'
import { ProblemList } from '../problems.js'

export interface Unpacked {
  readonly bytes: Buffer
  /** The name of what is in it, by which its format is known. */
  readonly inner: string
  readonly packed: 'gzip' | 'zip' | null
}

/** Throws DATA_INVALID where the file is broken, or a zip file with several members. */
export async function unpack(bytes: Buffer, file: string): Promise<Unpacked> {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5)
  // What Excel wrote before 2007: a compound file (MS-CFB).
  const isOldWorkbook = bytes.subarray(0, 4).equals(Buffer.of(0xd0, 0xcf, 0x11, 0xe0))
  if (!isGzip && !isZip && !isOldWorkbook) return { bytes, inner: file, packed: null }
  const packed = isGzip ? 'gzip' : 'zip'
  try {
    if (isOldWorkbook) throw new Refusal(workbook)
    if (isZip) return { ...(await unzip(bytes)), packed }
    const { gunzip } = await import('node:zlib')
    const inner = /\.t?gz$/i.test(file) ? file.slice(0, -extname(file).length) : file
    return { bytes: await promisify<Buffer, Buffer>(gunzip)(bytes), inner, packed }
  } catch (error) {
    const problems = new ProblemList()
    problems.add(
      basename(file),
      error instanceof Refusal
        ? error.message
        : `this is no ${packed} file that can be read: ${describeError(error).message}`,
    )
    problems.throwIfAny('DATA_INVALID')
    throw error
  }
}

class Refusal extends Error {}

const workbook =
  'a data file is text or Parquet, and this is a workbook of a spreadsheet; save its sheet as CSV (UTF-8)'

/** The one file in it, checked against its CRC-32 (where this Node has one: 20.15). Folders, and what macOS puts beside files, are none. */
async function unzip(bytes: Buffer): Promise<{ bytes: Buffer; inner: string }> {
  const [{ fromBufferPromise }, zlib] = await Promise.all([import('yauzl'), import('node:zlib')])
  const zip = await fromBufferPromise(bytes, { lazyEntries: true })
  const files: Entry[] = []
  for await (const entry of zip.eachEntry())
    if (!/\/$|^__MACOSX\/|(?:^|\/)\.DS_Store$/.test(entry.fileName)) files.push(entry)
  const [file] = files
  if (files.some(({ fileName }) => fileName === '[Content_Types].xml' || fileName === 'content.xml'))
    throw new Refusal(workbook)
  if (files.length !== 1) {
    const found = files.map(({ fileName }) => fileName).slice(0, 5)
    throw new Refusal(
      `a zip file holds one data file, and this one holds ${files.length}${found.length > 0 ? ` (${found.join(', ')})` : ''}; unpack it, and name the file or the list of them`,
    )
  }
  const pieces: Buffer[] = []
  for await (const piece of await zip.openReadStreamPromise(file)) pieces.push(piece as Buffer)
  const inner = Buffer.concat(pieces)
  if (typeof zlib.crc32 === 'function' && zlib.crc32(inner) !== file.crc32)
    throw new Error(`the checksum of ${file.fileName} is not what the file says`)
  return { bytes: inner, inner: file.fileName }
}
