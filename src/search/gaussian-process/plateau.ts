/**
 * How much an improvement has to be where losses come in steps.
 *
 * Trees, neighbours and error rates make staircases of their params, and some params change nothing: then several
 * params share the best loss. Around them the model still expects to improve by a little, so that its suggestions
 * stay on the step, one tie after another, where nothing can be a little better. So a tie at the best loss says that
 * an improvement is a step down, and every doubling of the ties that this step is further away than was thought:
 *
 *   demand = log₂(ties) · median of the lowest gaps between different losses, at most one deviation,
 *
 * on the model's scale. It is subtracted from f*. Losses that never repeat, as those of continuous params, make it 0.
 */

/** Gaps between neighbouring losses that tell how high a step is, from the lowest loss up. */
const gaps = 5
/** In deviations of the transformed losses. */
const largest = 1

export interface Plateau {
  /** Different params whose loss is the best. */
  readonly ties: number
  /** What to ask for beyond f*, on the scale of `values`. */
  readonly demand: number
}

/** Of transformed losses (at least one, all finite) and the params they belong to, as points. */
export function plateauOf(points: readonly ArrayLike<number>[], values: ArrayLike<number>): Plateau {
  const levels = [...new Set(Array.from(values))].sort((a, b) => a - b)
  const tied = new Set<string>()
  points.forEach((point, i) => {
    // A replicate is no other params.
    if (values[i] === levels[0]) tied.add(Array.from(point).join())
  })
  const ties = tied.size
  const lowest = levels.slice(1, 1 + gaps).map((level, i) => level - levels[i])
  if (ties < 2 || lowest.length === 0) return { ties, demand: 0 }
  const step = lowest.sort((a, b) => a - b)[lowest.length >> 1]
  return { ties, demand: Math.min(largest, Math.log2(ties) * step) }
}
