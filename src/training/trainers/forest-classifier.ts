/**
 * Random forest for classes: trees grown by loops of our own, or by ml-random-forest.
 */
import { winners } from '../learners/softmax.js'
import { isNative, type Trees } from '../learners/trees.js'
import { pipelineTrainer } from '../pipeline.js'
import {
  checkForest,
  type ForestState,
  forestLimits,
  growForest,
  meanLeaves,
  randomForests,
  refuseForLibrary,
} from './forest.js'
import {
  classesOfTrees,
  type ForestKind,
  forestHyperparametersOf,
  forestState,
  growNativeForest,
  nativeForestLimits,
} from './native-forests.js'
import { engineOf } from './native-trees.js'

const kind: ForestKind = { task: 'classification', randomCuts: false }

export const trainer = pipelineTrainer<Trees | ForestState>({
  name: 'forest-classifier',
  task: 'classification',
  description: 'a random forest: trees on drawn rows, whose splits look at drawn columns',
  scaling: 'none',
  usesWeights: true,
  takes: { missing: true, categories: true },
  hyperparameters: [engineOf('ml-random-forest'), ...forestHyperparametersOf(kind)],
  limits: [...nativeForestLimits(kind), ...forestLimits],
  packages: ['ml-random-forest', 'ml-cart'],

  async fit(x, codes, classes, params, context) {
    if (params.engine === 'native')
      return growNativeForest(x, { codes, classes }, params, context, kind.randomCuts)
    refuseForLibrary(params, x, context.weights)
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

  check: (found, where, shape) =>
    isNative(found)
      ? forestState.checkClasses(found, where, shape)
      : checkForest(found, where, shape.columns, { width: shape.classes, shares: true }),

  save: (state) => ('engine' in state ? forestState.save(state) : state),

  importances: (state, columns) => ('engine' in state ? state.importances : new Float64Array(columns)),

  load(state, classes) {
    if ('engine' in state) return classesOfTrees(state, classes)
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
