/**
 * Trees in ONNX, to the last bit: TreeEnsembleRegressor of ai.onnx.ml 3 with double inputs and thresholds.
 *
 * What it adds up it adds in single precision, and runtimes add in parallel, in an order of their own. So each tree answers for itself, and
 * only with a number that single precision holds: that of its leaf's row in a table of doubles. Rows of the table are added up beside it, tree
 * after tree.
 *
 * A split of categories becomes a chain of comparisons, one for each run of neighbouring places that go to the same side; they share
 * their two children, so that nothing stands in the file twice. (A set of ai.onnx.ml 5 is unrolled by onnxruntime with a copy of the left
 * branch for each category.)
 */
import { cast, rowsOf } from '../graph.js'
import type { GraphBuilder, Tensor } from '../types.js'
import { scan } from './in-order.js'

/** Nodes in preorder: the left child of node i is node i + 1. */
export interface Tree {
  /** −1: a leaf. */
  readonly column: readonly number[]
  /** Of inner nodes. */
  readonly right: readonly number[]
  /** Of inner nodes: the greatest value that goes left, or for each place of a category whether it does. */
  readonly cut: readonly (number | readonly boolean[])[]
  /** Of inner nodes: whether what is missing, or a category that was not there in training, goes left. */
  readonly missingLeft: readonly boolean[]
  /** Of leaves: the row of the table. */
  readonly row: readonly number[]
}

/** Rows of numbers, equal ones kept once. */
export class LeafTable {
  readonly #places = new Map<string, number>()
  readonly #values: number[] = []
  readonly #width: number
  readonly isFlat: boolean

  /** `width`: how many numbers a row has; null: one, and the table has one dimension. */
  constructor(width: number | null) {
    this.#width = width ?? 1
    this.isFlat = width === null
  }

  /** The place of that row. */
  place(row: readonly number[]): number {
    const key = row.join()
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const place = this.#places.size
    if (place >= mostRows) throw new Error('trees with more different leaves than single precision can count')
    this.#places.set(key, place)
    // No −0, as in a file of ours.
    for (const value of row) this.#values.push(value + 0)
    return place
  }

  /** [rows, width], or [rows] where there is one number each. */
  tensor(graph: GraphBuilder): Tensor {
    const dims = [this.#places.size, this.#width]
    return graph.constant('double', this.#values, this.isFlat ? dims.slice(0, 1) : dims)
  }
}

/** Single precision counts so far without a gap. */
const mostRows = 16_777_216

/** The rows of the table that the rows of `x` (double) come to: int64 [rows, trees]. */
export function leafRows(graph: GraphBuilder, x: Tensor, trees: readonly Tree[]): Tensor {
  const nodes = new NodeLists()
  trees.forEach((tree, t) => {
    nodes.add(tree, t)
  })
  return cast(
    graph,
    graph.node('TreeEnsembleRegressor', [x], nodes.attributes(trees.length), 'ai.onnx.ml'),
    'int64',
  )
}

/** The attributes of a TreeEnsembleRegressor. */
class NodeLists {
  readonly #trees: number[] = []
  readonly #ids: number[] = []
  readonly #columns: number[] = []
  readonly #modes: string[] = []
  readonly #thresholds: number[] = []
  readonly #yes: number[] = []
  readonly #no: number[] = []
  readonly #missingYes: number[] = []
  readonly #leafTrees: number[] = []
  readonly #leafIds: number[] = []
  readonly #leafRows: number[] = []

  add(tree: Tree, t: number): void {
    const { column, right, cut, missingLeft, row } = tree
    const steps = column.map((of, node) => (of < 0 ? [] : comparisons(cut[node])))
    const first: number[] = []
    let id = 0
    for (const some of steps) {
      first.push(id)
      id += Math.max(1, some.length)
    }
    for (let node = 0; node < column.length; node++) {
      if (column[node] < 0) {
        this.#node(t, first[node], 0, 'LEAF', 0, 0, 0, false)
        this.#leafTrees.push(t)
        this.#leafIds.push(first[node])
        this.#leafRows.push(row[node])
        continue
      }
      const childOf = (isLeft: boolean) => first[isLeft ? node + 1 : right[node]]
      const last = steps[node].length - 1
      steps[node].forEach(({ most, goesLeft }, k) => {
        const here = first[node] + k
        const otherwise = k < last ? here + 1 : childOf(!goesLeft)
        // What is missing goes on along the chain until a step leads to its side.
        this.#node(
          t,
          here,
          column[node],
          'BRANCH_LEQ',
          most,
          childOf(goesLeft),
          otherwise,
          goesLeft === missingLeft[node],
        )
      })
    }
  }

  #node(
    tree: number,
    id: number,
    column: number,
    mode: string,
    threshold: number,
    yes: number,
    no: number,
    missingYes: boolean,
  ): void {
    this.#trees.push(tree)
    this.#ids.push(id)
    this.#columns.push(column)
    this.#modes.push(mode)
    this.#thresholds.push(threshold)
    this.#yes.push(yes)
    this.#no.push(no)
    this.#missingYes.push(missingYes ? 1 : 0)
  }

  attributes(trees: number) {
    const doubles = (values: readonly number[]) => ({
      tensor: { type: 'double' as const, dims: [values.length], values },
    })
    return {
      n_targets: trees,
      nodes_treeids: this.#trees,
      nodes_nodeids: this.#ids,
      nodes_featureids: this.#columns,
      nodes_modes: this.#modes,
      nodes_values_as_tensor: doubles(this.#thresholds),
      nodes_truenodeids: this.#yes,
      nodes_falsenodeids: this.#no,
      nodes_missing_value_tracks_true: this.#missingYes,
      target_treeids: this.#leafTrees,
      target_nodeids: this.#leafIds,
      // Each tree is a target.
      target_ids: this.#leafTrees,
      target_weights_as_tensor: doubles(this.#leafRows),
    }
  }
}

/** A value of at most `most` goes to that side, any other on to the next comparison; behind the last one, to the other side. */
interface Comparison {
  readonly most: number
  readonly goesLeft: boolean
}

function comparisons(cut: number | readonly boolean[]): Comparison[] {
  if (typeof cut === 'number') return [{ most: cut, goesLeft: true }]
  const ends: Comparison[] = []
  cut.forEach((goesLeft, place) => {
    if (place + 1 === cut.length || cut[place + 1] !== goesLeft) ends.push({ most: place, goesLeft })
  })
  // The last run is what is left over; a run alone leaves nothing but what is missing.
  return ends.length > 1 ? ends.slice(0, -1) : ends
}

/** The greatest double below a value. */
export function justBelow(value: number): number {
  if (value === -Infinity) return value
  if (value === 0) return -Number.MIN_VALUE
  const bits = new BigInt64Array(Float64Array.of(value).buffer)
  bits[0] += value > 0 ? -1n : 1n
  return new Float64Array(bits.buffer)[0]
}

/**
 * Adds rows of a table to a start, one after the other: `indices` int64 [rows, how many] or, for several sums at once, [rows, how many,
 * sums]. `start`: of each row the number, or the numbers, that the sum begins with.
 */
export function sumOfRows(
  graph: GraphBuilder,
  indices: Tensor,
  table: Tensor,
  start: number | readonly number[],
  { severalAtOnce = false }: { readonly severalAtOnce?: boolean } = {},
): Tensor {
  const rows = rowsOf(graph, indices)
  const width = typeof start === 'number' ? [] : [start.length]
  const shape =
    width.length === 0 ? rows : graph.node('Concat', [rows, graph.constant('int64', width)], { axis: 0 })
  const first = graph.node('Expand', [graph.constant('double', [start].flat(), [1, ...width]), shape])
  const dims = ['N', ...width]
  const some = { tensor: indices, type: 'int64', dims: severalAtOnce ? dims : ['N'], axis: 1 } as const
  return scan(graph, [{ tensor: first, type: 'double', dims }], [some], (body, [sum], [places]) => [
    body.node('Add', [sum, body.node('Gather', [table, places])]),
  ])[0]
}
