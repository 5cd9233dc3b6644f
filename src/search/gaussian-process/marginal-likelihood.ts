/**
 * The function a fit minimises: the negative logarithm of the posterior of the kernel's parameters θ,
 *
 *   ½ rᵀK⁻¹r + Σ ln Lᵢᵢ + ½ m̂² − ln p(θ),   r = y − m̂,   m̂ = 1ᵀK⁻¹y / (1ᵀK⁻¹1 + 1),
 *
 * K = kernel (+ T = HHᵀ where there is a trend) + diag(σ² + extra noise) = LLᵀ; the mean has a unit normal prior and is profiled out, so that the
 * derivative by θ is the one with m̂ held (it is a minimum). With W = ααᵀ − K⁻¹, α = K⁻¹r, F as in kernels.as.ts,
 * G = W∘F and δ = difference of coordinates divided by ℓ:
 *
 *   ∂/∂ln ℓ = −Σ_{i>j} Gδ²   ∂/∂ln s = −½ (αᵀr − n − Σ Wᵢᵢ(σ² + eᵢ) − Σ WᵢⱼTᵢⱼ − Σ WᵢⱼRᵢⱼ)   ∂/∂ln σ² = −½ σ² Σ Wᵢᵢ
 *   ∂/∂ln ρ = −½ Σ WᵢⱼRᵢⱼ, R the rough term of the kernel
 *   ∂/∂w = Σ_i (∂x̃ᵢ/∂w)/ℓ · Σ_j Gᵢⱼδᵢⱼ   for a warp parameter w.
 *
 * θ = (ln ℓ by coordinate, ln s, ln σ², ln a, ln b for every warped coordinate, and ln ρ where the layout has a rough term).
 * Source: Rasmussen and Williams 2006, equations 5.8 and 5.9.
 */
import { logToWarp, noWarp, type Warp, warpWithGradient } from './input-warping.js'
import {
  categoricalWeights,
  defaultKernelParameters,
  type KernelParameters,
  type Layout,
  layPoints,
  usualLengthscale,
} from './kernel.js'
import { type Kernels, openKernels, rowLength } from './kernels.js'
import { type Trend, trendAt, trendProduct } from './trend.js'

export interface Observations {
  /** Unit coordinates, one array of length d a point. */
  readonly points: readonly ArrayLike<number>[]
  /** Transformed losses. */
  readonly values: ArrayLike<number>
  /** Variance known to lie on a single value, beyond σ²; absent: none. */
  readonly extraNoise?: ArrayLike<number>
}

/** Of ln a and ln b. */
const warpVariance = 0.25 * 0.25

/** Length of θ, and where ln ρ stands in it, if it does. */
function lengthOf({ dimensions, warped, rough }: Layout): { length: number; roughAt: number | null } {
  const before = dimensions + 2 + 2 * warped.length
  return rough ? { length: before + 1, roughAt: before } : { length: before, roughAt: null }
}

export function packParameters(layout: Layout, parameters: KernelParameters): Float64Array {
  const { order, dimensions, warped } = layout
  const { length, roughAt } = lengthOf(layout)
  const theta = new Float64Array(length)
  for (let c = 0; c < dimensions; c++) theta[c] = Math.log(parameters.lengthscales[order[c]])
  theta[dimensions] = Math.log(parameters.scale)
  theta[dimensions + 1] = Math.log(parameters.noise)
  for (let k = 0; k < warped.length; k++) {
    const { a, b } = parameters.warps[order[warped[k]]]
    theta[dimensions + 2 + 2 * k] = Math.log(a)
    theta[dimensions + 3 + 2 * k] = Math.log(b)
  }
  if (roughAt !== null) theta[roughAt] = Math.log(parameters.roughness)
  return theta
}

export function unpackParameters(layout: Layout, theta: ArrayLike<number>): KernelParameters {
  const { order, dimensions, warped } = layout
  const lengthscales = new Float64Array(dimensions)
  for (let c = 0; c < dimensions; c++) lengthscales[order[c]] = Math.exp(theta[c])
  const warps: Warp[] = new Array(dimensions).fill(noWarp)
  for (let k = 0; k < warped.length; k++) {
    warps[order[warped[k]]] = {
      a: Math.exp(theta[dimensions + 2 + 2 * k]),
      b: Math.exp(theta[dimensions + 3 + 2 * k]),
    }
  }
  const { roughAt } = lengthOf(layout)
  return {
    lengthscales,
    scale: Math.exp(theta[dimensions]),
    noise: Math.exp(theta[dimensions + 1]),
    roughness: roughAt === null ? 0 : Math.exp(theta[roughAt]),
    warps,
  }
}

/** Of σ² and of ρ. */
export const leastNoise = 1e-6

/** Where there is a rough term, what looks like noise has to be told from it: above `from`, σ² costs e-fold `strength`. */
const noisePrior = { strength: 3, from: 1e-3 }

/** Bounds of θ. */
export function parameterBounds(layout: Layout): { lower: Float64Array; upper: Float64Array } {
  const { dimensions, numeric } = layout
  const { length, roughAt } = lengthOf(layout)
  const lower = new Float64Array(length).fill(Math.log(0.15))
  const upper = new Float64Array(lower.length).fill(Math.log(6))
  for (let c = 0; c < dimensions; c++) {
    lower[c] = Math.log(c < numeric ? 0.025 : 0.05)
    upper[c] = Math.log(100)
  }
  lower[dimensions] = Math.log(0.01)
  upper[dimensions] = Math.log(30)
  for (const i of roughAt === null ? [dimensions + 1] : [dimensions + 1, roughAt]) {
    lower[i] = Math.log(leastNoise)
    upper[i] = 0
  }
  return { lower, upper }
}

/** −ln p(θ), and its derivatives added to `gradient`. */
function penalty(layout: Layout, theta: ArrayLike<number>, gradient: Float64Array): number {
  const { dimensions, warped } = layout
  const { roughAt } = lengthOf(layout)
  let sum = 0
  // The form of Optuna's priors (optuna/_gp/prior.py), in any number of dimensions, around the usual lengthscale.
  for (let c = 0; c < dimensions; c++) {
    const unusual = Math.exp(theta[c]) / usualLengthscale(layout, c)
    const square = unusual * unusual
    sum += 0.1 * (square + 1 / square)
    gradient[c] += 0.2 * (square - 1 / square)
  }
  const scale = Math.exp(theta[dimensions])
  sum += scale - theta[dimensions]
  gradient[dimensions] += scale - 1
  const noise = Math.exp(theta[dimensions + 1])
  sum += 30 * noise - 0.1 * theta[dimensions + 1]
  gradient[dimensions + 1] += 30 * noise - 0.1
  if (roughAt !== null) {
    const { strength, from } = noisePrior
    sum += strength * Math.log1p(noise / from)
    gradient[dimensions + 1] += (strength * noise) / (noise + from)
    const roughness = Math.exp(theta[roughAt])
    sum += 30 * roughness - 0.1 * theta[roughAt]
    gradient[roughAt] += 30 * roughness - 0.1
  }
  for (let k = dimensions + 2; k < dimensions + 2 + 2 * warped.length; k++) {
    sum += (0.5 * theta[k] * theta[k]) / warpVariance
    gradient[k] += theta[k] / warpVariance
  }
  return sum
}

/** The value (not a number where K cannot be factorised) and the gradient by θ; the same array every time. */
export type MarginalLikelihood = (theta: ArrayLike<number>) => { value: number; gradient: Float64Array }

/** Arrays in WebAssembly memory, kept for the next likelihood of no more points. */
export interface LikelihoodMemory {
  kernels: Kernels
  capacity: number
  offsets: Record<
    'x' | 'k' | 'f' | 'r' | 'u' | 'c' | 'inverse' | 'alpha' | 'solved' | 'weights' | 'p' | 'out',
    number
  >
}

export function reserveLikelihood(layout: Layout, n: number): LikelihoodMemory {
  const kernels = openKernels()
  const ld = rowLength(n)
  const matrix = ld * (n + 4)
  const d = Math.max(1, layout.dimensions)
  const offsets = {
    x: kernels.reserve(d * ld),
    k: kernels.reserve(matrix),
    f: kernels.reserve(matrix),
    r: layout.rough ? kernels.reserve(matrix) : 0,
    u: kernels.reserve(matrix),
    c: kernels.reserve(matrix),
    inverse: kernels.reserve(ld),
    alpha: kernels.reserve(ld),
    solved: kernels.reserve(4 * ld),
    weights: kernels.reserve(d),
    p: kernels.reserve(d * ld),
    out: kernels.reserve(d),
  }
  return { kernels, capacity: n, offsets }
}

/** T below and on the diagonal, row by row. */
function productsOf(trend: Trend, points: Observations['points']): Float64Array {
  const n = points.length
  const h = trendAt(trend, points)
  const products = new Float64Array((n * (n + 1)) / 2)
  for (let i = 0, t = 0; i < n; i++)
    for (let j = 0; j <= i; j++) products[t++] = trendProduct(trend.size, h, i, h, j)
  return products
}

/** The likelihood of these observations. `memory` may be one reserved for at least as many points. */
export function marginalLikelihood(
  layout: Layout,
  { points, values, extraNoise }: Observations,
  memory: LikelihoodMemory = reserveLikelihood(layout, points.length),
): MarginalLikelihood {
  const { dimensions: d, numeric, categorical, order, warped } = layout
  const { kernels, offsets: at } = memory
  const n = points.length
  const ld = rowLength(n)
  const { length, roughAt } = lengthOf(layout)
  const gradient = new Float64Array(length)
  const logs = new Float64Array(warped.length * n)
  for (let k = 0; k < warped.length; k++)
    for (let i = 0; i < n; i++) logs[k * n + i] = logToWarp(points[i][order[warped[k]]])
  const warpParts = warped.length > 0 ? new Float64Array(2 * warped.length * n) : null
  const parts = new Float64Array(3)
  const added = layout.trend === undefined ? null : productsOf(layout.trend, points)

  /** Lays the points, keeping the derivatives of the warps: ∂(x̃/ℓ)/∂ln a, ∂(x̃/ℓ)/∂ln b. */
  function lay(parameters: KernelParameters): void {
    const x = kernels.view(at.x, Math.max(1, d) * ld)
    layPoints(layout, { ...parameters, warps: defaultKernelParameters(layout).warps }, points, x, ld)
    for (let k = 0; k < warped.length; k++) {
      const c = warped[k]
      const dimension = order[c]
      const inverse = 1 / parameters.lengthscales[dimension]
      for (let i = 0; i < n; i++) {
        warpWithGradient(parameters.warps[dimension], logs[k * n + i], parts)
        x[c * ld + i] = parts[0] * inverse
        warpParts![2 * k * n + i] = parts[1] * inverse
        warpParts![(2 * k + 1) * n + i] = parts[2] * inverse
      }
    }
    kernels.view(at.weights, Math.max(1, d)).set(categoricalWeights(layout, parameters))
  }

  return (theta) => {
    const parameters = unpackParameters(layout, theta)
    const { noise, scale, roughness } = parameters
    gradient.fill(0)
    lay(parameters)
    kernels.kernelRows(
      at.x,
      ld,
      0,
      n,
      at.x,
      ld,
      n,
      true,
      numeric,
      categorical,
      at.weights,
      scale,
      roughness,
      at.k,
      ld,
      at.f,
      ld,
      at.r,
    )
    const K = kernels.view(at.k, n * ld)
    if (added !== null)
      for (let i = 0, t = 0; i < n; i++) for (let j = 0; j <= i; j++) K[i * ld + j] += added[t++]
    for (let i = 0; i < n; i++) K[i * ld + i] += noise + (extraNoise?.[i] ?? 0)
    if (kernels.factorRows(at.k, ld, at.inverse, 0, n) >= 0) return { value: Number.NaN, gradient }

    // L⁻¹y and L⁻¹1 side by side.
    const solved = kernels.view(at.solved, 4 * ld).fill(0)
    for (let i = 0; i < n; i++) {
      solved[i] = values[i]
      solved[ld + i] = 1
    }
    kernels.solveRows(at.k, ld, at.inverse, n, at.solved, ld, 2)
    let ones = 0
    let cross = 0
    for (let i = 0; i < n; i++) {
      cross += solved[i] * solved[ld + i]
      ones += solved[ld + i] * solved[ld + i]
    }
    const mean = cross / (ones + 1)
    const alpha = kernels.view(at.alpha, ld).fill(0)
    let fit = 0
    let logDiagonal = 0
    for (let i = 0; i < n; i++) {
      alpha[i] = solved[i] - mean * solved[ld + i]
      fit += alpha[i] * alpha[i]
      logDiagonal += Math.log(K[i * ld + i])
    }
    kernels.solveRowsTransposed(at.k, ld, at.inverse, n, at.alpha, ld, 1)
    const value = 0.5 * fit + logDiagonal + 0.5 * mean * mean + penalty(layout, theta, gradient)

    kernels.invert(at.k, ld, at.inverse, n, at.u, at.c)
    const C = kernels.view(at.c, n * ld)
    let onDiagonal = 0
    let noisy = 0
    for (let i = 0; i < n; i++) {
      const w = alpha[i] * alpha[i] - C[i * ld + i]
      onDiagonal += w
      noisy += w * (noise + (extraNoise?.[i] ?? 0))
    }
    let byTrend = 0
    if (added !== null)
      for (let i = 0, t = 0; i < n; i++)
        for (let j = 0; j <= i; j++)
          byTrend += (i === j ? 1 : 2) * (alpha[i] * alpha[j] - C[i * ld + j]) * added[t++]
    const byRoughness = roughAt === null ? 0 : 2 * kernels.weighedSum(at.r, at.c, ld, at.alpha, n)
    if (roughAt !== null) gradient[roughAt] -= 0.5 * byRoughness
    gradient[d] -= 0.5 * (fit - n - noisy - byTrend - byRoughness)
    gradient[d + 1] -= 0.5 * noise * onDiagonal

    kernels.weigh(at.f, at.c, ld, at.alpha, n)
    const out = kernels.view(at.out, Math.max(1, d))
    kernels.pairSums(at.f, ld, at.x, ld, n, numeric, at.p, at.out)
    for (let c = 0; c < numeric; c++) gradient[c] -= out[c]
    kernels.unequalSums(at.f, ld, at.x + numeric * ld * 8, ld, n, categorical, at.out)
    const weights = categoricalWeights(layout, parameters)
    for (let c = 0; c < categorical; c++) {
      gradient[numeric + c] -= out[c] * weights[c]
    }
    const P = kernels.view(at.p, Math.max(1, numeric) * ld)
    for (let k = 0; k < warped.length; k++) {
      let byA = 0
      let byB = 0
      for (let i = 0; i < n; i++) {
        const p = P[warped[k] * ld + i]
        byA += p * warpParts![2 * k * n + i]
        byB += p * warpParts![(2 * k + 1) * n + i]
      }
      gradient[d + 2 + 2 * k] += byA
      gradient[d + 3 + 2 * k] += byB
    }
    return { value, gradient }
  }
}
