/**
 * How much a search could still gain: an upper bound of the regret of the best params tried.
 *
 *   r̂ = min over the trials of (μ + √β σ) − min over the space of (μ − √β σ),   β = (2/5) ln(d t² π² / (6 · 0.1))
 *
 * Notation: μ, σ = posterior of a Gaussian process, without the noise of observing it; t = trials with a value; d =
 * dimensions of the space. The process is fitted on the better half of the trials, so that it is true near the best
 * of them, where it matters. Source: Makarova et al., "Automatic Termination for Hyperparameter Optimization",
 * AutoML-Conf 2022, equations 2 to 4.
 *
 * Both bounds are found on the scale of the output transform, mapped back to losses, and subtracted there: so the
 * regret is in units of the objective. A bound mapped back lies no further beyond the losses of the model than their
 * range.
 */
import { randomStream, sobolSequence } from '../numeric/index.js'
import type { Space } from '../space/index.js'
import { walkSpace } from './enumeration.js'
import {
  createPosterior,
  defaultKernelParameters,
  fit,
  fitOutputTransform,
  layoutOf,
  mostNoise,
  nearLimit,
  type Observations,
  type OutputTransform,
  type Posterior,
  perturbedCandidates,
  spreadCandidates,
} from './gaussian-process/index.js'
import type { ObservedTrial } from './types.js'

/** Observations of the model, at most: the best. */
const most = 128
/** Finite spaces up to this size are looked through whole. */
const ratedWhole = 1024
/** Elsewhere: points spread over the space, then rounds of perturbations of the lowest found. */
const candidates = { spread: 512, anchors: 8, perturbed: 256, rounds: 4 }
/** δ of the confidence bounds, and the fifth by which the theory's β is scaled down in practice. */
const confidence = { delta: 0.1, scale: 1 / 5 }

/** A trial that has a value. */
export type ValuedTrial = ObservedTrial & { readonly value: number }

/**
 * r̂ in units of the objective, at least 0. null where no model can be had: all values are equal, or the kernel
 * matrix cannot be factorised.
 *
 * @param trials with finite values, in trial order
 */
export function regretBound(
  space: Space,
  seed: number,
  trials: readonly ValuedTrial[],
  direction: 'minimize' | 'maximize',
): number | null {
  const sign = direction === 'maximize' ? -1 : 1
  // What is far away says nothing of the best, and has no scale to say it on.
  const limit = nearLimit(trials.map(({ value }) => sign * value))
  const byLoss = trials
    .filter(({ value }) => sign * value <= limit)
    .sort((a, b) => order(sign * a.value, sign * b.value) || a.trial - b.trial)
  const better = Math.min(most, Math.ceil(byLoss.length / 2))
  const transformOf = (some: readonly ValuedTrial[]) =>
    fitOutputTransform(some.map(({ value }) => sign * value))
  let kept = byLoss.slice(0, better)
  let transform = transformOf(kept)
  if (transform === null) {
    // A better half of equal values has no scale: it takes one from the rest.
    kept = byLoss
    transform = transformOf(kept)
  }
  if (transform === null) return null

  const observations = {
    points: kept.map(({ params }) => space.encode(params)),
    values: transform.values,
    extraNoise: noisesOf(kept, transform, sign),
  }
  const posterior = modelOf(space, observations)
  if (posterior === null) return null
  const width = Math.sqrt(confidenceFactor(space.dimensions.length, trials.length))
  const upper = lowest(boundsOf(posterior, observations.points, width))
  const lower = lowestInSpace(space, seed, posterior, observations.points, width, trials.length)
  const regret = transform.backward(upper) - transform.backward(Math.min(lower, upper))
  return Number.isFinite(regret) ? regret : null
}

/** Without a difference, which could be too large for a number. */
function order(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** β. */
function confidenceFactor(dimensions: number, trials: number): number {
  const { delta, scale } = confidence
  const d = Math.max(1, dimensions)
  return Math.max(0, 2 * scale * Math.log((d * (trials * trials) * (Math.PI * Math.PI)) / (6 * delta)))
}

function noisesOf(trials: readonly ValuedTrial[], transform: OutputTransform, sign: number): Float64Array {
  return Float64Array.from(trials, ({ value, extraNoise = 0 }) => {
    if (!(extraNoise > 0)) return 0
    const slope = transform.slope(sign * value)
    return Math.min(mostNoise, extraNoise * (slope * slope))
  })
}

/** Fitted from the defaults every time, so that it depends on nothing but the observations. */
function modelOf(space: Space, observations: Observations): Posterior | null {
  const layout = layoutOf(space.dimensions)
  const posterior = createPosterior(layout)
  const fitted = fit(layout, observations)?.parameters ?? defaultKernelParameters(layout)
  // More noise for a matrix that is singular but for rounding.
  for (const jitter of [0, 1e-6, 1e-5, 1e-4, 1e-3])
    if (posterior.update({ ...fitted, noise: fitted.noise + jitter }, observations)) return posterior
  return null
}

/** μ + width · σ at points. */
function boundsOf(posterior: Posterior, points: readonly Float64Array[], width: number): Float64Array {
  const { means, deviations } = posterior.predict(points)
  return means.map((mean, i) => mean + width * deviations[i])
}

function lowest(values: Float64Array): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
}

/** min over the space of μ − width · σ, as nearly as the candidates find it; what was tried is among them. */
function lowestInSpace(
  space: Space,
  seed: number,
  posterior: Posterior,
  tried: readonly Float64Array[],
  width: number,
  trials: number,
): number {
  const rate = (points: readonly Float64Array[]) => {
    const values = boundsOf(posterior, points, -width)
    return points.map((point, i) => ({ point, value: values[i] }))
  }
  if (space.size <= ratedWhole) {
    const whole = [...walkSpace(space)].map((params) => space.encode(params))
    return lowest(boundsOf(posterior, whole, -width))
  }
  const sequence = sobolSequence(space.dimensions.length, seed, 'advice-candidates')
  const random = randomStream(seed, 'advice-perturbations', trials)
  let best = rate([...tried, ...spreadCandidates(space, sequence, 0, candidates.spread)])
  for (let round = 0; ; round++) {
    best.sort((a, b) => a.value - b.value)
    if (round === candidates.rounds) return best[0].value
    best = best.slice(0, candidates.anchors)
    const anchors = best.map(({ point }) => point)
    best.push(...rate(perturbedCandidates(space, anchors, candidates.perturbed, random)))
  }
}
