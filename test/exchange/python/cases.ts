/** Every trainer, engine, preprocessing and calibration. */
import type { Params } from '../../../src/values.js'
import { type Asked, fitted, randomData, randomRows } from './support.js'

/** A trainer and what it is fitted with. */
export interface Case {
  readonly trainer: string
  readonly params?: Params
  readonly classes?: number
  readonly isPlain?: boolean
  readonly weights?: boolean
}

const mlCart = { engine: 'ml-cart', imputation: 'median', encoding: 'one-hot' }
const mlForest = { engine: 'ml-random-forest', imputation: 'zero', encoding: 'ordinal', trees: 5 }
const xgboost = { engine: 'ml-xgboost', imputation: 'mean', encoding: 'one-hot', rounds: 8 }
const few = { rounds: 12 }
const kernels = ['rbf', 'linear', 'polynomial', 'sigmoid']

export const cases: readonly Case[] = [
  { trainer: 'cart-classifier' },
  { trainer: 'cart-classifier', params: mlCart },
  { trainer: 'cart-classifier', params: { encoding: 'target', scaling: 'minmax' }, classes: 2 },
  { trainer: 'cart-regressor', params: { dates: 'parts' } },
  { trainer: 'cart-regressor', params: mlCart },
  { trainer: 'forest-classifier', params: { trees: 9 }, weights: true },
  { trainer: 'forest-classifier', params: mlForest },
  { trainer: 'forest-regressor', params: { trees: 9, encoding: 'hash', hashColumns: 5 } },
  { trainer: 'forest-regressor', params: mlForest },
  { trainer: 'extra-trees-classifier', params: { trees: 7, calibration: 'isotonic' } },
  { trainer: 'extra-trees-regressor', params: { trees: 7, textImputation: 'most-frequent' } },
  { trainer: 'boosted-trees-classifier', params: few },
  { trainer: 'boosted-trees-classifier', params: few, classes: 2 },
  { trainer: 'boosted-trees-classifier', params: { ...few, bins: 4, calibration: 'sigmoid' } },
  { trainer: 'boosted-trees-classifier', params: xgboost },
  { trainer: 'boosted-trees-classifier', params: xgboost, classes: 2 },
  ...['squaredError', 'absoluteError', 'poisson'].map(
    (loss): Case => ({
      trainer: 'boosted-trees-regressor',
      params: { ...few, loss, dates: 'parts' },
    }),
  ),
  { trainer: 'boosted-trees-regressor', params: xgboost },
  ...['euclidean', 'manhattan', 'chebyshev', 'cosine'].flatMap((distance): Case[] => [
    { trainer: 'knn-classifier', params: { distance, weights: 'distance' }, weights: true },
    { trainer: 'knn-regressor', params: { distance, weights: 'distance', k: 4 } },
    { trainer: 'knn-regressor', params: { distance }, weights: true },
  ]),
  ...['euclidean', 'manhattan', 'chebyshev'].flatMap((distance) =>
    ['uniform', 'distance'].map(
      (weights): Case => ({
        trainer: 'knn-classifier',
        params: { engine: 'ml-knn', distance, weights, k: 4 },
      }),
    ),
  ),
  { trainer: 'linear-regressor' },
  { trainer: 'linear-regressor', params: { encoding: 'target', imputation: 'zero', dates: 'parts' } },
  { trainer: 'softmax-classifier' },
  { trainer: 'softmax-classifier', params: { calibration: 'sigmoid', encoding: 'target' }, classes: 2 },
  { trainer: 'perceptron-classifier', params: { epochs: 3 } },
  { trainer: 'perceptron-classifier', params: { epochs: 3, activation: 'tanh', calibration: 'isotonic' } },
  { trainer: 'perceptron-regressor', params: { epochs: 3 } },
  { trainer: 'perceptron-regressor', params: { epochs: 3, activation: 'tanh' } },
  ...kernels.flatMap((kernel): Case[] => [
    { trainer: 'svm-classifier', params: { kernel, probabilities: true } },
    { trainer: 'svm-regressor', params: { kernel } },
    ...(kernel === 'polynomial'
      ? []
      : [{ trainer: 'svm-classifier', params: { kernel, engine: 'libsvm', probabilities: true } }]),
    { trainer: 'svm-regressor', params: { kernel, engine: 'libsvm', degree: 2 } },
  ]),
  { trainer: 'svm-classifier', params: { kernel: 'rbf' }, classes: 2 },
  { trainer: 'svm-classifier', params: { kernel: 'rbf', engine: 'libsvm' }, classes: 4 },
]

/** The model of a case, and rows to ask it. */
export async function askedOf(one: Case, seed: number, rows = 90): Promise<Asked> {
  const { trainer, params = {}, classes, isPlain, weights } = one
  const target = trainer.endsWith('regressor') ? 'numbers' : 'classes'
  const shape = { rows, seed, target, classes, isPlain, weights } as const
  const json = await fitted(trainer, randomData(shape), params)
  return { json, rows: randomRows({ ...shape, rows: 40, seed: seed + 1000 }) }
}
