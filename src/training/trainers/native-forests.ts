/**
 * Random forests and extremely random trees grown by the loops of our own. Each tree has seeds of its own, and a turn of the event loop
 * lies between two of them, so that training can be stopped there.
 *
 *   random forest    each tree on rows drawn with replacement, the best cut among some columns drawn for each split (Breiman 2001)
 *   extra trees      each tree on all rows, the best of one random cut a column (Geurts, Ernst, Wehenkel 2006)
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { deriveSeed } from '../../numeric/index.js'
import type { Params } from '../../values.js'
import { winners } from '../learners/softmax.js'
import { wholeTree } from '../learners/tree-cut.js'
import { mostGroups, TreeGrower } from '../learners/tree-growth.js'
import {
  checkTrees,
  joinTrees,
  saveTrees,
  type TreeParts,
  type Trees,
  treeAnswers,
} from '../learners/trees.js'
import { wholeWeights } from '../learners/whole-weights.js'
import type { Matrix } from '../matrix.js'
import type { LearnerContext } from '../pipeline.js'
import type { Hyperparameter } from '../types.js'
import { maxDepth, minNumSamples } from './cart-tree.js'
import {
  categoriesLimit,
  columnsDrawn,
  criterion,
  minSamplesLeaf,
  type NativeTarget,
  treeTarget,
  unscaled,
} from './native-trees.js'

/** Drawn rows weigh up to 15 times what they are given. */
const mostWeight = 2 ** 27
/** Random forests on more rows than these look at no more cuts of a column than `fewGroups` − 1. */
const manyRows = 20_000
const fewGroups = 255

export interface ForestKind {
  readonly task: 'classification' | 'regression'
  readonly randomCuts: boolean
}

/** Without those that choose the engine. */
export function forestHyperparametersOf({ task, randomCuts }: ForestKind): readonly Hyperparameter[] {
  const isClassifier = task === 'classification'
  return [
    { name: 'trees', description: 'how many trees there are', type: 'int', default: 100, min: 1 },
    {
      name: 'columnSample',
      description: `the share of the columns, drawn at random, that is looked at for each split${randomCuts ? '' : ' (ml-random-forest: for each tree)'}; one at least; 0: as many as the square root of their number`,
      type: 'float',
      default: isClassifier ? 0 : randomCuts ? 1 : 0.5,
      min: 0,
      max: 1,
    },
    {
      name: 'bootstrap',
      description:
        'whether each tree is grown on rows drawn with replacement, as many as there are, or on all of them',
      type: 'boolean',
      default: !randomCuts,
    },
    ...(isClassifier ? [criterion] : []),
    { ...maxDepth, default: 50 },
    { ...minNumSamples, default: 1 },
    minSamplesLeaf,
  ]
}

export function nativeForestLimits({ task, randomCuts }: ForestKind): readonly string[] {
  return [
    ...(randomCuts
      ? []
      : [
          `on more than ${manyRows.toLocaleString('en')} training rows cuts are looked for between ${fewGroups} groups of neighbouring values of a column, of about equal size`,
        ]),
    task === 'classification'
      ? 'probabilities are means over the trees of the shares of the classes in a leaf'
      : 'a model of numbers takes some 40 bytes of its file for each leaf: at worst one for each row and tree, so a larger "minSamplesLeaf" keeps it small',
    categoriesLimit,
  ]
}

/** Grows all trees. */
export async function growNativeForest(
  x: Matrix,
  target: NativeTarget,
  params: Params,
  context: LearnerContext,
  randomCuts: boolean,
): Promise<Trees> {
  const classes = 'codes' in target ? target.classes : 0
  const most = randomCuts || x.rows <= manyRows ? mostGroups : fewGroups
  const rule = {
    minSamplesLeaf: params.minSamplesLeaf as number,
    randomCuts,
    drawnColumns: columnsDrawn(params.columnSample as number, x.columns),
  }
  const limits = {
    maxDepth: params.maxDepth as number,
    minNumSamples: params.minNumSamples as number,
    // Of drawn columns or cuts the best may gain nothing: better ones may lie below.
    gainThreshold: -1,
  }
  const importances = new Float64Array(x.columns)
  const trees = await context.shared.hold(
    `trees: columns ${classes}${most === mostGroups ? '' : ` in ${most}`}`,
    () => new TreeGrower(x, classes, most),
    (grower) => grower.bytes,
    async (grower) => {
      const scaled = treeTarget(target)
      const weights = wholeWeights(context.weights, mostWeight)
      const byEntropy = 'codes' in target && params.criterion === 'entropy'
      const chosen = 'codes' in target ? (byEntropy ? 'entropy' : 'gini') : 'squared-error'
      return grower.open(scaled.target, weights, chosen, async (growth) => {
        const grown: TreeParts[] = []
        for (let t = 0; t < (params.trees as number); t++) {
          if (params.bootstrap === true) growth.drawRows(deriveSeed(context.seed, 'rows of tree', t))
          const seed = deriveSeed(context.seed, 'tree', t)
          const tree = await growth.grow(rule, limits, seed, context.signal)
          grown.push(unscaled(wholeTree(tree, importances), scaled.scale))
          await nextTurn()
          context.signal.throwIfAborted()
        }
        return grown
      })
    },
  )
  return joinTrees(trees, importances)
}

/** What the learners of forests do with what they have learned. */
export const forestState = {
  save: saveTrees,
  importances: ({ importances }: Trees) => importances,
  checkClasses: (found: unknown, where: string, { columns, classes }: { columns: number; classes: number }) =>
    checkTrees(found, where, { columns, classes, one: false }),
  checkNumbers: (found: unknown, where: string, { columns }: { columns: number }) =>
    checkTrees(found, where, { columns, classes: 0, one: false }),
}

/** Predicts the class with the greatest share. */
export function classesOfTrees(trees: Trees, classes: number) {
  const { answer } = treeAnswers(trees, classes)
  return {
    hasProbabilities: true,
    predict(x: Matrix) {
      const probabilities = answer(x)
      return { codes: winners(probabilities, x.rows, classes), probabilities }
    },
  }
}
