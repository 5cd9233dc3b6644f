/** A table as a file holds it: columns with a kind, before anybody says which one is the target. */

import type { ProblemList } from '../problems.js'
import type { Column } from '../types.js'

export type FileFormat = 'csv' | 'tsv' | 'jsonl' | 'parquet'

/** What a column holds. Dates and truth values are kept as numbers: days since 1970-01-01, 1 and 0. */
export type ColumnKind = 'number' | 'boolean' | 'date' | 'text'

/** A column as it is in a file; of a text column also why it is one. */
export type FileColumn =
  | Extract<Column, { kind: 'number' }>
  | (Extract<Column, { kind: 'text' }> & {
      /** The first cell that is no number, where there is one. */
      readonly firstText: { readonly row: number; readonly cell: string } | null
    })

export interface FileTable {
  /** In the order of the file; all arrays on SharedArrayBuffers. */
  readonly columns: readonly FileColumn[]
  readonly rows: number
  /** `wine.csv line 12`: where a row (from 0) is in the file. */
  where(row: number): string
  /** SHA-256 of the file's bytes, in hexadecimal. */
  readonly digest: string
}

export interface ReadOptions {
  /** By the file's extension unless stated. */
  readonly format?: FileFormat
  /** Looks at the columns' names: adds problems, and with any the file is not read further. */
  readonly header: (names: readonly string[], problems: ProblemList, where: string) => void
  /**
   * The kind a column must have; 'infer' to find out; 'infer-plain' for number or text only; 'skip' to leave the column
   * out.
   */
  readonly kindOf: (name: string) => ColumnKind | 'infer' | 'infer-plain' | 'skip'
}
