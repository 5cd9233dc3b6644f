/**
 * Which trials are better than which: by the values of finished ones. What a trial had come to when it was pruned, by some of its folds
 * or before its last step, is compared with no other.
 */
import type { Direction } from '../../values.js'
import type { CategoryColumn, TrialTable } from '../data/index.js'

/** By row; NaN of a trial that has not finished. */
export function finishedValues(table: TrialTable): Float64Array {
  const { codes, names } = table.columns.get('status') as CategoryColumn
  const finished = names.indexOf('finished')
  return table.numbers('value').map((value, row) => (codes[row] === finished ? value : Number.NaN))
}

/** Rows by value, the best first; those without one last, in their order. */
export function bestFirst(table: TrialTable, direction: Direction): number[] {
  const sign = direction === 'maximize' ? -1 : 1
  const keys = finishedValues(table).map((value) =>
    Number.isFinite(value) ? sign * value : Number.POSITIVE_INFINITY,
  )
  return [...keys.keys()].sort((a, b) => (keys[a] === keys[b] ? a - b : keys[a] - keys[b]))
}
