/**
 * What the trainers of nearest neighbours have in common: hyperparameters, how much each neighbour's vote counts, and the search,
 * which fits on the same rows share.
 *
 * A vote is 1 or 1/distance, times the weight of the training row where rows have weights: the answer is a weighted mean over the k
 * nearest rows, where k counts rows, not weights. Where a neighbour is at distance 0, only such neighbours vote.
 */
import { type DistanceName, distanceNames, lengths, NeighbourSearch } from '../learners/neighbours.js'
import { relativeWeights } from '../learners/relative-weights.js'
import type { Matrix } from '../matrix.js'
import type { FittedHere, LearnerContext } from '../pipeline.js'
import { numbers, oneOf, whole } from '../state-check.js'
import type { Hyperparameter } from '../types.js'

const voteWeights = ['uniform', 'distance'] as const

/** What a model of neighbours holds beside the training rows' targets. */
export interface NeighbourState {
  readonly k: number
  readonly distance: DistanceName
  readonly weights: (typeof voteWeights)[number]
  /** Training rows. */
  readonly points: Matrix
  /** How much the vote of each row counts; null: the same. */
  readonly votes: Float64Array | null
}

export const neighbourHyperparameters: readonly Hyperparameter[] = [
  {
    name: 'k',
    description: 'how many neighbours vote; more than there are training rows means all of them',
    type: 'int',
    default: 5,
    min: 1,
  },
  {
    name: 'distance',
    description:
      'how far two rows are from each other: euclidean, manhattan (sum of differences), chebyshev (largest difference), or cosine (1 − the cosine of the angle between them)',
    type: 'categorical',
    default: 'euclidean',
    values: [...distanceNames],
  },
  {
    name: 'weights',
    description: 'whether every neighbour has the same vote, or one over its distance',
    type: 'categorical',
    default: 'uniform',
    values: [...voteWeights],
  },
]

/** k as it is asked for, or all rows. */
export function rowsThatVote(asked: number, rows: number, context: LearnerContext): number {
  if (asked > rows) context.log(`k = ${asked} is more than the ${rows} training rows: all of them vote`)
  return Math.min(asked, rows)
}

/** How much votes count by the weights of their rows; null where all count the same. */
export function votesOf(rowWeights: Float64Array | null): Float64Array | null {
  const votes = relativeWeights(rowWeights)
  return votes?.every((vote) => vote === 1) ? null : votes
}

/** What a model file says beside the targets of its `rows` training rows. Throws MODEL_INVALID. */
export function checkNeighbours(
  state: Readonly<Record<string, unknown>>,
  where: string,
  columns: number,
  rows: number,
): NeighbourState {
  const { votes = null } = state
  return {
    k: whole(state.k, `${where}.k`, 1, rows),
    distance: oneOf(state.distance, `${where}.distance`, distanceNames),
    weights: oneOf(state.weights, `${where}.weights`, voteWeights),
    points: {
      rows,
      columns: whole(state.columns, `${where}.columns`, columns, columns),
      values: Float64Array.from(numbers(state.points, `${where}.points`, rows * columns)),
    },
    votes: votes === null ? null : Float64Array.from(numbers(votes, `${where}.votes`, rows, 0)),
  }
}

/** As plain JSON, without the targets. */
export function savedNeighbours({ k, distance, weights, points, votes }: NeighbourState) {
  return {
    k,
    distance,
    weights,
    columns: points.columns,
    points: Array.from(points.values),
    votes: votes && Array.from(votes),
  }
}

/** The neighbours of rows first … first + rows − 1 of those asked for. */
export interface Voters {
  readonly first: number
  readonly rows: number
  readonly k: number
  /** Row numbers, nearest first: k of row i from i · stride on. */
  readonly places: Int32Array
  readonly stride: number
  /** The votes, 0 or more, of a row not all 0: k of row first + i from i · k on. null: all are 1. */
  readonly votes: Float64Array | null
}

/** Neighbours kept of the rows held out: of fits with fewer neighbours they are the first ones. */
interface Kept {
  found: ReturnType<NeighbourSearch['nearest']> | null
}

const leastKept = 16
/** Votes that are worked out at a time. */
const votesAtOnce = 2 ** 16

/** Calls `take` with the neighbours that vote and their votes, until it had those of all rows of what is asked. */
export function neighbourhood(
  state: NeighbourState,
  here: FittedHere | undefined,
): (asked: Matrix, take: (voters: Voters) => void) => void {
  const { k, distance, points, votes: ofRows } = state
  let made: NeighbourSearch | null = null
  const search = () => {
    made ??= new NeighbourSearch(points, distance)
    return made
  }
  const nearest = (asked: Matrix) => {
    if (!here?.isHeldOut(asked)) return search().nearest(asked, k)
    const kept = here.shared.get<Kept>(
      `neighbours of the held out ${distance}`,
      () => ({ found: null }),
      ({ found }) => (found === null ? 0 : 12 * found.places.length),
    )
    if (kept.found === null || kept.found.k < k) {
      let enough = leastKept
      while (enough < k) enough *= 2
      kept.found = search().nearest(asked, Math.min(enough, points.rows))
      made?.close()
      made = null
    }
    return kept.found
  }
  return (asked, take) => {
    const { rows } = asked
    const { places, distances, k: stride } = nearest(asked)
    const isWeighted = state.weights === 'distance'
    if (!isWeighted && ofRows === null) {
      take({ first: 0, rows, k, places, stride, votes: null })
      return
    }
    const most = Math.max(1, Math.floor(votesAtOnce / k))
    const votes = new Float64Array(Math.min(most, rows) * k)
    for (let first = 0; first < rows; first += most) {
      const some = Math.min(most, rows - first)
      for (let i = 0; i < some; i++) {
        const from = (first + i) * stride
        const ofRow = votes.subarray(i * k, (i + 1) * k)
        if (isWeighted) votesByDistance(lengths(distance, distances.subarray(from, from + k)), ofRow)
        else ofRow.fill(1)
        if (ofRows !== null) weigh(places, from, ofRow, ofRows)
      }
      take({ first, rows: some, k, places, stride, votes })
    }
  }
}

/** Under it 1/distance overflows. */
const tooNear = 1e-290

/** 1/distance, for distances in rising order; where there are zeros, 1 for them alone. */
export function votesByDistance(distances: ArrayLike<number>, votes: Float64Array): void {
  const nearest = distances[0]
  for (let i = 0; i < votes.length; i++) {
    if (nearest === 0 || nearest === Infinity) votes[i] = distances[i] === nearest ? 1 : 0
    // The same shares, on another scale.
    else votes[i] = nearest < tooNear ? nearest / distances[i] : 1 / distances[i]
  }
}

/** Times the weights of the rows; where none of those that vote counts for anything beside the others, all count the same. */
function weigh(places: Int32Array, from: number, votes: Float64Array, ofRows: Float64Array): void {
  let total = 0
  for (let i = 0; i < votes.length; i++) total += votes[i] * ofRows[places[from + i]]
  if (total > 0) for (let i = 0; i < votes.length; i++) votes[i] *= ofRows[places[from + i]]
}
