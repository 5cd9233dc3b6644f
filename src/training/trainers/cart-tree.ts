/**
 * A tree that ml-cart has grown, kept as flat arrays of numbers: small as JSON, exact when loaded, and walked
 * without the library (whose own export repeats every option in every node).
 *
 * Nodes are in preorder, so the left child of node i is node i + 1.
 */
import type { Matrix } from '../matrix.js'
import { broken, list, numbers, object, preorder, wholes } from '../state-check.js'
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

/** Laws of a tree's leaves: how many numbers each answers, and whether they are shares of classes. */
export interface LeafLaws {
  readonly width: number
  readonly shares: boolean
}

/** A tree that looks at `columns` columns, read from a file. Throws MODEL_INVALID. */
export function checkTree(found: unknown, where: string, columns: number, leaf: LeafLaws): TreeState {
  const tree = object(found, where)
  const column = wholes(tree.column, `${where}.column`, null, -1, columns - 1)
  const nodes = column.length
  const threshold = numbers(tree.threshold, `${where}.threshold`, nodes)
  const right = wholes(tree.right, `${where}.right`, nodes, 0, nodes)
  preorder(right, (node) => column[node] === -1, [0], `${where}.right`)
  const leaves = column.flatMap((of, node) => (of === -1 ? [node] : []))
  leaves.forEach((node, place) => {
    if (right[node] !== place)
      broken(`${where}.right[${node}]`, `the place of its leaf, ${place}`, right[node])
  })
  const answers = list(tree.leaves, `${where}.leaves`, leaves.length).map((answer, place) =>
    checkLeaf(answer, `${where}.leaves[${place}]`, leaf),
  )
  return { column, threshold, right, leaves: answers }
}

function checkLeaf(found: unknown, where: string, { width, shares }: LeafLaws): number[] {
  if (!shares) return numbers(found, where, width)
  const answer = numbers(found, where, width, 0, 1 + 1e-9)
  const sum = answer.reduce((total, share) => total + share, 0)
  if (Math.abs(sum - 1) > 1e-9) broken(where, 'shares that sum to 1', sum)
  return answer
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
  default: 30,
  min: 1,
  max: 100,
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
  'with the engine ml-cart slow on wide or long data: growing a node looks at every row for every split of every column (rows² × columns); about 20 ms a fold for 150 × 4, 150 ms for 569 × 30, 10 s for 1,797 × 64'
