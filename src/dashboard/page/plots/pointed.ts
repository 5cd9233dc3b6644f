/** What a picture of points says of its trials: which one is pointed at, where one is marked, and the order in which keys go. */
import type { TrialTable } from '../../data/index.js'
import type { Drawing, Theme } from './drawing.js'
import type { Hit, Picture } from './picture.js'
import { nearest, ring, rowsOf } from './points.js'
import { trialAt } from './trial.js'

export interface Points {
  readonly table: TrialTable
  /** By row: where it stands; NaN where it does not. */
  readonly xs: ArrayLike<number>
  readonly ys: ArrayLike<number>
  readonly theme: Theme
  colourOf(row: number): string
  /** What is told of a row. */
  tell(row: number): Hit
  /** Pixels around a point in which it is pointed at. */
  readonly reach: number
}

export function pointedAt({
  table,
  xs,
  ys,
  theme,
  colourOf,
  tell,
  reach,
}: Points): Required<Pick<Picture, 'mark' | 'hit' | 'hitOf' | 'order'>> {
  const stands = (row: number) => Number.isFinite(xs[row]) && Number.isFinite(ys[row])
  return {
    mark(on: Drawing, trial: number) {
      const row = table.rowOf(trial)
      if (row !== undefined) ring(on, theme.highlight, colourOf(row), xs[row], ys[row])
    },
    hit(px, py, mask) {
      const row = nearest(xs, ys, px, py, reach, mask)
      return row < 0 ? null : tell(row)
    },
    hitOf(trial) {
      const row = table.rowOf(trial)
      return row === undefined || !stands(row) ? null : tell(row)
    },
    order: (mask) =>
      rowsOf(mask)
        .filter(stands)
        .sort((a, b) => xs[a] - xs[b])
        .map((row) => trialAt(table, row)),
  }
}
