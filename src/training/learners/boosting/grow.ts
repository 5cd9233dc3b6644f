/**
 * Grows one tree on entries of gradients and hessians, best leaf first: of all leaves the one is split whose best split gains most.
 *
 * Only the smaller child of a split has its histogram made from rows, the larger one's is its parent's less that. Leaves that may be
 * split keep theirs; where memory for them ends, they are made from rows again, which gives the same integers.
 */
import { type Bins, blocksOf, codeStep, columnOffset, rowBytes } from './bins.js'
import { type BoostingLoops, columnRecord, nodeRecord, signPlace, walkNode } from './loops.js'
import type { Units } from './objectives.js'

export interface GrowSettings {
  /** At least 2. */
  readonly maxLeaves: number
  /** Splits between the root and a leaf; 0: any number. */
  readonly maxDepth: number
  readonly minRows: number
  readonly minHessian: number
  readonly l2: number
  readonly l1: number
  readonly minGain: number
  /** For each column with codes 1 where scores may not fall with it, −1 where they may not rise, else 0; null: nowhere. */
  readonly signs: Int8Array | null
}

/** Nodes as they came, 0 the root. */
export interface GrownTree {
  readonly nodes: number
  /** The column by its place among those with codes; −1 for a leaf. */
  readonly column: Int32Array
  /** The highest bin (of its column) that goes left; −1 where `set` says which bins do. */
  readonly bin: Int32Array
  readonly missingLeft: Uint8Array
  readonly sets: (Uint8Array | null)[]
  readonly left: Int32Array
  readonly right: Int32Array
  readonly gain: Float64Array
  /** Of leaves: what is added to scores. */
  readonly value: Float64Array
}

/** Bytes of histograms that leaves keep. */
const mostHistograms = 256 * 2 ** 20

/** Everything that growing trees needs in memory, for trees of up to `maxLeaves` leaves on these codes. */
export class Grower {
  readonly #loops: BoostingLoops
  readonly #bins: Bins
  readonly #records: number
  readonly #codes: number
  readonly #settings: GrowSettings
  readonly #most: number
  readonly #histograms: number
  readonly #histogramBytes: number
  readonly #kept: number
  readonly #nodes: number
  readonly #room: number
  readonly #blocks: number
  readonly #rows: number
  readonly #list: number
  readonly #walk: number
  readonly #walkValues: number
  readonly #walkSets: number

  constructor(
    loops: BoostingLoops,
    bins: Bins,
    records: number,
    codes: number,
    rows: number,
    grown: number,
    settings: GrowSettings,
  ) {
    this.#loops = loops
    this.#bins = bins
    this.#records = records
    this.#codes = codes
    this.#rows = rows
    this.#settings = settings
    const { maxLeaves, maxDepth, signs } = settings
    const width = bins.columns.length
    // A tree of depth d has up to 2^d leaves.
    const deepest = maxDepth > 0 && maxDepth < 30 ? 1 << maxDepth : maxLeaves
    this.#most = Math.max(1, Math.min(maxLeaves, deepest, grown))
    this.#histogramBytes = 16 * bins.total
    const fitting = Math.max(2, Math.floor(mostHistograms / Math.max(1, this.#histogramBytes)))
    this.#kept = Math.min(this.#most, fitting)
    // Two more: for the children of a leaf where no other is free.
    this.#histograms = loops.reserve((this.#kept + 2) * this.#histogramBytes)
    this.#nodes = loops.reserve(nodeRecord.bytes * (2 * this.#most))
    // Entries of a node's rows, or numbers of rows on their way.
    this.#room = loops.reserve(16 * grown)
    this.#blocks = loops.reserve(8 * blocksOf(bins))
    const blocks = loops.i32(this.#blocks, 2 * blocksOf(bins))
    for (let b = 0; b < blocksOf(bins); b++) {
      const start = b * bins.blockWidth
      blocks.set([bins.first[start], Math.min(bins.blockWidth, width - start)], 2 * b)
    }
    this.#list = loops.reserve(4 * width)
    this.#walk = loops.reserve(4 * walkNode * 2 * this.#most)
    this.#walkValues = loops.reserve(8 * 2 * this.#most)
    this.#walkSets = loops.reserve(nodeRecord.setBytes * 2 * this.#most)
    const view = loops.i32(records, columnRecord * width)
    for (let k = 0; k < width; k++) view[columnRecord * k + signPlace] = signs?.[k] ?? 0
  }

  /**
   * `rows`: where the numbers of the rows to grow on are (in growing order; they are reordered); `columns`: places of the columns
   * to look at, null for all; `leafValue`: instead of what the sums say, from a leaf's rows; `shrink`: what leaf values are multiplied
   * by; `scores`: to which they are added for these rows.
   */
  grow(
    entries: number,
    units: Units,
    rows: number,
    count: number,
    columns: Int32Array | null,
    leafValue: ((rows: Int32Array) => number) | null,
    shrink: number,
    scores: number,
  ): GrownTree {
    const loops = this.#loops
    const bins = this.#bins
    const settings = this.#settings
    const width = bins.columns.length
    const total = bins.total
    const minRows = settings.minRows
    loops.configure(
      units.countBits,
      minRows,
      settings.minHessian,
      settings.l2,
      settings.l1,
      settings.minGain,
      units.g,
      units.h,
      settings.signs !== null,
    )
    const list = this.#list
    const chosen = columns?.length ?? width
    const listView = loops.i32(list, chosen)
    if (columns === null) for (let k = 0; k < width; k++) listView[k] = k
    else listView.set(columns)
    const some = columns === null ? 0 : list

    const most = 2 * this.#most - 1
    const tree = {
      nodes: 1,
      column: new Int32Array(most).fill(-1),
      bin: new Int32Array(most),
      missingLeft: new Uint8Array(most),
      sets: new Array<Uint8Array | null>(most).fill(null),
      left: new Int32Array(most),
      right: new Int32Array(most),
      gain: new Float64Array(most),
      value: new Float64Array(most),
    }
    const first = new Int32Array(most)
    const counts = new Int32Array(most)
    const depth = new Int32Array(most)
    /** Which histogram a node has, −1 for none. */
    const kept = new Int32Array(most).fill(-1)
    const free: number[] = []
    for (let slot = this.#kept - 1; slot >= 0; slot--) free.push(slot)
    const record = (node: number) => this.#nodes + nodeRecord.bytes * node
    const histogram = (slot: number) => this.#histograms + slot * this.#histogramBytes
    const build = (node: number, slot: number) =>
      loops.histogram(
        this.#codes,
        bins.blockWidth,
        this.#rows * rowBytes(bins),
        this.#blocks,
        blocksOf(bins),
        entries,
        rows + 4 * first[node],
        counts[node],
        histogram(slot),
        total,
        some,
        chosen,
        this.#room,
      )
    const open: number[] = []
    /** Looks for the node's best split; its histogram is kept where there is one. */
    const look = (node: number, slot: number) => {
      const gain = loops.findSplit(record(node), histogram(slot), this.#records, list, chosen)
      tree.gain[node] = gain
      if (gain > 0) {
        push(open, tree.gain, node)
        if (slot < this.#kept) kept[node] = slot
      } else if (slot < this.#kept) free.push(slot)
    }
    const mayBeSplit = (node: number) =>
      counts[node] >= 2 * minRows &&
      counts[node] >= 2 &&
      (settings.maxDepth === 0 || depth[node] < settings.maxDepth)

    loops.begin(record(0), entries, rows, count)
    counts[0] = count
    let leaves = 1
    if (width > 0 && leaves < this.#most && mayBeSplit(0)) {
      const slot = free.pop() ?? this.#kept
      build(0, slot)
      look(0, slot)
    }
    while (open.length > 0 && leaves < this.#most) {
      const node = pop(open, tree.gain)
      const at = record(node)
      const fields = loops.i32(at, nodeRecord.bytes / 4)
      const column = fields[nodeRecord.column / 4]
      const found = fields[nodeRecord.bin / 4]
      const bin = found < 0 ? -1 : found - bins.first[column]
      const missingLeft = fields[nodeRecord.missingLeft / 4]
      const left = tree.nodes++
      const right = tree.nodes++
      tree.column[node] = column
      tree.left[node] = left
      tree.right[node] = right
      tree.missingLeft[node] = missingLeft
      tree.bin[node] = bin
      if (bin < 0) tree.sets[node] = loops.u8(at + nodeRecord.set, nodeRecord.setBytes).slice()
      const [from, span] = range(bins, column, bin, missingLeft === 1)
      const here = rows + 4 * first[node]
      const set = bin < 0 ? at + nodeRecord.set : 0
      counts[left] = loops.partition(
        this.#codes + columnOffset(bins, column, this.#rows),
        rowBytes(bins),
        from,
        span,
        set,
        missingLeft === 1,
        here,
        counts[node],
        this.#room,
      )
      counts[right] = counts[node] - counts[left]
      first[left] = first[node]
      first[right] = first[node] + counts[left]
      depth[left] = depth[node] + 1
      depth[right] = depth[node] + 1
      loops.divide(at, record(left), record(right), this.#records)
      leaves++
      if (leaves === this.#most) break
      const [small, large] = counts[left] <= counts[right] ? [left, right] : [right, left]
      const own = kept[node]
      if (!mayBeSplit(large)) {
        if (own >= 0) free.push(own)
        continue
      }
      if (own >= 0) {
        const slot = free.pop() ?? this.#kept
        build(small, slot)
        loops.subtract(histogram(own), histogram(slot), total)
        if (mayBeSplit(small)) look(small, slot)
        else if (slot < this.#kept) free.push(slot)
        look(large, own)
      } else {
        for (const child of [small, large]) {
          if (!mayBeSplit(child)) continue
          const slot = free.pop() ?? this.#kept
          build(child, slot)
          look(child, slot)
        }
      }
    }
    for (let node = 0; node < tree.nodes; node++) {
      if (tree.column[node] >= 0) continue
      const start = rows + 4 * first[node]
      const value =
        leafValue === null ? loops.nodeValue(record(node)) : leafValue(loops.i32(start, counts[node]))
      tree.value[node] = value * shrink
      if (tree.value[node] !== 0) loops.addTo(scores, start, counts[node], tree.value[node])
    }
    return tree
  }

  /** Adds the tree to the scores of rows that it was not grown on. */
  apply(tree: GrownTree, rows: number, count: number, scores: number): void {
    const loops = this.#loops
    const nodes = loops.u32(this.#walk, walkNode * tree.nodes)
    let sets = false
    for (let node = 0; node < tree.nodes; node++) {
      const set = tree.sets[node]
      let at = 0
      if (set !== null) {
        sets = true
        at = this.#walkSets + nodeRecord.setBytes * node
        loops.u8(at, set.length).set(set)
      }
      writeWalkNode(nodes, node, this.#bins, this.#rows, {
        column: tree.column[node],
        bin: tree.bin[node],
        missingLeft: tree.missingLeft[node] === 1,
        left: tree.left[node],
        right: tree.right[node],
        set: at,
      })
    }
    loops.f64(this.#walkValues, tree.nodes).set(tree.value.subarray(0, tree.nodes))
    loops.walk(this.#codes, rowBytes(this.#bins), rows, count, this.#walk, this.#walkValues, sets, scores)
  }
}

/**
 * Which codes of a column are on one side of a split: code − from ≤ span as numbers without sign. It is the left one, unless
 * missing values go left, whose code is behind all others: then it is the right one.
 */
function range(bins: Bins, column: number, bin: number, missingLeft: boolean): [from: number, span: number] {
  const first = bins.codes[column]
  if (bin < 0) return [first, 0]
  return missingLeft
    ? [first + codeStep * (bin + 1), codeStep * (bins.counts[column] - bin - 2)]
    : [first, codeStep * bin]
}

/** A node of a tree as `walk` wants it, for codes of that many rows. A leaf has column −1. */
export function writeWalkNode(
  nodes: Uint32Array,
  node: number,
  bins: Bins,
  rows: number,
  split: {
    readonly column: number
    readonly bin: number
    readonly missingLeft: boolean
    readonly left: number
    readonly right: number
    readonly set: number
  },
): void {
  const at = walkNode * node
  const { column, bin, missingLeft, left, right, set } = split
  if (column < 0) {
    nodes[at] = 0
    nodes[at + 1] = 0
    nodes[at + 2] = 0xffffffff
    nodes[at + 3] = node
    nodes[at + 4] = node
    nodes[at + 5] = 0
    return
  }
  const [from, span] = range(bins, column, bin, missingLeft)
  nodes[at] = columnOffset(bins, column, rows)
  nodes[at + 1] = from
  nodes[at + 2] = span
  nodes[at + 3] = missingLeft ? right : left
  nodes[at + 4] = missingLeft ? left : right
  nodes[at + 5] = set
}

// A heap of nodes: the one of the highest gain first, of equal ones that which came first.

function before(gain: Float64Array, a: number, b: number): boolean {
  return gain[a] > gain[b] || (gain[a] === gain[b] && a < b)
}

function push(heap: number[], gain: Float64Array, node: number): void {
  let at = heap.length
  heap.push(node)
  while (at > 0) {
    const above = (at - 1) >> 1
    if (!before(gain, node, heap[above])) break
    heap[at] = heap[above]
    at = above
  }
  heap[at] = node
}

function pop(heap: number[], gain: Float64Array): number {
  const top = heap[0]
  const last = heap.pop()!
  if (heap.length === 0) return top
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && before(gain, heap[child + 1], heap[child])) child++
    if (!before(gain, heap[child], last)) break
    heap[at] = heap[child]
    at = child
  }
  heap[at] = last
  return top
}
