/**
 * The logarithm of expected improvement, without underflow however small the improvement is.
 *
 * Notation: f* = loss to improve on, μ, σ = posterior mean and deviation, z = (f* − μ)/σ,
 * EI = σ h(z), h(z) = φ(z) + zΦ(z) = φ(z)(1 + z R), R = Φ(z)/φ(z) (Mills' ratio of −z).
 * Source: Ament, Daulton, Eriksson, Balandat and Bakshy, "Unexpected Improvements to Expected Improvement for
 * Bayesian Optimization" (2023), equation 9; the last branch with three more terms of the same series.
 */
import { erfcx, normalDensity, normalDistribution } from '../../numeric/index.js'

const halfLogTwoPi = 0.9189385332046727
const rootHalfPi = 1.2533141373155003

/** ln h(z) and its derivative Φ/h, for every finite z. */
export function logH(z: number): { value: number; slope: number } {
  if (z > -1) {
    const Phi = normalDistribution(z)
    const h = normalDensity(z) + z * Phi
    return { value: Math.log(h), slope: Phi / h }
  }
  const base = -0.5 * z * z - halfLogTwoPi
  if (z > -50) {
    const R = rootHalfPi * erfcx(-z * Math.SQRT1_2)
    const h = 1 + z * R
    return { value: base + Math.log(h), slope: R / h }
  }
  // 1 + zR cancels: its asymptotic series instead.
  const w = 1 / (z * z)
  const h = w * (1 - 3 * w * (1 - 5 * w * (1 - 7 * w * (1 - 9 * w * (1 - 11 * w)))))
  return { value: base + Math.log(h), slope: (h - 1) / (z * h) }
}

/** ln EI and its derivatives by μ and σ. */
export function logExpectedImprovement(
  best: number,
  mean: number,
  deviation: number,
): { value: number; byMean: number; byDeviation: number } {
  const z = (best - mean) / deviation
  const { value, slope } = logH(z)
  return {
    value: value + Math.log(deviation),
    byMean: -slope / deviation,
    // φ/h = 1 − zΦ/h
    byDeviation: (1 - z * slope) / deviation,
  }
}
