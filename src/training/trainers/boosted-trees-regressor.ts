/**
 * Gradient-boosted trees for numbers: squared error, on the standardised target.
 */
import { checkTargetScale, standardised, type TargetScale, targetScale } from '../learners/target-scale.js'
import { pipelineTrainer } from '../pipeline.js'
import { object } from '../state-check.js'
import {
  type BoostedState,
  boostedTreesHyperparameters,
  boostedTreesLimits,
  checkBoosted,
  growTrees,
  treeScores,
} from './boosted-trees.js'

type State = { trees: BoostedState; target: TargetScale }

export const trainer = pipelineTrainer<State>({
  name: 'boosted-trees-regressor',
  task: 'regression',
  description: 'gradient-boosted trees from XGBoost',
  scaling: 'standard',
  hyperparameters: boostedTreesHyperparameters,
  limits: [...boostedTreesLimits, 'minSplitGain is in units of the target standardised to deviation 1'],
  packages: ['ml-xgboost'],

  async fit(x, y, params, context) {
    const target = targetScale(y)
    const objective = { objective: 'reg:linear', base_score: 0 }
    return { trees: await growTrees(x, standardised(y, target), objective, params, context), target }
  },

  check(found, where, { columns }) {
    const { trees, target } = object(found, where)
    return {
      trees: checkBoosted(trees, `${where}.trees`, columns, 1),
      target: checkTargetScale(target, `${where}.target`),
    }
  },

  load({ trees, target: { shift, scale } }) {
    const scores = treeScores(trees, 1)
    return { predict: (x) => scores(x).map((score) => shift + scale * score) }
  },
})
