/**
 * A multi-layer perceptron for classes: softmax at the output, cross-entropy as the loss.
 */
import { pipelineTrainer } from '../pipeline.js'
import {
  checkNetwork,
  fitPerceptron,
  type NetworkState,
  networkClasses,
  perceptronHyperparameters,
  perceptronLimits,
} from './perceptron.js'

export const trainer = pipelineTrainer<NetworkState>({
  name: 'perceptron-classifier',
  task: 'classification',
  description: 'a small neural network (multi-layer perceptron), trained by mini-batch gradient descent',
  scaling: 'standard',
  hyperparameters: perceptronHyperparameters,
  limits: perceptronLimits,
  packages: [],
  usesWeights: true,

  fit: (x, codes, classes, params, context) =>
    fitPerceptron(x, { kind: 'classes', codes, weights: context.weights }, classes, params, context),

  check: (found, where, { columns, classes }) => checkNetwork(found, where, columns, classes),

  load: (state) => ({ hasProbabilities: true, predict: networkClasses(state) }),
})
