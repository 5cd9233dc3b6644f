/**
 * The kernel's parameters, and how points of the unit cube are laid out for it.
 *
 * k(x, x′) = s M(r) + ρ M(8r), M(r) = (1 + √5 r + 5r²/3) e^(−√5 r), Matérn 5/2, with
 * r² = Σ_numeric ((x̃ᵢ − x̃ᵢ′)/ℓᵢ)² + Σ_categorical [xᵢ ≠ xᵢ′]/ℓᵢ², plus σ² on the diagonal.
 * x̃ is x, or x warped. One lengthscale ℓ a dimension (Rasmussen and Williams 2006, equation 4.17 and section 5.1).
 *
 * The second term is what is rough: a loss on fixed folds is the same whenever it is measured, but jumps from params to params that
 * are close together, as trees, neighbours and error rates do. Told as noise, its params would be worth trying again and again.
 *
 * Inside, numeric coordinates come first, then categorical ones; `Layout.order` maps back to dimensions.
 */
import type { Dimension } from '../../space/index.js'
import { noWarp, type Warp, warp } from './input-warping.js'
import type { Trend } from './trend.js'

export interface Layout {
  /** d. */
  readonly dimensions: number
  /** Coordinate → dimension: the numeric ones, then the categorical ones. */
  readonly order: Int32Array
  readonly numeric: number
  readonly categorical: number
  /** Coordinates (all numeric) that have a warp. */
  readonly warped: Int32Array
  /** What is added to the kernel; absent: nothing. */
  readonly trend?: Trend
  /** Whether the kernel has a rough term; absent: no. */
  readonly rough?: boolean
}

export interface KernelParameters {
  /** ℓ by dimension. */
  readonly lengthscales: Float64Array
  /** s. */
  readonly scale: number
  /** σ². */
  readonly noise: number
  /** ρ; 0 where the kernel has no rough term. */
  readonly roughness: number
  /** By dimension; `noWarp` where there is none. */
  readonly warps: readonly Warp[]
}

/** Levels an ordered logarithmic parameter must have to be worth a warp. */
const levelsToWarp = 16

export function layoutOf(dimensions: readonly Pick<Dimension, 'kind' | 'levels' | 'log'>[]): Layout {
  const indices = dimensions.map((_, i) => i)
  const numeric = indices.filter((i) => dimensions[i].kind !== 'categorical')
  const categorical = indices.filter((i) => dimensions[i].kind === 'categorical')
  const isWarped = ({ kind, levels, log }: Pick<Dimension, 'kind' | 'levels' | 'log'>) =>
    kind === 'continuous' || (log && levels > levelsToWarp)
  return {
    dimensions: dimensions.length,
    order: Int32Array.from([...numeric, ...categorical]),
    numeric: numeric.length,
    categorical: categorical.length,
    warped: Int32Array.from(
      numeric.flatMap((dimension, coordinate) => (isWarped(dimensions[dimension]) ? [coordinate] : [])),
    ),
  }
}

/**
 * What is thought of lengthscales before anything is seen. Where there is a rough term they are near the medians of those fitted to random
 * trials of 36 tuning tasks (bench/quality/HISTORY.md); elsewhere 1, as what an analysis is made from was tried with.
 */
export function usualLengthscale({ rough, numeric }: Layout, coordinate: number): number {
  return rough ? (coordinate < numeric ? 0.7 : 2) : 1
}

export function defaultKernelParameters(layout: Layout): KernelParameters {
  const { dimensions, order, rough } = layout
  const lengthscales = new Float64Array(dimensions)
  for (let c = 0; c < dimensions; c++) lengthscales[order[c]] = usualLengthscale(layout, c)
  return {
    lengthscales,
    scale: 1,
    noise: 1e-3,
    roughness: rough ? 1e-2 : 0,
    warps: new Array(dimensions).fill(noWarp),
  }
}

/**
 * Writes points (rows of d unit coordinates) by coordinate, warped and divided by their lengthscales:
 * coordinate c of point i to out[c·stride + first + i].
 */
export function layPoints(
  { order, numeric, categorical }: Layout,
  { lengthscales, warps }: KernelParameters,
  points: readonly ArrayLike<number>[],
  out: Float64Array,
  stride: number,
  first = 0,
): void {
  for (let c = 0; c < numeric; c++) {
    const dimension = order[c]
    const inverse = 1 / lengthscales[dimension]
    const shape = warps[dimension]
    const at = c * stride + first
    for (let i = 0; i < points.length; i++) out[at + i] = warp(shape, points[i][dimension]) * inverse
  }
  for (let c = numeric; c < numeric + categorical; c++) {
    const dimension = order[c]
    const at = c * stride + first
    for (let i = 0; i < points.length; i++) out[at + i] = points[i][dimension]
  }
}

/** 1/ℓ² of the categorical coordinates. */
export function categoricalWeights(layout: Layout, { lengthscales }: KernelParameters): Float64Array {
  const { numeric, categorical, order } = layout
  return Float64Array.from({ length: categorical }, (_, c) => {
    const l = lengthscales[order[numeric + c]]
    return 1 / (l * l)
  })
}
