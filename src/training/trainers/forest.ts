/**
 * Random forests by the engine ml-random-forest: the package draws rows and columns and has ml-cart grow a tree on them; its trees are kept and
 * walked as flat arrays.
 *
 * Trees are grown one at a time, each from a seed of its own, so that training can be stopped between two of them.
 * Probabilities and answers are means over the leaves (Breiman 2001; soft votes, as in scikit-learn): the package
 * counts hard votes, and its probabilities begin at the first tree's class number instead of 0.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { deriveSeed } from '../../numeric/index.js'
import type { Params } from '../../values.js'
import { type Matrix, toArrays } from '../matrix.js'
import { broken, list, object } from '../state-check.js'
import type { TrainingContext } from '../types.js'
import { checkTree, flattenTree, type GrownNode, type LeafLaws, leafOf, type TreeState } from './cart-tree.js'
import { columnsDrawn, refuseForEngine } from './native-trees.js'

/** Trees whose columns are those of the matrix. */
export type ForestState = { trees: TreeState[] }

export const forestLimits: readonly string[] = [
  'with the engine ml-random-forest for small data only: growing a tree looks at every row for every split of every column (rows² × columns); 50 trees take about 0.4 s for 150 × 4, 3 s for 569 × 30, minutes for 1,797 × 64',
  'there columns are drawn for each tree, not for each split: the trees are more alike than those of other forests',
]

/** The parts of ml-random-forest that are used: its own types do not hold together. */
export interface RandomForestLibrary {
  readonly RandomForestClassifier: new (options: ForestOptions) => Forest
  readonly RandomForestRegression: new (options: ForestOptions) => Forest
}

interface ForestOptions {
  readonly nEstimators: number
  /** 31 bits. */
  readonly seed: number
  /** A share of the columns, rounded down; 1 for all. */
  readonly maxFeatures: number
  /** Whether a column may be drawn twice. */
  readonly replacement: boolean
  readonly useSampleBagging: boolean
  /** Whether out-of-bag predictions are left out. */
  readonly noOOB: boolean
  readonly treeOptions: {
    readonly maxDepth: number
    readonly minNumSamples: number
    readonly gainThreshold: number
  }
}

interface Forest {
  /** For each tree the columns it was grown on. */
  readonly indexes: number[][]
  readonly estimators: { readonly root: GrownNode }[]
  train(rows: number[][], targets: number[]): void
}

interface TreeKind {
  /** ml-cart's threshold below which a split is not made. */
  readonly gainThreshold: number
  /** What a leaf answers. */
  answer(distribution: GrownNode['distribution']): number[]
  /** Given each tree, and the columns it was grown on, before it is flattened. */
  mend?(root: GrownNode, columns: readonly number[]): void
}

/** Refuses what the package cannot do. */
export function refuseForLibrary(params: Params, x: Matrix, weights: Float64Array | null): void {
  const only = { minSamplesLeaf: 1, bootstrap: true }
  const isClassifier = params.criterion !== undefined
  refuseForEngine(
    'ml-random-forest',
    params,
    { ...only, ...(isClassifier && { criterion: 'gini' }) },
    x,
    weights,
  )
}

/** Loads the package. */
export async function randomForests(): Promise<RandomForestLibrary> {
  return (await import('ml-random-forest')) as unknown as RandomForestLibrary
}

/** Grows a forest of this class of the package's. */
export async function growForest(
  Forest: RandomForestLibrary[keyof RandomForestLibrary],
  x: Matrix,
  y: Int32Array | Float64Array,
  params: Params,
  context: TrainingContext,
  { gainThreshold, answer, mend }: TreeKind,
): Promise<ForestState> {
  const rows = toArrays(x)
  const targets = Array.from(y)
  const columns = columnsDrawn(params.columnSample as number, x.columns) || x.columns
  const trees: TreeState[] = []
  for (let t = 0; t < (params.trees as number); t++) {
    const forest = new Forest({
      nEstimators: 1,
      seed: deriveSeed(context.seed, 'tree', t) >>> 1,
      // A share: the package takes the number 1 for all columns.
      maxFeatures: columns === x.columns ? 1 : (columns + 0.5) / x.columns,
      replacement: false,
      useSampleBagging: true,
      noOOB: true,
      treeOptions: {
        maxDepth: params.maxDepth as number,
        minNumSamples: params.minNumSamples as number,
        gainThreshold,
      },
    })
    forest.train(rows, targets)
    const [{ root }] = forest.estimators
    const [chosen] = forest.indexes
    mend?.(root, chosen)
    const tree = flattenTree(root, answer)
    tree.column = tree.column.map((column) => (column < 0 ? column : chosen[column]))
    trees.push(tree)
    await nextTurn()
    context.signal.throwIfAborted()
  }
  return { trees }
}

/** A forest read from a file. Throws MODEL_INVALID. */
export function checkForest(found: unknown, where: string, columns: number, leaf: LeafLaws): ForestState {
  const trees = list(object(found, where).trees, `${where}.trees`)
  if (trees.length === 0) broken(`${where}.trees`, 'a list of trees', trees)
  return { trees: trees.map((tree, i) => checkTree(tree, `${where}.trees[${i}]`, columns, leaf)) }
}

/**
 * A function from matrices to the mean over the trees of the leaves that each row ends in (rows × width, row-major).
 */
export function meanLeaves(state: ForestState, width: number): (x: Matrix) => Float64Array {
  return (x) => meansOf(state.trees, x, width)
}

function meansOf(trees: readonly TreeState[], x: Matrix, width: number): Float64Array {
  const means = new Float64Array(x.rows * width)
  for (const tree of trees) {
    for (let i = 0; i < x.rows; i++) {
      const leaf = tree.leaves[leafOf(tree, x, i)]
      for (let j = 0; j < width; j++) means[i * width + j] += leaf[j]
    }
  }
  for (let k = 0; k < means.length; k++) means[k] /= trees.length
  return means
}
