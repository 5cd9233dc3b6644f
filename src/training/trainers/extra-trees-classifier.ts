/**
 * Extremely random trees for classes: many trees, each split the best of one random cut a column.
 */
import type { Trees } from '../learners/trees.js'
import { pipelineTrainer } from '../pipeline.js'
import {
  classesOfTrees,
  type ForestKind,
  forestHyperparametersOf,
  forestState,
  growNativeForest,
  nativeForestLimits,
} from './native-forests.js'

const kind: ForestKind = { task: 'classification', randomCuts: true }

export const trainer = pipelineTrainer<Trees>({
  name: 'extra-trees-classifier',
  task: 'classification',
  description: 'extremely random trees: a forest whose cuts are drawn at random',
  scaling: 'none',
  usesWeights: true,
  takes: { missing: true, categories: true },
  hyperparameters: forestHyperparametersOf(kind),
  limits: nativeForestLimits(kind),
  packages: [],
  fit: (x, codes, classes, params, context) =>
    growNativeForest(x, { codes, classes }, params, context, kind.randomCuts),
  check: forestState.checkClasses,
  save: forestState.save,
  importances: forestState.importances,
  load: classesOfTrees,
})
