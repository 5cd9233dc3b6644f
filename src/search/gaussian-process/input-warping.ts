/**
 * Input warping: x̃ = 1 − (1 − xᵃ)ᵇ, the distribution function of Kumaraswamy's distribution, one pair (a, b) for
 * each warped parameter. It lets a stationary kernel follow objectives that change faster at one end of a scale.
 *
 * Source: Snoek, Swersky, Zemel and Adams, "Input Warping for Bayesian Optimization of Non-Stationary Functions"
 * (2014), with Kumaraswamy's distribution for the Beta's, as HEBO (Cowen-Rivers et al. 2022).
 */

/** x is kept this far from 0 and 1, where the derivatives are not finite. */
const margin = 1e-7

export interface Warp {
  readonly a: number
  readonly b: number
}

export const noWarp: Warp = { a: 1, b: 1 }

/** x̃ at x in [0, 1]. */
export function warp({ a, b }: Warp, x: number): number {
  if (a === 1 && b === 1) return x
  return -Math.expm1(b * Math.log1p(-Math.exp(a * logToWarp(x))))
}

/** ∂x̃/∂x. */
export function warpSlope({ a, b }: Warp, x: number): number {
  if (a === 1 && b === 1) return 1
  const logX = logToWarp(x)
  const log1 = Math.log1p(-Math.exp(a * logX))
  return a * b * Math.exp((a - 1) * logX + (b - 1) * log1)
}

/** ln x, as the warps of x need it. */
export function logToWarp(x: number): number {
  return Math.log(Math.min(1 - margin, Math.max(margin, x)))
}

/** Writes x̃, ∂x̃/∂ln a and ∂x̃/∂ln b to out[0], out[1], out[2], by `logToWarp(x)`, which is the same for all warps. */
export function warpWithGradient({ a, b }: Warp, logX: number, out: Float64Array): void {
  const power = Math.exp(a * logX)
  const log1 = Math.log1p(-power)
  const tail = Math.exp(b * log1)
  out[0] = 1 - tail
  // ∂(1 − xᵃ)ᵇ/∂a = −b (1 − xᵃ)^(b−1) xᵃ ln x
  out[1] = ((a * b * tail) / (1 - power)) * power * logX
  out[2] = -b * tail * log1
}
