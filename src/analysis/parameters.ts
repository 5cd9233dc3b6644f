/** Each parameter of a sweep, and what it had to do with the metric. */
import { randomStream } from '../numeric/index.js'
import type { Surrogate } from '../search/index.js'
import { gainAlone, marginalOf } from './averages.js'
import { goodRange } from './good.js'
import { pedAnova } from './ped-anova.js'
import type { Sample } from './sample.js'
import type { SobolPoints } from './sobol-indices.js'
import type { ParameterInsight, Share } from './types.js'

/** Of PED-ANOVA: the share that is best, among all and among the better half; fewer trials say nothing. */
const best = 0.1
const betterHalf = 0.5
const leastTrials = { all: 30, better: 60 }
/** Of the resampled shares, those an interval holds. */
const within = 0.9

/** Greatest importance first; of equal ones in the order of the file. */
export function parametersOf(
  sample: Sample,
  model: Surrogate,
  points: SobolPoints,
  resamples: number,
): readonly ParameterInsight[] {
  const { space, active } = sample
  const n = sample.trials.length
  const sobol = points.total(model.levels)
  const { whole: near, again } = resampledTotals(model, points, resamples)
  const indices = withIntervals(sobol, near, again)
  const shares = withIntervals(shared(sobol), shared(near), again.map(shared))
  const ped = pedAnova(sample)
  const pedShares = (among: number, least: number): (Share | null)[] => {
    const whole = ped(best, among)
    if (n < least || whole.every((one) => one === 0)) return [...whole].map(() => null)
    const drawn = Array.from({ length: resamples }, (_, r) => shared(ped(best, among, drawnTrials(n, r))))
    return withIntervals(shared(whole), shared(whole), drawn)
  }
  const all = pedShares(1, leastTrials.all)
  const amongBetter = pedShares(betterHalf, leastTrials.better)
  return space.dimensions
    .map(
      ({ parameter }, i): ParameterInsight => ({
        name: parameter.name,
        ...shares[i],
        active: active.reduce((sum, marks) => sum + marks[i], 0) / n,
        pedAnova: all[i],
        amongBetter: amongBetter[i],
        sobol: indices[i],
        tunability: gainAlone(sample, model, i),
        marginal: marginalOf(sample, model, i),
        good: goodRange(sample, i),
      }),
    )
    .sort((a, b) => b.importance - a.importance)
}

/** Scaled to a sum of 1. */
export function shared(values: Float64Array): Float64Array {
  const sum = values.reduce((total, value) => total + value, 0)
  return sum > 0 ? values.map((value) => value / sum) : values
}

/** How often each of n trials is drawn, the r-th time. */
function drawnTrials(n: number, r: number): Int32Array {
  const counts = new Int32Array(n)
  randomStream(0, 'analysis-resampling', r).drawInto(counts)
  return counts
}

/** Points of an index of resampled trials, which are many. */
const fewer = 128

/** The indices of functions that trials drawn again leave open, and of the mean of the trials themselves at the same points. */
function resampledTotals(
  model: Surrogate,
  points: SobolPoints,
  resamples: number,
): { readonly whole: Float64Array; readonly again: readonly Float64Array[] } {
  const again: Float64Array[] = []
  for (let r = 0; r < resamples; r++) {
    const levels = model.drawn(drawnTrials(model.size, r), randomStream(0, 'analysis-drawing', r))
    if (levels !== null) again.push(points.total(levels, fewer))
  }
  return { whole: points.total(model.levels, fewer), again }
}

/**
 * Each with bounds that are off by as much as nine in ten of the resampled ones are off from `whole`, below as above:
 * trials that are fewer, as those that are drawn again, lead shares astray to one side, and the truth may lie on the other.
 */
function withIntervals(values: Float64Array, whole: Float64Array, again: readonly Float64Array[]): Share[] {
  return Array.from(values, (importance, i) => {
    const off = again.map((one) => Math.abs(one[i] - whole[i])).sort((a, b) => a - b)
    const spread = off[Math.ceil(within * off.length) - 1] ?? 0
    return { importance, low: Math.max(0, importance - spread), high: Math.min(1, importance + spread) }
  })
}
