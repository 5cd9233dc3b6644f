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
  /** T_i, by dimension; from `n` points where they need not be so near. */
  total(levels: Levels, n?: number): Float64Array
  /** T_ij, by pair of dimensions. */
  pairs(levels: Levels, pairs: readonly (readonly [number, number])[]): Float64Array
}

/** N unless stated: powers of two, as Sobol' points are spread evenly by. */
const count = 1024

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

  /** A, A_i for each i, then B of the first points, of the next ones, and so on: most differ from the one before in few coordinates. */
  function all(n: number): Float64Array[] {
    const sets = [
      mixed(n, 'A', () => false),
      ...space.dimensions.map((_, i) => mixed(n, `A${i}`, (k) => k === i)),
      mixed(n, 'B', () => true),
    ]
    return Array.from(
      { length: n * sets.length },
      (_, k) => sets[k % sets.length][Math.floor(k / sets.length)],
    )
  }
  /** Where a point stands among all of them. */
  const atA = (k: number) => k * (d + 2)
  const atAi = (k: number, i: number) => atA(k) + 1 + i

  /** Of the function over the space, by A and B. */
  function varianceIn(levels: Float64Array): number {
    return varianceOf(levels.filter((_, k) => k % (d + 2) === 0 || k % (d + 2) === d + 1))
  }

  /** From the levels at all of these. */
  function totalOf(levels: Float64Array, n: number): Float64Array {
    const variance = varianceIn(levels)
    return Float64Array.from({ length: d }, (_, i) => {
      if (!(variance > 0)) return 0
      let sum = 0
      for (let k = 0; k < n; k++) sum += squared(levels[atA(k)] - levels[atAi(k, i)])
      return Math.min(1, sum / (2 * n * variance))
    })
  }

  return {
    total: (levels, n = count) => totalOf(levels(all(n)), n),
    pairs(levels, wanted) {
      const n = count
      const whole = levels(all(n))
      const variance = varianceIn(whole)
      return Float64Array.from(wanted, ([i, j]) => {
        if (!(variance > 0)) return 0
        const together = levels(mixed(n, `A${i},${j}`, (k) => k === i || k === j))
        let sum = 0
        for (let k = 0; k < n; k++)
          sum += squared(whole[atA(k)] - whole[atAi(k, i)] - whole[atAi(k, j)] + together[k])
        return Math.min(1, sum / (4 * n * variance))
      })
    },
  }
}

function varianceOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + squared(value - mean), 0) / values.length
}

function squared(x: number): number {
  return x * x
}
