/**
 * Regression tree: CART with squared error, grown by loops of our own, or by ml-cart.
 *
 * ml-cart calls "gain" here the squared error that remains after the best split, and splits only where that is above its
 * threshold and unlike the parent's. So the best splits of all, those that leave no error, are not made. A threshold
 * below zero lets them through, except at the root, whose parent's error ml-cart takes for 0: that split is made here,
 * from the column and value ml-cart found. The threshold itself is no hyperparameter: it would stop good splits first.
 */
import { checkTrees, isNative, saveTrees, type Trees, treeAnswers } from '../learners/trees.js'
import { type Matrix, toArrays } from '../matrix.js'
import { pipelineTrainer } from '../pipeline.js'
import {
  checkTree,
  flattenTree,
  type GrownNode,
  leafOf,
  maxDepth,
  minNumSamples,
  slow,
  type TreeState,
} from './cart-tree.js'
import {
  alpha,
  categoriesLimit,
  columnsASplit,
  engineOf,
  exactLimit,
  growNativeTree,
  minSamplesLeaf,
  refuseForEngine,
} from './native-trees.js'

export const trainer = pipelineTrainer<Trees | TreeState>({
  name: 'cart-regressor',
  task: 'regression',
  description: 'a decision tree (CART, squared error)',
  scaling: 'none',
  usesWeights: true,
  takes: { missing: true, categories: true },
  hyperparameters: [engineOf('ml-cart'), maxDepth, minNumSamples, minSamplesLeaf, alpha, columnsASplit],
  limits: [exactLimit, categoriesLimit, slow],
  packages: ['ml-cart'],

  async fit(x, y, params, context) {
    if (params.engine === 'native') return growNativeTree(x, { y }, params, context)
    const only = { minSamplesLeaf: 1, alpha: 0, columnSample: 1 }
    refuseForEngine('ml-cart', params, only, x, context.weights)
    const { DecisionTreeRegression } = await import('ml-cart')
    const tree = new DecisionTreeRegression({
      maxDepth: params.maxDepth as number,
      minNumSamples: params.minNumSamples as number,
      gainThreshold: -1,
    })
    tree.train(toArrays(x), Array.from(y))
    if (tree.root.left === undefined && tree.root.gain === 0) splitPerfectly(tree.root, x, y)
    return flattenTree(tree.root, (mean) => [mean as number])
  },

  check: (found, where, { columns }) =>
    isNative(found)
      ? checkTrees(found, where, { columns, classes: 0, one: true })
      : checkTree(found, where, columns, { width: 1, shares: false }),

  save: (tree) => ('engine' in tree ? saveTrees(tree) : tree),

  importances: (tree, columns) => ('engine' in tree ? tree.importances : new Float64Array(columns)),

  load(tree) {
    if ('engine' in tree) return { predict: treeAnswers(tree, 0).answer }
    return {
      predict: (x) => Float64Array.from({ length: x.rows }, (_, i) => tree.leaves[leafOf(tree, x, i)][0]),
    }
  },
})

/** Makes the split a root has found: both sides are then constant, so their means are leaves. */
function splitPerfectly(root: GrownNode, x: Matrix, y: Float64Array): void {
  const means = { left: 0, right: 0 }
  const counts = { left: 0, right: 0 }
  for (let i = 0; i < x.rows; i++) {
    const side = x.values[i * x.columns + root.splitColumn!] < root.splitValue! ? 'left' : 'right'
    // All values of a side are the same: no sum, no rounding.
    means[side] = y[i]
    counts[side]++
  }
  if (counts.left === 0 || counts.right === 0) return
  root.left = { distribution: means.left }
  root.right = { distribution: means.right }
}
