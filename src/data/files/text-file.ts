/**
 * What the text formats share. A column that begins with numbers and turns out to be text has lost how its first cells were
 * written, so the file is parsed again with that known, until a pass finds no further one.
 */
import { basename } from 'node:path'
import { checkText, countLines, digestOf } from './bytes.js'
import { ColumnBuilder } from './column-builder.js'
import type { FileColumn, FileTable, ReadOptions } from './types.js'

/** What one pass over the file gives. */
export interface Parsed {
  readonly columns: FileColumn[]
  readonly rows: number
  /** The line, from 1, where each row begins. */
  readonly lines: Int32Array
}

/** Makes the columns of one pass. */
export class ColumnMaker {
  readonly #capacity: number
  readonly #options: ReadOptions
  readonly #knownTexts: Set<string>

  constructor(capacity: number, options: ReadOptions, knownTexts: Set<string>) {
    this.#capacity = capacity
    this.#options = options
    this.#knownTexts = knownTexts
  }

  /** null for a column that is not wanted. */
  builder(column: string): ColumnBuilder | null {
    const kind = this.#options.kindOf(column)
    if (kind === 'skip') return null
    return new ColumnBuilder(
      column,
      this.#knownTexts.has(column) ? 'text' : kind,
      this.#capacity,
      this.#options.missing,
    )
  }

  finish(builders: Iterable<ColumnBuilder | null>, rows: number): FileColumn[] {
    const columns: FileColumn[] = []
    for (const builder of builders) {
      if (builder === null) continue
      if (builder.lostTexts) this.#knownTexts.add(builder.name)
      columns.push(builder.finish(rows))
    }
    return columns
  }
}

/**
 * Throws DATA_INVALID where the file is no text.
 * @param content what such a file has, in words, for the message where it is empty.
 * @param parse one pass; `capacity` is an upper bound of the rows.
 */
export function readTextFile(
  bytes: Buffer,
  file: string,
  content: string,
  options: ReadOptions,
  parse: (text: Buffer, name: string, capacity: number, columns: ColumnMaker) => Parsed,
): FileTable {
  const name = basename(file)
  const text = checkText(bytes, file, content)
  const capacity = countLines(text)
  const knownTexts = new Set<string>()
  for (;;) {
    const before = knownTexts.size
    const { columns, rows, lines } = parse(
      text,
      name,
      capacity,
      new ColumnMaker(capacity, options, knownTexts),
    )
    if (knownTexts.size === before)
      return {
        columns,
        rows,
        place: (row) => ({ file: name, row: `line ${lines[row]}` }),
        digest: digestOf(bytes),
      }
  }
}
