/**
 * Neighbours by the k-d tree of ml-knn. The tree is built again when a model is loaded, from the same points in the same order:
 * building it is deterministic, and points are smaller than the tree. The distance counts a fixed number of columns, because the tree
 * asks it about points without a length; with ml-knn's own distance it would visit every point.
 */
import { type Matrix, toArrays } from '../matrix.js'

type Point = ArrayLike<number>

/** Distances over the first d entries (a label stands behind them). Euclidean is squared: the order is the same. */
const distances = {
  euclidean: (d: number) => (a: Point, b: Point) => {
    let sum = 0
    for (let i = 0; i < d; i++) sum += (a[i] - b[i]) * (a[i] - b[i])
    return sum
  },
  manhattan: (d: number) => (a: Point, b: Point) => {
    let sum = 0
    for (let i = 0; i < d; i++) sum += Math.abs(a[i] - b[i])
    return sum
  },
  chebyshev: (d: number) => (a: Point, b: Point) => {
    let most = 0
    for (let i = 0; i < d; i++) most = Math.max(most, Math.abs(a[i] - b[i]))
    return most
  },
}

export type MlKnnDistance = keyof typeof distances

/** Those of `distance` that it can do. */
export const mlKnnDistances = Object.keys(distances) as MlKnnDistance[]

export interface LabelledNeighbour {
  readonly code: number
  readonly distance: number
}

/** Gives the k nearest of `points`, which have these codes, nearest first, of equal ones the lower code; for each row that is asked. */
export async function mlKnnSearch(
  { points, codes, k }: { points: Matrix; codes: Int32Array; k: number },
  distance: MlKnnDistance,
): Promise<(asked: Matrix) => LabelledNeighbour[][]> {
  const { default: KNN } = await import('ml-knn')
  const { columns } = points
  const tree = new KNN(toArrays(points), Array.from(codes), { k, distance: distances[distance](columns) })
    .kdTree
  return (asked) =>
    toArrays(asked).map((row) =>
      tree
        .nearest(row, k)
        .map(([point, length]) => ({ code: point[columns], length }))
        .sort((a, b) => a.length - b.length || a.code - b.code)
        .map(({ code, length }) => ({
          code,
          distance: distance === 'euclidean' ? Math.sqrt(length) : length,
        })),
    )
}
