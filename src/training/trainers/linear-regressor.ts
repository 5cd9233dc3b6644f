/**
 * Linear regression: least squares, ridge, lasso and elastic net, on the standardised target.
 */
import { fitGram, gramOf, mostGramColumns } from '../learners/linear-gram.js'
import { fitLinear, type LinearFit } from '../learners/linear-regression.js'
import { standardised, targetScale } from '../learners/target-scale.js'
import { sharedDeviations, weightSizes } from '../learners/weight-sizes.js'
import { pipelineTrainer } from '../pipeline.js'
import { finite, numbers, object } from '../state-check.js'
import { penaltiesNeedScaling, penaltyHyperparameters } from './penalties.js'

interface State {
  /** In units of the target. */
  readonly coefficients: number[]
  readonly intercept: number
  /** Of the columns of the training rows; not part of a model file. */
  readonly deviations?: () => Float64Array
}

export const trainer = pipelineTrainer<State>({
  name: 'linear-regressor',
  task: 'regression',
  description: 'linear regression: least squares with a ridge (l2), a lasso (l1) or both (elastic net)',
  scaling: 'standard',
  hyperparameters: [
    ...penaltyHyperparameters,
    {
      name: 'method',
      description:
        'gram: from the products of all pairs of columns, which fits on the same rows share (where there are no more columns than rows, and 2,000 at most); rows: from the rows, as gram does elsewhere, and where columns are all but sums of others without a ridge',
      type: 'categorical',
      default: 'gram',
      values: ['gram', 'rows'],
    },
  ],
  limits: [
    penaltiesNeedScaling,
    'without l1 it solves a dense system as large as the smaller of rows and columns (one-hot columns included): slow beyond a few thousand of both',
    'the importance of a column is its weight, without its sign, times its deviation',
  ],
  packages: [],
  usesWeights: true,

  fit(x, y, params, context) {
    const { weights, weightsKey, shared } = context
    const l1 = params.l1 as number
    const l2 = params.l2 as number
    const target = shared.get(
      `linear: target ${weightsKey}`,
      () => targetScale(y, weights),
      () => 16,
    )
    const { shift, scale } = target
    const byRows = () => fitLinear(x, standardised(y, target), l1, l2, weights)
    let found: LinearFit | null = null
    if (params.method === 'gram' && x.columns <= Math.min(x.rows, mostGramColumns)) {
      const gram = shared.get(
        `linear: gram ${weightsKey}`,
        () => gramOf(x, standardised(y, target), weights),
        ({ products }) => products.byteLength,
      )
      found = fitGram(gram, l1, l2)
    }
    const { coefficients, intercept, converged } = found ?? byRows()
    if (!converged) context.log('coordinate descent did not converge: the weights are its last ones')
    return {
      coefficients: Array.from(coefficients, (weight) => weight * scale),
      intercept: shift + intercept * scale,
      deviations: () => sharedDeviations(x, shared),
    }
  },

  save: ({ coefficients, intercept }) => ({ coefficients, intercept }),

  importances: ({ coefficients, deviations }, columns) => weightSizes(coefficients, columns, deviations?.()),

  check(found, where, { columns }) {
    const { coefficients, intercept } = object(found, where)
    return {
      coefficients: numbers(coefficients, `${where}.coefficients`, columns),
      intercept: finite(intercept, `${where}.intercept`),
    }
  },

  load({ coefficients, intercept }) {
    const weights = Float64Array.from(coefficients)
    return {
      predict({ rows, columns, values }) {
        const answers = new Float64Array(rows)
        for (let i = 0; i < rows; i++) {
          let sum = intercept
          for (let j = 0; j < columns; j++) sum += weights[j] * values[i * columns + j]
          answers[i] = sum
        }
        return answers
      },
    }
  },
})
