/**
 * Gradient-boosted trees for classes: logistic loss for two, softmax for more. The trees are our own, or XGBoost's.
 */

import type { JsonObject } from '../../values.js'
import { fitBoosting } from '../learners/boosting/fit.js'
import { checkForest, saveForest } from '../learners/boosting/forest.js'
import { classObjective } from '../learners/boosting/objectives.js'
import { softmaxInto, winners } from '../learners/softmax.js'
import { pipelineTrainer } from '../pipeline.js'
import { object, oneOf } from '../state-check.js'
import { type BoostedState, checkBoosted, growTrees, treeScores } from './boosted-trees.js'
import { boostingTask, type Grown, refused, scorerOf } from './boosted-trees-native.js'
import { boostedTreesHyperparameters, boostedTreesLimits, checkForXGBoost } from './boosted-trees-settings.js'

type Learned =
  | { readonly engine: 'native'; readonly grown: Grown }
  | { readonly engine: 'ml-xgboost'; readonly trees: BoostedState }

/** With two classes the one score is the second class's; the first one's is 0. */
const outputsOf = (classes: number) => (classes === 2 ? 1 : classes)

export const trainer = pipelineTrainer<Learned>({
  name: 'boosted-trees-classifier',
  task: 'classification',
  description: 'gradient-boosted trees, grown on histograms',
  scaling: 'none',
  takes: { missing: true, categories: true },
  hyperparameters: boostedTreesHyperparameters,
  limits: [...boostedTreesLimits, 'monotone constraints: two classes only'],
  packages: ['ml-xgboost'],
  usesWeights: true,

  async fit(x, codes, classes, params, context) {
    if (params.engine === 'ml-xgboost') {
      checkForXGBoost(x, params, context, boostedTreesHyperparameters)
      const objective: Record<string, string | number> =
        classes === 2
          ? { objective: 'binary:logistic', base_score: 0.5 }
          : { objective: 'multi:softprob', num_class: classes, base_score: 0.5 }
      return { engine: 'ml-xgboost', trees: await growTrees(x, codes, objective, params, context) }
    }
    const { bins, settings, rows, weights } = boostingTask(x, codes, params, context)
    if (settings.signs !== null && classes > 2)
      throw refused(`"monotone" has a meaning for two classes, and there are ${classes}: leave it out`)
    const forest = await fitBoosting(
      x,
      bins,
      settings,
      weights,
      (loops) => classObjective(loops, codes, classes, rows),
      rows,
      context,
    )
    return { engine: 'native', grown: { forest, bins: { bins, most: settings.mostBins } } }
  },

  // A model without the field is XGBoost's: such files are older than the engine of our own.
  save: (learned): JsonObject =>
    learned.engine === 'native'
      ? { engine: 'native', trees: saveForest(learned.grown.forest) }
      : { ...learned.trees },

  check(found, where, { columns, classes }) {
    const state = object(found, where)
    if (state.engine === undefined)
      return { engine: 'ml-xgboost', trees: checkBoosted(state, where, columns, outputsOf(classes)) }
    oneOf(state.engine, `${where}.engine`, ['native'])
    const forest = checkForest(state.trees, `${where}.trees`, columns, outputsOf(classes))
    return { engine: 'native', grown: { forest, bins: null } }
  },

  load(learned, classes, here) {
    const scores =
      learned.engine === 'native'
        ? scorerOf(learned.grown, here)
        : treeScores(learned.trees, outputsOf(classes))
    return {
      hasProbabilities: true,
      predict(x) {
        const found = scores(x)
        const probabilities = classes === 2 ? new Float64Array(2 * x.rows) : found
        if (classes === 2) for (let i = 0; i < x.rows; i++) probabilities[2 * i + 1] = found[i]
        softmaxInto(probabilities, x.rows, classes)
        return { codes: winners(probabilities, x.rows, classes), probabilities }
      },
    }
  },

  importances: (learned, columns) =>
    learned.engine === 'native' ? learned.grown.forest.gains : new Float64Array(columns),
})
