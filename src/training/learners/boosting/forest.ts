/**
 * The trees that boosting has grown: as they are kept in memory and in model files, and what they say of rows.
 *
 * A row goes left at a node of a column of numbers where its value is at most the threshold; at one of a column of categories where
 * its category's bin is in the node's set. Missing values, and categories that training did not see, go where the node says.
 * The score of an output is its start plus the leaves of its trees, added in the order of the trees; tree t is of output t mod K.
 */
import type { JsonObject, JsonValue } from '../../../values.js'
import type { Matrix } from '../../matrix.js'
import { broken, list, numbers, object, preorder, wholes } from '../../state-check.js'
import { type Bins, binsOf, bytesOfCode, type Codes, encodeInto, placeRecords } from './bins.js'
import { type GrownTree, writeWalkNode } from './grow.js'
import { type BoostingLoops, nodeRecord, openLoops, walkNode } from './loops.js'

/** All trees one after the other, each in preorder: the left child of node i is node i + 1. */
export interface Forest {
  /** Of each output. */
  readonly start: Float64Array
  /** Where each tree begins. */
  readonly roots: Int32Array
  /** The column of the matrix that a node looks at; −1 for a leaf. */
  readonly column: Int32Array
  /** The threshold; for a column of categories which of `sets`; of a leaf what it adds to the score. */
  readonly value: Float64Array
  /** The right child; 0 for a leaf. */
  readonly right: Int32Array
  /** 1 where missing values go left. */
  readonly missingLeft: Uint8Array
  /** Bits of the bins that go left. */
  readonly sets: readonly Uint8Array[]
  /** For the columns of categories that nodes look at the bin of each place. */
  readonly binOfPlace: ReadonlyMap<number, Int32Array>
  /** What splits by each column have gained. */
  readonly gains: Float64Array
}

/** Trees as they are grown, made into a forest at the end. */
export class ForestMaker {
  readonly #bins: Bins
  readonly #roots: number[] = []
  readonly #column: number[] = []
  readonly #value: number[] = []
  readonly #right: number[] = []
  readonly #missingLeft: number[] = []
  readonly #gain: number[] = []
  readonly #sets: Uint8Array[] = []

  constructor(bins: Bins) {
    this.#bins = bins
  }

  add(tree: GrownTree): void {
    this.#roots.push(this.#column.length)
    // The nodes still to be written, the next one last; of a right child also whose.
    const waiting: [node: number, parent: number][] = [[0, -1]]
    while (waiting.length > 0) {
      const [node, parent] = waiting.pop()!
      const here = this.#column.length
      if (parent >= 0) this.#right[parent] = here
      const k = tree.column[node]
      this.#right.push(0)
      if (k < 0) {
        this.#column.push(-1)
        this.#value.push(tree.value[node] + 0)
        this.#missingLeft.push(0)
        this.#gain.push(0)
        continue
      }
      const set = tree.sets[node]
      const table = this.#bins.tables[k]
      this.#column.push(this.#bins.columns[k])
      const bins = this.#bins.counts[k]
      let left = tree.missingLeft[node]
      if (set !== null) {
        // Where missing values go is said apart.
        left = (set[bins >> 3] >> (bins & 7)) & 1
        const others = set.slice()
        others[bins >> 3] &= ~(1 << (bins & 7))
        this.#value.push(this.#sets.length)
        this.#sets.push(others)
      } else {
        // Beyond the last edge: all values go left, and the missing ones right.
        const edge = tree.bin[node] < table.length ? table[tree.bin[node]] : Number.MAX_VALUE
        this.#value.push(edge + 0)
      }
      this.#missingLeft.push(left)
      this.#gain.push(tree.gain[node])
      waiting.push([tree.right[node], here], [tree.left[node], -1])
    }
  }

  /** Of the first trees alone. */
  forest(start: Float64Array, trees: number, columns: number): Forest {
    const nodes = trees < this.#roots.length ? this.#roots[trees] : this.#column.length
    const gains = new Float64Array(columns)
    const asked = new Set<number>()
    let sets = 0
    for (let node = 0; node < nodes; node++) {
      const column = this.#column[node]
      if (column < 0) continue
      gains[column] += this.#gain[node]
      asked.add(column)
    }
    const binOfPlace = new Map<number, Int32Array>()
    this.#bins.columns.forEach((column, k) => {
      const table = this.#bins.tables[k]
      if (table instanceof Int32Array && asked.has(column)) binOfPlace.set(column, table)
    })
    for (let node = 0; node < nodes; node++) if (binOfPlace.has(this.#column[node])) sets++
    return {
      start: start.map((value) => value + 0),
      roots: Int32Array.from(this.#roots.slice(0, trees)),
      column: Int32Array.from(this.#column.slice(0, nodes)),
      value: Float64Array.from(this.#value.slice(0, nodes)),
      right: Int32Array.from(this.#right.slice(0, nodes)),
      missingLeft: Uint8Array.from(this.#missingLeft.slice(0, nodes)),
      sets: this.#sets.slice(0, sets),
      binOfPlace,
      gains,
    }
  }
}

// ---- model files -----------------------------------------------------------------------------------------------

const bitsOf = (set: Uint8Array): number[] =>
  Array.from({ length: 8 * set.length }, (_, bin) => bin).filter((bin) => (set[bin >> 3] >> (bin & 7)) & 1)

/** How many bins a column has at most. */
const mostBins = 255

export function saveForest(forest: Forest): JsonObject {
  return {
    start: Array.from(forest.start),
    roots: Array.from(forest.roots),
    column: Array.from(forest.column),
    value: Array.from(forest.value),
    right: Array.from(forest.right),
    missingLeft: Array.from(forest.missingLeft),
    sets: forest.sets.map(bitsOf),
    categories: [...forest.binOfPlace].map(([column, bins]) => ({ column, bins: Array.from(bins) })),
    gains: Array.from(forest.gains),
  } satisfies Record<string, JsonValue>
}

/** Trees that look at `columns` columns and give `outputs` scores, read from a file. Throws MODEL_INVALID. */
export function checkForest(found: unknown, where: string, columns: number, outputs: number): Forest {
  const state = object(found, where)
  const start = numbers(state.start, `${where}.start`, outputs)
  const column = wholes(state.column, `${where}.column`, null, -1, columns - 1)
  const nodes = column.length
  const right = wholes(state.right, `${where}.right`, nodes, 0, nodes)
  const roots = wholes(state.roots, `${where}.roots`, null, 0, nodes)
  preorder(right, (node) => column[node] === -1, roots, `${where}.right`)
  if (roots.length % outputs !== 0)
    broken(`${where}.roots`, `as many trees for each of ${outputs} classes`, roots)
  const value = numbers(state.value, `${where}.value`, nodes)
  const missingLeft = wholes(state.missingLeft, `${where}.missingLeft`, nodes, 0, 1)
  const binOfPlace = new Map<number, Int32Array>()
  list(state.categories, `${where}.categories`).forEach((entry, i) => {
    const at = `${where}.categories[${i}]`
    const one = object(entry, at)
    const [of] = wholes([one.column], `${at}.column`, 1, 0, columns - 1)
    if (binOfPlace.has(of)) broken(`${at}.column`, 'a column that no other entry is of', of)
    if (!column.includes(of)) broken(`${at}.column`, 'a column that a tree looks at', of)
    binOfPlace.set(of, Int32Array.from(wholes(one.bins, `${at}.bins`, null, 0, mostBins - 1)))
  })
  const asked = column.filter((one) => binOfPlace.has(one)).length
  const sets = list(state.sets, `${where}.sets`, asked).map((entry, i) => {
    const set = new Uint8Array(nodeRecord.setBytes)
    const bins = wholes(entry, `${where}.sets[${i}]`, null, 0, mostBins - 1)
    bins.forEach((bin, k) => {
      if (k > 0 && bin <= bins[k - 1]) broken(`${where}.sets[${i}]`, 'bins in growing order', bins)
      set[bin >> 3] |= 1 << (bin & 7)
    })
    return set
  })
  column.forEach((one, node) => {
    if (binOfPlace.has(one)) wholes([value[node]], `${where}.value[${node}]`, 1, 0, asked - 1)
  })
  return {
    start: Float64Array.from(start),
    roots: Int32Array.from(roots),
    column: Int32Array.from(column),
    value: Float64Array.from(value),
    right: Int32Array.from(right),
    missingLeft: Uint8Array.from(missingLeft),
    sets,
    binOfPlace,
    gains: Float64Array.from(numbers(state.gains, `${where}.gains`, columns, 0)),
  }
}

// ---- scores ----------------------------------------------------------------------------------------------------

/** Bins by which every node of the forest finds its side: its thresholds, as edges. */
function binsOfForest({ column, value, binOfPlace }: Forest): Bins {
  const thresholds = new Map<number, Set<number>>()
  for (let node = 0; node < column.length; node++) {
    const of = column[node]
    if (of < 0) continue
    let seen = thresholds.get(of)
    if (seen === undefined) {
      seen = new Set()
      thresholds.set(of, seen)
    }
    if (!binOfPlace.has(of)) seen.add(value[node])
  }
  return binsOf(
    [...thresholds]
      .sort(([a], [b]) => a - b)
      .map(([of, edges]) => {
        const places = binOfPlace.get(of)
        if (places !== undefined) return { column: of, count: mostBins, table: places }
        return { column: of, count: edges.size + 1, table: Float64Array.from(edges).sort() }
      }),
  )
}

/** The bin of the last value that goes left. */
function binOfThreshold(edges: Float64Array, threshold: number): number {
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (edges[middle] < threshold) low = middle + 1
    else high = middle
  }
  return low
}

/** Rows walked together: their codes and scores stay in the cache from tree to tree. */
const block = 2048

let loops: BoostingLoops | null = null

/** The rows' scores: rows × outputs, row-major. `heldOut`: codes of the rows, in `bins`, that somebody has made already. */
export type Scorer = (x: Matrix) => Float64Array

/**
 * Scores of rows by the forest. `known`: bins that the forest was grown on, and the codes in them of rows that are known already;
 * the scores are the same without.
 */
export function forestScorer(
  forest: Forest,
  known: { readonly bins: Bins; codesOf(x: Matrix): Codes | null } | null = null,
): Scorer {
  const { start, roots, column, value, right, missingLeft, sets, binOfPlace } = forest
  const outputs = start.length
  const bins = known?.bins ?? binsOfForest(forest)
  const bytes = bytesOfCode(bins)
  const width = bins.columns.length
  const total = column.length
  const placeOf = new Map(Array.from(bins.columns, (of, k) => [of, k]))
  return (x) => {
    loops ??= openLoops()
    const memory = loops
    const mark = memory.mark()
    try {
      const setsAt = memory.reserve(nodeRecord.setBytes * sets.length)
      const nodesAt = memory.reserve(4 * walkNode * total)
      const valuesAt = memory.reserve(8 * total)
      const nodes = memory.u32(nodesAt, walkNode * total)
      memory.f64(valuesAt, total).set(value)
      const ends = Int32Array.from(roots, (_, t) => (t + 1 < roots.length ? roots[t + 1] : total))
      const withSets = roots.map((root, t) => {
        let some = 0
        for (let node = root; node < ends[t]; node++) {
          const of = column[node]
          const k = of < 0 ? -1 : placeOf.get(of)!
          const isSet = of >= 0 && binOfPlace.has(of)
          if (isSet) some = 1
          const table = k < 0 ? null : bins.tables[k]
          const set = isSet ? setsAt + nodeRecord.setBytes * value[node] : 0
          if (isSet) {
            const bits = memory.u8(set, nodeRecord.setBytes)
            bits.set(sets[value[node]])
            if (missingLeft[node] === 1) bits[bins.counts[k] >> 3] |= 1 << (bins.counts[k] & 7)
          }
          writeWalkNode(nodes.subarray(walkNode * root), node - root, bins, bytes, {
            column: k,
            bin: isSet || k < 0 ? -1 : binOfThreshold(table as Float64Array, value[node]),
            missingLeft: !isSet && missingLeft[node] === 1,
            left: node - root + 1,
            right: right[node] - root,
            set,
          })
        }
        return some
      })
      const records = placeRecords(memory, bins)
      const rowsAtOnce = Math.min(block, x.rows)
      const codesAt = memory.reserve(bytes * width * rowsAtOnce)
      const scoresAt = memory.reserve(8 * rowsAtOnce * outputs)
      const walk = bytes === 2 ? memory.walk16 : memory.walk32
      const codes = known?.codesOf(x) ?? null
      const all = new Float64Array(x.rows * outputs)
      for (let from = 0; from < x.rows; from += rowsAtOnce) {
        const rows = Math.min(rowsAtOnce, x.rows - from)
        if (codes === null) {
          const part = { ...x, rows, values: x.values.subarray(from * x.columns, (from + rows) * x.columns) }
          encodeInto(memory, bins, records, part, codesAt)
        } else {
          const some = codes.subarray(from * width, (from + rows) * width)
          if (some instanceof Uint16Array) memory.u16(codesAt, some.length).set(some)
          else memory.u32(codesAt, some.length).set(some)
        }
        for (let c = 0; c < outputs; c++) memory.f64(scoresAt + 8 * rowsAtOnce * c, rows).fill(start[c])
        for (let t = 0; t < roots.length; t++) {
          const root = roots[t]
          walk(
            codesAt,
            width,
            0,
            rows,
            nodesAt + 4 * walkNode * root,
            valuesAt + 8 * root,
            withSets[t] === 1,
            scoresAt + 8 * rowsAtOnce * (t % outputs),
          )
        }
        for (let c = 0; c < outputs; c++) {
          const scores = memory.f64(scoresAt + 8 * rowsAtOnce * c, rows)
          for (let i = 0; i < rows; i++) all[(from + i) * outputs + c] = scores[i]
        }
      }
      return all
    } finally {
      memory.release(mark)
    }
  }
}

/** The codes of these rows, for others to use. */
export function encodeRows(bins: Bins, x: Matrix): Codes {
  loops ??= openLoops()
  const mark = loops.mark()
  try {
    const records = placeRecords(loops, bins)
    const length = x.rows * bins.columns.length
    const narrow = bytesOfCode(bins) === 2
    const out = loops.reserve(bytesOfCode(bins) * length)
    encodeInto(loops, bins, records, x, out)
    return narrow ? loops.u16(out, length).slice() : loops.u32(out, length).slice()
  } finally {
    loops.release(mark)
  }
}
