/**
 * Platt's sigmoid: from a decision f to the probability of a class, p(f) = 1/(1 + exp(a f + b)). a and b minimise the cross-entropy to
 * targets that are drawn in from 1 and 0 by the number of rows (Platt 1999, Probabilistic outputs for support vector machines), with
 * Newton's method and a backtracking line search (Lin, Lin and Weng 2007, A note on Platt's probabilistic outputs, Machine Learning 68,
 * algorithm 1).
 */

/** a and b for decisions of rows, of which the true ones (not 0) are of the class. */
export function fitSigmoid(f: Float64Array, isOf: ArrayLike<boolean | number>): { a: number; b: number } {
  let positive = 0
  for (let i = 0; i < f.length; i++) if (isOf[i]) positive++
  const negative = f.length - positive
  const [high, low] = [(positive + 1) / (positive + 2), 1 / (negative + 2)]
  const target = Float64Array.from(f, (_, i) => (isOf[i] ? high : low))
  const loss = (a: number, b: number) => {
    let sum = 0
    for (let i = 0; i < f.length; i++) {
      const u = a * f[i] + b
      // −t log p − (1 − t) log(1 − p), in a form whose exponential cannot overflow.
      sum +=
        u >= 0 ? target[i] * u + Math.log(1 + Math.exp(-u)) : (target[i] - 1) * u + Math.log(1 + Math.exp(u))
    }
    return sum
  }
  let a = 0
  let b = Math.log((negative + 1) / (positive + 1))
  let value = loss(a, b)
  for (let round = 0; round < 100; round++) {
    // The Hessian with a small ridge, and the gradient.
    let [h11, h22, h12, g1, g2] = [1e-12, 1e-12, 0, 0, 0]
    for (let i = 0; i < f.length; i++) {
      const u = a * f[i] + b
      const e = Math.exp(-Math.abs(u))
      const [p, q] = u >= 0 ? [e / (1 + e), 1 / (1 + e)] : [1 / (1 + e), e / (1 + e)]
      const second = p * q
      h11 += f[i] * f[i] * second
      h22 += second
      h12 += f[i] * second
      const first = target[i] - p
      g1 += f[i] * first
      g2 += first
    }
    if (Math.abs(g1) < 1e-5 && Math.abs(g2) < 1e-5) break
    const determinant = h11 * h22 - h12 * h12
    const da = -(h22 * g1 - h12 * g2) / determinant
    const db = -(h11 * g2 - h12 * g1) / determinant
    const slope = g1 * da + g2 * db
    let step = 1
    for (; step >= 1e-10; step /= 2) {
      const next = loss(a + step * da, b + step * db)
      if (next < value + 1e-4 * step * slope) {
        a += step * da
        b += step * db
        value = next
        break
      }
    }
    if (step < 1e-10) break
  }
  return { a: Number.isFinite(a) ? a : 0, b: Number.isFinite(b) ? b : 0 }
}
