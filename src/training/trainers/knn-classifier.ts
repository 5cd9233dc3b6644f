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
        const winners = new Int32Array(x.rows)
        const probabilities = new Float64Array(x.rows * classes)
        ask(x, (row, { places, votes }) => {
          const start = row * classes
          let total = 0
          for (let i = 0; i < votes.length; i++) {
            probabilities[start + codes[places[i]]] += votes[i]
            total += votes[i]
          }
          let winner = codes[places[0]]
          for (let i = 1; i < votes.length; i++) {
            const code = codes[places[i]]
            if (probabilities[start + code] > probabilities[start + winner]) winner = code
          }
          winners[row] = winner
          for (let c = 0; c < classes; c++) probabilities[start + c] /= total
        })
        return { codes: winners, probabilities }
      },
    }
  },
})

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
    const votes = new Float64Array(k).fill(1)
    nearest(asked).forEach((neighbours, row) => {
      if (state.weights === 'distance') {
        votesByDistance(
          neighbours.map(({ distance }) => distance),
          votes,
        )
      }
      take(row, { places: Int32Array.from(neighbours, ({ code }) => ofClass.get(code)!), votes })
    })
  }
}
