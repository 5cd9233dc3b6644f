/**
 * Trees in ONNX, to the last bit: TreeEnsembleRegressor of ai.onnx.ml 3 with double inputs and thresholds.
 *
 * What it adds up it adds in single precision, and runtimes add in parallel, in an order of their own. So each tree is a node of its own, and
 * answers only with a number that single precision holds: that of its leaf's row in a table of doubles. Rows of the table are added up
 * beside it, tree after tree. (For many rows that is also up to six times as fast in onnxruntime as a node with all trees and a target for
 * each: a tree stays in the cache.)
 *
 * A split of categories becomes a chain of comparisons, one for each run of neighbouring places that go to the same side; they share
 * their two children, so that nothing stands in the file twice. (A set of ai.onnx.ml 5 is unrolled by onnxruntime with a copy of the left
 * branch for each category.)
 */
import { cast, rowsOf } from '../graph.js'
import type { Attribute, GraphBuilder, Tensor } from '../types.js'
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
  const found = trees.map((tree) => graph.node('TreeEnsembleRegressor', [x], nodesOf(tree), 'ai.onnx.ml'))
  return cast(graph, graph.node('Concat', found, { axis: 1 }), 'int64')
}

/** The attributes of a TreeEnsembleRegressor that is one tree. */
function nodesOf({ column, right, cut, missingLeft, row }: Tree): Readonly<Record<string, Attribute>> {
  const steps = column.map((of, node) => (of < 0 ? [] : comparisons(cut[node])))
  // Where each node begins: a split of categories has several.
  const first: number[] = []
  let count = 0
  for (const some of steps) {
    first.push(count)
    count += Math.max(1, some.length)
  }
  const columns = new Array<number>(count).fill(0)
  const modes = new Array<string>(count).fill('LEAF')
  const thresholds = new Array<number>(count).fill(0)
  const yes = new Array<number>(count).fill(0)
  const no = new Array<number>(count).fill(0)
  const missingYes = new Array<number>(count).fill(0)
  column.forEach((of, node) => {
    const childOf = (isLeft: boolean) => first[isLeft ? node + 1 : right[node]]
    steps[node].forEach(({ most, goesLeft }, k) => {
      const here = first[node] + k
      columns[here] = of
      modes[here] = 'BRANCH_LEQ'
      thresholds[here] = most
      yes[here] = childOf(goesLeft)
      no[here] = k + 1 < steps[node].length ? here + 1 : childOf(!goesLeft)
      // What is missing goes on along the chain until a step leads to its side.
      missingYes[here] = goesLeft === missingLeft[node] ? 1 : 0
    })
  })
  const leaves = Array.from(column.keys()).filter((node) => column[node] < 0)
  return {
    n_targets: 1,
    nodes_treeids: columns.map(() => 0),
    nodes_nodeids: Array.from(columns.keys()),
    nodes_featureids: columns,
    nodes_modes: modes,
    nodes_values_as_tensor: doubles(thresholds),
    nodes_truenodeids: yes,
    nodes_falsenodeids: no,
    nodes_missing_value_tracks_true: missingYes,
    target_treeids: leaves.map(() => 0),
    target_nodeids: leaves.map((node) => first[node]),
    target_ids: leaves.map(() => 0),
    target_weights_as_tensor: doubles(leaves.map((node) => row[node])),
  }
}

const doubles = (values: readonly number[]) => ({
  tensor: { type: 'double' as const, dims: [values.length], values },
})

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
