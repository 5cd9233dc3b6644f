/** When trials ended, by the time since their sweep began: what a course by time is drawn and brushed along. */
import type { SweepHead, TrialTable } from '../data/index.js'

/** A brush of this name is of seconds since the sweep began: no column of the table, as the table does not know the begin. */
export const elapsedColumn = 'elapsed'

/** By row, seconds from the begin of the sweep to the end of each trial, or to its begin where it runs. */
export function elapsedOf({ entry }: Pick<SweepHead, 'entry'>, table: TrialTable): Float64Array {
  const started = table.numbers('started')
  const ended = table.numbers('ended')
  const begin = started.reduce((least, start) => (start < least ? start : least), entry.started)
  return started.map((start, row) => ((Number.isNaN(ended[row]) ? start : ended[row]) - begin) / 1000)
}
