/** The front of trials by two measures: those that no other dominates. */
import type { Direction } from '../../../values.js'

/** Rows of the front, in the order of `xs` from better to worse. Rows without both values have no part in it. */
export function frontOf(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  better: readonly [x: Direction, y: Direction],
  rows: readonly number[],
): number[] {
  const [sx, sy] = better.map((side) => (side === 'maximize' ? -1 : 1))
  const known = rows.filter((row) => Number.isFinite(xs[row]) && Number.isFinite(ys[row]))
  known.sort((a, b) => sx * (xs[a] - xs[b]) || sy * (ys[a] - ys[b]) || a - b)
  const front: number[] = []
  let best = Number.POSITIVE_INFINITY
  let at = Number.NaN
  for (const row of known) {
    const y = sy * ys[row]
    // Equal in both: none of them dominates the other.
    if (y < best || (y === best && xs[row] === at)) {
      front.push(row)
      best = y
      at = xs[row]
    }
  }
  return front
}
