/** The hyperparameters of boosted trees, for both engines, and what each engine does not have. */
import type { Params } from '../../values.js'
import type { Matrix } from '../matrix.js'
import type { LearnerContext } from '../pipeline.js'
import type { Hyperparameter } from '../types.js'
import { refused } from './boosted-trees-native.js'

/** The engine that grows the trees. */
export const engineHyperparameter: Hyperparameter = {
  name: 'engine',
  description: 'who grows the trees: Espalier, on histograms, or the package ml-xgboost (XGBoost 0.7)',
  type: 'categorical',
  default: 'native',
  values: ['native', 'ml-xgboost'],
}

export const boostedTreesHyperparameters: readonly Hyperparameter[] = [
  engineHyperparameter,
  {
    name: 'rounds',
    description: 'how many times trees are added: one, or one for each class where there are three or more',
    type: 'int',
    default: 100,
    min: 1,
  },
  {
    name: 'learningRate',
    description: 'what share of each tree is added (eta)',
    type: 'float',
    default: 0.1,
    min: 1e-4,
    max: 1,
  },
  {
    name: 'maxLeaves',
    description: 'how many leaves a tree has at most; those whose split gains most are split first (native)',
    type: 'int',
    default: 31,
    min: 2,
    max: 32768,
  },
  {
    name: 'maxDepth',
    description:
      'how many splits may lie between the root and a leaf (max_depth); 0: any number (ml-xgboost: 6)',
    type: 'int',
    default: 0,
    min: 0,
    max: 30,
  },
  {
    name: 'minSamplesLeaf',
    description: 'the least number of rows of a leaf (native)',
    type: 'int',
    default: 20,
    min: 1,
  },
  {
    name: 'minChildWeight',
    description:
      'the least weight (sum of second derivatives; for numbers the weight of the rows) of a leaf (min_child_weight)',
    type: 'float',
    default: 1e-3,
    min: 0,
  },
  {
    name: 'minSplitGain',
    description: 'a node is split only where that lowers the loss by more than this (gamma)',
    type: 'float',
    default: 0,
    min: 0,
  },
  {
    name: 'subsample',
    description: 'the share of the rows, drawn anew for each round, that trees are grown on (subsample)',
    type: 'float',
    default: 1,
    min: 0.01,
    max: 1,
  },
  {
    name: 'columnSample',
    description: 'the share of the columns, drawn anew, that each tree is grown on (colsample_bytree)',
    type: 'float',
    default: 1,
    min: 0.01,
    max: 1,
  },
  {
    name: 'l2',
    description: 'penalty on half the sum of the squared leaf weights (lambda)',
    type: 'float',
    default: 0,
    min: 0,
  },
  {
    name: 'l1',
    description: 'penalty on the sum of the absolute leaf weights (alpha)',
    type: 'float',
    default: 0,
    min: 0,
  },
  {
    name: 'bins',
    description: 'how many bins the values of a column are put into at most (native)',
    type: 'int',
    default: 255,
    min: 2,
    max: 255,
  },
  {
    name: 'earlyStoppingRounds',
    description:
      'rounds without a lower loss on rows set aside before training ends, with the trees up to the lowest; 0: no rows are set aside (native)',
    type: 'int',
    default: 0,
    min: 0,
  },
  {
    name: 'validationShare',
    description: 'the share of the rows set aside; only with earlyStoppingRounds (native)',
    type: 'float',
    default: 0.1,
    min: 0.01,
    max: 0.5,
  },
  {
    name: 'monotone',
    description:
      'features with which predictions (of two classes, the probability of the later one by name) may only rise (1) or only fall (-1), such as {"age": 1} (native)',
    type: 'names',
    default: {},
    values: [-1, 0, 1],
  },
]

export const lossHyperparameter: Hyperparameter = {
  name: 'loss',
  description:
    'what is lowered: the squared or the absolute error, or the Poisson deviance (targets 0 or more, predictions above 0); all but squaredError native',
  type: 'categorical',
  default: 'squaredError',
  values: ['squaredError', 'absoluteError', 'poisson'],
}

export const boostedTreesLimits: readonly string[] = [
  'native: up to 255 bins a column, of its quantiles (from 200,000 evenly spaced rows where there are more); of more than 255 categories the rarer ones are one',
  'native: one thread; sums of derivatives are exact to about 2^-43 of their total (2^-40 at a million rows), so rows that weigh less are as none',
  'ml-xgboost: reports nothing on the way; takes no missing values, categories, weights or monotone constraints; rounds columns to single precision (about seven digits)',
]

/** Refuses what was asked of ml-xgboost that it does not have. `own`: the trainer's hyperparameters. */
export function checkForXGBoost(
  x: Matrix,
  params: Params,
  context: LearnerContext,
  own: readonly Hyperparameter[],
): void {
  for (const { name, default: preset } of own) {
    if (!nativeAlone.includes(name)) continue
    if (JSON.stringify(params[name]) !== JSON.stringify(preset))
      throw refused(
        `"${name}" is for the engine native (got ${JSON.stringify(params[name])} with ml-xgboost): leave it out there`,
      )
  }
  if (context.weights !== null)
    throw refused('the engine ml-xgboost heeds no weights of rows or classes: take the engine native')
  if (x.categories !== undefined)
    throw refused('the engine ml-xgboost takes no categories: set "encoding" to "one-hot"')
  if (x.values.some(Number.isNaN))
    throw refused('the engine ml-xgboost takes no missing values: set "imputation" to "mean"')
}

const nativeAlone = [
  'maxLeaves',
  'minSamplesLeaf',
  'bins',
  'earlyStoppingRounds',
  'validationShare',
  'monotone',
  'loss',
]
