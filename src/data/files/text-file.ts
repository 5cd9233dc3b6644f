/**
 * What the text formats share. A column that begins with numbers and turns out to be text has lost how its first cells were
 * written, so the file is parsed again with that known, until a pass finds no further one.
 */
import { basename } from 'node:path'
import { countLines } from './bytes.js'
import type { CellRules } from './cells.js'
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
  readonly #rules: CellRules
  readonly #knownTexts: Set<string>

  constructor(capacity: number, options: ReadOptions, rules: CellRules, knownTexts: Set<string>) {
    this.#capacity = capacity
    this.#options = options
    this.#rules = rules
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
      this.#rules,
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
 * Makes a table of a text.
 * @param parse one pass; `capacity` is an upper bound of the rows.
 */
export function readPasses(
  text: Buffer,
  file: string,
  options: ReadOptions,
  rules: CellRules,
  parse: (name: string, capacity: number, columns: ColumnMaker) => Parsed,
): Pick<FileTable, 'columns' | 'rows' | 'place'> {
  const name = basename(file)
  const capacity = countLines(text)
  const knownTexts = new Set<string>()
  for (;;) {
    const before = knownTexts.size
    const { columns, rows, lines } = parse(
      name,
      capacity,
      new ColumnMaker(capacity, options, rules, knownTexts),
    )
    if (knownTexts.size === before)
      return { columns, rows, place: (row) => ({ file: name, row: `line ${lines[row]}` }) }
  }
}
