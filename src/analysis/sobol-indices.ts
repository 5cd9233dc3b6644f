/**
 * Sobol' indices of a function over a search space, by quasi-random points.
 *
 * Notation: A, B = two sets of N points of the cube, A_i = A with coordinate i from B; f = the function of the params
 * they decode to, so that a coordinate that is inactive changes nothing, and one that others depend on changes what they do.
 *
 *   total index       T_i  = ½ mean (f(A) − f(A_i))² / Var f                     (Jansen 1999)
 *   pairs             T_ij = ¼ mean (f(A) − f(A_i) − f(A_j) + f(A_ij))² / Var f   (Liu and Owen 2006)
 *
 * T_i is the share of the variance that parameter i has a part in, by itself or with others; T_ij is what
 * i and j only explain together.
 */
import { sobolSequence } from '../numeric/index.js'
import type { Space } from '../space/index.js'

export type Means = (points: readonly ArrayLike<number>[]) => Float64Array

/** The points of estimates, made when first needed and kept, so that several functions are asked at the same ones. */
export interface SobolPoints {
  /** T_i, by dimension. */
  total(means: Means): Float64Array
  /** The same from a quarter of the points, for functions that are many. */
  fewer(means: Means): Float64Array
  /** T_ij, by pair of dimensions. */
  pairs(means: Means, pairs: readonly (readonly [number, number])[]): Float64Array
}

/** N, a power of two, as Sobol' points are spread evenly by. */
const count = { all: 1024, fewer: 256 }

interface Points {
  readonly a: readonly Float64Array[]
  readonly b: readonly Float64Array[]
  /** A_i, by i. */
  readonly changed: readonly (readonly Float64Array[])[]
}

export function sobolPoints(space: Space): SobolPoints {
  const d = space.dimensions.length
  const sequence = sobolSequence(2 * d, 0, 'analysis-indices')
  let both: Float64Array[] | null = null
  let points: Points | null = null

  /** A with the coordinates that are picked from B. */
  function mixed(pick: (i: number) => boolean): Float64Array[] {
    both ??= Array.from({ length: count.all }, (_, n) => sequence.point(n))
    return both.map((point) => {
      const at = new Float64Array(d)
      for (let i = 0; i < d; i++) at[i] = point[pick(i) ? d + i : i]
      space.snapInto(at)
      return at
    })
  }

  function made(): Points {
    points ??= {
      a: mixed(() => false),
      b: mixed(() => true),
      changed: space.dimensions.map((_, i) => mixed((j) => j === i)),
    }
    return points
  }

  function totalOf(means: Means, count: number): Float64Array {
    const { a, b, changed } = made()
    const atA = means(a.slice(0, count))
    const variance = varianceOf([...atA, ...means(b.slice(0, count))])
    return Float64Array.from(changed, (there) => {
      if (!(variance > 0)) return 0
      const values = means(there.slice(0, count))
      let sum = 0
      for (let n = 0; n < count; n++) sum += (atA[n] - values[n]) ** 2
      return Math.min(1, sum / (2 * count * variance))
    })
  }

  return {
    total: (means) => totalOf(means, count.all),
    fewer: (means) => totalOf(means, count.fewer),
    pairs(means, wanted) {
      const { a, b, changed } = made()
      const atA = means(a)
      const variance = varianceOf([...atA, ...means(b)])
      const alone = new Map([...new Set(wanted.flat())].map((i) => [i, means(changed[i])]))
      return Float64Array.from(wanted, ([i, j]) => {
        if (!(variance > 0)) return 0
        const together = means(mixed((k) => k === i || k === j))
        const [atI, atJ] = [alone.get(i)!, alone.get(j)!]
        let sum = 0
        for (let n = 0; n < a.length; n++) sum += (atA[n] - atI[n] - atJ[n] + together[n]) ** 2
        return Math.min(1, sum / (4 * a.length * variance))
      })
    },
  }
}

function varianceOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
}
