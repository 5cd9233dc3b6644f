/**
 * A function drawn from the process before it has seen anything, by random features:
 *
 *   f(x) = m + √(2s/F) Σ_f cos(ω_fᵀx̃ + b_f),   m ~ N(0, 1),   b ~ U[0, 2π),   ω = z √(5/u) / ℓ,   z ~ N(0, 1),   u ~ χ²₅,
 *
 * the spectral density of Matérn 5/2 being Student's t with 5 degrees of freedom. A categorical coordinate is a corner of
 * a simplex: each of its levels has a z of its own, divided by √2 ℓ. Conditioned on observations by the rule of Matheron,
 * it is a draw from the posterior: f + the posterior mean of (y − f − noise).
 * Source: Rahimi and Recht 2007; Wilson, Borovitskiy, Terenin, Mostowsky and Deisenroth 2020.
 */
import type { RandomStream } from '../../numeric/index.js'
import { warp } from './input-warping.js'
import type { KernelParameters, Layout } from './kernel.js'
import { trendAt, trendProduct } from './trend.js'

/** F. */
const features = 128

/** Its values at points, one after another: what is told of a point and the next that differ in few coordinates is quick. */
export function drawPrior(
  { order, numeric, categorical, dimensions, trend }: Layout,
  { lengthscales, scale, warps }: KernelParameters,
  random: RandomStream,
): (points: readonly ArrayLike<number>[]) => Float64Array {
  const mean = random.normal()
  const beta = trend === undefined ? null : Float64Array.from({ length: trend.size }, () => random.normal())
  const amplitude = Math.sqrt((2 * scale) / features)
  const heavy = new Float64Array(features)
  const phases = new Float64Array(features)
  for (let f = 0; f < features; f++) {
    let squares = 0
    for (let k = 0; k < 5; k++) {
      const z = random.normal()
      squares += z * z
    }
    heavy[f] = Math.sqrt(5 / squares)
    phases[f] = 2 * Math.PI * random.next()
  }
  const drawn = () => Float64Array.from(heavy, (factor) => factor * random.normal())
  const slopes = new Map<number, Float64Array>()
  for (let c = 0; c < numeric; c++) slopes.set(order[c], drawn())
  /** By categorical dimension, then by level as it stands in the cube. */
  const corners = new Map<number, Map<number, Float64Array>>()
  for (let c = numeric; c < numeric + categorical; c++) corners.set(order[c], new Map())

  /** Adds `by` times `slope` to the angles. */
  function turn(angles: Float64Array, by: number, slope: Float64Array): void {
    for (let f = 0; f < features; f++) angles[f] += by * slope[f]
  }

  function cornerOf(i: number, level: number): Float64Array {
    const levels = corners.get(i)!
    const known = levels.get(level)
    if (known !== undefined) return known
    const corner = drawn()
    levels.set(level, corner)
    return corner
  }

  return (points) => {
    const angles = Float64Array.from(phases)
    /** The point that the angles are of, as it is and with numbers warped. */
    const at = new Float64Array(dimensions).fill(Number.NaN)
    const warped = new Float64Array(dimensions)
    const h = trend === undefined ? null : trendAt(trend, points)
    return Float64Array.from(points, (point, k) => {
      for (let i = 0; i < dimensions; i++) {
        if (point[i] === at[i]) continue
        const slope = slopes.get(i)
        if (slope !== undefined) {
          const to = warp(warps[i], point[i])
          turn(angles, (to - warped[i]) / lengthscales[i], slope)
          warped[i] = to
        } else {
          const by = 1 / (Math.SQRT2 * lengthscales[i])
          if (!Number.isNaN(at[i])) turn(angles, -by, cornerOf(i, at[i]))
          turn(angles, by, cornerOf(i, point[i]))
        }
        at[i] = point[i]
      }
      let sum = 0
      for (let f = 0; f < features; f++) sum += Math.cos(angles[f])
      const byTrend = h === null ? 0 : trendProduct(trend!.size, h, k, beta!, 0)
      return mean + byTrend + amplitude * sum
    })
  }
}
