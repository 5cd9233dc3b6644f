/** What the trainers of nearest neighbours keep, as JSON: src/training/trainers/neighbours.ts. */
export interface NeighbourStates {
  /** Of a classifier; absent there: the k-d tree of ml-knn. A regressor has one engine, and says none. */
  readonly engine?: 'native'
  readonly k: number
  readonly distance: 'euclidean' | 'manhattan' | 'chebyshev' | 'cosine'
  readonly weights: 'uniform' | 'distance'
  readonly columns: number
  /** Training rows, row-major. */
  readonly points: readonly number[]
  /** How much the vote of each row counts; null, or absent with ml-knn: the same. */
  readonly votes?: readonly number[] | null
  /** Of a classifier: the class of each row, as a place in `seen`. */
  readonly codes?: readonly number[]
  /** Of a regressor: the number of each row. */
  readonly targets?: readonly number[]
}
