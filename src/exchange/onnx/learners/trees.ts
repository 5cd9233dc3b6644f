/** Trees and forests (cart-*, forest-*, extra-trees-*) in ONNX: the mean over the trees of the leaves that a row comes to, added as ours is. */
import type { CartTreeFile, NativeTreesFile, TreeStates } from '../../model-file/tree-states.js'
import type { GraphBuilder, LearnerNodes, LearnerOutputs, LearnerShape, Tensor } from '../types.js'
import { firstLargest } from './results.js'
import { justBelow, LeafTable, leafRows, sumOfRows, type Tree } from './tree-ensemble.js'

export const treeNodes: LearnerNodes<TreeStates> = (graph, x, learned, shape) => {
  if ('engine' in learned) return answers(graph, x, nativeTrees(learned, shape), shape, 1)
  const trees = 'trees' in learned ? learned.trees : [learned]
  return answers(graph, x, cartTrees(trees, shape), shape, trees.length)
}

interface ReadTrees {
  readonly trees: readonly Tree[]
  readonly table: LeafTable
}

/** `divisor`: by which sums are still to be divided. */
function answers(
  graph: GraphBuilder,
  x: Tensor,
  { trees, table }: ReadTrees,
  { classes }: LearnerShape,
  divisor: number,
): LearnerOutputs {
  const start = classes === 0 ? 0 : new Array<number>(classes).fill(0)
  const sums = sumOfRows(graph, leafRows(graph, x, trees), table.tensor(graph), start)
  const means = divisor === 1 ? sums : graph.node('Div', [sums, graph.scalar('double', divisor)])
  return classes === 0 ? { kind: 'numbers', values: means } : likeliest(graph, means)
}

/** The first class of those with the highest probability. */
export function likeliest(graph: GraphBuilder, probabilities: Tensor): LearnerOutputs {
  return { kind: 'classes', codes: firstLargest(graph, probabilities, 1), probabilities }
}

const tableOf = ({ classes }: LearnerShape) => new LeafTable(classes === 0 ? null : classes)

/** Trees of ml-cart: what is below the threshold goes left, and nothing else. */
function cartTrees(files: readonly CartTreeFile[], shape: LearnerShape): ReadTrees {
  const table = tableOf(shape)
  const trees = files.map(({ column, threshold, right, leaves }) => ({
    column,
    right,
    cut: threshold.map(justBelow),
    missingLeft: column.map(() => false),
    row: column.map((of, node) => (of < 0 ? table.place(leaves[right[node]]) : -1)),
  }))
  return { trees, table }
}

type Growing = { readonly [K in keyof Tree]: Tree[K] extends readonly (infer T)[] ? T[] : never }

/** Trees of our own. Each leaf is divided by how many trees there are before it is added. */
function nativeTrees(file: NativeTreesFile, shape: LearnerShape): ReadTrees {
  const { column, threshold, missingLeft, sets } = file
  // A tree has one leaf more than inner nodes.
  const count = column.length - 2 * threshold.length
  const table = tableOf(shape)
  const rowOf =
    file.values === undefined ? shareRows(file, shape.classes, count) : numberRows(file.values, count)
  const trees: Growing[] = []
  let tree: Growing | null = null
  // Inner nodes of the tree whose left part is still being read, or whose right part is.
  const open: number[] = []
  let [inner, leaf, set] = [0, 0, 0]
  for (const of of column) {
    if (tree === null) {
      tree = { column: [], right: [], cut: [], missingLeft: [], row: [] }
      trees.push(tree)
    }
    const node = tree.column.length
    const isLeaf = of < 0
    tree.column.push(of)
    tree.right.push(0)
    tree.row.push(isLeaf ? table.place(rowOf(leaf++)) : -1)
    const missing = !isLeaf && missingLeft[inner] === 1
    tree.missingLeft.push(missing)
    if (isLeaf) {
      tree.cut.push(0)
      while (open.length > 0 && tree.right[open[open.length - 1]] !== 0) open.pop()
      if (open.length === 0) tree = null
      else tree.right[open[open.length - 1]] = node + 1
      continue
    }
    tree.cut.push(threshold[inner++] ?? sidesOf(sets[set++], missing, shape.categories[of]))
    open.push(node)
  }
  return { trees, table }
}

/** For each place whether it goes left; one without a bit goes where the missing go. */
function sidesOf(bits: string, missingLeft: boolean, categories: number): boolean[] {
  const bytes = Buffer.from(bits, 'hex')
  return Array.from({ length: Math.max(1, categories) }, (_, place) =>
    place < 8 * bytes.length ? ((bytes[place >> 3] >> (place & 7)) & 1) === 1 : missingLeft,
  )
}

function numberRows(values: readonly number[], trees: number): (leaf: number) => number[] {
  return (leaf) => [values[leaf] / trees]
}

function shareRows(
  { leafSizes, leafClasses, leafWeights }: NativeTreesFile,
  classes: number,
  trees: number,
): (leaf: number) => number[] {
  let end = 0
  const ends = leafSizes!.map((size) => {
    end += size
    return end
  })
  return (leaf) => {
    const first = leaf === 0 ? 0 : ends[leaf - 1]
    let sum = 0
    for (let k = first; k < ends[leaf]; k++) sum += leafWeights![k]
    const row = new Array<number>(classes).fill(0)
    for (let k = first; k < ends[leaf]; k++) row[leafClasses![k]] = leafWeights![k] / sum / trees
    return row
  }
}
