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
/** Nine in ten lie between these. */
const bounds = [0.05, 0.95] as const

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
  const again = resampledTotals(model, points, resamples)
  const indices = withIntervals(sobol, again)
  const shares = withIntervals(shared(sobol), again.map(shared))
  const ped = pedAnova(sample)
  const pedShares = (among: number, least: number): (Share | null)[] => {
    const whole = ped(best, among)
    if (n < least || whole.every((one) => one === 0)) return [...whole].map(() => null)
    const drawn = Array.from({ length: resamples }, (_, r) => shared(ped(best, among, drawnTrials(n, r))))
    return withIntervals(shared(whole), drawn)
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

function resampledTotals(model: Surrogate, points: SobolPoints, resamples: number): Float64Array[] {
  const totals: Float64Array[] = []
  for (let r = 0; r < resamples; r++) {
    const levels = model.resampled(drawnTrials(model.size, r))
    if (levels !== null) totals.push(points.fewer(levels))
  }
  return totals
}

/** Each with the bounds of what came of the resampled trials, which hold it too. */
function withIntervals(values: Float64Array, again: readonly Float64Array[]): Share[] {
  return Array.from(values, (importance, i) => {
    const sorted = [...again.map((one) => one[i])].sort((a, b) => a - b)
    const [low, high] = bounds.map((p) => sorted[Math.round(p * (sorted.length - 1))] ?? importance)
    return { importance, low: Math.min(low, importance), high: Math.max(high, importance) }
  })
}
