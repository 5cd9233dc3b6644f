/** What plots work out of columns: quantiles, the range worth showing, the best so far. NaN: none. */
import type { Direction } from '../../../values.js'

/** The finite ones, in increasing order. */
export function sorted(values: ArrayLike<number>): Float64Array {
  const kept = new Float64Array(values.length)
  let count = 0
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) kept[count++] = values[i]
  return kept.subarray(0, count).sort()
}

/** Between the places of sorted values, by line. NaN of none. */
export function quantile(values: ArrayLike<number>, share: number): number {
  if (values.length === 0) return Number.NaN
  const at = share * (values.length - 1)
  const low = Math.floor(at)
  const high = Math.ceil(at)
  return values[low] + (values[high] - values[low]) * (at - low)
}

export interface Extent {
  readonly min: number
  readonly max: number
}

/** null of no finite value. */
export function extentOf(...lists: readonly ArrayLike<number>[]): Extent | null {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (const values of lists)
    for (let i = 0; i < values.length; i++) {
      const value = values[i]
      if (!Number.isFinite(value)) continue
      if (value < min) min = value
      if (value > max) max = value
    }
  return min <= max ? { min, max } : null
}

/**
 * The range in which values are worth telling apart: all of the better side, and of the worse side what is not far beyond the
 * others. All of them where little would be gained. `over`: how many lie outside.
 */
export function clipRange(
  values: ArrayLike<number>,
  direction: Direction,
): Extent & { readonly over: number } {
  const all = sorted(values)
  const [min, max] = [all[0], all[all.length - 1]]
  if (all.length < 8) return { min, max, over: 0 }
  const maximize = direction === 'maximize'
  const [q1, q3] = [quantile(all, 0.25), quantile(all, 0.75)]
  const reach = 2.5 * Math.max(q3 - q1, maximize ? max - q3 : q1 - min)
  const [from, to] = maximize ? [Math.max(min, q1 - reach), max] : [min, Math.min(max, q3 + reach)]
  if (!(to > from) || max - min < 1.6 * (to - from)) return { min, max, over: 0 }
  let over = 0
  for (const value of all) if (value < from || value > to) over++
  return { min: from, max: to, over }
}

/** By place, the best up to there; NaN before the first. */
export function bestSoFar(values: ArrayLike<number>, direction: Direction): Float64Array {
  const best = new Float64Array(values.length)
  const sign = direction === 'maximize' ? -1 : 1
  let now = Number.NaN
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i]) && !(sign * values[i] >= sign * now)) now = values[i]
    best[i] = now
  }
  return best
}

/** How far what was predicted was from what came, in the median; and how often it came within twice the deviation. */
export function predictionError(
  predicted: ArrayLike<number>,
  deviation: ArrayLike<number>,
  came: ArrayLike<number>,
): { readonly median: number; readonly within: number; readonly count: number } | null {
  const errors: number[] = []
  let within = 0
  for (let i = 0; i < came.length; i++) {
    const error = Math.abs(came[i] - predicted[i])
    if (!Number.isFinite(error)) continue
    errors.push(error)
    if (error <= 2 * deviation[i]) within++
  }
  if (errors.length === 0) return null
  return {
    median: quantile(
      errors.sort((a, b) => a - b),
      0.5,
    ),
    within,
    count: errors.length,
  }
}

/** Exponential smoothing that does not lean on its begin: each place is a mean with weights that fall by `weight` a step. */
export function smoothed(values: readonly number[], weight: number): number[] {
  let sum = 0
  let total = 0
  return values.map((value) => {
    if (!Number.isFinite(value)) return value
    sum = sum * weight + value
    total = total * weight + 1
    return sum / total
  })
}

/** Counts between even bounds. A value at the last bound belongs to the last bin. */
export function histogram(values: ArrayLike<number>, from: number, to: number, bins: number): Uint32Array {
  const counts = new Uint32Array(bins)
  for (let i = 0; i < values.length; i++) {
    const place = ((values[i] - from) / (to - from)) * bins
    if (!(place >= 0 && place <= bins)) continue
    counts[Math.min(bins - 1, Math.floor(place))]++
  }
  return counts
}
