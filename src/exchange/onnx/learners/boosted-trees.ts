/** Boosted trees in ONNX: each score is a start and the leaves of its trees, added in the order of the trees. */
import type {
  BoostedForestFile,
  BoostedStates,
  TargetScaleFile,
  XgboostForestFile,
} from '../../model-file/boosted-states.js'
import { exponential, softmax } from '../exponential.js'
import { cast, forEachRow } from '../graph.js'
import type { GraphBuilder, LearnerNodes, LearnerShape, Tensor } from '../types.js'
import { scaled } from './results.js'
import { justBelow, LeafTable, leafRows, sumOfRows, type Tree } from './tree-ensemble.js'
import { likeliest } from './trees.js'

export const boostedTreeNodes: LearnerNodes<BoostedStates> = (graph, x, learned, shape) => {
  const native = 'engine' in learned
  const forest = native
    ? nativeForest(learned.trees, shape)
    : xgboostForest('trees' in learned ? learned.trees : learned, shape)
  const scores = scoresOf(graph, native ? x : inSinglePrecision(graph, x), forest, shape.classes === 0)
  if ('target' in learned)
    return { kind: 'numbers', values: onTarget(graph, scores, learned.target, native ? learned.loss : null) }
  // Of two classes the one score is the second one's.
  const all =
    forest.start.length > 1
      ? scores
      : graph.node('Concat', [forEachRow(graph, scores, 'double', [0]), scores], { axis: 1 })
  return likeliest(graph, softmax(graph, all, shape.classes))
}

interface ReadForest {
  /** Of each score. */
  readonly start: readonly number[]
  /** Round by round a tree for each score; at least one round. */
  readonly trees: readonly Tree[]
  readonly table: LeafTable
}

/** [rows] where there is one score and it is to be `flat`; else [rows, scores]. */
function scoresOf(
  graph: GraphBuilder,
  x: Tensor,
  { start, trees, table }: ReadForest,
  flat: boolean,
): Tensor {
  const rows = leafRows(graph, x, trees)
  if (flat) return sumOfRows(graph, rows, table.tensor(graph), start[0])
  // 0: as many as there are rows.
  const rounds = graph.constant('int64', [0, trees.length / start.length, start.length])
  const byRound = graph.node('Reshape', [rows, rounds])
  return sumOfRows(graph, byRound, table.tensor(graph), start, { severalAtOnce: true })
}

/** Predictions of scores; `loss`: null for XGBoost. */
function onTarget(graph: GraphBuilder, scores: Tensor, target: TargetScaleFile, loss: string | null): Tensor {
  const number = (value: number) => graph.scalar('double', value)
  const value =
    loss === 'poisson'
      ? graph.node('Mul', [
          number(target.scale),
          exponential(graph, graph.node('Min', [scores, number(700)])),
        ])
      : scaled(graph, scores, target)
  if (loss === null) return value
  return graph.node('Clip', [value, number(-Number.MAX_VALUE), number(Number.MAX_VALUE)])
}

/** A tree that is a leaf. */
const leafAlone = (row: number): Tree => ({
  column: [-1],
  right: [0],
  cut: [0],
  missingLeft: [false],
  row: [row],
})

/** Trees of our own: tree t is of score t modulo their number. */
function nativeForest(file: BoostedForestFile, { categories }: LearnerShape): ReadForest {
  const table = new LeafTable(null)
  const bins = new Map(file.categories.map((of) => [of.column, of.bins]))
  const cutOf = (node: number): number | boolean[] => {
    const places = bins.get(file.column[node])
    if (places === undefined) return file.value[node]
    const left = new Set(file.sets[file.value[node]])
    // A category that training did not see goes where the missing go.
    const length = Math.max(1, places.length, categories[file.column[node]])
    return Array.from({ length }, (_, place) =>
      place < places.length ? left.has(places[place]) : file.missingLeft[node] === 1,
    )
  }
  const trees = apart(file, (node) => table.place([file.value[node]]), cutOf, file.missingLeft)
  const empty = trees.length === 0 ? file.start.map(() => leafAlone(table.place([0]))) : []
  return { start: file.start, trees: [...trees, ...empty], table }
}

/** Trees of XGBoost, which have numbers of single precision: what is below the threshold goes left. */
function xgboostForest(file: XgboostForestFile, { classes }: LearnerShape): ReadForest {
  const table = new LeafTable(null)
  const trees = apart(
    file,
    (node) => table.place([Math.fround(file.value[node])]),
    (node) => justBelow(Math.fround(file.value[node])),
  )
  const scores = classes > 2 ? classes : 1
  const byScore = Array.from({ length: scores }, (_, score) =>
    trees.filter((_, t) => file.outputs[t] === score),
  )
  const rounds = Math.max(1, ...byScore.map((own) => own.length))
  const none = leafAlone(table.place([0]))
  return {
    start: byScore.map(() => 0),
    trees: Array.from(
      { length: rounds * scores },
      (_, k) => byScore[k % scores][Math.floor(k / scores)] ?? none,
    ),
    table,
  }
}

/** Trees that stand one after the other, each by itself. */
function apart(
  { roots, column, right }: Pick<XgboostForestFile, 'roots' | 'column' | 'right'>,
  rowOf: (leaf: number) => number,
  cutOf: (node: number) => number | boolean[],
  missingLeft?: readonly number[],
): Tree[] {
  return roots.map((root, t) => {
    const nodes = Array.from({ length: (roots[t + 1] ?? column.length) - root }, (_, k) => root + k)
    return {
      column: nodes.map((node) => column[node]),
      right: nodes.map((node) => right[node] - root),
      cut: nodes.map((node) => (column[node] < 0 ? 0 : cutOf(node))),
      missingLeft: nodes.map((node) => missingLeft?.[node] === 1),
      row: nodes.map((node) => (column[node] < 0 ? rowOf(node) : -1)),
    }
  })
}

/** Beyond it XGBoost's thresholds would be infinite: boosted-trees.ts of the trainers. */
const largest = 1e38

/** Doubles rounded as XGBoost is given them. */
function inSinglePrecision(graph: GraphBuilder, x: Tensor): Tensor {
  const [low, high] = [-largest, largest].map((value) => graph.scalar('double', value))
  // Not by Clip: what is missing has to stay so.
  const below = graph.node('Where', [graph.node('Greater', [x, high]), high, x])
  const within = graph.node('Where', [graph.node('Less', [below, low]), low, below])
  return cast(graph, cast(graph, within, 'float'), 'double')
}
