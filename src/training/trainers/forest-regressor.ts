/**
 * Random forest for numbers: trees grown by loops of our own, or by ml-random-forest.
 */
import { isNative, type Trees, treeAnswers } from '../learners/trees.js'
import type { Matrix } from '../matrix.js'
import { pipelineTrainer } from '../pipeline.js'
import type { GrownNode } from './cart-tree.js'
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
  type ForestKind,
  forestHyperparametersOf,
  forestState,
  growNativeForest,
  nativeForestLimits,
} from './native-forests.js'
import { engineOf } from './native-trees.js'

const kind: ForestKind = { task: 'regression', randomCuts: false }

export const trainer = pipelineTrainer<Trees | ForestState>({
  name: 'forest-regressor',
  task: 'regression',
  description: 'a random forest: trees on drawn rows, whose splits look at drawn columns',
  scaling: 'none',
  usesWeights: true,
  takes: { missing: true, categories: true },
  hyperparameters: [engineOf('ml-random-forest'), ...forestHyperparametersOf(kind)],
  limits: [...nativeForestLimits(kind), ...forestLimits],
  packages: ['ml-random-forest', 'ml-cart'],

  async fit(x, y, params, context) {
    if (params.engine === 'native') return growNativeForest(x, { y }, params, context, kind.randomCuts)
    refuseForLibrary(params, x, context.weights)
    const { RandomForestRegression } = await randomForests()
    return growForest(RandomForestRegression, x, y, params, context, {
      // Below zero, because ml-cart takes the error that remains for the gain: the best splits leave none.
      gainThreshold: -1,
      answer: (mean) => [mean as number],
      mend: (root, columns) => splitPerfectly(root, columns, x, y),
    })
  },

  check: (found, where, shape) =>
    isNative(found)
      ? forestState.checkNumbers(found, where, shape)
      : checkForest(found, where, shape.columns, { width: 1, shares: false }),

  save: (state) => ('engine' in state ? forestState.save(state) : state),

  importances: (state, columns) => ('engine' in state ? state.importances : new Float64Array(columns)),

  load: (state) => ({ predict: 'engine' in state ? treeAnswers(state, 0).answer : meanLeaves(state, 1) }),
})

/**
 * Makes the split of a root that leaves no error on the drawn rows: ml-cart finds it, and takes it for no gain over a
 * parent there is not. Which rows were drawn it does not say: the leaves are means over all rows on their side.
 */
function splitPerfectly(root: GrownNode, columns: readonly number[], x: Matrix, y: Float64Array): void {
  if (root.left !== undefined || root.gain !== 0 || root.splitColumn === undefined) return
  const column = columns[root.splitColumn]
  const sums = { left: 0, right: 0 }
  const counts = { left: 0, right: 0 }
  for (let i = 0; i < x.rows; i++) {
    const side = x.values[i * x.columns + column] < root.splitValue! ? 'left' : 'right'
    counts[side]++
    sums[side] += (y[i] - sums[side]) / counts[side]
  }
  if (counts.left === 0 || counts.right === 0) return
  root.left = { distribution: sums.left }
  root.right = { distribution: sums.right }
}
