/**
 * A Gaussian process of trials that have ended, in units of the metric: what an analysis asks about the whole space.
 * Made as the Bayesian search makes its own (losses that are far away as those of failed trials), whatever searched, but for a
 * trend: the search needs to know what is near its best trials, an analysis what is where none are.
 */
import type { RandomStream } from '../numeric/index.js'
import type { Space } from '../space/index.js'
import {
  chooseForFit,
  createPosterior,
  defaultKernelParameters,
  drawPrior,
  fit,
  fitOutputTransform,
  type KernelParameters,
  type Layout,
  layoutOf,
  linearTransform,
  nearLimit,
  type OutputTransform,
  type Posterior,
  trendOf,
} from './gaussian-process/index.js'
import { impute, steadier } from './losses.js'

/** Trials a surrogate is made from unless stated. */
const mostTrials = 256

/** Parts of at most so many trials have a fit of their own; of more the parameters are kept. Trials drawn again are fitted on so many. */
const mostRefitted = { parts: 100, drawn: 64 }

/**
 * How losses stand in the model: in their own proportions (`linear`), or with the tail of the bad ones drawn in, as the
 * search does it (`compressed`).
 */
export type SurrogateScale = 'linear' | 'compressed'

export interface SurrogateOptions {
  readonly scale?: SurrogateScale
  /** Of more trials the best, the newest, and the others spread evenly. */
  readonly most?: number
}

/** Points are those of the unit cube, snapped: as `Space.snapInto` leaves them. */
export interface Surrogate {
  /** How many trials it was made from. */
  readonly size: number
  /** Means on the model's scale, of which variances are shares of: as losses where it is linear, but for origin and unit. */
  levels(points: readonly ArrayLike<number>[]): Float64Array
  /** The same in the unit of the losses. */
  means(points: readonly ArrayLike<number>[]): Float64Array
  /** The same with the deviation of the function itself. */
  predict(points: readonly ArrayLike<number>[]): { means: Float64Array; deviations: Float64Array }
  /**
   * The share of the variance on the model's scale that it predicts for trials it was not shown: one part of them after
   * the other left out. Below 0 where the mean does better.
   */
  explained(parts: number): number
  /**
   * A function drawn from what the process of the same trials drawn again leaves open, `counts[i]` times the i-th of those it
   * was made from: its levels, until the next is asked for. Where trials are dense it is near the mean; elsewhere it is
   * one of those that may be. null where the process cannot be fitted.
   */
  drawn(counts: ArrayLike<number>, random: RandomStream): Surrogate['levels'] | null
}

/**
 * Of `losses` at `points` (rows of unit coordinates, less is better, all finite). null where all losses are equal, or the
 * process has no value.
 */
export function fitSurrogate(
  space: Pick<Space, 'dimensions'>,
  points: readonly ArrayLike<number>[],
  losses: ArrayLike<number>,
  { scale = 'linear', most = mostTrials }: SurrogateOptions = {},
): Surrogate | null {
  const limit = nearLimit(losses)
  const near = Array.from(losses, (loss) => (loss > limit ? Number.NaN : loss))
  const known = near.filter((loss) => !Number.isNaN(loss))
  const transform = scale === 'linear' ? linearTransform(known) : fitOutputTransform(known)
  if (transform === null) return null
  const all = impute(transform, near)
  const chosen = chooseForFit(all, most)
  const observed: Observed = {
    points: chosen.map((i) => points[i]),
    values: Float64Array.from(chosen, (i) => all[i]),
  }
  const layout = { ...layoutOf(space.dimensions), trend: trendOf(space.dimensions) }
  const fitted = fit(layout, observed)
  const posterior = createPosterior(layout)
  const wanted = fitted?.parameters ?? defaultKernelParameters(layout)
  const parameters = [wanted, ...steadier(wanted)].find((tried) => posterior.update(tried, observed))
  if (parameters === undefined) return null
  const part = createPosterior(layout)
  return {
    size: chosen.length,
    levels: (at) => posterior.predictMeans(at),
    means: (at) => inUnits(transform, posterior.predictMeans(at)),
    predict(at) {
      const { means, deviations } = posterior.predict(at)
      return {
        means: inUnits(transform, means),
        deviations: means.map((mean, i) => halfSpread(transform, mean, deviations[i])),
      }
    },
    explained: (parts) => explainedBy(layout, part, parameters, observed, parts),
    drawn(counts, random) {
      const drawn = [...chosen.keys()].filter((i) => counts[i] > 0)
      const some = {
        points: drawn.map((i) => observed.points[i]),
        values: drawn.map((i) => observed.values[i]),
      }
      const every = Math.ceil(drawn.length / mostRefitted.drawn)
      const few = {
        points: some.points.filter((_, k) => k % every === 0),
        values: some.values.filter((_, k) => k % every === 0),
      }
      const own = fit(layout, few, { start: parameters })?.parameters ?? parameters
      // The mean of a value drawn twice has half the noise.
      const extraNoise = drawn.map((i) => own.noise / counts[i] - own.noise)
      const prior = drawPrior(layout, own, random)
      const before = prior(some.points)
      const values = some.values.map(
        (value, k) => value - before[k] - Math.sqrt(own.noise + extraNoise[k]) * random.normal(),
      )
      if (!part.update(own, { points: some.points, values, extraNoise })) return null
      return (at) => {
        const [start, moved] = [prior(at), part.predictMeans(at)]
        return start.map((level, k) => level + moved[k])
      }
    },
  }
}

interface Observed {
  readonly points: readonly ArrayLike<number>[]
  readonly values: Float64Array
}

function inUnits(transform: OutputTransform, values: Float64Array): Float64Array {
  return values.map((value) => transform.backward(value))
}

function halfSpread(transform: OutputTransform, mean: number, deviation: number): number {
  return (transform.backward(mean + deviation) - transform.backward(mean - deviation)) / 2
}

function explainedBy(
  layout: Layout,
  posterior: Posterior,
  kept: KernelParameters,
  { points, values }: Observed,
  parts: number,
): number {
  const indices = [...points.keys()]
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  let left = 0
  let total = 0
  for (let k = 0; k < parts; k++) {
    const shown = indices.filter((i) => i % parts !== k)
    const hidden = indices.filter((i) => i % parts === k)
    const observed = { points: shown.map((i) => points[i]), values: shown.map((i) => values[i]) }
    if (hidden.length === 0) continue
    const start = defaultKernelParameters(layout)
    const own =
      points.length > mostRefitted.parts ? kept : (fit(layout, observed, { start })?.parameters ?? start)
    if (!posterior.update(own, observed)) return Number.NEGATIVE_INFINITY
    const predicted = posterior.predictMeans(hidden.map((i) => points[i]))
    hidden.forEach((i, j) => {
      const [missed, off] = [values[i] - predicted[j], values[i] - mean]
      left += missed * missed
      total += off * off
    })
  }
  return 1 - left / total
}
