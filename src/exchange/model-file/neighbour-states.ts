/** What the trainers of nearest neighbours keep, as JSON: src/training/trainers/neighbours.ts. */
export interface NeighbourStates {
  /** Absent: the k-d tree of ml-knn (classifier only). */
  readonly engine?: 'native'
  readonly k: number
  readonly distance: 'euclidean' | 'manhattan' | 'chebyshev' | 'cosine'
  readonly weights: 'uniform' | 'distance'
  readonly columns: number
  /** Training rows, row-major. */
  readonly points: readonly number[]
  readonly votes?: readonly number[] | null
  /** The class of each row, or its number. */
  readonly codes?: readonly number[]
  readonly targets?: readonly number[]
}
