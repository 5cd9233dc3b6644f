/**
 * Trees as a model: flat arrays in preorder, one tree behind the other, each with the same say. The left child of node i is node i + 1.
 *
 * An answer is the mean over the trees of the leaves that a row ends in: shares of classes, or numbers. A missing value goes to the side
 * that was better for the missing in training, or to the larger one where there were none; so does a category that was not there.
 *
 * In a file: for each node its column (−1: a leaf); for each inner node, in the same order, its threshold, and 1 where the missing go
 * left, 0 where they go right; for each inner node that looks at categories (its threshold is null) the set of those that go left as bits
 * (hexadecimal, the first category the lowest bit of the first byte); for each leaf how many classes have rows in it, these classes and their weights; or its number. Right children follow
 * from the order.
 */
import { type LinearMemory, openWasm } from '../../numeric/index.js'
import type { JsonObject } from '../../values.js'
import type { TreeLoops } from '../kernels/trees.js'
import type { Matrix } from '../matrix.js'
import { broken, finite, list, numbers, object, oneOf, wholes } from '../state-check.js'
import { isSet, missingLeft } from './tree-growth.js'

/** One tree, or several one behind the other; what a node says is in tree-growth.ts. */
export interface TreeParts {
  readonly column: Int32Array
  readonly threshold: Float64Array
  readonly right: Int32Array
  readonly flags: Uint8Array
  /** By leaf; nothing for classes. */
  readonly leafValue: Float64Array
  /** By leaf; nothing for numbers. */
  readonly leafEnd: Uint32Array
  readonly leafClass: Uint32Array
  readonly leafWeight: Uint32Array
  readonly sets: Uint8Array
}

export interface Trees extends TreeParts {
  readonly engine: 'native'
  /** Where each tree begins. */
  readonly roots: Int32Array
  /** By column: how much its splits lowered the impurity. */
  readonly importances: Float64Array
}

export function joinTrees(trees: readonly TreeParts[], importances: Float64Array): Trees {
  const total = (of: (tree: TreeParts) => ArrayLike<unknown>) =>
    trees.reduce((sum, tree) => sum + of(tree).length, 0)
  const nodes = total((tree) => tree.column)
  const joined = {
    engine: 'native' as const,
    roots: new Int32Array(trees.length),
    column: new Int32Array(nodes),
    threshold: new Float64Array(nodes),
    right: new Int32Array(nodes),
    flags: new Uint8Array(nodes),
    leafValue: new Float64Array(total((tree) => tree.leafValue)),
    leafEnd: new Uint32Array(total((tree) => tree.leafEnd)),
    leafClass: new Uint32Array(total((tree) => tree.leafClass)),
    leafWeight: new Uint32Array(total((tree) => tree.leafWeight)),
    sets: new Uint8Array(total((tree) => tree.sets)),
    importances,
  }
  let [node, leaf, value, entry, byte] = [0, 0, 0, 0, 0]
  trees.forEach((tree, t) => {
    joined.roots[t] = node
    for (let i = 0; i < tree.column.length; i++) {
      joined.column[node + i] = tree.column[i]
      joined.threshold[node + i] = tree.flags[i] & isSet ? tree.threshold[i] + byte : tree.threshold[i]
      joined.right[node + i] = tree.column[i] < 0 ? 0 : tree.right[i] + node
      joined.flags[node + i] = tree.flags[i]
    }
    for (let i = 0; i < tree.leafEnd.length; i++) joined.leafEnd[leaf + i] = tree.leafEnd[i] + entry
    joined.leafValue.set(tree.leafValue, value)
    joined.leafClass.set(tree.leafClass, entry)
    joined.leafWeight.set(tree.leafWeight, entry)
    joined.sets.set(tree.sets, byte)
    node += tree.column.length
    leaf += tree.leafEnd.length
    value += tree.leafValue.length
    entry += tree.leafClass.length
    byte += tree.sets.length
  })
  return joined
}

export function saveTrees(trees: Trees): JsonObject {
  const { column, threshold, flags, leafEnd, leafClass, leafWeight, leafValue, importances } = trees
  const cuts: (number | null)[] = []
  const missing: number[] = []
  const ofSets = setLengthsOf(trees)
  const sets: string[] = []
  for (let node = 0; node < column.length; node++) {
    if (column[node] < 0) continue
    missing.push(flags[node] & missingLeft)
    cuts.push(flags[node] & isSet ? null : threshold[node])
    if ((flags[node] & isSet) === 0) continue
    const from = threshold[node]
    sets.push(Buffer.from(trees.sets.subarray(from, from + ofSets.get(from)!)).toString('hex'))
  }
  const ofLeaves: JsonObject =
    leafEnd.length === 0
      ? { values: Array.from(leafValue) }
      : {
          leafSizes: Array.from(leafEnd, (end, i) => end - (i === 0 ? 0 : leafEnd[i - 1])),
          leafClasses: Array.from(leafClass),
          leafWeights: Array.from(leafWeight),
        }
  return {
    engine: 'native',
    column: Array.from(column),
    threshold: cuts,
    missingLeft: missing,
    sets,
    ...ofLeaves,
    importances: Array.from(importances),
  }
}

/** Whether a state found in a file says that it is of trees like these. */
export function isNative(found: unknown): boolean {
  return typeof found === 'object' && found !== null && Object.hasOwn(found, 'engine')
}

/** Trees found in a file, `classes` 0 for numbers. `one`: whether it has to be a single tree. Throws MODEL_INVALID. */
export function checkTrees(
  found: unknown,
  where: string,
  { columns, classes, one }: { columns: number; classes: number; one: boolean },
): Trees {
  const state = object(found, where)
  oneOf(state.engine, `${where}.engine`, ['native'])
  const column = Int32Array.from(wholes(state.column, `${where}.column`, null, -1, columns - 1))
  const nodes = column.length
  const right = new Int32Array(nodes)
  const roots = placeRightChildren(column, right, `${where}.column`)
  if (one && roots.length > 1) broken(`${where}.column`, 'a single tree', column.length)
  const inner = nodes - column.reduce((leaves, of) => leaves + (of < 0 ? 1 : 0), 0)
  const leaves = nodes - inner
  const cuts = list(state.threshold, `${where}.threshold`, inner)
  const missing = wholes(state.missingLeft, `${where}.missingLeft`, inner, 0, 1)
  const threshold = new Float64Array(nodes)
  const flags = new Uint8Array(nodes)
  const bits = list(state.sets, `${where}.sets`, cuts.filter((cut) => cut === null).length)
  const sets = bits.map((text, k) => {
    if (typeof text !== 'string' || !/^([0-9a-f]{2})+$/.test(text))
      broken(`${where}.sets[${k}]`, 'a set of categories as bits', text ?? null)
    return Buffer.from(text as string, 'hex')
  })
  let ofSets = 0
  let bytes = 0
  for (let node = 0, k = 0; node < nodes; node++) {
    if (column[node] < 0) continue
    const cut = cuts[k]
    flags[node] = missing[k] === 1 ? missingLeft : 0
    if (cut === null) {
      flags[node] |= isSet
      threshold[node] = bytes
      bytes += sets[ofSets++].length
    } else threshold[node] = finite(cut, `${where}.threshold[${k}]`)
    k++
  }
  const importances = Float64Array.from(numbers(state.importances, `${where}.importances`, columns, 0))
  const common = {
    engine: 'native' as const,
    roots,
    column,
    threshold,
    right,
    flags,
    sets: new Uint8Array(Buffer.concat(sets)),
    importances,
  }
  if (classes === 0) {
    const leafValue = Float64Array.from(numbers(state.values, `${where}.values`, leaves))
    const none = new Uint32Array(0)
    return { ...common, leafValue, leafEnd: none, leafClass: none, leafWeight: none }
  }
  const sizes = wholes(state.leafSizes, `${where}.leafSizes`, leaves, 1, classes)
  const leafEnd = new Uint32Array(leaves)
  let entries = 0
  sizes.forEach((size, leaf) => {
    entries += size
    leafEnd[leaf] = entries
  })
  const leafClass = Uint32Array.from(wholes(state.leafClasses, `${where}.leafClasses`, null, 0, classes - 1))
  if (leafClass.length !== entries)
    broken(`${where}.leafClasses`, `a list of ${entries}, the sum of the sizes of leaves`, state.leafClasses)
  const leafWeight = Uint32Array.from(
    wholes(state.leafWeights, `${where}.leafWeights`, entries, 1, 2 ** 32 - 1),
  )
  for (let leaf = 0, k = 0; leaf < leaves; leaf++) {
    for (const first = k; k < leafEnd[leaf]; k++) {
      if (k > first && leafClass[k] <= leafClass[k - 1])
        broken(`${where}.leafClasses[${k}]`, 'above the class before it in its leaf', leafClass[k])
    }
  }
  return { ...common, leafValue: new Float64Array(0), leafEnd, leafClass, leafWeight }
}

/** Fills in right children and answers the roots of trees in preorder. */
function placeRightChildren(column: Int32Array, right: Int32Array, where: string): Int32Array {
  const roots: number[] = []
  // Inner nodes whose left part is still being read.
  const open: number[] = []
  let isRoot = true
  for (let node = 0; node < column.length; node++) {
    if (isRoot) roots.push(node)
    isRoot = false
    if (column[node] >= 0) {
      open.push(node)
      continue
    }
    // The leaf ends the left parts that wait last, or right parts and all that they end.
    while (open.length > 0 && right[open[open.length - 1]] !== 0) open.pop()
    if (open.length === 0) isRoot = true
    else right[open[open.length - 1]] = node + 1
  }
  if (!isRoot) broken(where, 'whole trees, each node before its left and its right part', column.length)
  return Int32Array.from(roots)
}

/** What is worked out of trees once, for predictions. */
export interface TreeAnswers {
  /** Rows × classes, or one number a row. */
  answer(x: Matrix): Float64Array
}

/** From as many rows × trees on the loops in WebAssembly are used: their memory has to be filled before. */
const worthFilling = 2000
const blockCells = 131_072

/** `classes`: 0 for numbers. */
export function treeAnswers(trees: Trees, classes: number): TreeAnswers {
  const { roots, leafEnd, leafWeight, leafValue } = trees
  const count = roots.length
  const shares = new Float64Array(leafWeight.length)
  for (let leaf = 0, k = 0; leaf < leafEnd.length; leaf++) {
    let sum = 0
    for (let j = k; j < leafEnd[leaf]; j++) sum += leafWeight[j]
    for (; k < leafEnd[leaf]; k++) shares[k] = leafWeight[k] / sum / count
  }
  // Divided before they are added: a sum of numbers near the largest would overflow.
  const values = leafValue.map((value) => value / count)
  const leafPlace = new Int32Array(trees.column.length)
  for (let node = 0, leaf = 0; node < leafPlace.length; node++) {
    if (trees.column[node] < 0) leafPlace[node] = leaf++
  }
  const ready: Ready = { trees, classes, shares, values, leafPlace, setLengths: setLengthsOf(trees) }
  return {
    answer: (x) => (x.rows * count < worthFilling ? answerHere(ready, x) : answerInLoops(ready, x)),
  }
}

interface Ready {
  readonly trees: Trees
  readonly classes: number
  readonly shares: Float64Array
  readonly values: Float64Array
  readonly leafPlace: Int32Array
  /** Bytes of each set, by the byte where it begins. */
  readonly setLengths: ReadonlyMap<number, number>
}

function setLengthsOf(trees: Trees): Map<number, number> {
  const starts: number[] = []
  trees.flags.forEach((flag, node) => {
    if (flag & isSet) starts.push(trees.threshold[node])
  })
  return new Map(starts.map((start, k) => [start, (starts[k + 1] ?? trees.sets.length) - start]))
}

/** The same as the loops, addition by addition. */
function answerHere(
  { trees, classes, shares, values, leafPlace, setLengths }: Ready,
  x: Matrix,
): Float64Array {
  const { roots, column, threshold, right, flags, leafEnd, leafClass, sets } = trees
  const out = new Float64Array(x.rows * Math.max(classes, 1))
  for (let t = 0; t < roots.length; t++) {
    for (let i = 0; i < x.rows; i++) {
      let node = roots[t]
      while (column[node] >= 0) {
        const value = x.values[i * x.columns + column[node]]
        const flag = flags[node]
        let goesLeft = value <= threshold[node]
        if (flag & isSet) {
          const from = threshold[node]
          goesLeft =
            value >= 0 && value < 8 * setLengths.get(from)!
              ? ((sets[from + (value >> 3)] >> (value & 7)) & 1) === 1
              : (flag & missingLeft) !== 0
        } else if (Number.isNaN(value)) goesLeft = (flag & missingLeft) !== 0
        node = goesLeft ? node + 1 : right[node]
      }
      const leaf = leafPlace[node]
      if (classes === 0) out[i] += values[leaf]
      else {
        for (let k = leaf === 0 ? 0 : leafEnd[leaf - 1]; k < leafEnd[leaf]; k++)
          out[i * classes + leafClass[k]] += shares[k]
      }
    }
  }
  return out
}

/** Loops of this thread, and the trees that lie in their memory. */
let walker: (TreeLoops & LinearMemory) | null = null
let inMemory: { ready: WeakRef<Ready>; placed: PlacedTrees; mark: number } | null = null

interface PlacedTrees {
  readonly nodes: number
  readonly sets: number
  readonly ends: number
  readonly which: number
  readonly amounts: number
}

function answerInLoops(ready: Ready, x: Matrix): Float64Array {
  const { trees, classes } = ready
  walker ??= openWasm<TreeLoops>('#training-kernels/trees')
  const loops = walker
  const mark = inMemory?.mark ?? loops.mark()
  if (inMemory?.ready.deref() !== ready) {
    loops.release(mark)
    inMemory = null
    inMemory = { ready: new WeakRef(ready), placed: placeTrees(loops, ready), mark }
  }
  const { nodes, sets, ends, which, amounts } = inMemory.placed
  const width = Math.max(classes, 1)
  const out = new Float64Array(x.rows * width)
  const block = Math.max(4, Math.min(x.rows, Math.floor(blockCells / Math.max(x.columns, width))))
  const isPlain = trees.sets.length === 0
  const before = loops.mark()
  const rowsAt = loops.reserve(8 * block * x.columns)
  const leafAt = loops.reserve(4 * block)
  const outAt = loops.reserve(8 * block * width)
  for (let first = 0; first < x.rows; first += block) {
    const count = Math.min(block, x.rows - first)
    const cells = x.values.subarray(first * x.columns, (first + count) * x.columns)
    loops.f64(rowsAt, cells.length).set(cells)
    const walk =
      isPlain && !hasMissing(cells)
        ? (tree: number) => loops.walk(tree, rowsAt, count, x.columns, leafAt)
        : (tree: number) => loops.walkAny(tree, rowsAt, count, x.columns, sets, leafAt)
    loops.f64(outAt, count * width).fill(0)
    for (const root of trees.roots) {
      walk(nodes + 16 * root)
      if (classes === 0) loops.addNumbers(leafAt, count, amounts, outAt)
      else loops.addShares(leafAt, count, ends, which, amounts, classes, outAt)
    }
    out.set(loops.f64(outAt, count * width), first * width)
  }
  loops.release(before)
  return out
}

function hasMissing(cells: Float64Array): boolean {
  for (let k = 0; k < cells.length; k++) if (Number.isNaN(cells[k])) return true
  return false
}

function placeTrees(loops: TreeLoops & LinearMemory, ready: Ready): PlacedTrees {
  const { trees, classes, shares, values, leafPlace, setLengths } = ready
  const { column, threshold, right, flags, leafEnd, leafClass } = trees
  const count = column.length
  const nodes = loops.reserve(16 * count)
  const sets = loops.reserve(trees.sets.length)
  const ends = loops.reserve(4 * (leafEnd.length + 1))
  const which = loops.reserve(4 * leafClass.length)
  const amounts = loops.reserve(8 * Math.max(shares.length, values.length))
  loops.u8(sets, trees.sets.length).set(trees.sets)
  const doubles = loops.f64(nodes, 2 * count)
  const words = loops.u32(nodes, 4 * count)
  for (let node = 0; node < count; node++) {
    if (column[node] < 0) {
      doubles[2 * node] = leafPlace[node]
      words[4 * node + 2] = 0
      words[4 * node + 3] = 0
      continue
    }
    const ofSet = flags[node] & isSet
    if (ofSet) {
      words[4 * node] = threshold[node]
      words[4 * node + 1] = 8 * setLengths.get(threshold[node])!
    } else doubles[2 * node] = threshold[node]
    const bits = (flags[node] & missingLeft ? 2 ** 31 : 0) + (ofSet ? 2 ** 30 : 0)
    words[4 * node + 2] = column[node] + bits
    words[4 * node + 3] = 16 * (right[node] - node)
  }
  if (classes === 0) loops.f64(amounts, values.length).set(values)
  else {
    loops.u32(ends, 1)[0] = 0
    loops.u32(ends + 4, leafEnd.length).set(leafEnd)
    loops.u32(which, leafClass.length).set(leafClass)
    loops.f64(amounts, shares.length).set(shares)
  }
  return { nodes, sets, ends, which, amounts }
}
