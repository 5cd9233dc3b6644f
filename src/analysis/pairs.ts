/** The pairs of parameters that have most to do with each other, and where they are best. */
import type { Surrogate } from '../search/index.js'
import type { ParamValue } from '../values.js'
import { averageOver } from './averages.js'
import type { Sample } from './sample.js'
import type { SobolPoints } from './sobol-indices.js'
import type { PairInsight, ParameterInsight, Surface } from './types.js'

/** Pairs of the parameters of most importance are looked at, and the first of them told. */
const among = 6
const most = 5
/** Shares of the variance below this are what quasi-random points and the model cannot tell from nothing. */
const least = 0.01

/** @param parameters greatest importance first. */
export function pairsOf(
  sample: Sample,
  model: Surrogate,
  points: SobolPoints,
  parameters: readonly ParameterInsight[],
): readonly PairInsight[] {
  const names = sample.space.dimensions.map(({ parameter }) => parameter.name)
  const first = parameters.slice(0, among).map(({ name }) => names.indexOf(name))
  const pairs = first.flatMap((i, k) => first.slice(k + 1).map((j) => [i, j] as const))
  const interactions = points.pairs(model.levels, pairs)
  const told: PairInsight[] = []
  for (const p of [...pairs.keys()].sort((a, b) => interactions[b] - interactions[a] || a - b)) {
    if (told.length === most || interactions[p] < least) break
    const surface = averageOver(sample, model, ...pairs[p])
    // A parent beside what is not active with it has no surface.
    if (surface === null) continue
    told.push({
      x: surface.x,
      y: surface.y,
      interaction: interactions[p],
      best: bestOn(surface, sample.direction === 'maximize' ? 1 : -1),
    })
  }
  return told
}

function bestOn({ x, y, xAt, yAt, mean }: Surface, towards: 1 | -1): Record<string, ParamValue> {
  let [column, row] = [0, 0]
  for (const [j, values] of mean.entries())
    for (const [i, value] of values.entries())
      if (towards * (value - mean[row][column]) > 0) [column, row] = [i, j]
  return { [x]: xAt[column], [y]: yAt[row] }
}
