/** The first rows of a text of cells, to be looked at. */
import { dsvFormat } from 'd3-dsv'

export interface FirstRows {
  readonly rows: readonly (readonly string[])[]
  /** Whether there are more. */
  readonly more: boolean
}

export function firstRows(text: string, separator: string, most: number): FirstRows {
  let count = 0
  const rows = dsvFormat(separator).parseRows(text, (row) => (count++ < most ? row : null))
  return { rows, more: count > most }
}
