/**
 * Classification tree: CART with Gini impurity or entropy, grown by loops of our own, or by ml-cart.
 */

import { checkTrees, isNative, saveTrees, type Trees } from '../learners/trees.js'
import { toArrays } from '../matrix.js'
import { pipelineTrainer } from '../pipeline.js'
import { checkTree, flattenTree, leafOf, maxDepth, minNumSamples, slow, type TreeState } from './cart-tree.js'
import { classesOfTrees } from './native-forests.js'
import {
  alpha,
  categoriesLimit,
  columnsASplit,
  criterion,
  engineOf,
  exactLimit,
  growNativeTree,
  minSamplesLeaf,
  refuseForEngine,
} from './native-trees.js'

export const trainer = pipelineTrainer<Trees | TreeState>({
  name: 'cart-classifier',
  task: 'classification',
  description: 'a decision tree (CART, Gini impurity or entropy)',
  scaling: 'none',
  usesWeights: true,
  takes: { missing: true, categories: true },
  hyperparameters: [
    engineOf('ml-cart'),
    criterion,
    maxDepth,
    minNumSamples,
    minSamplesLeaf,
    {
      name: 'gainThreshold',
      description: 'a node is split only where that lowers its impurity by more than this',
      type: 'float',
      default: 0,
      min: 0,
      max: 1,
    },
    alpha,
    columnsASplit,
  ],
  limits: [
    exactLimit,
    categoriesLimit,
    slow,
    'a split that lowers impurity by nothing is never made, so a pattern such as XOR, which shows only after two splits, is not found',
    'probabilities are the shares of the classes in a leaf: coarse, and often 0 or 1',
  ],
  packages: ['ml-cart'],

  async fit(x, codes, classes, params, context) {
    if (params.engine === 'native') return growNativeTree(x, { codes, classes }, params, context)
    const only = { criterion: 'gini', minSamplesLeaf: 1, alpha: 0, columnSample: 1 }
    refuseForEngine('ml-cart', params, only, x, context.weights)
    const { DecisionTreeClassifier } = await import('ml-cart')
    const tree = new DecisionTreeClassifier({
      maxDepth: params.maxDepth as number,
      minNumSamples: params.minNumSamples as number,
      gainThreshold: params.gainThreshold as number,
    })
    tree.train(toArrays(x), Array.from(codes))
    return flattenTree(tree.root, (distribution) => {
      // ml-cart's row ends at the highest class of the leaf, and sums to 1 but for the rounding of its additions.
      const shares = (distribution as { to1DArray(): number[] }).to1DArray()
      const sum = shares.reduce((total, share) => total + share, 0)
      return Array.from({ length: classes }, (_, code) => (shares[code] ?? 0) / sum)
    })
  },

  check: (found, where, { columns, classes }) =>
    isNative(found)
      ? checkTrees(found, where, { columns, classes, one: true })
      : checkTree(found, where, columns, { width: classes, shares: true }),

  save: (tree) => ('engine' in tree ? saveTrees(tree) : tree),

  importances: (tree, columns) => ('engine' in tree ? tree.importances : new Float64Array(columns)),

  load(tree, classes) {
    if ('engine' in tree) return classesOfTrees(tree, classes)
    const winner = tree.leaves.map((shares) => shares.indexOf(Math.max(...shares)))
    return {
      hasProbabilities: true,
      predict(x) {
        const codes = new Int32Array(x.rows)
        const probabilities = new Float64Array(x.rows * classes)
        for (let i = 0; i < x.rows; i++) {
          const leaf = leafOf(tree, x, i)
          codes[i] = winner[leaf]
          probabilities.set(tree.leaves[leaf], i * classes)
        }
        return { codes, probabilities }
      },
    }
  },
})
