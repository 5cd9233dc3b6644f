/**
 * Random forest for classes: CART with Gini gain on drawn rows and columns.
 */
import { winners } from '../learners/softmax.js'
import { pipelineTrainer } from '../pipeline.js'
import {
  checkForest,
  type ForestState,
  forestHyperparameters,
  forestLimits,
  growForest,
  meanLeaves,
  randomForests,
} from './forest.js'

export const trainer = pipelineTrainer<ForestState>({
  name: 'forest-classifier',
  task: 'classification',
  description: 'a random forest from ml-random-forest and ml-cart',
  scaling: 'none',
  hyperparameters: forestHyperparameters,
  limits: [...forestLimits, 'probabilities are means over the trees of the shares of the classes in a leaf'],
  packages: ['ml-random-forest', 'ml-cart'],

  async fit(x, codes, classes, params, context) {
    const { RandomForestClassifier } = await randomForests()
    return growForest(RandomForestClassifier, x, codes, params, context, {
      gainThreshold: 0,
      answer(distribution) {
        // ml-cart's row ends at the highest class of the leaf, and sums to 1 but for the rounding of its additions.
        const shares = (distribution as { to1DArray(): number[] }).to1DArray()
        const sum = shares.reduce((total, share) => total + share, 0)
        return Array.from({ length: classes }, (_, code) => (shares[code] ?? 0) / sum)
      },
    })
  },

  check: (found, where, { columns, classes }) =>
    checkForest(found, where, columns, { width: classes, shares: true }),

  load(state, classes) {
    const shares = meanLeaves(state, classes)
    return {
      hasProbabilities: true,
      predict(x) {
        const probabilities = shares(x)
        return { codes: winners(probabilities, x.rows, classes), probabilities }
      },
    }
  },
})
