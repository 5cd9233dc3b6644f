/**
 * The error function's scaled complement and the normal distribution.
 *
 * erfcx(x) = e^(x²) erfc(x). For x ≥ 0, (1 + 2x) erfcx(x) is smooth in t = (x − k)/(x + k), t in [−1, 1], k = 3.75,
 * and is given by its Chebyshev series in t: the form of Shepherd and Laframboise, "Chebyshev approximation of
 * (1 + 2x) exp(x²) erfc x in 0 ≤ x < ∞", Mathematics of Computation 36 (1981). The coefficients here were worked
 * out for this file, at 60 digits, from 80 nodes; those left out are below 4e-18. Relative error below 1e-15.
 */

const k = 3.75
const chebyshev = [
  1.1775789345674017, -0.004590054580646478, -0.08424913336651792, 0.05920993999819189, -0.026658668435305753,
  0.009074997670705265, -0.002413163540417608, 0.0004907758365258086, -0.00006916973302501207,
  0.00000413902798607301, 7.74038306619849e-7, -2.1886401049234397e-7, 1.076499946567091e-8,
  4.521959811218287e-9, -7.754400208831351e-10, -6.318088340886684e-11, 2.86879501093067e-11,
  1.9455868545777347e-13, -9.65469674843344e-13, 3.25254814814874e-14, 3.3478119482868056e-14,
  -1.864562880419313e-15, -1.2507950530688648e-15, 7.418235256624044e-17, 5.068148904796111e-17,
]

/** e^(x²) erfc(x). Infinity below about −26.6, 1/(x√π) far above. */
export function erfcx(x: number): number {
  if (x < 0) return 2 * Math.exp(x * x) - erfcx(-x)
  // Clenshaw's recurrence.
  const t = x > 1e300 ? 1 : (x - k) / (x + k)
  let b1 = 0
  let b2 = 0
  for (let j = chebyshev.length - 1; j > 0; j--) {
    const b0 = 2 * t * b1 - b2 + chebyshev[j]
    b2 = b1
    b1 = b0
  }
  return (t * b1 - b2 + chebyshev[0]) / (1 + 2 * x)
}

/** φ(z) = e^(−z²/2)/√(2π). */
export function normalDensity(z: number): number {
  return 0.3989422804014327 * Math.exp(-0.5 * z * z)
}

/** Φ(z), with full relative accuracy in the lower tail down to where it underflows. */
export function normalDistribution(z: number): number {
  const tail = 0.5 * Math.exp(-0.5 * z * z) * erfcx(Math.abs(z) * Math.SQRT1_2)
  return z < 0 ? tail : 1 - tail
}
