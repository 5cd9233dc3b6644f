/**
 * What a model expects and answers, as plain JSON: kept beside every model, so that it can be used without the
 * data set it was fitted on.
 */

import { type CellNotation, formatDate } from './files/cells.js'
import type { Dataset, Row, Table, Task } from './types.js'

export type SignatureColumn =
  /** `as`: truth values are 1 and 0, dates are days since 1970-01-01. */
  | { name: string; kind: 'number'; as?: 'boolean' | 'date' }
  /** Categories seen in the data set, in the order of their codes. */
  | { name: string; kind: 'text'; categories: string[] }

/** What a model was fitted on, and so what it can predict from. */
export type Signature = {
  columns: SignatureColumn[]
  task: Task
  /** The target column's name. */
  target: string
  /** In the order of their codes; null for regression. */
  classes: string[] | null
  /** Texts that count as missing beside those that always do; absent where there are none. */
  missing?: string[]
  /** How numbers, dates and truth values are written, where it is not as in a plain file. */
  decimal?: ','
  thousands?: string
  units?: string[]
  /** One for all columns, or one for each that is named. */
  dateFormat?: string | { [column: string]: string }
  trueValues?: string[]
  falseValues?: string[]
}

export function signatureOf(data: Dataset): Signature {
  return {
    columns: data.columns.map((column) =>
      column.kind === 'number'
        ? { name: column.name, kind: 'number', ...(column.as && { as: column.as }) }
        : { name: column.name, kind: 'text', categories: [...column.categories] },
    ),
    task: data.target.kind === 'classes' ? 'classification' : 'regression',
    target: data.target.name,
    classes: data.target.kind === 'classes' ? [...data.target.classes] : null,
    ...notationOf(data.notation ?? {}),
  }
}

/** Without what goes unsaid. */
function notationOf({
  missing,
  decimal,
  thousands,
  units,
  dateFormat,
  trueValues,
  falseValues,
}: CellNotation) {
  return {
    ...(missing && { missing: [...missing] }),
    ...(decimal === ',' && { decimal }),
    ...(thousands !== undefined && { thousands }),
    ...(units && { units: [...units] }),
    ...(dateFormat !== undefined && {
      dateFormat: typeof dateFormat === 'string' ? dateFormat : { ...dateFormat },
    }),
    ...(trueValues && { trueValues: [...trueValues] }),
    ...(falseValues && { falseValues: [...falseValues] }),
  }
}

/** The first rows of a data set as people write them (missing cells are null), without the target. */
export function sampleInput(data: Dataset, count = 5): Row[] {
  return rowsAsWritten({ ...data, index: data.index.subarray(0, count) })
}

/** The rows of a table as people write them. */
export function rowsAsWritten(data: Pick<Table, 'columns' | 'index'>): Row[] {
  return Array.from(data.index, (row) =>
    Object.fromEntries(
      data.columns.map((column) => {
        if (column.kind === 'text') return [column.name, column.categories[column.codes[row]] ?? null]
        return [column.name, asWritten(column.values[row], column.as)]
      }),
    ),
  )
}

function asWritten(value: number, as: 'boolean' | 'date' | undefined): Row[string] {
  if (Number.isNaN(value)) return null
  return as === 'boolean' ? value === 1 : as === 'date' ? formatDate(value) : value
}
