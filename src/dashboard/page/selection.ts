/**
 * The one selection of trials that runs through all views: trials that all brushes, the query and the share of the best let
 * through; and those picked by hand, where there are any. It stands in the address, so that a link shows the same.
 */

import type { SweepHead, TrialTable } from '../data/index.js'
import { elapsedColumn, elapsedOf } from './elapsed.js'
import { finishedValues } from './ranking.js'

/** Of a column, or of the seconds since the sweep began (elapsed.ts): numbers from `min` to `max`, or categories among `values`. */
export type Brush =
  | { readonly kind: 'range'; readonly min: number; readonly max: number }
  | { readonly kind: 'values'; readonly values: readonly string[] }

export interface Selection {
  /** In the query language of `runs list`; empty: no condition. */
  readonly where: string
  /** By column. */
  readonly brushes: Readonly<Record<string, Brush>>
  /** The best so many per cent of the finished trials, by value; null: all. */
  readonly top: number | null
  /** Picked by hand; empty: all that the rest lets through. */
  readonly picked: readonly number[]
}

export const everything: Selection = { where: '', brushes: {}, top: null, picked: [] }

/** By row: 1 where it is selected. `matches`: by row, what the query says; null where there is none. */
export function selectRows(
  head: Pick<SweepHead, 'entry'>,
  table: TrialTable,
  { brushes, top, picked }: Selection,
  matches: Uint8Array | null,
): Uint8Array {
  const rows = table.length
  const mask = matches === null ? new Uint8Array(rows).fill(1) : matches.slice()
  for (const [name, brush] of Object.entries(brushes)) {
    const column =
      name === elapsedColumn
        ? ({ kind: 'number', values: elapsedOf(head, table) } as const)
        : table.columns.get(name)
    if (column?.kind === 'number' && brush.kind === 'range') {
      const { values } = column
      for (let row = 0; row < rows; row++)
        if (!(values[row] >= brush.min && values[row] <= brush.max)) mask[row] = 0
    } else if (column?.kind === 'category' && brush.kind === 'values') {
      const passes = Uint8Array.from(column.names, (text) => Number(brush.values.includes(text)))
      for (let row = 0; row < rows; row++) if (!(passes[column.codes[row]] === 1)) mask[row] = 0
    }
  }
  if (top !== null) {
    const value = finishedValues(table)
    const sign = head.entry.objective.direction === 'maximize' ? -1 : 1
    const known = value.filter((one) => !Number.isNaN(one)).sort()
    const count = Math.max(1, Math.ceil((known.length * top) / 100))
    const bound = sign < 0 ? known[known.length - count] : known[count - 1]
    for (let row = 0; row < rows; row++) if (!(sign * value[row] <= sign * bound)) mask[row] = 0
  }
  if (picked.length > 0) {
    const chosen = new Uint8Array(rows)
    for (const trial of picked) {
      const row = table.rowOf(trial)
      if (row !== undefined) chosen[row] = mask[row]
    }
    return chosen
  }
  return mask
}
