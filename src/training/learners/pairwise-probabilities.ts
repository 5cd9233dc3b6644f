/**
 * From the decisions of pairs of classes to one class, and to probabilities.
 *
 * A sigmoid turns a decision of a pair into the probability of its first class (../platt.ts).
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
