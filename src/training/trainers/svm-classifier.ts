/**
 * Support vector classification (C-SVC): one machine for each pair of classes, which vote.
 *
 * Probabilities, where asked for, are Platt's sigmoids of the pairs' decisions, coupled (learners/pairwise-probabilities.ts). The
 * label is the vote's, as in scikit-learn, so that it does not depend on whether probabilities are asked for.
 */
import { Coupling, pairProbabilities, vote } from '../learners/pairwise-probabilities.js'
import { fitClasses } from '../learners/support-vectors.js'
import { decisionValues } from '../learners/svm-decisions.js'
import { pipelineTrainer } from '../pipeline.js'
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

export const trainer = pipelineTrainer<Machine>({
  name: 'svm-classifier',
  task: 'classification',
  description: 'a support vector machine (C-SVC)',
  scaling: 'standard',
  hyperparameters: [
    ...svmHyperparameters,
    {
      name: 'probabilities',
      description:
        'whether the model has probabilities, fitted by a cross-validation of its own: about four times the time',
      type: 'boolean',
      default: false,
    },
  ],
  limits: [
    ...svmLimits,
    'a label is what the pairs of classes vote for; now and then another class has the highest probability',
  ],
  packages: ['libsvm-js'],
  probabilities: { hyperparameter: 'probabilities' },
  usesWeights: true,

  fit(x, codes, classes, params, context) {
    const probabilities = params.probabilities as boolean
    if (params.engine === 'native') {
      const settings = { kernel: kernelOf(x, params), cost: params.cost as number, probabilities }
      return fitClasses(x, codes, classes, settings, context)
    }
    const classWeights = onlyOfClasses(context.weights, codes, classes)
    return trainSvm(x, codes, params, { probabilities, classWeights }, context)
  },

  save: (machine) => saveMachine(machine) as never,

  check: (found, where, { columns, classes }) => checkAnyMachine(found, where, columns, classes),

  load(machine, classes) {
    const { sigmoids } = machine
    const codeOf = isNative(machine) ? null : machine.labels
    const decisionsOf = isNative(machine) ? decisionValues(machine) : decisionsOfLibsvm(machine)
    return {
      hasProbabilities: sigmoids !== null,
      predict(x) {
        const decisions = decisionsOf(x)
        const pairs = (classes * (classes - 1)) / 2
        const codes = new Int32Array(x.rows)
        const won = new Int32Array(classes)
        for (let i = 0; i < x.rows; i++) {
          const winner = vote(decisions, i * pairs, classes, won)
          codes[i] = codeOf?.[winner] ?? winner
        }
        if (sigmoids === null) return { codes, probabilities: null }
        const probabilities = new Float64Array(x.rows * classes)
        const coupling = new Coupling(classes)
        const r = new Float64Array(classes * classes)
        const shares = new Float64Array(classes)
        for (let i = 0; i < x.rows; i++) {
          pairProbabilities(decisions, i * pairs, sigmoids, classes, r)
          coupling.couple(r, shares)
          for (let c = 0; c < classes; c++) probabilities[i * classes + (codeOf?.[c] ?? c)] = shares[c]
        }
        return { codes, probabilities }
      },
    }
  },
})

function decisionsOfLibsvm(state: SvmState) {
  const kernel = kernelRows(state)
  const coefficients = Float64Array.from(state.coefficients)
  const pairs = state.rho.length
  return (x: Parameters<typeof kernel>[0]) => {
    const decisions = new Float64Array(x.rows * pairs)
    for (let i = 0; i < x.rows; i++)
      decide(state, coefficients, kernel(x, i), decisions.subarray(i * pairs, (i + 1) * pairs))
    return decisions
  }
}

/** Decision values of the pairs (0,1), (0,2) … (C−2, C−1): positive for the first class. */
function decide(
  { counts, rho }: SvmState,
  coefficients: Float64Array,
  k: Float64Array,
  decisions: Float64Array,
): void {
  const size = k.length
  let pair = 0
  for (let a = 0, startA = 0; a < counts.length; startA += counts[a], a++) {
    for (let b = a + 1, startB = startA + counts[a]; b < counts.length; startB += counts[b], b++) {
      let sum = 0
      for (let s = startA; s < startA + counts[a]; s++) sum += coefficients[(b - 1) * size + s] * k[s]
      for (let s = startB; s < startB + counts[b]; s++) sum += coefficients[a * size + s] * k[s]
      decisions[pair] = sum - rho[pair]
      pair++
    }
  }
}
