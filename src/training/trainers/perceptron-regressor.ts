/**
 * A multi-layer perceptron for numbers: one linear output, half the squared error as the loss, on the standardised
 * target.
 */
import { checkTargetScale, standardised, type TargetScale, targetScale } from '../learners/target-scale.js'
import { pipelineTrainer } from '../pipeline.js'
import { object } from '../state-check.js'
import {
  checkNetwork,
  fitPerceptron,
  type NetworkState,
  networkOutputs,
  perceptronHyperparameters,
  perceptronLimits,
} from './perceptron.js'

type State = { network: NetworkState; target: TargetScale }

export const trainer = pipelineTrainer<State>({
  name: 'perceptron-regressor',
  task: 'regression',
  description: 'a small neural network (multi-layer perceptron), trained by mini-batch gradient descent',
  scaling: 'standard',
  hyperparameters: perceptronHyperparameters,
  limits: perceptronLimits,
  packages: [],
  usesWeights: true,

  async fit(x, y, params, context) {
    const { weights } = context
    const target = targetScale(y, weights)
    const truth = { kind: 'numbers', values: standardised(y, target), weights } as const
    return { network: await fitPerceptron(x, truth, 1, params, context), target }
  },

  check(found, where, { columns }) {
    const { network, target } = object(found, where)
    return {
      network: checkNetwork(network, `${where}.network`, columns, 1),
      target: checkTargetScale(target, `${where}.target`),
    }
  },

  load({ network, target: { shift, scale } }) {
    const outputs = networkOutputs(network)
    return { predict: (x) => outputs(x).map((value) => shift + scale * value) }
  },
})
