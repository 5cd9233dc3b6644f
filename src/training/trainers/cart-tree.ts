/**
 * A tree that ml-cart has grown, kept as flat arrays of numbers: small as JSON, exact when loaded, and walked
 * without the library (whose own export repeats every option in every node).
 *
 * Nodes are in preorder, so the left child of node i is node i + 1.
 */
import { EspalierError } from '../../errors.js'
import type { Matrix } from '../matrix.js'
import type { Hyperparameter } from '../types.js'

/**
 * A node as ml-cart leaves it. A leaf has no children; one that could have been split keeps the split it found.
 */
export interface GrownNode {
  left?: GrownNode
  right?: GrownNode
  splitColumn?: number
  /** Rows below it go left. */
  splitValue?: number
  /** Classifier: Gini gain of the split. Regression: the squared error that remains after it. */
  gain?: number
  /** Of a leaf: one row of class shares, 0 … highest class in it; or the mean. */
  distribution?: { to1DArray(): number[] } | number
}

export type TreeState = {
  /** The column a node looks at; −1 for a leaf. */
  column: number[]
  /** Rows below it go left; 0 for a leaf. */
  threshold: number[]
  /** The right child; for a leaf its place in `leaves`. */
  right: number[]
  /** What each leaf answers: shares of the classes, or one number. */
  leaves: number[][]
}

/** Flattens a grown tree. `answer` turns a leaf's distribution into the numbers it answers. */
export function flattenTree(
  root: GrownNode,
  answer: (distribution: GrownNode['distribution']) => number[],
): TreeState {
  const tree: TreeState = { column: [], threshold: [], right: [], leaves: [] }
  const visit = (node: GrownNode): void => {
    const at = tree.column.length
    if (node.left === undefined || node.right === undefined) {
      tree.column.push(-1)
      tree.threshold.push(0)
      tree.right.push(tree.leaves.length)
      tree.leaves.push(answer(node.distribution))
      return
    }
    tree.column.push(node.splitColumn!)
    tree.threshold.push(node.splitValue!)
    tree.right.push(0)
    visit(node.left)
    tree.right[at] = tree.column.length
    visit(node.right)
  }
  visit(root)
  return tree
}

/**
 * A tree read from a file: every walk through it must end in a leaf, whoever wrote the file. Throws MODEL_INVALID.
 */
export function checkTree(tree: TreeState): TreeState {
  const { column, threshold, right, leaves } = tree
  const nodes = column.length
  const sound = column.every((of, node) => {
    if (of === -1) return Array.isArray(leaves[right[node]])
    // Children lie behind their parent, so a walk only ever goes forward.
    return of >= 0 && Number.isFinite(threshold[node]) && right[node] > node + 1 && right[node] < nodes
  })
  if (nodes > 0 && sound) return tree
  throw new EspalierError('MODEL_INVALID', 'the tree in the model file is broken: a node has no children')
}

/** The leaf that row i of a matrix ends in. */
export function leafOf(tree: TreeState, x: Matrix, i: number): number {
  const { column, threshold, right } = tree
  const start = i * x.columns
  let node = 0
  while (column[node] >= 0) {
    node = x.values[start + column[node]] < threshold[node] ? node + 1 : right[node]
  }
  return right[node]
}

export const maxDepth: Hyperparameter = {
  name: 'maxDepth',
  description: 'how many splits may lie between the root and a leaf',
  type: 'int',
  default: 10,
  min: 1,
  max: 50,
}

export const minNumSamples: Hyperparameter = {
  name: 'minNumSamples',
  description: 'a node with this many training rows or fewer is not split',
  type: 'int',
  default: 3,
  min: 1,
  max: 1000,
}

export const slow =
  'slow on wide or long data: growing a node looks at every row for every split of every column (rows² × columns); about 20 ms a fold for 150 × 4, 150 ms for 569 × 30, 10 s for 1,797 × 64'
