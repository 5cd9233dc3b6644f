/**
 * What a model says along one parameter, or over two, the others averaged out: over quasi-random points of the space at
 * which the parameters looked at are active.
 */
import { sobolSequence } from '../numeric/index.js'
import type { Surrogate } from '../search/index.js'
import type { Space } from '../space/index.js'
import type { ParamValue } from '../values.js'
import type { Sample } from './sample.js'
import type { Marginal, Surface } from './types.js'

/** Values along a parameter with more levels than that. */
const most = { along: 24, over: 20 }
/** Points that are averaged over: by means, and by deviations, which cost more, the first of the same points. */
const averaged = { along: { means: 64, deviations: 12 }, over: { means: 48, deviations: 8 } }
/** The same where only the best place over two is looked for. */
const coarse = { grid: 12, means: 24 }
/** Points looked at in search of those where a parameter is active. */
const mostTried = 16_384

/** Values along a dimension, and their unit coordinates. */
interface Grid {
  readonly units: readonly number[]
  readonly at: readonly ParamValue[]
}

/** All levels where they are few, or only equal or not; else evenly spread on the parameter's own scale. */
function gridOf(space: Space, i: number, count: number): Grid {
  const { kind, levels, levelToUnit, unitToLevel, unitToValue } = space.dimensions[i]
  const isWhole = kind === 'categorical' || levels <= count
  const spread = isWhole
    ? Array.from({ length: levels }, (_, level) => levelToUnit(level))
    : Array.from({ length: count }, (_, k) => k / (count - 1))
  const units = kind === 'continuous' ? spread : [...new Set(spread.map((u) => levelToUnit(unitToLevel(u))))]
  return { units, at: units.map((u) => unitToValue(u)) }
}

/** Points of the space at which all of these dimensions are active; fewer where that is rare. */
function pointsWith(space: Space, dimensions: readonly number[], count: number): Float64Array[] {
  const d = space.dimensions.length
  const sequence = sobolSequence(d, 0, 'analysis-averages')
  const active = new Uint8Array(d)
  const found: Float64Array[] = []
  for (let n = 0; n < mostTried && found.length < count; n++) {
    const point = sequence.point(n)
    space.activeInto(point, active)
    if (dimensions.every((i) => active[i] === 1)) found.push(point)
  }
  return found
}

/** The points with these coordinates in place of their own, as they decode. */
function moved(
  space: Space,
  points: readonly Float64Array[],
  coordinates: readonly (readonly [i: number, u: number])[],
): Float64Array[] {
  return points.map((point) => {
    const at = point.slice()
    for (const [i, u] of coordinates) at[i] = u
    space.snapInto(at)
    return at
  })
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** null where the parameter is active nearly nowhere. */
export function marginalOf(sample: Sample, model: Surrogate, i: number): Marginal | null {
  const { space, points, active, sign } = sample
  const { units, at } = gridOf(space, i, most.along)
  const { means, deviations } = averaged.along
  const base = pointsWith(space, [i], means)
  if (base.length === 0) return null
  const few = base.slice(0, deviations)
  const near = new Array<number>(units.length).fill(0)
  for (let t = 0; t < points.length; t++) if (active[t][i] === 1) near[nearest(units, points[t][i])]++
  return {
    at,
    mean: units.map((u) => sign * meanOf(model.means(moved(space, base, [[i, u]])))),
    deviation: units.map((u) => meanOf(model.predict(moved(space, few, [[i, u]])).deviations)),
    trials: near,
  }
}

/** The place of the nearest of some increasing coordinates. */
function nearest(units: readonly number[], u: number): number {
  let best = 0
  let end = units.length - 1
  while (best < end) {
    const middle = (best + end) >> 1
    if (2 * u > units[middle] + units[middle + 1]) best = middle + 1
    else end = middle
  }
  return best
}

/** null where both are active together nearly nowhere. */
export function averageOver(sample: Sample, model: Surrogate, i: number, j: number): Surface | null {
  const { space, sign } = sample
  const base = pointsWith(space, [i, j], averaged.over.means)
  if (base.length === 0) return null
  const [x, y] = [gridOf(space, i, most.over), gridOf(space, j, most.over)]
  const few = base.slice(0, averaged.over.deviations)
  const name = (k: number) => space.dimensions[k].parameter.name
  return {
    x: name(i),
    y: name(j),
    xAt: x.at,
    yAt: y.at,
    mean: meansOver(space, base, [i, x], [j, y], model.means).map((row) => row.map((mean) => sign * mean)),
    deviation: meansOver(space, few, [i, x], [j, y], (at) => model.predict(at).deviations),
  }
}

/** Where the mean over both is best, on a coarse grid; null where they are never active together. */
export function bestOver(
  sample: Sample,
  model: Surrogate,
  i: number,
  j: number,
): readonly [x: ParamValue, y: ParamValue] | null {
  const { space } = sample
  const base = pointsWith(space, [i, j], coarse.means)
  if (base.length === 0) return null
  const [x, y] = [gridOf(space, i, coarse.grid), gridOf(space, j, coarse.grid)]
  const losses = meansOver(space, base, [i, x], [j, y], model.means)
  let [column, row] = [0, 0]
  for (const [v, values] of losses.entries())
    for (const [u, loss] of values.entries()) if (loss < losses[row][column]) [column, row] = [u, v]
  return [x.at[column], y.at[row]]
}

/** What `ask` says over two grids, averaged over the points: by y, then by x. */
function meansOver(
  space: Space,
  points: readonly Float64Array[],
  [i, x]: readonly [number, Grid],
  [j, y]: readonly [number, Grid],
  ask: (at: Float64Array[]) => Float64Array,
): number[][] {
  return y.units.map((v) => {
    // A row at once: the model is quicker about many points.
    const row = ask(
      x.units.flatMap((u) =>
        moved(space, points, [
          [i, u],
          [j, v],
        ]),
      ),
    )
    return x.units.map((_, k) => meanOf(row.subarray(k * points.length, (k + 1) * points.length)))
  })
}

/** How far the model's mean goes along one parameter, the others being those of a point at which it is active. */
export function spreadAlong({ space }: Sample, model: Surrogate, i: number, point: Float64Array): number {
  const { units } = gridOf(space, i, most.along)
  const losses = model.means(units.flatMap((u) => moved(space, [point], [[i, u]])))
  return losses.reduce((a, b) => Math.max(a, b)) - losses.reduce((a, b) => Math.min(a, b))
}

/** What is gained over the params that a space states by moving this one alone; null where it is not active there. */
export function gainAlone({ space }: Sample, model: Surrogate, i: number): number | null {
  const { parameter } = space.dimensions[i]
  if (parameter.default === undefined) return null
  const stated = space.encode(space.centre())
  const active = new Uint8Array(space.dimensions.length)
  space.activeInto(stated, active)
  if (active[i] === 0) return null
  const { units } = gridOf(space, i, most.along)
  const [there, ...others] = model.means([stated, ...units.flatMap((u) => moved(space, [stated], [[i, u]]))])
  return Math.max(0, there - Math.min(...others))
}
