/**
 * The search for the point of greatest log expected improvement: candidates everywhere, then rounds of L-BFGS on
 * the continuous parameters and sweeps over the discrete ones, from the best candidates that lie apart. The starts
 * are improved side by side, so that their predictions are worked out together.
 */
import { type Evaluation, lbfgs, type Minimum } from '../../numeric/index.js'
import type { Space } from '../../space/index.js'
import type { Discount } from './between-ties.js'
import { logExpectedImprovement } from './log-expected-improvement.js'
import type { Posterior } from './posterior.js'

export interface AcquisitionProblem {
  readonly space: Space
  readonly posterior: Posterior
  /** Lengthscales by dimension: they scale the steps. */
  readonly lengthscales: Float64Array
  /** f*: the loss to improve on. */
  readonly best: number
  /** Where to expect less; nowhere unless given. */
  readonly discount?: Discount | null
}

export interface RatedPoint {
  readonly point: Float64Array
  /** Log expected improvement, less what is known of the point without a model. */
  readonly value: number
}

const starts = 4
/** Starts are at least this far apart in some coordinate. */
const apart = 0.05
const rounds = 3
const evaluations = 18
/** Up to this many levels all are tried, beyond it steps of ±1, ±2, ±4 … */
const allLevels = 16

/** Rates points; order kept. */
export function ratePoints(
  { posterior, best, discount }: AcquisitionProblem,
  points: readonly Float64Array[],
): RatedPoint[] {
  const { means, deviations } = posterior.predict(points)
  return points.map((point, i) => ({
    point,
    value: logExpectedImprovement(best, means[i], deviations[i]).value - (discount?.(point) ?? 0),
  }))
}

/**
 * The `keep` most promising of many points when the model is large: means are exact, deviations those of a smaller
 * model of some of the observations, which are never smaller than the exact ones (but for its parameters, the same).
 */
export function screenPoints(
  { posterior, best }: AcquisitionProblem,
  smaller: Posterior,
  points: readonly Float64Array[],
  keep: number,
): Float64Array[] {
  const means = posterior.predictMeans(points)
  const { deviations } = smaller.predict(points)
  return points
    .map((point, i) => ({ point, value: logExpectedImprovement(best, means[i], deviations[i]).value }))
    .sort(byValue)
    .slice(0, keep)
    .map(({ point }) => point)
}

/** Best first; equal values keep their order. Points without a value go last. */
export function byValue(a: RatedPoint, b: RatedPoint): number {
  if (Number.isNaN(a.value) || Number.isNaN(b.value))
    return Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value))
  return b.value - a.value
}

/** Local maxima from the best of the candidates that lie apart, then the candidates, each best first. `template` fills what becomes active on the way. */
export function improveLocally(
  problem: AcquisitionProblem,
  candidates: readonly RatedPoint[],
  template: Float64Array,
): RatedPoint[] {
  const rated = [...candidates].sort(byValue)
  let current = chooseStarts(rated)
  const hasContinuous = problem.space.dimensions.some(({ kind }) => kind === 'continuous')
  const hasDiscrete = problem.space.dimensions.some(({ kind }) => kind !== 'continuous')
  const found: RatedPoint[] = []
  for (let round = 0; round < rounds && current.length > 0; round++) {
    const before = current.map(({ value }) => value)
    if (hasContinuous) current = climb(problem, current)
    if (hasDiscrete) current = sweepLevels(problem, current, template)
    const moving: RatedPoint[] = []
    current.forEach((rating, i) => {
      // Without both kinds there is nothing that a further round could free.
      if (hasContinuous && hasDiscrete && rating.value > before[i] + 1e-4) moving.push(rating)
      else found.push(rating)
    })
    current = moving
  }
  return [...[...found, ...current].sort(byValue), ...rated]
}

function chooseStarts(rated: readonly RatedPoint[]): RatedPoint[] {
  const chosen: RatedPoint[] = []
  for (const candidate of rated) {
    if (chosen.length === starts || !Number.isFinite(candidate.value)) break
    const near = chosen.some(({ point }) => point.every((v, i) => Math.abs(v - candidate.point[i]) < apart))
    if (!near) chosen.push(candidate)
  }
  return chosen
}

/** L-BFGS on the active continuous coordinates of every point, in units of their lengthscales. */
function climb(problem: AcquisitionProblem, ratings: readonly RatedPoint[]): RatedPoint[] {
  const { space, posterior, best, lengthscales, discount } = problem
  const active = new Uint8Array(space.dimensions.length)
  const climbs = ratings.map(({ point, value }) => {
    space.activeInto(point, active)
    const free = space.dimensions.flatMap(({ kind }, i) => (kind === 'continuous' && active[i] ? [i] : []))
    const unit = Float64Array.from(free, (i) => Math.min(1, Math.max(0.02, lengthscales[i])))
    const minimizer: Generator<Float64Array, Minimum, Evaluation> = lbfgs(
      Float64Array.from(free, (i, k) => point[i] / unit[k]),
      { lower: new Float64Array(free.length), upper: unit.map((u) => 1 / u) },
      { evaluations, gradientTolerance: 1e-4, valueTolerance: 1e-5, firstStep: 0.1 },
    )
    return {
      at: Float64Array.from(point),
      free,
      unit,
      minimizer,
      state: minimizer.next(),
      gradient: new Float64Array(free.length),
      best: { point, value },
    }
  })
  for (;;) {
    const asking = climbs.filter(({ state }) => !state.done)
    if (asking.length === 0) break
    for (const { at, free, unit, state } of asking) {
      const x = state.value as Float64Array
      for (let k = 0; k < free.length; k++) at[free[k]] = Math.min(1, Math.max(0, x[k] * unit[k]))
    }
    const { means, deviations, meanGradients, deviationGradients } = posterior.predictWithGradient(
      asking.map(({ at }) => at),
    )
    asking.forEach((one, r) => {
      const { value, byMean, byDeviation } = logExpectedImprovement(best, means[r], deviations[r])
      one.free.forEach((i, k) => {
        one.gradient[k] =
          -(byMean * meanGradients[r][i] + byDeviation * deviationGradients[r][i]) * one.unit[k]
      })
      // What is known without a model has no slope: the way goes by the model alone.
      const left = value - (discount?.(one.at) ?? 0)
      if (left > one.best.value) one.best = { point: Float64Array.from(one.at), value: left }
      one.state = one.minimizer.next({ value: -value, gradient: one.gradient })
    })
  }
  return climbs.map((one) => one.best)
}

/** One discrete dimension after another: every point moves to its best level. */
function sweepLevels(
  problem: AcquisitionProblem,
  ratings: readonly RatedPoint[],
  template: Float64Array,
): RatedPoint[] {
  const { space } = problem
  const current = [...ratings]
  const active = new Uint8Array(space.dimensions.length)
  space.dimensions.forEach((dimension, i) => {
    if (dimension.kind === 'continuous') return
    const owner: number[] = []
    const points: Float64Array[] = []
    current.forEach(({ point }, r) => {
      space.activeInto(point, active)
      if (!active[i]) return
      const level = dimension.unitToLevel(point[i])
      for (const other of levelsToTry(level, dimension.levels)) {
        const moved = Float64Array.from(point, (v, j) => (active[j] ? v : template[j]))
        moved[i] = dimension.levelToUnit(other)
        space.snapInto(moved)
        owner.push(r)
        points.push(moved)
      }
    })
    ratePoints(problem, points).forEach((rating, k) => {
      if (rating.value > current[owner[k]].value) current[owner[k]] = rating
    })
  })
  return current
}

function levelsToTry(level: number, levels: number): number[] {
  const others: number[] = []
  if (levels <= allLevels) {
    for (let other = 0; other < levels; other++) if (other !== level) others.push(other)
  } else {
    for (let step = 1; step < levels; step *= 2) {
      if (level - step >= 0) others.push(level - step)
      if (level + step < levels) others.push(level + step)
    }
  }
  return others
}
