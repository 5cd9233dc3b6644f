/** Reads a data file of any format. */
import { extname } from 'node:path'
import { readBytes } from './bytes.js'
import { readDelimited } from './delimited.js'
import { readJsonLines } from './json-lines.js'
import type { FileFormat, FileTable, ReadOptions } from './types.js'

const extensions: Readonly<Record<string, FileFormat>> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.parquet': 'parquet',
  '.pq': 'parquet',
}

/** The format a file's extension stands for: CSV where it says nothing. */
export function formatOf(file: string): FileFormat {
  return extensions[extname(file).toLowerCase()] ?? 'csv'
}

/** Throws FILE_NOT_READABLE, or DATA_INVALID with every problem (up to 20), each with file, line and column. */
export async function readTableFile(file: string, options: ReadOptions): Promise<FileTable> {
  const bytes = await readBytes(file)
  const format = options.format ?? formatOf(file)
  switch (format) {
    case 'csv':
    case 'tsv':
      return readDelimited(bytes, file, format, options)
    case 'jsonl':
      return readJsonLines(bytes, file, options)
    case 'parquet':
      return readParquetFile(bytes, file, options)
  }
}

async function readParquetFile(bytes: Buffer, file: string, options: ReadOptions): Promise<FileTable> {
  const { readParquet } = await import('./parquet.js')
  return readParquet(bytes, file, options)
}
