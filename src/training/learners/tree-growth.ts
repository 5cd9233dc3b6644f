/**
 * Grows decision trees on the columns of a matrix, which are prepared once: as places among the distinct values of a column (exact up to
 * 65,535 of them; beyond that, or beyond the number asked for, neighbouring values share one), or as categories.
 *
 * How splits are chosen is said in kernels/trees.as.ts. A tree is grown in full or up to limits; what lies above a limit is the same either
 * way, so one tree, cut, serves fits that differ in their limits (tree-cut.ts).
 *
 * Source: Breiman, Friedman, Olshen, Stone: Classification and Regression Trees, 1984; Geurts, Ernst, Wehenkel: Extremely randomized
 * trees, Machine Learning 63, 2006.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type LinearMemory, openWasm } from '../../numeric/index.js'
import type { TreeLoops } from '../kernels/trees.js'
import { columnsInto, type Matrix } from '../matrix.js'

/** As many distinct values of a column are told apart. */
export const mostGroups = 65_535
/** Categories × classes beyond which the categories of a column are taken for numbers, in their order. */
const mostCategoryCells = 2 ** 22
/** Columns that are taken out of a matrix at once: as many doubles as lie in one line of a cache. */
const together = 8
/** Room for what is presorted, about. */
const mostBlockBytes = 2 ** 24
/** Cells that are looked at between two turns of the event loop: some tens of milliseconds. */
const cellsATurn = 10_000_000n

export type TreeTarget =
  | { readonly kind: 'classes'; readonly codes: Int32Array; readonly classes: number }
  /** Between −2 and 2. */
  | { readonly kind: 'numbers'; readonly values: Float64Array }

/** How splits are chosen: what a tree that is cut has to have in common with one that is grown to the limits. */
export interface SplitRule {
  /** 'squared-error' for numbers. */
  readonly criterion: 'gini' | 'entropy' | 'squared-error'
  /** A leaf has at least this many rows. */
  readonly minSamplesLeaf: number
  /** One random cut for each column that is looked at, in place of the best one. */
  readonly randomCuts: boolean
  /** How many columns, drawn at random among those that are not constant, are looked at for a split; 0: all. */
  readonly drawnColumns: number
}

export interface TreeLimits {
  /** Splits between the root and a leaf. */
  readonly maxDepth: number
  /** A node with this many rows or fewer is not split. */
  readonly minNumSamples: number
  /** A node is split only where that lowers its impurity by more than this; −1: wherever it can be. */
  readonly gainThreshold: number
}

/** A tree as it was grown, nodes in preorder. `column` −1: a leaf. */
export interface GrownTree {
  readonly limits: TreeLimits
  readonly column: Int32Array
  /** x ≤ threshold goes left; for a set of categories the byte where its bits begin in `sets`. */
  readonly threshold: Float64Array
  readonly right: Int32Array
  /** missingLeft, isSet. */
  readonly flags: Uint8Array
  readonly rows: Uint32Array
  readonly weight: Uint32Array
  readonly impurity: Float64Array
  /** By how much the split lowers the impurity of its node. */
  readonly gain: Float64Array
  /** Of numbers: the mean of each node. */
  readonly value: Float64Array | null
  /** Of classes: by leaf the end of its entries, which are classes and their weights. */
  readonly leafEnd: Uint32Array
  readonly leafClass: Uint32Array
  readonly leafWeight: Uint32Array
  readonly sets: Uint8Array
}

export const missingLeft = 1
export const isSet = 2

/** The columns of one matrix in a memory of their own, and room for one fit at a time. */
export class TreeGrower {
  readonly #loops: TreeLoops & LinearMemory
  readonly #rows: number
  readonly #columns: number
  readonly #codes: number
  readonly #about: number
  readonly #cards: Int32Array
  readonly #isCategory: boolean[]
  /** Trees of earlier fits by what they were grown from, the latest last. */
  readonly #kept = new Map<string, GrownTree>()

  /** `most`: distinct values of a column that are told apart, up to `mostGroups`. `classes`: 0 for numbers. */
  constructor(x: Matrix, classes: number, most = mostGroups) {
    const { rows, columns } = x
    const loops = openWasm<TreeLoops>('#training-kernels/trees')
    this.#loops = loops
    this.#rows = rows
    this.#columns = columns
    this.#about = loops.reserve(16 * columns)
    this.#codes = loops.reserve(2 * rows * columns)
    this.#cards = new Int32Array(columns)
    this.#isCategory = Array.from({ length: columns }, (_, j) => {
      const count = x.categories?.[j] ?? 0
      return count > 0 && count <= mostGroups && count * Math.max(classes, 1) <= mostCategoryCells
    })
    const mark = loops.mark()
    const column = loops.reserve(8 * rows * together)
    const low = loops.reserve(8 * rows)
    const high = loops.reserve(8 * rows)
    const keys = loops.reserve(16 * rows)
    const places = loops.reserve(8 * rows)
    const counts = loops.reserve(4 * 65_536)
    const complete = new Uint8Array(columns)
    const ends = Array.from({ length: columns }, (_, j) => {
      const codes = this.#codes + 2 * rows * j
      if (j % together === 0) columnsInto(loops.f64(column, together * rows), x, j, together)
      const own = column + 8 * rows * (j % together)
      if (this.#isCategory[j]) {
        const count = x.categories![j]
        this.#cards[j] = count
        const places = loops.f64(own, rows)
        const view = loops.u16(codes, rows)
        for (let i = 0; i < rows; i++) view[i] = Number.isNaN(places[i]) ? count : places[i]
        return null
      }
      const card = loops.rankColumn(
        own,
        rows,
        Math.min(most, mostGroups),
        codes,
        low,
        high,
        keys,
        places,
        counts,
      )
      this.#cards[j] = card
      if (loops.missingOfColumn() === 0) complete[j] = 1
      const least = loops.f64(low, card).slice()
      const greatest = loops.f64(high, card).slice()
      return { least, greatest: greatest.every((value, k) => value === least[k]) ? least : greatest }
    })
    loops.release(mark)
    ends.forEach((found, j) => {
      let [low, high] = [0, 0]
      if (found !== null) {
        low = loops.reserve(8 * found.least.length)
        loops.f64(low, found.least.length).set(found.least)
        high = low
        if (found.greatest !== found.least) {
          high = loops.reserve(8 * found.greatest.length)
          loops.f64(high, found.greatest.length).set(found.greatest)
        }
      }
      loops
        .u32(this.#about + 16 * j, 4)
        .set([this.#cards[j], this.#isCategory[j] ? 1 : 2 * complete[j], low, high])
    })
  }

  close(): void {
    this.#loops.close()
  }

  /** What it holds. */
  get bytes(): number {
    let sum = this.#loops.bytes
    for (const tree of this.#kept.values()) sum += 64 * tree.column.length
    return sum
  }

  /**
   * A tree kept under this key that was grown at least as far, or a new one, grown with `open`'s arguments. The first one is grown up to
   * its limits; where a later fit wants to go further, to `furthest`, so that it serves all others.
   */
  async kept(
    key: string,
    limits: TreeLimits,
    furthest: TreeLimits,
    grow: (limits: TreeLimits) => Promise<GrownTree>,
  ): Promise<GrownTree> {
    const found = this.#kept.get(key)
    this.#kept.delete(key)
    const tree =
      found !== undefined && reaches(found.limits, limits) ? found : await grow(found ? furthest : limits)
    this.#kept.set(key, tree)
    if (this.#kept.size > 8) this.#kept.delete(this.#kept.keys().next().value!)
    return tree
  }

  /** Runs `work` with the target and weights in place, for trees by this criterion. */
  async open<R>(
    target: TreeTarget,
    weights: Uint32Array | null,
    criterion: SplitRule['criterion'],
    work: (growth: TreeGrowth) => Promise<R>,
  ): Promise<R> {
    const mark = this.#loops.mark()
    try {
      return await work(this.#place(target, weights, criterion))
    } finally {
      this.#loops.release(mark)
    }
  }

  #place(target: TreeTarget, given: Uint32Array | null, criterion: SplitRule['criterion']): TreeGrowth {
    const loops = this.#loops
    const n = this.#rows
    const classes = target.kind === 'classes' ? target.classes : 0
    const targetAt = loops.reserve(target.kind === 'classes' ? 4 * n : 8 * n)
    if (target.kind === 'classes') loops.i32(targetAt, n).set(target.codes)
    else loops.f64(targetAt, n).set(target.values)
    const givenAt = given === null ? 0 : loops.reserve(4 * n)
    if (given !== null) loops.u32(givenAt, n).set(given)
    const weightsAt = loops.reserve(4 * n)

    // Weights of classes lie in whole vectors of four.
    const width = 4 * Math.ceil(classes / 4)
    let groups = 2 * n + 2
    let cells = Math.ceil((groups * width) / Math.max(1, classes))
    this.#cards.forEach((card, j) => {
      if (!this.#isCategory[j]) return
      groups = Math.max(groups, card + 1)
      cells = Math.max(cells, (card + 1) * width)
    })
    const sumBytes = Math.max(8 * groups, 4 * cells)
    const [sums, groupWeight, groupRows] = [sumBytes, 4 * groups, 4 * groups].map((bytes) => {
      const at = loops.reserve(bytes)
      loops.u8(at, bytes).fill(0)
      return at
    })
    const tableLength = criterion === 'entropy' ? Math.min(n + 1, 2 ** 18) : 0
    const room = (bytes: number) => loops.reserve(bytes)
    const blockRows = Math.min(n, 65_536, Math.floor(mostBlockBytes / (8 * this.#columns)))
    loops.placeColumns(n, this.#columns, this.#codes, this.#about)
    loops.placeTarget(classes, targetAt, givenAt)
    loops.placeScratch(
      room(4 * n),
      room(4 * n),
      room(8 * n),
      room(4 * n),
      room(8 * n),
      room(8 * n),
      room(4 * 65_537),
      sums,
      groupWeight,
      groupRows,
      room(4 * groups),
      room(8 * groups),
      room(groups),
      room(groups),
      room(4 * width),
      room(4 * width),
      room(4 * width),
      room(4 * this.#columns),
      room(4 * this.#columns),
      room(8 * tableLength),
      tableLength,
      room(32 * (n + 3)),
      room(2 * n),
      room(2 * n),
      room(2 * n),
      room(8 * n),
      room(n / 8 + 8),
      room(blockBytes(blockRows, this.#columns)),
      blockRows,
    )
    const greatestSet = Math.ceil(
      this.#cards.reduce((most, card, j) => (this.#isCategory[j] ? Math.max(most, card) : most), 0) / 8,
    )
    return new TreeGrowth(loops, { n, classes, targetAt, givenAt, weightsAt, greatestSet, criterion })
  }
}

/** Room for a block of this many rows and those inside it, each with a sixteenth of the rows of the one around it. */
function blockBytes(rows: number, columns: number): number {
  let bytes = 128
  for (let size = rows; size > 0; size >>= 4) bytes += 6 * size * columns + 4 * size + columns + 128
  return bytes
}

function reaches(far: TreeLimits, limits: TreeLimits): boolean {
  return (
    far.maxDepth >= limits.maxDepth &&
    far.minNumSamples <= limits.minNumSamples &&
    far.gainThreshold <= limits.gainThreshold
  )
}

interface Placed {
  readonly n: number
  readonly classes: number
  readonly targetAt: number
  readonly givenAt: number
  readonly weightsAt: number
  readonly greatestSet: number
  readonly criterion: SplitRule['criterion']
}

/** Trees on one target. */
export class TreeGrowth {
  readonly #loops: TreeLoops & LinearMemory
  readonly #placed: Placed

  constructor(loops: TreeLoops & LinearMemory, placed: Placed) {
    this.#loops = loops
    this.#placed = placed
  }

  /** The next tree is grown on rows drawn with replacement, as many as there are. */
  drawRows(seed: number): void {
    const { n, classes, targetAt, givenAt, weightsAt } = this.#placed
    this.#loops.bootstrap(n, seed, givenAt, weightsAt)
    this.#loops.placeTarget(classes, targetAt, weightsAt)
  }

  /** `seed`: of what is random in it, 32 bits. */
  async grow(
    rule: Omit<SplitRule, 'criterion'>,
    limits: TreeLimits,
    seed: number,
    signal: AbortSignal,
  ): Promise<GrownTree> {
    const loops = this.#loops
    const { n, greatestSet, criterion } = this.#placed
    const mark = loops.mark()
    try {
      const nodes = Math.max(1, 2 * n)
      const room = (bytes: number) => loops.reserve(bytes)
      const at = {
        column: room(4 * nodes),
        threshold: room(8 * nodes),
        right: room(4 * nodes),
        rows: room(4 * nodes),
        weight: room(4 * nodes),
        flags: room(nodes),
        impurity: room(8 * nodes),
        gain: room(8 * nodes),
        value: room(8 * nodes),
        leafEnd: room(4 * n),
        leafClass: room(4 * n),
        leafWeight: room(4 * n),
      }
      const sets = room(0)
      let setRoom = 0
      loops.placeNodes(
        at.column,
        at.threshold,
        at.right,
        at.rows,
        at.weight,
        at.flags,
        at.impurity,
        at.gain,
        at.value,
        at.leafEnd,
        at.leafClass,
        at.leafWeight,
        sets,
      )
      loops.begin(
        seed,
        criterion === 'entropy' ? 1 : 0,
        rule.randomCuts ? 1 : 0,
        rule.drawnColumns,
        limits.maxDepth,
        limits.minNumSamples,
        rule.minSamplesLeaf,
        limits.gainThreshold,
      )
      for (;;) {
        const left = loops.grow(cellsATurn, setRoom, greatestSet)
        if (left === 0) break
        if (left === 2) {
          // The sets lie last, so that they grow into what is reserved behind them.
          const more = Math.max(4096, setRoom, greatestSet)
          room(more)
          setRoom += 64 * Math.ceil(more / 64)
          continue
        }
        await nextTurn()
        signal.throwIfAborted()
      }
      const grown = loops.nodesGrown()
      const leaves = this.#placed.classes > 0 ? loops.leavesGrown() : 0
      const entries = this.#placed.classes > 0 ? loops.leafEntriesGrown() : 0
      return {
        limits,
        column: loops.i32(at.column, grown).slice(),
        threshold: loops.f64(at.threshold, grown).slice(),
        right: loops.i32(at.right, grown).slice(),
        flags: loops.u8(at.flags, grown).slice(),
        rows: loops.u32(at.rows, grown).slice(),
        weight: loops.u32(at.weight, grown).slice(),
        impurity: loops.f64(at.impurity, grown).slice(),
        gain: loops.f64(at.gain, grown).slice(),
        value: this.#placed.classes > 0 ? null : loops.f64(at.value, grown).slice(),
        leafEnd: loops.u32(at.leafEnd, leaves).slice(),
        leafClass: loops.u32(at.leafClass, entries).slice(),
        leafWeight: loops.u32(at.leafWeight, entries).slice(),
        sets: loops.u8(sets, loops.setBytesGrown()).slice(),
      }
    } finally {
      loops.release(mark)
    }
  }
}
