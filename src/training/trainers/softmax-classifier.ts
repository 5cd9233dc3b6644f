/**
 * Softmax (multinomial logistic) regression.
 */
import { fitSoftmax } from '../learners/softmax-regression.js'
import { sharedDeviations, weightSizes } from '../learners/weight-sizes.js'
import { pipelineTrainer } from '../pipeline.js'
import { numbers, object } from '../state-check.js'
import { penaltiesNeedScaling, penaltyHyperparameters } from './penalties.js'
import { networkClasses } from './perceptron.js'

interface State {
  /** Columns × classes, row-major. */
  readonly weights: number[]
  readonly biases: number[]
  /** Of the columns of the training rows; not part of a model file. */
  readonly deviations?: () => Float64Array
}

export const trainer = pipelineTrainer<State>({
  name: 'softmax-classifier',
  task: 'classification',
  description: 'softmax (multinomial logistic) regression with l2 and l1 penalties',
  scaling: 'standard',
  hyperparameters: [
    ...penaltyHyperparameters,
    {
      name: 'tolerance',
      description:
        'where the search for the weights ends: when no entry of the gradient of the mean loss is larger',
      type: 'float',
      default: 1e-4,
      min: 1e-12,
      max: 1,
    },
  ],
  limits: [
    penaltiesNeedScaling,
    'the importance of a column is the sum of its weights over the classes, without their signs, times its deviation',
    'without a penalty, classes that a plane separates have no finite solution: the weights are then where the search ended',
  ],
  packages: [],
  usesWeights: true,

  async fit(x, codes, classes, params, context) {
    const { weights: rowWeights, signal } = context
    const { weights, biases, converged } = await fitSoftmax(
      x,
      codes,
      classes,
      params.l1 as number,
      params.l2 as number,
      params.tolerance as number,
      rowWeights,
      signal,
    )
    if (!converged) context.log('the search for the weights did not converge: they are its last ones')
    return {
      weights: Array.from(weights),
      biases: Array.from(biases),
      deviations: () => sharedDeviations(x, context.shared),
    }
  },

  save: ({ weights, biases }) => ({ weights, biases }),

  importances: ({ weights, deviations }, columns) => weightSizes(weights, columns, deviations?.()),

  check(found, where, { columns, classes }) {
    const { weights, biases } = object(found, where)
    return {
      weights: numbers(weights, `${where}.weights`, columns * classes),
      biases: numbers(biases, `${where}.biases`, classes),
    }
  },

  // A network without a hidden layer.
  load({ weights, biases }, classes) {
    const sizes = [weights.length / classes, classes]
    const predict = networkClasses({ sizes, activation: 'relu', theta: [...weights, ...biases] })
    return { hasProbabilities: true, predict }
  },
})
