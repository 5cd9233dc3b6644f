/**
 * Trees and forests grown by the loops of our own: what the trainers of trees have in common. Forests are in native-forests.ts.
 */
import type { Params, ParamValue } from '../../values.js'
import { FitFailure } from '../failures.js'
import { cutTree } from '../learners/tree-cut.js'
import {
  mostGroups,
  type SplitRule,
  TreeGrower,
  type TreeLimits,
  type TreeTarget,
} from '../learners/tree-growth.js'
import { joinTrees, type Trees } from '../learners/trees.js'
import { wholeWeights } from '../learners/whole-weights.js'
import type { Matrix } from '../matrix.js'
import type { LearnerContext } from '../pipeline.js'
import { nothingShared } from '../preparation.js'
import type { Hyperparameter } from '../types.js'

/** What the weights of a tree sum to at most. */
const mostWeight = 2 ** 30

export const minSamplesLeaf: Hyperparameter = {
  name: 'minSamplesLeaf',
  description: 'a node is split only where both sides have this many training rows',
  type: 'int',
  default: 1,
  min: 1,
  max: 1000,
}

export const criterion: Hyperparameter = {
  name: 'criterion',
  description: 'what a split lowers: the Gini impurity of the classes, or their entropy in bits',
  type: 'categorical',
  default: 'gini',
  values: ['gini', 'entropy'],
}

export const alpha: Hyperparameter = {
  name: 'alpha',
  description:
    'cost-complexity pruning: a branch stays only where each of its leaves lowers the impurity by more than this share of that of all rows',
  type: 'float',
  default: 0,
  min: 0,
  max: 1,
}

export const columnsASplit: Hyperparameter = {
  name: 'columnSample',
  description: 'the share of the columns, drawn at random, that is looked at for each split; one at least',
  type: 'float',
  default: 1,
  min: 0.01,
  max: 1,
}

export const exactLimit = `exact up to ${mostGroups.toLocaleString('en')} distinct values of a column: where there are more, neighbours count as one value`

export const categoriesLimit =
  'a split of categories sends some to the left and the others to the right, in the order of their mean target or of the share of a class (of more than two classes, of up to 8 in turn: then not every way is tried); of a column with very many categories for few rows much is learned by heart'

export function engineOf(library: string): Hyperparameter {
  return {
    name: 'engine',
    description: `what grows the trees: loops of our own, or the package ${library}, as before there were any`,
    type: 'categorical',
    default: 'native',
    values: ['native', library],
  }
}

/**
 * Refuses what the other engine cannot do. `only`: the values that its hyperparameters of the native engine's have to have.
 */
export function refuseForEngine(
  library: string,
  params: Params,
  only: Readonly<Record<string, ParamValue>>,
  x: Matrix,
  weights: Float64Array | null,
): void {
  const refuse = (found: string, remedy: string): never => {
    throw new FitFailure(
      'PARAMS_REFUSED',
      `the engine ${library} ${found}: ${remedy}, or take the engine native`,
    )
  }
  for (const [name, value] of Object.entries(only)) {
    if (params[name] !== value) {
      const [is, needed] = [params[name], value].map((one) => JSON.stringify(one))
      refuse(`knows no "${name}" but ${needed} (got ${is})`, `leave it out`)
    }
  }
  if (weights !== null) refuse('takes no weights of rows', 'leave out the weights and "classWeight"')
  if (x.categories?.some((count) => count > 0))
    refuse('takes no categories', 'set "encoding" to "one-hot" or "ordinal"')
  if (x.values.some((value) => Number.isNaN(value)))
    refuse('takes no missing values', 'set "imputation" to "mean", "median" or "zero"')
}

/** How many columns a share of them is; 0 for all: then none are drawn. */
export function columnsDrawn(share: number, columns: number): number {
  const drawn = Math.max(1, Math.round(share === 0 ? Math.sqrt(columns) : share * columns))
  return drawn >= columns ? 0 : drawn
}

/** The classes or numbers of the rows. */
export type NativeTarget =
  | { readonly codes: Int32Array; readonly classes: number }
  | { readonly y: Float64Array }

/** Grows a single tree. */
export async function growNativeTree(
  x: Matrix,
  target: NativeTarget,
  params: Params,
  context: LearnerContext,
): Promise<Trees> {
  const rule: SplitRule = {
    criterion: 'codes' in target ? (params.criterion as 'gini' | 'entropy') : 'squared-error',
    minSamplesLeaf: params.minSamplesLeaf as number,
    randomCuts: false,
    drawnColumns: columnsDrawn(params.columnSample as number, x.columns),
  }
  const limits: TreeLimits = {
    maxDepth: params.maxDepth as number,
    minNumSamples: params.minNumSamples as number,
    gainThreshold: 'codes' in target ? (params.gainThreshold as number) : 0,
  }
  const furthest: TreeLimits = { maxDepth: deepest, minNumSamples: 1, gainThreshold: 0 }
  const importances = new Float64Array(x.columns)
  const classes = 'codes' in target ? target.classes : 0
  const { tree, scale } = await context.shared.hold(
    `trees: columns ${classes}`,
    () => new TreeGrower(x, classes),
    (grower) => grower.bytes,
    async (grower) => {
      const scaled = treeTarget(target)
      const grow = (to: TreeLimits) =>
        grower.open(scaled.target, wholeWeights(context.weights, mostWeight), rule.criterion, (growth) =>
          growth.grow(rule, to, context.seed, context.signal),
        )
      // Drawn columns depend on the seed, which no other fit has.
      const isShared = context.shared !== nothingShared && rule.drawnColumns === 0
      const key = `${rule.criterion} ${rule.minSamplesLeaf} ${context.weightsKey}`
      const tree = isShared ? await grower.kept(key, limits, furthest, grow) : await grow(limits)
      return { tree, scale: scaled.scale }
    },
  )
  const cut = cutTree(tree, limits, params.alpha as number, importances)
  return joinTrees([unscaled(cut, scale)], importances)
}

/** Of all that a tree may be asked for. */
export const deepest = 100

/** The target as trees are grown on it: numbers divided by a power of two, so that none is beyond 2. */
export function treeTarget(target: NativeTarget): { target: TreeTarget; scale: number } {
  if ('codes' in target) return { target: { kind: 'classes', ...target }, scale: 1 }
  let largest = 0
  for (const value of target.y) largest = Math.max(largest, Math.abs(value))
  let scale = 1
  while (largest / scale > 2) scale *= 2
  while (largest > 0 && scale > 1e-300 && largest / scale <= 0.5) scale /= 2
  return { target: { kind: 'numbers', values: target.y.map((value) => value / scale) }, scale }
}

/** With its numbers on the scale of the target again. */
export function unscaled<T extends { readonly leafValue: Float64Array }>(tree: T, scale: number): T {
  return { ...tree, leafValue: tree.leafValue.map((value) => value * scale) }
}
