/**
 * k nearest neighbours, found by ml-knn's k-d tree. What ml-knn does not have is done here: probabilities (the
 * neighbours' votes), votes weighted by distance, and ties (the class of the nearest neighbour among the tied).
 *
 * The tree is built again when a model is loaded, from the same points in the same order: building it is
 * deterministic, and points are smaller than the tree. The distance counts a fixed number of columns, because the tree asks it about
 * points without a length; with ml-knn's own distance it would visit every point.
 */
import { toArrays } from '../matrix.js'
import { pipelineTrainer } from '../pipeline.js'
import { broken, numbers, object, oneOf, whole, wholes } from '../state-check.js'

type KnnState = {
  k: number
  distance: DistanceName
  weights: 'uniform' | 'distance'
  columns: number
  /** Training rows, row-major. */
  points: number[]
  codes: number[]
}

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

type DistanceName = keyof typeof distances

export const trainer = pipelineTrainer<KnnState>({
  name: 'knn-classifier',
  task: 'classification',
  description: 'k nearest neighbours, by the k-d tree of ml-knn',
  scaling: 'standard',
  hyperparameters: [
    {
      name: 'k',
      description: 'how many neighbours vote; more than there are training rows means all of them',
      type: 'int',
      default: 5,
      min: 1,
    },
    {
      name: 'distance',
      description: 'how far two rows are from each other',
      type: 'categorical',
      default: 'euclidean',
      values: Object.keys(distances),
    },
    {
      name: 'weights',
      description: 'whether every neighbour has the same vote, or one over its distance',
      type: 'categorical',
      default: 'uniform',
      values: ['uniform', 'distance'],
    },
  ],
  limits: [
    'slow to predict beyond a handful of columns, where a k-d tree has to visit nearly every point: 2,000 rows against 8,000 take 0.1 s with 3 columns, 5 s with 10; 360 digits (64 columns) against 1,437 take 0.6 s',
    'the model holds every training row',
  ],
  packages: ['ml-knn'],

  fit(x, codes, _classes, params, context) {
    const asked = params.k as number
    if (asked > x.rows) context.log(`k = ${asked} is more than the ${x.rows} training rows: all of them vote`)
    return {
      k: Math.min(asked, x.rows),
      distance: params.distance as DistanceName,
      weights: params.weights as KnnState['weights'],
      columns: x.columns,
      points: Array.from(x.values),
      codes: Array.from(codes),
    }
  },

  check(found, where, { columns, classes }) {
    const state = object(found, where)
    const codes = wholes(state.codes, `${where}.codes`, null, 0, classes - 1)
    if (codes.length === 0) broken(`${where}.codes`, 'the classes of training rows', codes)
    return {
      k: whole(state.k, `${where}.k`, 1, codes.length),
      distance: oneOf(state.distance, `${where}.distance`, Object.keys(distances) as DistanceName[]),
      weights: oneOf(state.weights, `${where}.weights`, ['uniform', 'distance']),
      columns: whole(state.columns, `${where}.columns`, columns, columns),
      points: numbers(state.points, `${where}.points`, codes.length * columns),
      codes,
    }
  },

  async load(state, classes) {
    const { default: KNN } = await import('ml-knn')
    const { k, columns, points, codes } = state
    const rows = toArrays({ rows: codes.length, columns, values: Float64Array.from(points) })
    const tree = new KNN(rows, codes, { k, distance: distances[state.distance](columns) }).kdTree
    return {
      hasProbabilities: true,
      predict(x) {
        const winners = new Int32Array(x.rows)
        const probabilities = new Float64Array(x.rows * classes)
        toArrays(x).forEach((row, i) => {
          const neighbours = tree
            .nearest(row, k)
            .map(([point, distance]) => ({ code: point[columns], distance }))
            .sort((a, b) => a.distance - b.distance || a.code - b.code)
          const { code, shares } = countVotes(neighbours, state, classes)
          winners[i] = code
          probabilities.set(shares, i * classes)
        })
        return { codes: winners, probabilities }
      },
    }
  },
})

/** `neighbours`: nearest first. */
function countVotes(
  neighbours: readonly { readonly code: number; readonly distance: number }[],
  { weights, distance }: KnnState,
  classes: number,
): { code: number; shares: Float64Array } {
  const shares = new Float64Array(classes)
  // A neighbour at distance 0 outweighs all others: then only such neighbours vote.
  const exact = weights === 'distance' && neighbours[0].distance === 0
  let total = 0
  for (const neighbour of neighbours) {
    if (exact && neighbour.distance > 0) break
    const length = distance === 'euclidean' ? Math.sqrt(neighbour.distance) : neighbour.distance
    const vote = weights === 'uniform' || exact ? 1 : 1 / length
    shares[neighbour.code] += vote
    total += vote
  }
  let { code } = neighbours[0]
  for (const neighbour of neighbours) if (shares[neighbour.code] > shares[code]) code = neighbour.code
  for (let c = 0; c < classes; c++) shares[c] /= total
  return { code, shares }
}
