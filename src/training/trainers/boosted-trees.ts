/**
 * The engine ml-xgboost of boosted trees: XGBoost grows them (compiled to WebAssembly, from ml-xgboost), predictions are made here.
 *
 * The compiled library is called directly: the package's own wrapper copies the data onto a stack of 5 MB, and fails
 * on more. A trained model is read from XGBoost's binary format and kept as flat arrays, so that loading it needs no library.
 *
 * XGBoost computes in single precision. A row goes left where its value, rounded to single precision, is below the
 * threshold; a score is the sum of the leaves (weights times learning rate) a row ends in.
 *
 * Source of the format: XGBoost 0.7, src/learner.cc (Save), src/gbm/gbtree.cc, include/xgboost/tree_model.h.
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { deriveSeed } from '../../numeric/index.js'
import type { Params } from '../../values.js'
import { FitFailure } from '../failures.js'
import type { Matrix } from '../matrix.js'
import { numbers, object, preorder, wholes } from '../state-check.js'
import type { TrainingContext } from '../types.js'
import { type EmscriptenModule, loadEmscripten } from './emscripten.js'

/** All trees one after the other, each in preorder: the left child of node i is node i + 1. */
export type BoostedState = {
  /** Where each tree begins, and which class's score it adds to. */
  roots: number[]
  outputs: number[]
  /** The column a node looks at; −1 for a leaf. */
  column: number[]
  /** Rows below it go left; for a leaf what it adds to the score. */
  value: number[]
  /** The right child; 0 for a leaf. */
  right: number[]
}

type XGBoost = EmscriptenModule & {
  readonly isReady: Promise<unknown>
  _create_model(values: number, labels: number, rows: number, columns: number): number
  _train_full_model(model: number, rounds: number): void
  _save_model(model: number): number
  _get_file_content(address: number, size: number): void
}

/** Values beyond it would make thresholds between two of them infinite in single precision. */
const largest = 1e38

const single = (value: number) => Math.fround(Math.max(-largest, Math.min(largest, value)))

/** Grows trees for an objective of XGBoost's. `y`: class codes, or numbers. */
export async function growTrees(
  x: Matrix,
  y: Int32Array | Float64Array,
  objective: Readonly<Record<string, string | number>>,
  params: Params,
  context: TrainingContext,
): Promise<BoostedState> {
  const { module, printed } = await loadEmscripten<XGBoost>(
    'ml-xgboost/dist/wasm/xgboost.js',
    (it) => it.isReady,
  )
  const settings = {
    ...objective,
    booster: 'gbtree',
    silent: 1,
    nthread: 1,
    seed: deriveSeed(context.seed, 'xgboost') >>> 1,
    eta: params.learningRate,
    // 0, any depth for the engine of our own, would be none.
    max_depth: params.maxDepth === 0 ? 6 : params.maxDepth,
    min_child_weight: params.minChildWeight,
    gamma: params.minSplitGain,
    subsample: params.subsample,
    // One column at least: XGBoost fails on none, and counts in single precision.
    colsample_bytree: Math.min(1, Math.max(params.columnSample as number, 1.001 / x.columns)),
    lambda: params.l2,
    alpha: params.l1,
  }
  try {
    const values = module._malloc(4 * x.values.length)
    const labels = module._malloc(4 * x.rows)
    for (let k = 0; k < x.values.length; k++) module.HEAPF32[values / 4 + k] = single(x.values[k])
    module.HEAPF32.set(y, labels / 4)
    const model = module._create_model(values, labels, x.rows, x.columns)
    module._free(values)
    module._free(labels)
    const set = module.cwrap('set_param', null, ['number', 'string', 'string'])
    for (const [name, value] of Object.entries(settings)) set(model, name, String(value))
    // One round at a time gives the same trees, and lets a stop from outside arrive between two of them.
    for (let round = 0; round < (params.rounds as number); round++) {
      module._train_full_model(model, 1)
      await nextTurn()
      context.signal.throwIfAborted()
    }
    const size = module._save_model(model)
    const address = module._malloc(size)
    module._get_file_content(address, size)
    return readModel(module.HEAPU8.slice(address, address + size))
  } catch (error) {
    // An exception of C++ arrives as its address, a number; what went wrong was printed.
    if (typeof error !== 'number') throw error
    throw new FitFailure('TRAINER_THREW', ['XGBoost failed', ...printed].join(': '))
  }
}

/** Reads what XGBoost saves: little-endian, no padding. */
export function readModel(bytes: Uint8Array): BoostedState {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const integer = () => {
    at += 4
    return view.getInt32(at - 4, true)
  }
  const float = () => {
    at += 4
    return view.getFloat32(at - 4, true)
  }
  const skipText = () => {
    const length = Number(view.getBigUint64(at, true))
    at += 8 + length
  }
  const baseScore = float()
  at += 4 + 4 + 4 + 4 + 29 * 4
  skipText()
  skipText()
  const trees = integer()
  at += 4 + 4 + 4 + 8 + 4 + 4 + 32 * 4

  const state: BoostedState = { roots: [], outputs: [], column: [], value: [], right: [] }
  for (let tree = 0; tree < trees; tree++) {
    integer()
    const size = integer()
    at += 4 + 4 + 4 + 4 + 31 * 4
    const nodes = Array.from({ length: size }, () => {
      integer()
      const [left, right] = [integer(), integer()]
      return { left, right, column: integer() & 0x7fffffff, value: float() }
    })
    // Statistics of the nodes.
    at += size * 16
    state.roots.push(state.column.length)
    const visit = (place: number): void => {
      const { left, right, column, value } = nodes[place]
      const here = state.column.length
      const leaf = left === -1
      state.column.push(leaf ? -1 : column)
      // Nine digits name a number of single precision; + 0 makes −0 an ordinary 0, as JSON would.
      state.value.push(Number(value.toPrecision(9)) + 0)
      state.right.push(0)
      if (leaf) return
      visit(left)
      state.right[here] = state.column.length
      visit(right)
    }
    visit(0)
  }
  for (let tree = 0; tree < trees; tree++) state.outputs.push(integer())
  if (at !== bytes.length || Math.abs(baseScore) > 0.5) {
    throw new Error('the installed ml-xgboost saves its models in another way than version 1.1.2')
  }
  return state
}

/** The largest number of single precision. */
const largestSingle = 2 ** 128 - 2 ** 104

/** Trees that look at `columns` columns, read from a file. Throws MODEL_INVALID. */
export function checkBoosted(found: unknown, where: string, columns: number, outputs: number): BoostedState {
  const state = object(found, where)
  const column = wholes(state.column, `${where}.column`, null, -1, columns - 1)
  const nodes = column.length
  const value = numbers(state.value, `${where}.value`, nodes, -largestSingle, largestSingle)
  const right = wholes(state.right, `${where}.right`, nodes, 0, nodes)
  const roots = wholes(state.roots, `${where}.roots`, null, 0, nodes)
  preorder(right, (node) => column[node] === -1, roots, `${where}.right`)
  return {
    roots,
    outputs: wholes(state.outputs, `${where}.outputs`, roots.length, 0, outputs - 1),
    column,
    value,
    right,
  }
}

/** A function from matrices to scores (rows × outputs, row-major). */
export function treeScores(state: BoostedState, outputs: number): (x: Matrix) => Float64Array {
  const column = Int32Array.from(state.column)
  const value = Float32Array.from(state.value)
  const right = Int32Array.from(state.right)
  return ({ rows, columns, values }) => {
    const scores = new Float64Array(rows * outputs)
    const row = new Float32Array(columns)
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) row[j] = single(values[i * columns + j])
      for (let tree = 0; tree < state.roots.length; tree++) {
        let node = state.roots[tree]
        while (column[node] >= 0) node = row[column[node]] < value[node] ? node + 1 : right[node]
        scores[i * outputs + state.outputs[tree]] += value[node]
      }
    }
    return scores
  }
}
