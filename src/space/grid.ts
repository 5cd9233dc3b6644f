/**
 * The grid of a space: which points each dimension has on it, and the cells one after another.
 *
 * Order: the first dimension varies slowest, values in value order (as listed, for categorical). A dimension
 * listed before one that its `when` looks at counts as listed after it. Inactive dimensions have no points, so no
 * cell comes twice.
 */
import type { ParamValue } from '../values.js'
import type { Codec } from './codec.js'
import type { LevelCondition } from './conditions.js'

/** Points of a continuous parameter that does not say how many. */
const defaultGrid = 5

/** The points of one parameter on the grid. */
export interface GridAxis {
  readonly points: number
  valueAt(point: number): ParamValue
  /** The level of a point; NaN where the parameter is continuous. */
  levelAt(point: number): number
  /** Those of the levels that are on the grid. */
  among(levels: ReadonlySet<number>): ReadonlySet<number>
}

/** `grid`: how many points, spread evenly over the scale with both ends; null for all (or the default number). */
export function gridAxis(codec: Codec, grid: number | null): GridAxis {
  if (codec.kind === 'continuous') {
    const values = spread(grid ?? defaultGrid, (u) => codec.fromUnit(u))
    // A range of a handful of different numbers has no more points than that.
    const distinct = values.filter((value, i) => i === 0 || value !== values[i - 1])
    return {
      points: distinct.length,
      valueAt: (point) => distinct[point],
      levelAt: () => Number.NaN,
      among: () => new Set(),
    }
  }
  if (grid === null || grid >= codec.levels) {
    const { levels, valueAt } = codec
    return { points: levels, valueAt, levelAt: (point) => point, among: (some) => some }
  }
  const levels = spreadLevels(codec, grid)
  return {
    points: grid,
    valueAt: (point) => codec.valueAt(levels[point]),
    levelAt: (point) => levels[point],
    among: (some) => new Set(levels.filter((level) => some.has(level))),
  }
}

/** `at` of `points` evenly spaced coordinates: 0 … 1, or ½ where there is one. */
function spread<T>(points: number, at: (u: number) => T): T[] {
  return Array.from({ length: points }, (_, j) => at(points === 1 ? 0.5 : j / (points - 1)))
}

/** Different levels, ends included, each the nearest to its share of the scale that leaves room for the others. */
function spreadLevels(codec: Codec, points: number): number[] {
  const first = codec.levelToUnit(0)
  const range = codec.levelToUnit(codec.levels - 1) - first
  const levels = spread(points, (share) => codec.unitToLevel(first + share * range))
  if (points > 1) levels[points - 1] = codec.levels - 1
  for (let j = 1; j < points; j++) levels[j] = Math.max(levels[j], levels[j - 1] + 1)
  for (let j = points - 2; j >= 0; j--) levels[j] = Math.min(levels[j], levels[j + 1] - 1)
  return levels
}

/**
 * The cells, as the point of each parameter (−1 where inactive) in an array that is overwritten for the next one.
 * `order` lists the parameters parents first; a constant has one point.
 */
export function* walkGrid(
  axes: readonly GridAxis[],
  order: readonly number[],
  conditions: readonly (readonly LevelCondition[])[],
): Generator<Float64Array, void> {
  const points = new Float64Array(axes.length)
  const isActive = (p: number) =>
    conditions[p].every(
      ({ parent, levels }) => points[parent] >= 0 && levels.has(axes[parent].levelAt(points[parent])),
    )

  let depth = 0
  for (;;) {
    for (; depth < order.length; depth++) points[order[depth]] = isActive(order[depth]) ? 0 : -1
    yield points
    do depth--
    while (depth >= 0 && !(points[order[depth]] >= 0 && points[order[depth]] + 1 < axes[order[depth]].points))
    if (depth < 0) return
    points[order[depth]]++
    depth++
  }
}
