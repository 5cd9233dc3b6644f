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
import { type Bins, binsOf, bytesOfCodes, encodeInto, placeRecords, rowBytes } from './bins.js'
import { type GrownTree, writeWalkNode } from './grow.js'
import { type BoostingLoops, nodeRecord, threadLoops, walkNode } from './loops.js'

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
const chunkRows = 2048

/** Codes of a matrix, for `chunkRows` rows after the other as they lie in memory, and what they are codes of. */
export interface EncodedRows {
  readonly bins: Bins
  /** null for other rows than those that are encoded. */
  codesOf(x: Matrix): Uint16Array | null
}

/** The rows' scores: rows × outputs, row-major. */
export type Scorer = (x: Matrix) => Float64Array

/**
 * Scores of rows by the forest. `known`: bins that the forest was grown on, with codes of rows that are encoded already; the
 * scores are the same without.
 */
export function forestScorer(forest: Forest, known: EncodedRows | null = null): Scorer {
  const { start, roots, column, value, right, missingLeft, sets, binOfPlace } = forest
  const outputs = start.length
  const bins = known?.bins ?? binsOfForest(forest)
  const total = column.length
  const placeOf = new Map(Array.from(bins.columns, (of, k) => [of, k]))

  /** Writes the nodes for codes of that many rows; gives for each tree whether it has splits by categories. */
  function place(loops: BoostingLoops, rows: number, nodesAt: number, setsAt: number): Uint8Array {
    const nodes = loops.u32(nodesAt, walkNode * total)
    const withSets = new Uint8Array(roots.length)
    for (let t = 0; t < roots.length; t++) {
      const root = roots[t]
      const end = t + 1 < roots.length ? roots[t + 1] : total
      const own = nodes.subarray(walkNode * root)
      for (let node = root; node < end; node++) {
        const k = column[node] < 0 ? -1 : placeOf.get(column[node])!
        const isSet = k >= 0 && binOfPlace.has(column[node])
        const set = isSet ? setsAt + nodeRecord.setBytes * value[node] : 0
        if (isSet) {
          withSets[t] = 1
          const bits = loops.u8(set, nodeRecord.setBytes)
          bits.set(sets[value[node]])
          if (missingLeft[node] === 1) bits[bins.counts[k] >> 3] |= 1 << (bins.counts[k] & 7)
        }
        writeWalkNode(own, node - root, bins, rows, {
          column: k,
          bin: isSet || k < 0 ? -1 : binOfThreshold(bins.tables[k] as Float64Array, value[node]),
          missingLeft: !isSet && missingLeft[node] === 1,
          left: node - root + 1,
          right: right[node] - root,
          set,
        })
      }
    }
    return withSets
  }

  return (x) => {
    const loops = threadLoops()
    const mark = loops.mark()
    try {
      const nodesAt = loops.reserve(4 * walkNode * total)
      const setsAt = loops.reserve(nodeRecord.setBytes * sets.length)
      const valuesAt = loops.reserve(8 * total)
      const records = placeRecords(loops, bins)
      const atOnce = Math.min(chunkRows, x.rows)
      const codesAt = loops.reserve(bytesOfCodes(bins, atOnce))
      const scoresAt = loops.reserve(8 * atOnce * outputs)
      loops.f64(valuesAt, total).set(value)
      const codes = known?.codesOf(x) ?? null
      const all = new Float64Array(x.rows * outputs)
      let withSets: Uint8Array = new Uint8Array(0)
      let placed = 0
      for (let from = 0; from < x.rows; from += atOnce) {
        const rows = Math.min(atOnce, x.rows - from)
        if (rows !== placed) withSets = place(loops, rows, nodesAt, setsAt)
        placed = rows
        if (codes === null) encodeInto(loops, bins, records, part(x, from, rows), codesAt)
        else {
          const length = bytesOfCodes(bins, rows) / 2
          const first = bytesOfCodes(bins, from) / 2
          loops.u16(codesAt, length).set(codes.subarray(first, first + length))
        }
        for (let c = 0; c < outputs; c++) loops.f64(scoresAt + 8 * atOnce * c, rows).fill(start[c])
        for (let t = 0; t < roots.length; t++) {
          const root = roots[t]
          loops.walk(
            codesAt,
            rowBytes(bins),
            0,
            rows,
            nodesAt + 4 * walkNode * root,
            valuesAt + 8 * root,
            withSets[t] === 1,
            scoresAt + 8 * atOnce * (t % outputs),
          )
        }
        for (let c = 0; c < outputs; c++) {
          const scores = loops.f64(scoresAt + 8 * atOnce * c, rows)
          for (let i = 0; i < rows; i++) all[(from + i) * outputs + c] = scores[i]
        }
      }
      return all
    } finally {
      loops.release(mark)
    }
  }
}

function part({ columns, values, categories }: Matrix, from: number, rows: number): Matrix {
  return { rows, columns, values: values.subarray(from * columns, (from + rows) * columns), categories }
}

/** The codes of these rows, as `EncodedRows` has them. */
export function encodeRows(bins: Bins, x: Matrix): Uint16Array {
  const loops = threadLoops()
  const mark = loops.mark()
  try {
    const records = placeRecords(loops, bins)
    const codes = new Uint16Array(bytesOfCodes(bins, x.rows) / 2)
    const out = loops.reserve(bytesOfCodes(bins, Math.min(chunkRows, x.rows)))
    for (let from = 0; from < x.rows; from += chunkRows) {
      const rows = Math.min(chunkRows, x.rows - from)
      encodeInto(loops, bins, records, part(x, from, rows), out)
      codes.set(loops.u16(out, bytesOfCodes(bins, rows) / 2), bytesOfCodes(bins, from) / 2)
    }
    return codes
  } finally {
    loops.release(mark)
  }
}
