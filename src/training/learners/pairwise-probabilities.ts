/**
 * From the decisions of pairs of classes to one class, and to probabilities.
 *
 * A sigmoid turns a decision f of a pair into the probability of its first class, p(f) = 1/(1 + exp(a f + b)); a and b minimise
 * the cross-entropy to targets that are drawn in from 1 and 0 by the number of rows (Platt 1999), with Newton's method and a
 * backtracking line search (Lin, Lin and Weng 2007, A note on Platt's probabilistic outputs, Machine Learning 68, algorithm 1).
 * Probabilities of pairs are coupled as in Wu, Lin and Weng (2004), JMLR 5, algorithm 2 (with libsvm's constants).
 *
 * Pairs are in the order (0,1), (0,2) … (C−2, C−1); a decision above 0 is for the first of the two.
 */

/** The class with the most pairs won, of the decisions from `from`; of several the first. `won`: room for a number a class. */
export function vote(decisions: Float64Array, from: number, classes: number, won: Int32Array): number {
  won.fill(0)
  let pair = from
  for (let a = 0; a < classes; a++) {
    for (let b = a + 1; b < classes; b++) won[decisions[pair++] > 0 ? a : b]++
  }
  let best = 0
  for (let c = 1; c < classes; c++) if (won[c] > won[best]) best = c
  return best
}

/** r (classes × classes): the probability of class a where it is a or b, from the decisions from `from`. */
export function pairProbabilities(
  decisions: Float64Array,
  from: number,
  { a: slopes, b: offsets }: { readonly a: ArrayLike<number>; readonly b: ArrayLike<number> },
  classes: number,
  r: Float64Array,
): void {
  let pair = 0
  for (let a = 0; a < classes; a++) {
    for (let b = a + 1; b < classes; b++, pair++) {
      const p = 1 / (1 + Math.exp(decisions[from + pair] * slopes[pair] + offsets[pair]))
      const bounded = Math.min(Math.max(p, 1e-7), 1 - 1e-7)
      r[a * classes + b] = bounded
      r[b * classes + a] = 1 - bounded
    }
  }
}

/** Something to couple probabilities with: keeps its room from row to row. */
export class Coupling {
  readonly #classes: number
  readonly #q: Float64Array
  readonly #product: Float64Array

  constructor(classes: number) {
    this.#classes = classes
    this.#q = new Float64Array(classes * classes)
    this.#product = new Float64Array(classes)
  }

  /** Class probabilities p that agree best with r: minimise Σ (r_ba p_a − r_ab p_b)² over the simplex. */
  couple(r: Float64Array, p: Float64Array): void {
    const classes = this.#classes
    const q = this.#q
    const product = this.#product
    q.fill(0)
    for (let a = 0; a < classes; a++) {
      p[a] = 1 / classes
      for (let b = 0; b < classes; b++) {
        if (b === a) continue
        q[a * classes + a] += r[b * classes + a] * r[b * classes + a]
        q[a * classes + b] = -r[b * classes + a] * r[a * classes + b]
      }
    }
    for (let round = 0; round < Math.max(100, classes); round++) {
      let quadratic = 0
      for (let a = 0; a < classes; a++) {
        product[a] = 0
        for (let b = 0; b < classes; b++) product[a] += q[a * classes + b] * p[b]
        quadratic += p[a] * product[a]
      }
      let worst = 0
      for (let a = 0; a < classes; a++) worst = Math.max(worst, Math.abs(product[a] - quadratic))
      if (worst < 0.005 / classes) break
      for (let a = 0; a < classes; a++) {
        const step = (quadratic - product[a]) / q[a * classes + a]
        p[a] += step
        quadratic =
          (quadratic + step * (step * q[a * classes + a] + 2 * product[a])) / (1 + step) / (1 + step)
        for (let b = 0; b < classes; b++) {
          product[b] = (product[b] + step * q[a * classes + b]) / (1 + step)
          p[b] /= 1 + step
        }
      }
    }
    let sum = 0
    for (let a = 0; a < classes; a++) sum += p[a]
    for (let a = 0; a < classes; a++) p[a] /= sum
  }
}

/** a and b for decisions of rows, of which the true ones are of the pair's first class. */
export function fitSigmoid(f: Float64Array, isFirst: readonly boolean[]): { a: number; b: number } {
  let positive = 0
  for (const one of isFirst) if (one) positive++
  const negative = f.length - positive
  const [high, low] = [(positive + 1) / (positive + 2), 1 / (negative + 2)]
  const target = Float64Array.from(isFirst, (one) => (one ? high : low))
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
