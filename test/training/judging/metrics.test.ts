import { describe, expect, it } from 'vitest'
import {
  accuracy,
  balancedAccuracy,
  classificationMetrics,
  logLoss,
  macroF1,
  mae,
  metricsFor,
  r2,
  regressionMetrics,
  rmse,
} from '../../../src/training/judging/metrics.js'

const classified = (
  truth: number[],
  predicted: number[],
  classes: number,
  probabilities: number[] | null = null,
) => ({
  truth: Int32Array.from(truth),
  predicted: Int32Array.from(predicted),
  classes,
  probabilities: probabilities && Float64Array.from(probabilities),
})
const estimated = (truth: number[], predicted: number[]) => ({
  truth: Float64Array.from(truth),
  predicted: Float64Array.from(predicted),
})

// Values computed with scikit-learn 1.9.1: accuracy_score, balanced_accuracy_score, f1_score(average='macro'),
// log_loss, root_mean_squared_error, mean_absolute_error, r2_score.
describe('agrees with scikit-learn', () => {
  const rows = classified(
    [0, 0, 0, 1, 1, 2, 2, 2, 2, 1],
    [0, 1, 0, 1, 2, 2, 2, 0, 2, 1],
    3,
    [
      0.7, 0.2, 0.1, 0.3, 0.5, 0.2, 0.6, 0.3, 0.1, 0.1, 0.8, 0.1, 0.2, 0.3, 0.5, 0.1, 0.1, 0.8, 0.25, 0.25,
      0.5, 0.5, 0.2, 0.3, 0.05, 0.15, 0.8, 0.3, 0.6, 0.1,
    ],
  )
  const numbers = estimated([3, -0.5, 2, 7, 4.2, 0.1], [2.5, 0, 2, 8, 3.9, 0.4])
  it.each([
    ['accuracy', accuracy(rows), 0.7],
    ['balanced accuracy', balancedAccuracy(rows), 0.6944444444444443],
    ['macro F1', macroF1(rows), 0.6944444444444443],
    ['log loss', logLoss(rows), 0.6352822438951097],
    ['RMSE', rmse(numbers), 0.5291502622129182],
    ['MAE', mae(numbers), 0.4333333333333334],
    ['R²', r2(numbers), 0.9561281337047354],
    ['R², constant truth', r2(estimated([2, 2, 2], [2, 2, 3])), 0],
    ['R², constant truth predicted exactly', r2(estimated([2, 2, 2], [2, 2, 2])), 1],
    [
      'balanced accuracy, a class only predicted',
      balancedAccuracy(classified([0, 0, 1, 1], [0, 2, 1, 1], 3)),
      0.75,
    ],
    [
      'macro F1, a class only predicted',
      macroF1(classified([0, 0, 1, 1], [0, 2, 1, 1], 3)),
      0.5555555555555555,
    ],
    ['macro F1, a class nowhere', macroF1(classified([0, 0, 1, 1], [0, 1, 1, 1], 3)), 0.7333333333333334],
  ])('%s', (_, found, expected) => {
    expect(found).toBeCloseTo(expected, 14)
  })
})

describe('stays finite', () => {
  it('where the true class has probability 0 or 1', () => {
    expect(logLoss(classified([0], [1], 2, [0, 1]))).toBeCloseTo(-Math.log(1e-15), 10)
    expect(logLoss(classified([0], [0], 2, [1, 0]))).toBeCloseTo(0, 10)
  })
  it('with a single row, and where rounding leaves a constant truth a spread', () => {
    expect(regressionMetrics(estimated([0.1], [0.2]))).toMatchObject({ r2: 0 })
    expect(r2(estimated(new Array(7).fill(0.1), new Array(7).fill(0.3)))).toBe(0)
    expect(classificationMetrics(classified([1], [0], 3))).toEqual({
      accuracy: 0,
      balancedAccuracy: 0,
      macroF1: 0,
    })
  })
})

it('lists the metrics of a task, the usual objective first, and leaves log loss out without probabilities', () => {
  expect(metricsFor('classification').map(({ name }) => name)).toEqual([
    'accuracy',
    'balancedAccuracy',
    'macroF1',
    'logLoss',
  ])
  expect(metricsFor('regression').map(({ name, direction }) => [name, direction])).toEqual([
    ['rmse', 'minimize'],
    ['mae', 'minimize'],
    ['r2', 'maximize'],
  ])
  expect(metricsFor().filter(({ needsProbabilities }) => needsProbabilities)).toMatchObject([
    { name: 'logLoss' },
  ])
  expect(Object.keys(classificationMetrics(classified([0, 1], [0, 1], 2, [1, 0, 0, 1])))).toContain('logLoss')
})
