/**
 * The posterior of a Gaussian process with known parameters: means, deviations, and their gradients.
 *
 *   μ(x) = m̂ + k(x)ᵀα,   σ²(x) = s + ρ − |v|²,   v = L⁻¹k(x),   α = K⁻¹(y − m̂)
 *
 * Points without a value ("pending") enter K and so lower σ near them, but their α is 0: that is conditioning on
 * their own posterior mean, the kriging believer (Ginsbourger, Le Riche and Carraro 2010), which leaves μ as it is.
 *
 * With a trend, k(x, x′) has h(x)ᵀh(x′) added (trend.ts); means take it as h(x)ᵀb, b = Hᵀα.
 *
 * The factor is kept from one `update` to the next as far as parameters and points are the same. Row i of L depends
 * on points 0 … i alone, and is worked out by the same operations in the same order whether appended or not
 * (kernels.as.ts), so that keeping it changes no bit of any result.
 */
import { warpSlope } from './input-warping.js'
import { categoricalWeights, type KernelParameters, type Layout, layPoints } from './kernel.js'
import { type Kernels, openKernels, rowLength } from './kernels.js'
import type { Observations } from './marginal-likelihood.js'
import { trendAt, trendProduct } from './trend.js'

/** Points predicted together. */
const block = 64

export interface Prediction {
  readonly means: Float64Array
  /** Of the function itself, without the noise of observing it. */
  readonly deviations: Float64Array
}

export interface PredictionWithGradient extends Prediction {
  /** By point: derivatives by the unit coordinates, length d; 0 for categorical ones. */
  readonly meanGradients: readonly Float64Array[]
  readonly deviationGradients: readonly Float64Array[]
}

export interface Posterior {
  /** Takes these observations and pending points. False where K cannot be factorised: then nothing can be predicted. */
  update(
    parameters: KernelParameters,
    observations: Observations,
    pending?: readonly ArrayLike<number>[],
  ): boolean
  predict(points: readonly ArrayLike<number>[]): Prediction
  predictMeans(points: readonly ArrayLike<number>[]): Float64Array
  /** Of a process without a trend. */
  predictWithGradient(points: readonly ArrayLike<number>[]): PredictionWithGradient
  /** Value (transformed scale) and points known, pending ones included. */
  readonly size: number
}

interface Memory {
  readonly kernels: Kernels
  readonly capacity: number
  readonly ld: number
  readonly x: number
  readonly l: number
  readonly inverse: number
  readonly alpha: number
  readonly weights: number
  /** By coordinate: the points of a block. */
  readonly z: number
  /** Kernel rows of a block, then v. */
  readonly k: number
  readonly f: number
  readonly w: number
  readonly out: number
}

function reserve(layout: Layout, capacity: number): Memory {
  const kernels = openKernels()
  const d = Math.max(1, layout.dimensions)
  const ld = rowLength(capacity)
  return {
    kernels,
    capacity,
    ld,
    x: kernels.reserve(d * ld),
    l: kernels.reserve(ld * (capacity + 4)),
    inverse: kernels.reserve(ld),
    alpha: kernels.reserve(4 * ld),
    weights: kernels.reserve(d),
    z: kernels.reserve(d * rowLength(block)),
    k: kernels.reserve(block * ld),
    f: kernels.reserve(block * ld),
    w: kernels.reserve(block * ld),
    out: kernels.reserve(2 * Math.max(block, d)),
  }
}

export function createPosterior(layout: Layout): Posterior {
  const { dimensions: d, numeric, categorical, order, trend } = layout
  const strideZ = rowLength(block)
  let memory: Memory | null = null
  let parameters: KernelParameters | null = null
  /** What the rows of L were made from. */
  let rows: { point: ArrayLike<number>; noise: number }[] = []
  let observed = 0
  let mean = 0
  /** Of the points that L has rows of: h, one after another; then Hᵀα. */
  let trendRows: Float64Array = new Float64Array(0)
  let trendWeights: Float64Array = new Float64Array(0)

  function sameParameters(other: KernelParameters): boolean {
    return (
      parameters !== null &&
      other.scale === parameters.scale &&
      other.noise === parameters.noise &&
      other.roughness === parameters.roughness &&
      other.lengthscales.every((l, i) => l === parameters!.lengthscales[i]) &&
      other.warps.every(({ a, b }, i) => a === parameters!.warps[i].a && b === parameters!.warps[i].b)
    )
  }

  /** How many rows of L hold for these points too. */
  function commonRows(points: readonly ArrayLike<number>[], noises: Float64Array): number {
    let i = 0
    while (i < rows.length && i < points.length && rows[i].noise === noises[i]) {
      const { point } = rows[i]
      const other = points[i]
      if (point !== other) {
        let same = true
        for (let j = 0; j < d; j++) if (point[j] !== other[j]) same = false
        if (!same) break
      }
      i++
    }
    return i
  }

  /** Kernel rows (and F) of a block of points. */
  function cross(points: readonly ArrayLike<number>[], withF: boolean): void {
    const { kernels, ld, x, weights, z, k, f } = memory!
    layPoints(layout, parameters!, points, kernels.view(z, Math.max(1, d) * strideZ), strideZ)
    const n = rows.length
    kernels.kernelRows(
      z,
      strideZ,
      0,
      points.length,
      x,
      ld,
      n,
      false,
      numeric,
      categorical,
      weights,
      parameters!.scale,
      parameters!.roughness,
      k,
      ld,
      withF ? f : 0,
      ld,
      0,
    )
  }

  function blocks<T>(points: readonly T[], each: (part: readonly T[], first: number) => void): void {
    for (let first = 0; first < points.length; first += block) each(points.slice(first, first + block), first)
  }

  function meansInto(points: readonly ArrayLike<number>[], out: Float64Array, first: number): void {
    const { kernels, ld, k, alpha } = memory!
    const count = points.length
    kernels.rowsTimes(k, ld, count, observed, alpha, memory!.out)
    const sums = kernels.view(memory!.out, count)
    for (let r = 0; r < count; r++) out[first + r] = mean + sums[r]
    if (trend === undefined) return
    const h = trendAt(trend, points)
    for (let r = 0; r < count; r++) out[first + r] += trendProduct(trend.size, h, r, trendWeights, 0)
  }

  /** Turns the kernel rows into v; deviations from their squares. */
  function deviationsInto(points: readonly ArrayLike<number>[], out: Float64Array, first: number): void {
    const { kernels, ld, l, inverse, k } = memory!
    const n = rows.length
    const count = points.length
    const h = trend === undefined ? null : trendAt(trend, points)
    if (trend !== undefined && h !== null) {
      const K = kernels.view(k, count * ld)
      for (let r = 0; r < count; r++)
        for (let i = 0; i < n; i++) K[r * ld + i] += trendProduct(trend.size, h, r, trendRows, i)
    }
    kernels.solveRows(l, ld, inverse, n, k, ld, count)
    kernels.rowSquares(k, ld, count, n, memory!.out)
    const sums = kernels.view(memory!.out, count)
    const variance = parameters!.scale + parameters!.roughness
    // Where rounding has eaten the variance, what is left of it is rounding.
    for (let r = 0; r < count; r++) {
      const prior = h === null ? variance : variance + trendProduct(trend!.size, h, r, h, r)
      out[first + r] = Math.sqrt(Math.max(prior - sums[r], 1e-14 * variance))
    }
  }

  return {
    get size() {
      return rows.length
    },

    update(next, { points, values, extraNoise }, pending = []) {
      const all = [...points, ...pending]
      const n = all.length
      if (memory === null || memory.capacity < n) {
        memory = reserve(layout, Math.max(64, Math.ceil(n * 1.5)))
        rows = []
      }
      const { kernels, ld, x, l, inverse, alpha, weights } = memory
      const noises = Float64Array.from(all, (_, i) => next.noise + (extraNoise?.[i] ?? 0))
      const kept = sameParameters(next) ? commonRows(all, noises) : 0
      parameters = next
      rows = all.map((point, i) => ({ point, noise: noises[i] }))
      observed = points.length

      kernels.view(weights, Math.max(1, d)).set(categoricalWeights(layout, next))
      layPoints(layout, next, all.slice(kept), kernels.view(x, Math.max(1, d) * ld), ld, kept)
      kernels.kernelRows(
        x,
        ld,
        kept,
        n,
        x,
        ld,
        n,
        true,
        numeric,
        categorical,
        weights,
        next.scale,
        next.roughness,
        l,
        ld,
        0,
        0,
        0,
      )
      const L = kernels.view(l, n * ld)
      if (trend !== undefined) {
        trendRows = trendAt(trend, all)
        for (let i = kept; i < n; i++)
          for (let j = 0; j <= i; j++) L[i * ld + j] += trendProduct(trend.size, trendRows, i, trendRows, j)
      }
      for (let i = kept; i < n; i++) L[i * ld + i] += noises[i]
      if (kernels.factorRows(l, ld, inverse, kept, n) >= 0) {
        rows = []
        return false
      }

      const solved = kernels.view(alpha, 4 * ld).fill(0)
      for (let i = 0; i < observed; i++) {
        solved[i] = values[i]
        solved[ld + i] = 1
      }
      kernels.solveRows(l, ld, inverse, observed, alpha, ld, 2)
      let ones = 0
      let both = 0
      for (let i = 0; i < observed; i++) {
        both += solved[i] * solved[ld + i]
        ones += solved[ld + i] * solved[ld + i]
      }
      mean = both / (ones + 1)
      for (let i = 0; i < observed; i++) solved[i] -= mean * solved[ld + i]
      kernels.solveRowsTransposed(l, ld, inverse, observed, alpha, ld, 1)
      if (trend !== undefined) {
        trendWeights = new Float64Array(trend.size)
        for (let i = 0; i < observed; i++)
          for (let j = 0; j < trend.size; j++) trendWeights[j] += solved[i] * trendRows[i * trend.size + j]
      }
      return Number.isFinite(mean)
    },

    predict(points) {
      const means = new Float64Array(points.length)
      const deviations = new Float64Array(points.length)
      blocks(points, (part, first) => {
        cross(part, false)
        meansInto(part, means, first)
        deviationsInto(part, deviations, first)
      })
      return { means, deviations }
    },

    predictMeans(points) {
      const means = new Float64Array(points.length)
      blocks(points, (part, first) => {
        cross(part, false)
        meansInto(part, means, first)
      })
      return means
    },

    predictWithGradient(points) {
      const means = new Float64Array(points.length)
      const deviations = new Float64Array(points.length)
      const meanGradients = points.map(() => new Float64Array(d))
      const deviationGradients = points.map(() => new Float64Array(d))
      blocks(points, (part, first) => {
        const { kernels, ld, x, l, inverse, alpha, k, f, w, z, out } = memory!
        const n = rows.length
        cross(part, true)
        meansInto(part, means, first)
        deviationsInto(part, deviations, first)
        kernels.view(w, part.length * ld).set(kernels.view(k, part.length * ld))
        kernels.solveRowsTransposed(l, ld, inverse, n, w, ld, part.length)
        const byW = out + d * 8
        const { lengthscales, warps } = parameters!
        for (let r = 0; r < part.length; r++) {
          kernels.pointSums(
            f + r * ld * 8,
            alpha,
            w + r * ld * 8,
            z + r * 8,
            strideZ,
            x,
            ld,
            n,
            observed,
            numeric,
            out,
            byW,
          )
          const sums = kernels.view(out, 2 * Math.max(1, d))
          for (let c = 0; c < numeric; c++) {
            const dimension = order[c]
            // ∂k/∂(x̃/ℓ) = −F δ; ∂σ²= −2 wᵀ∂k, ∂σ = ∂σ²/(2σ).
            const chain = warpSlope(warps[dimension], part[r][dimension]) / lengthscales[dimension]
            meanGradients[first + r][dimension] = -sums[c] * chain
            deviationGradients[first + r][dimension] = (sums[d + c] * chain) / deviations[first + r]
          }
        }
      })
      return { means, deviations, meanGradients, deviationGradients }
    },
  }
}
