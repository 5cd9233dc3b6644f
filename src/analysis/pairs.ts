/** The pairs of parameters that have most to do with each other, and where they are best. */
import type { Surrogate } from '../search/index.js'
import { bestOver } from './averages.js'
import type { Sample } from './sample.js'
import type { SobolPoints } from './sobol-indices.js'
import type { PairInsight, ParameterInsight } from './types.js'

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
    const [i, j] = pairs[p]
    const best = bestOver(sample, model, i, j)
    // A parent beside what is not active with it has none.
    if (best === null) continue
    const [x, y] = [names[i], names[j]]
    told.push({ x, y, interaction: interactions[p], best: { [x]: best[0], [y]: best[1] } })
  }
  return told
}
