/**
 * Extremely random trees for numbers: many trees, each split the best of one random cut a column.
 */
import { type Trees, treeAnswers } from '../learners/trees.js'
import { pipelineTrainer } from '../pipeline.js'
import {
  type ForestKind,
  forestHyperparametersOf,
  forestState,
  growNativeForest,
  nativeForestLimits,
} from './native-forests.js'

const kind: ForestKind = { task: 'regression', randomCuts: true }

export const trainer = pipelineTrainer<Trees>({
  name: 'extra-trees-regressor',
  task: 'regression',
  description: 'extremely random trees: a forest whose cuts are drawn at random',
  scaling: 'none',
  usesWeights: true,
  takes: { missing: true, categories: true },
  hyperparameters: forestHyperparametersOf(kind),
  limits: nativeForestLimits(kind),
  packages: [],
  fit: (x, y, params, context) => growNativeForest(x, { y }, params, context, kind.randomCuts),
  check: forestState.checkNumbers,
  save: forestState.save,
  importances: forestState.importances,
  load: (trees) => ({ predict: treeAnswers(trees, 0).answer }),
})
