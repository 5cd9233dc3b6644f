/**
 * Linear regression: least squares, ridge, lasso and elastic net, on the standardised target.
 */
import { fitLinear } from '../learners/linear-regression.js'
import { standardised, targetScale } from '../learners/target-scale.js'
import { pipelineTrainer } from '../pipeline.js'
import { finite, numbers, object } from '../state-check.js'
import { penaltiesNeedScaling, penaltyHyperparameters } from './penalties.js'

/** In units of the target. */
type State = { coefficients: number[]; intercept: number }

export const trainer = pipelineTrainer<State>({
  name: 'linear-regressor',
  task: 'regression',
  description: 'linear regression: least squares with a ridge (l2), a lasso (l1) or both (elastic net)',
  scaling: 'standard',
  hyperparameters: penaltyHyperparameters,
  limits: [
    penaltiesNeedScaling,
    'without l1 it solves a dense system as large as the smaller of rows and columns (one-hot columns included): slow beyond a few thousand of both',
  ],
  packages: [],
  usesWeights: true,

  fit(x, y, params, context) {
    const { weights: rowWeights } = context
    const { shift, scale } = targetScale(y, rowWeights)
    const { coefficients, intercept, converged } = fitLinear(
      x,
      standardised(y, { shift, scale }),
      params.l1 as number,
      params.l2 as number,
      rowWeights,
    )
    if (!converged) context.log('coordinate descent did not converge: the weights are its last ones')
    return {
      coefficients: Array.from(coefficients, (weight) => weight * scale),
      intercept: shift + intercept * scale,
    }
  },

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
