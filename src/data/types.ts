/** Tables and data sets: what is read from files, and what trainers are given. */

import type { CellNotation } from './files/cells.js'

/** What is predicted: labels or numbers. */
export type Task = 'classification' | 'regression'

/** One feature column of a table, in all rows of the file it came from; rows are selected by `Table.index`. */
export type Column =
  | {
      readonly name: string
      readonly kind: 'number'
      /** NaN where missing. */
      readonly values: Float64Array
      /** What the numbers stand for: 1 and 0 for truth values, days since 1970-01-01 for dates. */
      readonly as?: 'boolean' | 'date'
    }
  | {
      readonly name: string
      readonly kind: 'text'
      /** Index into `categories`, −1 where missing. */
      readonly codes: Int32Array
      /** Distinct texts, sorted by code unit so that codes do not depend on row order. */
      readonly categories: readonly string[]
    }

/** Feature columns and a selection of rows. Column arrays are shared, never copied for a fold. */
export interface Table {
  readonly columns: readonly Column[]
  /** Row i of the table is row index[i] of the columns. */
  readonly index: Int32Array
  readonly rows: number
}

/** The column to predict, in all rows of the file: a class by its index for each row, or a number. */
export type Target =
  | {
      readonly kind: 'classes'
      readonly name: string
      readonly codes: Int32Array
      readonly classes: readonly string[]
    }
  | { readonly kind: 'numbers'; readonly name: string; readonly values: Float64Array }

/** A table with a target column, indexed by the same `index`. */
export interface Dataset extends Table {
  readonly target: Target
  /** How much each row of the columns counts in training, above 0; absent or null where all count the same. */
  readonly weights?: Float64Array | null
  /** The group of each row of the columns, by a number, where rows belong together; those of a test file have none. */
  readonly groups?: Int32Array | null
  /** Where validation goes by time: numbers in whose order rows come. */
  readonly times?: Float64Array | null
  /** How cells of its files are written where it is not as in a plain file; absent where it is. */
  readonly notation?: CellNotation
}

/** One row as people write it: `{ alcohol: 13.2, island: 'Biscoe' }`. null, undefined, '' = missing. */
export type Row = Readonly<Record<string, number | string | boolean | null | undefined>>

/**
 * What the columns and files of a data set say about how its rows may be divided. Arrays are indexed by row, and on
 * SharedArrayBuffers.
 */
export interface RowLayout {
  /** The group of each row, 0, 1, 2 …; null where every row stands for itself. */
  readonly groups: Int32Array | null
  /** Numbers in whose order rows come; null for the order of the file. */
  readonly times: Float64Array | null
  /** How many rows, the last ones, come from a separate test file: the holdout part. */
  readonly testRows: number
}
