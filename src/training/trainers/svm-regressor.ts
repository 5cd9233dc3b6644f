/**
 * Support vector regression (ε-SVR), on the standardised target.
 */
import { checkTargetScale, standardised, type TargetScale, targetScale } from '../learners/target-scale.js'
import { pipelineTrainer } from '../pipeline.js'
import { object } from '../state-check.js'
import { checkMachine, kernelRows, type SvmState, svmHyperparameters, svmLimits, trainSvm } from './svm.js'

type State = { machine: SvmState; target: TargetScale }

export const trainer = pipelineTrainer<State>({
  name: 'svm-regressor',
  task: 'regression',
  description: 'a support vector machine for numbers (ε-SVR) from libsvm',
  scaling: 'standard',
  hyperparameters: [
    ...svmHyperparameters,
    {
      name: 'epsilon',
      description: 'errors up to this many standard deviations of the target cost nothing',
      type: 'float',
      default: 0.1,
      min: 0,
    },
  ],
  limits: svmLimits,
  packages: ['libsvm-js'],

  async fit(x, y, params, context) {
    const target = targetScale(y)
    const epsilon = params.epsilon as number
    return { machine: await trainSvm(x, standardised(y, target), params, { epsilon }, context), target }
  },

  check(found, where, { columns }) {
    const { machine, target } = object(found, where)
    return {
      machine: checkMachine(machine, `${where}.machine`, columns, null),
      target: checkTargetScale(target, `${where}.target`),
    }
  },

  load({ machine, target: { shift, scale } }) {
    const kernel = kernelRows(machine)
    const { coefficients, rho } = machine
    return {
      predict: (x) =>
        Float64Array.from({ length: x.rows }, (_, i) => {
          const k = kernel(x, i)
          let sum = -rho[0]
          for (let s = 0; s < k.length; s++) sum += coefficients[s] * k[s]
          return shift + scale * sum
        }),
    }
  },
})
