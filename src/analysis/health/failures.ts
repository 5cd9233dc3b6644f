/**
 * Failures that gather in a region: at a value of a parameter, or beyond one, far more of the trials failed than of the
 * others.
 *
 * Of N trials, F failed; of the n in a region, f. That f or more of them fall into it by chance has the probability of the
 * hypergeometric distribution's tail (Fisher's exact test, one-sided), multiplied by the number of regions that were
 * looked at (Bonferroni). The region of least probability is told; then its trials are left out and the rest is looked at.
 */
import type { FailureCode } from '../../errors.js'
import type { Dimension } from '../../space/index.js'
import { type AnalysedTrials, isAtItsEnd, pointOf, type Sample } from '../sample.js'
import type { Finding } from '../types.js'
import { mostShown, valueInWords } from './wording.js'

const endedByRequest = 'ENDED_BY_REQUEST' satisfies FailureCode
const leastFailures = 4
/** After the correction. */
const mostProbable = 0.001
/** Of the failures that are left, a region holds at least this share. */
const leastShare = 0.3
const mostRegions = 3
/** Where a range is cut: at these shares of the trials. */
const cuts = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]

interface Ended {
  readonly trial: number
  readonly failed: boolean
  readonly point: Float64Array
  readonly active: Uint8Array
}

interface Region {
  readonly parameter: string
  readonly where: string
  readonly remedy: string
  /** Trials in it, and those of them that failed. */
  readonly count: number
  readonly failed: number
  holds(one: Ended): boolean
}

export function failures({ space }: Sample, runs: AnalysedTrials): Finding[] {
  let left: Ended[] = []
  for (const run of runs) {
    // What somebody ended says nothing of where it was.
    if (!isAtItsEnd(run) || run.error?.code === endedByRequest) continue
    const point = pointOf(space, run)
    if (point === null) continue
    const active = new Uint8Array(space.dimensions.length)
    space.activeInto(point, active)
    left.push({ trial: run.trial, failed: run.status === 'failed', point, active })
  }
  const findings: Finding[] = []
  while (findings.length < mostRegions) {
    const region = likeliest(space.dimensions, left)
    if (region === null) break
    const inside = left.filter(region.holds)
    const outside = left.filter((one) => !region.holds(one))
    const failed = inside.filter((one) => one.failed)
    findings.push({
      kind: 'failures-gather',
      severity: 'warning',
      message: `${failed.length} of ${inside.length} trials with ${region.where} failed, and ${outside.filter((one) => one.failed).length} of the ${outside.length} others`,
      remedy: `look at one of them (trial ${failed[0].trial}); if it cannot work there, ${region.remedy}`,
      parameter: region.parameter,
      trials: failed.slice(0, mostShown).map(({ trial }) => trial),
    })
    left = outside
  }
  return findings
}

/** The region in which failures gather the most; null where chance would do. */
function likeliest(dimensions: readonly Dimension[], trials: readonly Ended[]): Region | null {
  const failed = trials.filter((one) => one.failed).length
  if (failed < leastFailures || failed === trials.length) return null
  const factorials = logFactorials(trials.length)
  const regions = dimensions.flatMap((dimension, i) => regionsOf(dimension, i, trials))
  let best: { region: Region; log: number } | null = null
  for (const region of regions) {
    const { count, failed: here } = region
    if (here < leastFailures || here < leastShare * failed) continue
    const log = logTail(factorials, trials.length, failed, count, here) + Math.log(regions.length)
    if (log < Math.log(mostProbable) && (best === null || log < best.log)) best = { region, log }
  }
  return best?.region ?? null
}

function regionsOf(dimension: Dimension, i: number, trials: readonly Ended[]): Region[] {
  const { parameter, kind, unitToValue } = dimension
  const { name } = parameter
  const among = trials.filter(({ active }) => active[i] === 1)
  if (among.length === 0) return []
  const all = sortedUnits(among, i)
  const failures = sortedUnits(
    among.filter(({ failed }) => failed),
    i,
  )
  const region = (where: string, remedy: string, from: number, to: number): Region => ({
    parameter: name,
    where,
    remedy,
    count: countWithin(all, from, to),
    failed: countWithin(failures, from, to),
    holds: ({ point, active }) => active[i] === 1 && point[i] >= from && point[i] <= to,
  })
  if (kind === 'categorical') {
    return [...new Set(all)].map((u) =>
      region(`${name} ${valueInWords(unitToValue(u))}`, 'take that value out of its list', u, u),
    )
  }
  const at = new Set(cuts.map((share) => all[Math.floor(share * (all.length - 1))]))
  const narrower = 'narrow its range, or let it exist only where it can ("when")'
  return [...at].flatMap((cut): Region[] => {
    const value = valueInWords(unitToValue(cut))
    return [
      region(`${name} up to ${value}`, narrower, 0, cut),
      region(`${name} from ${value} on`, narrower, cut, 1),
    ]
  })
}

function sortedUnits(trials: readonly Ended[], i: number): Float64Array {
  const units = new Float64Array(trials.length)
  for (let t = 0; t < units.length; t++) units[t] = trials[t].point[i]
  return units.sort()
}

/** How many of some increasing numbers lie in [from, to]. */
function countWithin(sorted: Float64Array, from: number, to: number): number {
  return countWhile(sorted, (u) => u <= to) - countWhile(sorted, (u) => u < from)
}

/** How many stand before the first one that does not hold; those behind it do not either. */
function countWhile(sorted: Float64Array, holds: (u: number) => boolean): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(sorted[middle])) low = middle + 1
    else high = middle
  }
  return low
}

/** ln n! for n from 0. */
function logFactorials(most: number): Float64Array {
  const sums = new Float64Array(most + 1)
  for (let n = 1; n <= most; n++) sums[n] = sums[n - 1] + Math.log(n)
  return sums
}

/** ln P(at least f of the n are among the F of N). */
function logTail(factorials: Float64Array, N: number, F: number, n: number, f: number): number {
  const choose = (from: number, some: number) => factorials[from] - factorials[some] - factorials[from - some]
  const whole = choose(N, n)
  let sum = 0
  for (let k = f; k <= Math.min(n, F); k++) {
    if (n - k <= N - F) sum += Math.exp(choose(F, k) + choose(N - F, n - k) - whole)
  }
  return Math.log(sum)
}
