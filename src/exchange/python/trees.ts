/** Trees, forests and boosted trees. */
import type { BoostedForestFile, BoostedStates, XgboostForestFile } from '../model-file/boosted-states.js'
import type { CartTreeFile, NativeTreesFile, TreeStates } from '../model-file/tree-states.js'
import { call, double, doubles, type Expression, list, text, tuple, whole, wholes } from './expressions.js'

/** `classes`: null of numbers. */
export function treesOf(learned: TreeStates, classes: number | null): Expression {
  if ('engine' in learned) return nativeTrees(learned, classes)
  const trees = 'trees' in learned ? learned.trees : [learned]
  const joined = [
    wholes(trees.flatMap(({ column }) => column)),
    doubles(trees.flatMap(({ threshold }) => threshold)),
    doubles(trees.flatMap(leavesInOrder)),
  ]
  return classes === null ? call('_cart_number', ...joined) : call('_cart_classes', whole(classes), ...joined)
}

/** The numbers of all leaves, in the order of the nodes. */
function leavesInOrder({ column, right, leaves }: CartTreeFile): number[] {
  return column.flatMap((of, node) => (of < 0 ? leaves[right[node]] : []))
}

function nativeTrees(trees: NativeTreesFile, classes: number | null): Expression {
  const common = [
    wholes(trees.column),
    doubles(trees.threshold.map((cut) => cut ?? Number.NaN)),
    wholes(trees.missingLeft),
    // Two digits a byte, eight categories in each.
    list(trees.sets.map((bits) => tuple(whole(4 * bits.length), text(bits)))),
  ]
  if (classes === null) return call('_number_trees', ...common, doubles(trees.values!))
  const { leafSizes, leafClasses, leafWeights } = trees
  return call(
    '_class_trees',
    whole(classes),
    ...common,
    wholes(leafSizes!),
    wholes(leafClasses!),
    wholes(leafWeights!),
  )
}

/** `classes`: null of numbers. */
export function boostedTreesOf(learned: BoostedStates, classes: number | null): Expression {
  if (classes !== null) {
    const scores =
      'engine' in learned
        ? boostedScores(learned.trees)
        : xgboostScores(learned as XgboostForestFile, classes === 2 ? 1 : classes)
    return call('_boosted_classes', scores)
  }
  if ('engine' in learned) {
    const { loss, target, trees } = learned as Extract<BoostedStates, { loss: string }>
    const scores = boostedScores(trees)
    if (loss === 'poisson') return call('_boosted_counts', scores, double(target.scale))
    return call('_boosted_number', scores, double(target.shift), double(target.scale))
  }
  const { trees, target } = learned as Exclude<BoostedStates, XgboostForestFile | { engine: 'native' }>
  return call('_scaled', xgboostScores(trees, 1), double(target.shift), double(target.scale))
}

function boostedScores({
  start,
  column,
  value,
  missingLeft,
  sets,
  categories,
}: BoostedForestFile): Expression {
  const binsOf = new Map(categories.map((one) => [one.column, one.bins]))
  const inner = column.flatMap((of, node) => (of >= 0 ? [node] : []))
  return call(
    '_boosted_scores',
    doubles(start),
    wholes(column),
    doubles(inner.map((node) => (binsOf.has(column[node]) ? Number.NaN : value[node]))),
    wholes(inner.map((node) => missingLeft[node])),
    list(
      inner
        .filter((node) => binsOf.has(column[node]))
        .map((node) => setOfPlaces(binsOf.get(column[node])!, sets[value[node]])),
    ),
    doubles(value.filter((_, node) => column[node] < 0)),
  )
}

/** The places of categories whose bins go left, as bits. */
function setOfPlaces(bins: readonly number[], set: readonly number[]): Expression {
  const left = new Set(set)
  const bytes = Buffer.alloc((bins.length + 7) >> 3)
  bins.forEach((bin, place) => {
    if (left.has(bin)) bytes[place >> 3] |= 1 << (place & 7)
  })
  return tuple(whole(bins.length), text(bytes.toString('hex')))
}

function xgboostScores({ outputs, column, value }: XgboostForestFile, count: number): Expression {
  return call(
    '_xgboost_scores',
    whole(count),
    wholes(outputs),
    wholes(column),
    doubles(value.map(Math.fround)),
  )
}
