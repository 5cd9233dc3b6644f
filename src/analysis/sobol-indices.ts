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

/** The function, at points of the space. */
export type Levels = (points: readonly ArrayLike<number>[]) => Float64Array

/** The points of estimates, made when first needed and kept: several functions are asked at the same ones. */
export interface SobolPoints {
  /** T_i, by dimension. */
  total(levels: Levels): Float64Array
  /** The same from a quarter of the points, for functions that are many. */
  fewer(levels: Levels): Float64Array
  /** T_ij, by pair of dimensions. */
  pairs(levels: Levels, pairs: readonly (readonly [number, number])[]): Float64Array
}

/** N, a power of two, as Sobol' points are spread evenly by. */
const count = { all: 1024, fewer: 256 }

export function sobolPoints(space: Space): SobolPoints {
  const d = space.dimensions.length
  const sequence = sobolSequence(2 * d, 0, 'analysis-indices')
  const both: Float64Array[] = []
  const kept = new Map<string, Float64Array[]>()

  /** The first of A, with these coordinates from B. */
  function mixed(n: number, name: string, fromB: (i: number) => boolean): readonly Float64Array[] {
    const points = kept.get(name) ?? []
    kept.set(name, points)
    while (both.length < n) both.push(sequence.point(both.length))
    for (let k = points.length; k < n; k++) {
      const point = Float64Array.from({ length: d }, (_, i) => both[k][fromB(i) ? d + i : i])
      space.snapInto(point)
      points.push(point)
    }
    return points.length === n ? points : points.slice(0, n)
  }
  const a = (n: number) => mixed(n, 'A', () => false)
  const b = (n: number) => mixed(n, 'B', () => true)
  const changed = (n: number, i: number) => mixed(n, `A${i}`, (k) => k === i)

  function totalOf(levels: Levels, n: number): Float64Array {
    const atA = levels(a(n))
    const variance = varianceOf([...atA, ...levels(b(n))])
    return Float64Array.from({ length: d }, (_, i) => {
      if (!(variance > 0)) return 0
      const there = levels(changed(n, i))
      let sum = 0
      for (let k = 0; k < n; k++) sum += (atA[k] - there[k]) ** 2
      return Math.min(1, sum / (2 * n * variance))
    })
  }

  return {
    total: (levels) => totalOf(levels, count.all),
    fewer: (levels) => totalOf(levels, count.fewer),
    pairs(levels, wanted) {
      const n = count.all
      const atA = levels(a(n))
      const variance = varianceOf([...atA, ...levels(b(n))])
      const alone = new Map([...new Set(wanted.flat())].map((i) => [i, levels(changed(n, i))]))
      return Float64Array.from(wanted, ([i, j]) => {
        if (!(variance > 0)) return 0
        const together = levels(mixed(n, `A${i},${j}`, (k) => k === i || k === j))
        const [atI, atJ] = [alone.get(i)!, alone.get(j)!]
        let sum = 0
        for (let k = 0; k < n; k++) sum += (atA[k] - atI[k] - atJ[k] + together[k]) ** 2
        return Math.min(1, sum / (4 * n * variance))
      })
    },
  }
}

function varianceOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
}
