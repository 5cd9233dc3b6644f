/** The parts of ml-knn 3.0.0 that are used. The package has no types of its own. */
declare module 'ml-knn' {
  export default class KNN {
    constructor(
      rows: number[][],
      labels: number[],
      options: { k: number; distance: (a: ArrayLike<number>, b: ArrayLike<number>) => number },
    )
    kdTree: {
      /** The points (row with its label behind it) nearest to a row, with their distances, in no order. */
      nearest(row: number[], count: number): [point: number[], distance: number][]
    }
  }
}
