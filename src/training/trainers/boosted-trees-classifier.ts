/**
 * Gradient-boosted trees for classes: logistic loss for two, softmax for more.
 */
import { softmaxInto, winners } from '../learners/softmax.js'
import { pipelineTrainer } from '../pipeline.js'
import {
  type BoostedState,
  boostedTreesHyperparameters,
  boostedTreesLimits,
  checkBoosted,
  growTrees,
  treeScores,
} from './boosted-trees.js'

export const trainer = pipelineTrainer<BoostedState>({
  name: 'boosted-trees-classifier',
  task: 'classification',
  description: 'gradient-boosted trees from XGBoost',
  // Trees need no scaling, but numbers are rounded to single precision: better around 0 than far from it.
  scaling: 'standard',
  hyperparameters: boostedTreesHyperparameters,
  limits: boostedTreesLimits,
  packages: ['ml-xgboost'],

  fit(x, codes, classes, params, context) {
    const objective: Record<string, string | number> =
      classes === 2
        ? { objective: 'binary:logistic', base_score: 0.5 }
        : { objective: 'multi:softprob', num_class: classes, base_score: 0.5 }
    return growTrees(x, codes, objective, params, context)
  },

  check: (found, where, { columns, classes }) =>
    checkBoosted(found, where, columns, classes === 2 ? 1 : classes),

  load(state, classes) {
    const scores = treeScores(state, classes === 2 ? 1 : classes)
    return {
      hasProbabilities: true,
      predict(x) {
        const found = scores(x)
        // With two classes the one score is the second class's; the first one's is 0.
        const probabilities = classes === 2 ? new Float64Array(2 * x.rows) : found
        if (classes === 2) for (let i = 0; i < x.rows; i++) probabilities[2 * i + 1] = found[i]
        softmaxInto(probabilities, x.rows, classes)
        return { codes: winners(probabilities, x.rows, classes), probabilities }
      },
    }
  },
})
