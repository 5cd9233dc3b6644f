/**
 * The two penalties of the linear learners: the same words and the same objective in each, mean loss over the rows
 * + l1 Σ|w| + l2/2 Σw², never on intercepts.
 */
import type { Hyperparameter } from '../types.js'

export const penaltyHyperparameters: readonly Hyperparameter[] = [
  {
    name: 'l2',
    description:
      'penalty on half the sum of the squared weights, beside the mean loss of a row (ridge); 0 means none',
    type: 'float',
    default: 0.001,
    min: 0,
  },
  {
    name: 'l1',
    description:
      'penalty on the sum of the absolute weights (lasso), which makes some of them 0; 0 means none',
    type: 'float',
    default: 0,
    min: 0,
  },
]

export const penaltiesNeedScaling = 'the penalties weigh all columns alike, so columns should be scaled'
