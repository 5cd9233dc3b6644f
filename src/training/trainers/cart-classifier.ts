/**
 * Classification tree: ml-cart's CART with Gini gain.
 */
import { toArrays } from '../matrix.js'
import { pipelineTrainer } from '../pipeline.js'
import { checkTree, flattenTree, leafOf, maxDepth, minNumSamples, slow, type TreeState } from './cart-tree.js'

export const trainer = pipelineTrainer<TreeState>({
  name: 'cart-classifier',
  task: 'classification',
  description: 'a decision tree (CART, Gini gain) from ml-cart',
  scaling: 'none',
  hyperparameters: [
    maxDepth,
    minNumSamples,
    {
      name: 'gainThreshold',
      description: 'a node is split only where that lowers its Gini impurity by more than this',
      type: 'float',
      default: 0.01,
      min: 0,
      max: 1,
    },
  ],
  limits: [
    slow,
    'a split that lowers impurity by nothing is never made, so a pattern such as XOR, which shows only after two splits, is not found',
    'probabilities are the shares of the classes in a leaf: coarse, and often 0 or 1',
  ],
  packages: ['ml-cart'],

  async fit(x, codes, classes, params) {
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
    checkTree(found, where, columns, { width: classes, shares: true }),

  load(tree, classes) {
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
