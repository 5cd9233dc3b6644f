/**
 * Random forest for numbers: CART with squared error on drawn rows and columns.
 */
import type { Matrix } from '../matrix.js'
import { pipelineTrainer } from '../pipeline.js'
import type { GrownNode } from './cart-tree.js'
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
  name: 'forest-regressor',
  task: 'regression',
  description: 'a random forest from ml-random-forest and ml-cart',
  scaling: 'none',
  hyperparameters: forestHyperparameters,
  limits: forestLimits,
  packages: ['ml-random-forest', 'ml-cart'],

  async fit(x, y, params, context) {
    const { RandomForestRegression } = await randomForests()
    return growForest(RandomForestRegression, x, y, params, context, {
      // Below zero, because ml-cart takes the error that remains for the gain: the best splits leave none.
      gainThreshold: -1,
      answer: (mean) => [mean as number],
      mend: (root, columns) => splitPerfectly(root, columns, x, y),
    })
  },

  check: (found, where, { columns }) => checkForest(found, where, columns, { width: 1, shares: false }),

  load: (state) => ({ predict: meanLeaves(state, 1) }),
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
