/**
 * Fitting the kernel's parameters: the θ of greatest posterior, by projected L-BFGS from one or two starts.
 */
import { minimize } from '../../numeric/index.js'
import { defaultKernelParameters, type KernelParameters, type Layout } from './kernel.js'
import {
  type LikelihoodMemory,
  marginalLikelihood,
  type Observations,
  packParameters,
  parameterBounds,
  reserveLikelihood,
  unpackParameters,
} from './marginal-likelihood.js'

export interface FitOptions {
  /** Where to start besides the defaults: the parameters of an earlier fit. */
  readonly start?: KernelParameters | null
  /** Start from the defaults too (`both`), or from them alone, `start` being kept where that gives no better fit. */
  readonly from?: 'start' | 'both' | 'defaults'
  /** Memory reserved for at least as many points. */
  readonly memory?: LikelihoodMemory
}

export interface Fit {
  readonly parameters: KernelParameters
  /** Negative log posterior, up to a constant. */
  readonly value: number
}

/** Evaluations of the likelihood from a start: of the very first fit, of later ones, and of those on more than 100 points. */
const evaluations = { first: 60, later: 30, large: 12 }

/** The best fit found; null where the likelihood has no value at any start. */
export function fit(layout: Layout, observations: Observations, options: FitOptions = {}): Fit | null {
  const { start, from = 'start' } = options
  const memory = options.memory ?? reserveLikelihood(layout, observations.points.length)
  const likelihood = marginalLikelihood(layout, observations, memory)
  const bounds = parameterBounds(layout)
  const later = observations.points.length > 100 ? evaluations.large : evaluations.later
  const starts = start && from !== 'defaults' ? [start] : []
  if (!start || from !== 'start') starts.push(defaultKernelParameters(layout))

  let best: Fit | null = null
  if (start && from === 'defaults') {
    const { value } = likelihood(packParameters(layout, start))
    if (Number.isFinite(value)) best = { parameters: start, value }
  }
  for (const parameters of starts) {
    const minimum = minimize(likelihood, packParameters(layout, parameters), bounds, {
      evaluations: start ? later : evaluations.first,
      gradientTolerance: 1e-2,
      valueTolerance: 1e-4,
      firstStep: 0.3,
      memory: 10,
    })
    if (Number.isFinite(minimum.value) && (best === null || minimum.value < best.value)) {
      best = { parameters: unpackParameters(layout, minimum.x), value: minimum.value }
    }
  }
  return best
}

/**
 * At most `most` of n observations to fit on, in their order: the best quarter of `most`, the newest quarter, and
 * the rest spread evenly over the others.
 */
export function chooseForFit(values: ArrayLike<number>, most: number): number[] {
  const n = values.length
  const all = Array.from({ length: n }, (_, i) => i)
  if (n <= most) return all
  const chosen = new Set<number>()
  const byValue = [...all].sort((i, j) => values[i] - values[j] || i - j)
  const quarter = Math.floor(most / 4)
  for (let k = 0; k < quarter; k++) chosen.add(byValue[k])
  for (let i = n - 1; chosen.size < 2 * quarter; i--) chosen.add(i)
  const rest = all.filter((i) => !chosen.has(i))
  const missing = most - chosen.size
  for (let k = 0; k < missing; k++) chosen.add(rest[Math.floor(((k + 0.5) * rest.length) / missing)])
  return all.filter((i) => chosen.has(i))
}
