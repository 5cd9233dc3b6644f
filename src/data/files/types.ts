/** A table as a file holds it: columns with a kind, before anybody says which one is the target. */

import type { Encoding } from '../../values.js'
import type { Place, ProblemList } from '../problems.js'
import type { Column } from '../types.js'
import type { CellNotation, CellRules, DecimalMark } from './cells.js'

export type FileFormat = 'csv' | 'tsv' | 'jsonl' | 'parquet'

/** What a column holds. Dates and truth values are kept as numbers: days since 1970-01-01, 1 and 0. */
export type ColumnKind = 'number' | 'boolean' | 'date' | 'text'

/** Texts that were taken for missing although they could have been values: how many, and the first of them. */
export interface LooseCells {
  readonly count: number
  readonly cells: readonly { readonly row: number; readonly cell: string }[]
}

/** A column as it is in a file; of a text column also why it is one. */
export type FileColumn =
  | (Extract<Column, { kind: 'number' }> & { readonly loose?: LooseCells })
  | (Extract<Column, { kind: 'text' }> & {
      /** The first cell that is no number, where there is one. */
      readonly firstText: { readonly row: number; readonly cell: string } | null
    })

/** How one file is written. */
export interface FileReading {
  /** null: no text. */
  readonly encoding: Encoding | null
  /** What is between cells; null where nothing is (JSON lines, Parquet). */
  readonly separator: string | null
  readonly decimal: DecimalMark
}

/** What was found out about how a file is written, and why it is taken for that. */
export interface Finding {
  readonly what:
    | 'packed'
    | 'encoding'
    | 'separator'
    | 'decimal'
    | 'lines'
    | 'header'
    | 'empty columns'
    | 'nameless column'
  /** In words: `semicolons`, `Windows-1252`. */
  readonly found: string
  readonly why: string
  /** Whether it is as in a plain file, so that nobody has to be told. */
  readonly isUsual: boolean
}

export interface FileTable {
  /** In the order of the file; all arrays on SharedArrayBuffers. */
  readonly columns: readonly FileColumn[]
  readonly rows: number
  /** Where a row (from 0) is in the file. */
  place(row: number): Place
  /** SHA-256 of the file's bytes, in hexadecimal. */
  readonly digest: string
  readonly reading: FileReading
  readonly findings: readonly Finding[]
  /** What its cells were read by. */
  readonly rules: CellRules
}

export interface ReadOptions {
  /** By the file's extension unless stated. */
  readonly format?: FileFormat
  /**
   * Looks at the columns' names: adds problems, and with any the file is not read further. `nameless`: the name that was given to a first
   * column that has none, as pandas writes its index; null where there is none.
   */
  readonly header: (
    names: readonly string[],
    problems: ProblemList,
    where: string,
    nameless: string | null,
  ) => void
  /** The kind a column must have, or how it is found out; 'skip' to leave the column out. */
  readonly kindOf: (name: string) => ColumnKind | InferredKind | 'skip'
  readonly notation: CellNotation
  /** How the file is written; what is not stated is found out. */
  readonly reading?: Partial<FileReading>
  /** Lines of a text file, from 1, that are no part of the table. */
  readonly skipLines?: readonly number[]
  /** Whether a CSV or TSV file has a header, or the columns' names where it has none. */
  readonly columnNames?: boolean | readonly string[]
  /** The decimal mark to take where the file alone does not tell; it is asked for unless stated. */
  readonly usualDecimal?: DecimalMark
}

/**
 * How the kind of a column is found out: from its cells, of which those that are loosely marked as missing (`None`,
 * `#N/A`, `-`) are none where the others are numbers or dates; 'infer-strict': where those are values like others;
 * 'infer-plain': the same, for number or text only.
 */
export type InferredKind = 'infer' | 'infer-strict' | 'infer-plain'
