/**
 * k nearest neighbours that vote on a class, found by the exact search of learners/neighbours.ts, or by ml-knn's k-d tree: the
 * engine `ml-knn`, in which sweeps were recorded before there was another. Votes are counted here for both: of tied classes the one
 * of the nearest neighbour among them wins, and shares of the votes are the probabilities.
 */
import { FitFailure } from '../failures.js'
import type { DistanceName } from '../learners/neighbours.js'
import { pipelineTrainer } from '../pipeline.js'
import { broken, object, oneOf, wholes } from '../state-check.js'
import { type MlKnnDistance, mlKnnDistances, mlKnnSearch } from './ml-knn-search.js'
import {
  checkNeighbours,
  type NeighbourState,
  neighbourHyperparameters,
  neighbourhood,
  rowsThatVote,
  savedNeighbours,
  type Voters,
  votesByDistance,
  votesOf,
} from './neighbours.js'

interface KnnState extends NeighbourState {
  readonly engine: 'native' | 'ml-knn'
  readonly codes: Int32Array
}

export const trainer = pipelineTrainer<KnnState>({
  name: 'knn-classifier',
  task: 'classification',
  description: 'k nearest neighbours, which vote on the class',
  scaling: 'standard',
  hyperparameters: [
    {
      name: 'engine',
      description:
        'what finds the neighbours: native (exact; of rows at the same distance the first ones), or the k-d tree of the package ml-knn (no cosine distance, no weights of rows or classes)',
      type: 'categorical',
      default: 'native',
      values: ['native', 'ml-knn'],
    },
    ...neighbourHyperparameters,
  ],
  limits: [
    'the model holds every training row, and every prediction looks at all of them: 10,000 rows against 20,000 of 16 columns take 0.3 s',
    'weights of rows and classes multiply votes; k counts rows, whatever they weigh',
    'the engine ml-knn is slow beyond a handful of columns: 2,000 rows against 8,000 take 0.1 s with 3 columns, 5 s with 10',
  ],
  packages: ['ml-knn'],
  usesWeights: true,

  fit(x, codes, _classes, params, context) {
    const engine = params.engine as KnnState['engine']
    const distance = params.distance as DistanceName
    if (engine === 'ml-knn') refuseWhatMlKnnCannot(distance, context.weights)
    return {
      engine,
      k: rowsThatVote(params.k as number, x.rows, context),
      distance,
      weights: params.weights as KnnState['weights'],
      points: x,
      votes: votesOf(context.weights),
      codes,
    }
  },

  save({ engine, codes, ...state }) {
    const { votes, ...saved } = savedNeighbours(state)
    const both = { ...saved, codes: Array.from(codes) }
    return engine === 'native' ? { engine, ...both, votes } : both
  },

  check(found, where, { columns, classes }) {
    const state = object(found, where)
    const codes = wholes(state.codes, `${where}.codes`, null, 0, classes - 1)
    if (codes.length === 0) broken(`${where}.codes`, 'the classes of training rows', codes)
    // Models of ml-knn were written before there was another engine, and name none.
    const engine =
      state.engine === undefined ? 'ml-knn' : oneOf(state.engine, `${where}.engine`, ['native'] as const)
    if (engine === 'ml-knn') oneOf(state.distance, `${where}.distance`, mlKnnDistances)
    return {
      engine,
      ...checkNeighbours(state, where, columns, codes.length),
      codes: Int32Array.from(codes),
    }
  },

  async load(state, classes, here) {
    const { engine, codes } = state
    const ask = engine === 'native' ? neighbourhood(state, here) : await mlKnnNeighbourhood(state)
    return {
      hasProbabilities: true,
      predict(x) {
        const elected = { codes: new Int32Array(x.rows), probabilities: new Float64Array(x.rows * classes) }
        ask(x, (voters) => elect(voters, codes, classes, elected))
        return elected
      },
    }
  },
})

/** Counts votes, `ofRows` the classes of the training rows: the class with most of them, and the share of each. */
function elect(
  { first, rows, k, places, stride, votes }: Voters,
  ofRows: Int32Array,
  classes: number,
  { codes, probabilities }: { readonly codes: Int32Array; readonly probabilities: Float64Array },
): void {
  // The last row, from 1, whose votes for a class have become a share.
  const shared = new Int32Array(classes)
  for (let row = 0; row < rows; row++) {
    const from = (first + row) * stride
    const to = (first + row) * classes
    let winner = ofRows[places[from]]
    if (votes === null) {
      let same = 1
      while (same < k && ofRows[places[from + same]] === winner) same++
      if (same === k) {
        codes[first + row] = winner
        probabilities[to + winner] = 1
        continue
      }
    }
    let total = 0
    for (let i = 0; i < k; i++) {
      const vote = votes === null ? 1 : votes[row * k + i]
      probabilities[to + ofRows[places[from + i]]] += vote
      total += vote
    }
    for (let i = 1; i < k; i++) {
      const code = ofRows[places[from + i]]
      if (probabilities[to + code] > probabilities[to + winner]) winner = code
    }
    codes[first + row] = winner
    for (let i = 0; i < k; i++) {
      const code = ofRows[places[from + i]]
      if (shared[code] > row) continue
      shared[code] = row + 1
      probabilities[to + code] /= total
    }
  }
}

function refuseWhatMlKnnCannot(distance: DistanceName, weights: Float64Array | null): void {
  if (!mlKnnDistances.includes(distance as MlKnnDistance)) {
    throw new FitFailure(
      'PARAMS_REFUSED',
      `with the engine "ml-knn" the distance is one of ${mlKnnDistances.map((name) => `"${name}"`).join(', ')} (got ${JSON.stringify(distance)}); the engine "native" has it`,
    )
  }
  if (weights !== null) {
    throw new FitFailure(
      'PARAMS_REFUSED',
      'with the engine "ml-knn" all rows count the same (got weights of rows or of classes); the engine "native" heeds them',
    )
  }
}

/** As `neighbourhood`, by ml-knn, which knows the classes of its points and not their places: the places are of rows of that class. */
async function mlKnnNeighbourhood(state: KnnState): Promise<ReturnType<typeof neighbourhood>> {
  const { k, codes } = state
  const nearest = await mlKnnSearch(state, state.distance as MlKnnDistance)
  const ofClass = new Map(Array.from(codes, (code, place) => [code, place]))
  return (asked, take) => {
    const { rows } = asked
    const places = new Int32Array(rows * k)
    const votes = state.weights === 'distance' ? new Float64Array(rows * k) : null
    nearest(asked).forEach((neighbours, row) => {
      neighbours.forEach(({ code }, i) => {
        places[row * k + i] = ofClass.get(code)!
      })
      if (votes === null) return
      votesByDistance(
        neighbours.map(({ distance }) => distance),
        votes.subarray(row * k, (row + 1) * k),
      )
    })
    take({ first: 0, rows, k, places, stride: k, votes })
  }
}
