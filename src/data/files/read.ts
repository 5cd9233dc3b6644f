/** Reads a data file of any format. */
import { extname } from 'node:path'
import { digestOf, readBytes } from './bytes.js'
import { unpack } from './compression.js'
import { cellsOf, readDelimited } from './delimited.js'
import { readJsonLines } from './json-lines.js'
import type { FileFormat, FileReading, FileTable, ReadOptions } from './types.js'

const extensions: Readonly<Record<string, FileFormat>> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.parquet': 'parquet',
  '.pq': 'parquet',
}

/** The format a file's extension stands for, that of a packed file left aside: CSV where it says nothing. */
export function formatOf(file: string): FileFormat {
  return extensions[extname(file.replace(/\.(?:gz|zip)$/i, '')).toLowerCase()] ?? 'csv'
}

/** Throws FILE_NOT_READABLE, or DATA_INVALID with every problem (up to 20), each with file, line and column. */
export async function readTableFile(file: string, options: ReadOptions): Promise<FileTable> {
  const stored = await readBytes(file)
  // Before anything is done with the bytes in their place.
  const digest = digestOf(stored)
  const { bytes, inner, packed } = await unpack(stored, file)
  const format = options.format ?? formatOf(inner)
  const table = await readAs(format, bytes, file, options)
  const findings =
    packed === null
      ? table.findings
      : [
          { what: 'packed', found: packed, why: 'by its first bytes', isUsual: true } as const,
          ...table.findings,
        ]
  return { ...table, findings, digest }
}

/** The same of bytes that are in no file: `name` is what they are called where they are at fault. They may be written to. */
export async function readTableBytes(
  bytes: Buffer,
  format: FileFormat,
  name: string,
  options: ReadOptions,
): Promise<FileTable> {
  const digest = digestOf(bytes)
  return { ...(await readAs(format, bytes, name, options)), digest }
}

/** The cells of a CSV or TSV file as they are written, its header first; null for other formats. */
export async function readCells(
  file: string,
  reading: FileReading,
  how: Pick<ReadOptions, 'skipLines' | 'columnNames'>,
): Promise<string[][] | null> {
  if (reading.separator === null) return null
  const { bytes } = await unpack(await readBytes(file), file)
  return cellsOf(bytes, file, reading, how)
}

async function readAs(
  format: FileFormat,
  bytes: Buffer,
  file: string,
  options: ReadOptions,
): Promise<Omit<FileTable, 'digest'>> {
  switch (format) {
    case 'csv':
    case 'tsv':
      return readDelimited(bytes, file, format, options)
    case 'jsonl':
      return readJsonLines(bytes, file, options)
    case 'parquet': {
      const { readParquet } = await import('./parquet.js')
      return readParquet(bytes, file, options)
    }
  }
}
