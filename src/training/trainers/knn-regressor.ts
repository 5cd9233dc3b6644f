/**
 * k nearest neighbours, whose mean target is the answer.
 */
import type { DistanceName } from '../learners/neighbours.js'
import { pipelineTrainer } from '../pipeline.js'
import { broken, numbers, object } from '../state-check.js'
import {
  checkNeighbours,
  type NeighbourState,
  neighbourHyperparameters,
  neighbourhood,
  rowsThatVote,
  savedNeighbours,
  type Voters,
  votesOf,
} from './neighbours.js'

interface KnnState extends NeighbourState {
  readonly targets: Float64Array
}

export const trainer = pipelineTrainer<KnnState>({
  name: 'knn-regressor',
  task: 'regression',
  description: 'k nearest neighbours: the mean of their targets',
  scaling: 'standard',
  hyperparameters: neighbourHyperparameters,
  limits: [
    'the model holds every training row, and every prediction looks at all of them: 10,000 rows against 20,000 of 16 columns take 0.3 s',
    'weights of rows multiply votes; k counts rows, whatever they weigh',
    'answers lie between the smallest and the largest target of the training rows',
  ],
  packages: [],
  usesWeights: true,

  fit(x, y, params, context) {
    return {
      k: rowsThatVote(params.k as number, x.rows, context),
      distance: params.distance as DistanceName,
      weights: params.weights as KnnState['weights'],
      points: x,
      votes: votesOf(context.weights),
      targets: y,
    }
  },

  save({ targets, ...state }) {
    return { ...savedNeighbours(state), targets: Array.from(targets) }
  },

  check(found, where, { columns }) {
    const state = object(found, where)
    const targets = numbers(state.targets, `${where}.targets`)
    if (targets.length === 0) broken(`${where}.targets`, 'the targets of training rows', targets)
    return {
      ...checkNeighbours(state, where, columns, targets.length),
      targets: Float64Array.from(targets),
    }
  },

  load(state, here) {
    const { targets } = state
    const ask = neighbourhood(state, here)
    return {
      predict(x) {
        const answers = new Float64Array(x.rows)
        ask(x, (voters) => average(voters, targets, answers))
        return answers
      },
    }
  },
})

/** The mean of the neighbours' targets, weighted by votes. */
function average(
  { first, rows, k, places, stride, votes }: Voters,
  targets: Float64Array,
  answers: Float64Array,
): void {
  for (let row = 0; row < rows; row++) {
    const from = (first + row) * stride
    let total = 0
    for (let i = 0; i < k; i++) total += votes === null ? 1 : votes[row * k + i]
    // Shares first: a sum of targets near 1e308 would overflow. Between the least and the most, whatever was rounded.
    let mean = 0
    let least = Infinity
    let most = -Infinity
    for (let i = 0; i < k; i++) {
      const vote = votes === null ? 1 : votes[row * k + i]
      if (vote === 0) continue
      const target = targets[places[from + i]]
      mean += (vote / total) * target
      least = Math.min(least, target)
      most = Math.max(most, target)
    }
    answers[first + row] = Math.max(least, Math.min(most, mean))
  }
}
