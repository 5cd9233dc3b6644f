/**
 * Support vector regression (ε-SVR), on the standardised target.
 */
import { fitNumbers } from '../learners/support-vectors.js'
import { decisionValues } from '../learners/svm-decisions.js'
import { checkTargetScale, standardised, type TargetScale, targetScale } from '../learners/target-scale.js'
import type { Matrix } from '../matrix.js'
import { pipelineTrainer } from '../pipeline.js'
import { object } from '../state-check.js'
import { kernelRows, type SvmState, trainSvm } from './libsvm.js'
import {
  checkAnyMachine,
  isNative,
  kernelOf,
  type Machine,
  onlyOfClasses,
  saveMachine,
  svmHyperparameters,
  svmLimits,
} from './svm.js'

interface Learned {
  readonly machine: Machine
  readonly target: TargetScale
}

export const trainer = pipelineTrainer<Learned>({
  name: 'svm-regressor',
  task: 'regression',
  description: 'a support vector machine for numbers (ε-SVR)',
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
  usesWeights: true,

  async fit(x, y, params, context) {
    const epsilon = params.epsilon as number
    if (params.engine === 'native') {
      const target = targetScale(y, context.weights)
      const settings = { kernel: kernelOf(x, params), cost: params.cost as number, epsilon }
      return { machine: await fitNumbers(x, standardised(y, target), settings, context), target }
    }
    onlyOfClasses(context.weights, null, 0)
    const target = targetScale(y)
    return { machine: await trainSvm(x, standardised(y, target), params, { epsilon }, context), target }
  },

  save: ({ machine, target }) => ({ machine: saveMachine(machine), target }) as never,

  check(found, where, { columns }) {
    const { machine, target } = object(found, where)
    return {
      machine: checkAnyMachine(machine, `${where}.machine`, columns, null),
      target: checkTargetScale(target, `${where}.target`),
    }
  },

  load({ machine, target: { shift, scale } }) {
    const answers = isNative(machine) ? decisionValues(machine) : answersOfLibsvm(machine)
    return { predict: (x) => answers(x).map((value) => shift + scale * value) }
  },
})

function answersOfLibsvm(state: SvmState): (x: Matrix) => Float64Array {
  const kernel = kernelRows(state)
  const { coefficients, rho } = state
  return (x) =>
    Float64Array.from({ length: x.rows }, (_, i) => {
      const k = kernel(x, i)
      let sum = -rho[0]
      for (let s = 0; s < k.length; s++) sum += coefficients[s] * k[s]
      return sum
    })
}
