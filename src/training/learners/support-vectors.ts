/**
 * Support vector machines: C-SVC, one machine for each pair of classes, and ε-SVR, fitted in WebAssembly (kernels/svm.as.ts).
 *
 *   classes  minimise ½ Σ β_k β_l K_kl − Σ α_k           numbers  minimise ½ Σ β_k β_l K_kl − Σ z_k β_k + ε Σ |β_k|
 *
 * over β with sum 0; for classes β_k = ±α_k and 0 ≤ α_k ≤ C_k, for numbers |β_k| ≤ C_k. C_k is the cost times the row's weight
 * (mean 1). f(x) = Σ β_k K(x_k, x) − ρ, ρ the mean of F over the multipliers strictly between their bounds, or the middle of the
 * range that the others leave. For numbers there are two multipliers a row, for being above and below.
 *
 * The rows of each class stand together, so a pair of classes is two blocks of rows. Measures between all rows (distances or products,
 * on which cost and γ have no bearing) are kept for other fits on the same rows where they take no more than 100 MB; kernels within
 * a class are kept for the fit, since all pairs of the class need them.
 *
 * Probabilities: Platt's sigmoids of the pairs, from decision values of a cross-validation in five parts (../platt.ts).
 * A pair's six problems have the same kernel: the rows of a part have cost 0, and their F is then their decision value.
 *
 * Source: Chang and Lin (2011), LIBSVM, ACM TIST 2(3), sections 2.1, 2.4, 4 and 8.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { randomStream } from '../../numeric/index.js'
import { FitFailure } from '../failures.js'
import type { Matrix } from '../matrix.js'
import type { LearnerContext } from '../pipeline.js'
import { fitSigmoid } from '../platt.js'
import { type Held, nothingShared } from '../preparation.js'
import { relativeWeights } from './relative-weights.js'
import {
  blockLength,
  fillPanels,
  openSvmLoops,
  type RowScale,
  type SvmKernel,
  type SvmLoops,
  setKernel,
} from './svm-loops.js'

/** A machine as it decides. Vectors are as they stand in the panels. */
export interface SupportVectors {
  readonly kernel: SvmKernel
  readonly scale: RowScale
  readonly columns: number
  /** Row-major, class by class. */
  readonly vectors: Float32Array
  /** How many vectors each class has; of a regression one number. */
  readonly counts: Int32Array
  /** β: classes − 1 rows (one for a regression) of as many numbers as there are vectors, see svm-decisions.ts. */
  readonly coefficients: Float64Array
  /** One for each pair of classes (0,1), (0,2) … ; of a regression one. */
  readonly rho: Float64Array
  /** Of a classification with probabilities: one for each pair. */
  readonly sigmoids: { readonly a: Float64Array; readonly b: Float64Array } | null
}

export interface SvmSettings {
  /** γ is that of the rows as they are given. */
  readonly kernel: SvmKernel
  readonly cost: number
  readonly room?: KernelRoom
}

/** Bytes that may be taken, whatever which results are the same. */
export interface KernelRoom {
  /** By measures between all rows; by kernel rows of a problem (two at least); by kernels within classes. */
  readonly measures: number
  readonly rows: number
  readonly inner: number
}

const tolerance = 1e-3
const parts = 5
const usualRoom: KernelRoom = { measures: 100 << 20, rows: 100 << 20, inner: 48 << 20 }

/** Rows of a block, `rows` of them, at `first` … in the panels. */
interface Block {
  readonly first: number
  readonly rows: number
  readonly length: number
}

/** The rows of a fit in the loops' memory. */
export interface PanelRows extends Held {
  readonly loops: SvmLoops
  readonly columns: number
  readonly blocks: readonly Block[]
  /** The row at each place of the panels; −1: none. */
  readonly order: Int32Array
  readonly scale: RowScale
  readonly panels: number
  readonly kept: { readonly all: number; readonly ready: number } | null
  /** All beyond is a fit's own. */
  readonly mark: number
}

function prepareRows(
  x: Matrix,
  codes: Int32Array | null,
  classes: number,
  kind: SvmKernel['kind'],
  mostMeasures: number,
): PanelRows {
  const counts = new Int32Array(classes)
  for (let i = 0; i < x.rows; i++) counts[codes?.[i] ?? 0]++
  const blocks: Block[] = []
  let total = 0
  for (const rows of counts) {
    blocks.push({ first: total, rows, length: blockLength(rows) })
    total += blockLength(rows)
  }
  const order = new Int32Array(total).fill(-1)
  const next = blocks.map(({ first }) => first)
  for (let i = 0; i < x.rows; i++) order[next[codes?.[i] ?? 0]++] = i
  const loops = openSvmLoops()
  const panels = loops.reserve(4 * total * x.columns)
  const scale = fillPanels(loops, panels, x, order, kind)
  if (kind !== 'rbf' && scale.factor < 1) throw overflowing()
  const fits = 4 * total * total <= mostMeasures
  const ready = fits ? loops.reserve(total * classes) : 0
  const all = fits ? loops.reserve(4 * total * total) : 0
  if (fits) loops.u8(ready, total * classes).fill(0)
  const { columns } = x
  return {
    loops,
    columns,
    blocks,
    order,
    scale,
    panels,
    kept: fits ? { all, ready } : null,
    mark: loops.mark(),
    close: () => loops.close(),
  }
}

/** What the measures of a kernel are called in keys. */
const measured = { rbf: 'distances', linear: 'centred products', polynomial: 'products', sigmoid: 'products' }

export const rowsKey = (kind: SvmKernel['kind'], isClassification: boolean): string =>
  `svm: ${isClassification ? 'classes' : 'numbers'} ${measured[kind]}`

function withRows<R>(
  x: Matrix,
  codes: Int32Array | null,
  classes: number,
  { kernel: { kind }, room = usualRoom }: SvmSettings,
  context: LearnerContext,
  work: (rows: PanelRows) => Promise<R>,
): Promise<R> {
  return context.shared.hold(
    rowsKey(kind, codes !== null),
    () => prepareRows(x, codes, classes, kind, context.shared === nothingShared ? 0 : room.measures),
    ({ loops }) => loops.bytes,
    async (rows) => {
      rows.loops.release(rows.mark)
      return work(rows)
    },
  )
}

/** Kernel and cost for rows as they stand in the panels: there all products are factor² times as large. */
function settingsInPanels(
  { kernel, cost, room = usualRoom }: SvmSettings,
  { factor }: RowScale,
): Required<SvmSettings> {
  const [gamma, linearCost] = [kernel.gamma / factor / factor, cost / factor / factor]
  return {
    kernel: { ...kernel, gamma: Math.min(gamma, 1e38) },
    cost: kernel.kind === 'linear' ? Math.min(linearCost, 1e150) : cost,
    room,
  }
}

/** The arrays of one problem: offsets of as many f64 as it has variables. */
class Problem {
  readonly #rows: PanelRows
  readonly #context: LearnerContext
  readonly #size: number
  readonly #arrays: number[]
  readonly #cache: number
  readonly #cacheBytes: number
  readonly #places: number[]
  #work = 0
  /** Problems whose search was cut short. */
  unfinished = 0

  /** `size`: of the largest problem, `length`: of its kernel rows, how many there are of them. */
  constructor(rows: PanelRows, context: LearnerContext, size: number, length: number, room: number) {
    const { loops } = rows
    this.#rows = rows
    this.#context = context
    this.#size = size
    this.#arrays = Array.from({ length: 7 }, () => loops.reserve(8 * size))
    this.#cacheBytes = Math.max(2 * 4 * length, Math.min(4 * length * length, room))
    this.#places = Array.from({ length: 4 }, () => loops.reserve(4 * length))
    this.#cache = loops.reserve(this.#cacheBytes)
  }

  array(which: 'f' | 'most' | 'alpha' | 'self' | 'sign', size = this.#size): Float64Array {
    return this.#rows.loops.f64(this.#arrays[{ f: 0, most: 3, alpha: 4, self: 5, sign: 6 }[which]], size)
  }

  /** Sets the two blocks of rows, and forgets the kernel rows of the last ones. */
  use(a: number, b: number): void {
    const { loops, blocks } = this.#rows
    const [blockA, blockB] = [blocks[a], blocks[b]]
    loops.useBlocks(a, blockA.first, blockA.length, b, blockB.first, blockB.length, a === b)
    const length = a === b ? blockA.length : blockA.length + blockB.length
    const slots = Math.min(length, Math.floor(this.#cacheBytes / (4 * length)))
    loops.useCache(this.#cache, slots, this.#places[0], this.#places[1], this.#places[2], this.#places[3])
  }

  /** From F, C, K_kk and s to α and F. Gives ρ. */
  async solve(size: number): Promise<number> {
    const { loops, columns } = this.#rows
    const [f, up, down, most, alpha, self, sign] = this.#arrays
    loops.begin(f, up, down, most, alpha, self, sign)
    const bound = Math.max(1_000_000, 1000 * size)
    // About 20 ms between two looks at whether to go on.
    const cost = size * (8 + columns / 4)
    const atOnce = Math.max(1, Math.floor(4e7 / cost))
    let made = 0
    for (let isDone = false; !isDone && made < bound; ) {
      const steps = loops.optimise(Math.min(atOnce, bound - made), tolerance)
      isDone = steps < Math.min(atOnce, bound - made)
      made += steps
      this.#work += (steps + 1) * cost
      if (this.#work > 4e7) {
        this.#work = 0
        await nextTurn()
        this.#context.signal.throwIfAborted()
      }
      if (!isDone && made >= bound) this.unfinished++
    }
    return middle(
      this.array('f', size),
      this.array('alpha', size),
      this.array('most', size),
      this.array('sign', size),
    )
  }

  /** Tells of searches that were cut short. */
  tell(): void {
    if (this.unfinished === 0) return
    const what = this.unfinished === 1 ? 'a machine was' : `${this.unfinished} machines were`
    this.#context.log(
      `${what} not at the tolerance of ${tolerance} after 1,000 steps a row (1,000,000 at least) and stayed as far as it had come: scale the columns, or lower cost`,
    )
  }
}

/** ρ. Variables with C = 0 do not count. */
function middle(f: Float64Array, alpha: Float64Array, most: Float64Array, sign: Float64Array): number {
  let sum = 0
  let free = 0
  let above = Infinity
  let below = -Infinity
  for (let k = 0; k < f.length; k++) {
    if (most[k] === 0) continue
    const isFull = alpha[k] >= most[k]
    if (alpha[k] > 0 && !isFull) {
      sum += f[k]
      free++
    } else if (isFull === sign[k] < 0) above = Math.min(above, f[k])
    else below = Math.max(below, f[k])
  }
  if (free > 0) return sum / free
  if (above === Infinity) return below === -Infinity ? 0 : below
  return below === -Infinity ? above : above / 2 + below / 2
}

/** K_kk of all places of the panels. */
function diagonalOf({ loops, order }: PanelRows): Float64Array {
  const mark = loops.mark()
  const [out, spare] = [loops.reserve(8 * order.length), loops.reserve(64)]
  loops.diagonal(0, order.length, out, spare)
  const found = loops.f64(out, order.length).slice()
  loops.release(mark)
  if (found.some((value) => !(Math.abs(value) < 1e30))) throw overflowing()
  return found
}

function overflowing(): FitFailure {
  return new FitFailure(
    'METRIC_NOT_FINITE',
    'the kernel overflows on these columns; scale them, or lower gamma, coef0 or degree',
  )
}

/** Costs of the places of the panels. */
function costsOf({ order }: PanelRows, cost: number, weights: Float64Array | null): Float64Array {
  const relative = relativeWeights(weights)
  const costs = new Float64Array(order.length)
  for (let p = 0; p < costs.length; p++) if (order[p] >= 0) costs[p] = cost * (relative?.[order[p]] ?? 1)
  return costs
}

function startKernel(rows: PanelRows, kernel: SvmKernel): void {
  const { loops, panels, columns, kept, order, blocks } = rows
  setKernel(loops, panels, columns, kernel)
  loops.keep(kept?.all ?? 0, order.length, kept?.ready ?? 0, blocks.length)
  loops.keepInner(0, 0, 0)
}

/** Keeps kernels within classes where several pairs need them and there is room. */
function keepInner({ loops, blocks, order }: PanelRows, room: number): void {
  const starts: number[] = []
  let bytes = 0
  for (const { length } of blocks) {
    starts.push(bytes)
    bytes += 4 * length * length
  }
  if (blocks.length < 3 || bytes > room) return
  const [at, ready, all] = [
    loops.reserve(4 * blocks.length),
    loops.reserve(order.length),
    loops.reserve(bytes),
  ]
  loops.u32(at, blocks.length).set(starts)
  loops.u8(ready, order.length).fill(0)
  loops.keepInner(all, at, ready)
}

/** `codes`: 0 … classes − 1, each in at least one row; at least two classes. */
export function fitClasses(
  x: Matrix,
  codes: Int32Array,
  classes: number,
  given: SvmSettings & { readonly probabilities: boolean },
  context: LearnerContext,
): Promise<SupportVectors> {
  return withRows(x, codes, classes, given, context, async (rows) => {
    const { blocks, order, scale } = rows
    const { kernel, cost, room } = settingsInPanels(given, scale)
    startKernel(rows, kernel)
    const lengths = blocks.map(({ length }) => length).sort((a, b) => b - a)
    const largest = lengths[0] + lengths[1]
    const problem = new Problem(rows, context, largest, largest, room.rows)
    const diagonal = diagonalOf(rows)
    const costs = costsOf(rows, cost, context.weights)
    keepInner(rows, room.inner)
    const partOf = given.probabilities ? partsOf(rows, context.seed) : null
    const pairs = (classes * (classes - 1)) / 2
    const rho = new Float64Array(pairs)
    const sigmoids = partOf && { a: new Float64Array(pairs), b: new Float64Array(pairs) }
    // β of place p against the other classes: row (b − 1) for a class before b, row a for one behind a.
    const beta = new Float64Array((classes - 1) * order.length)
    let pair = 0
    for (let a = 0; a < classes; a++) {
      for (let b = a + 1; b < classes; b++, pair++) {
        const [blockA, blockB] = [blocks[a], blocks[b]]
        const size = blockA.length + blockB.length
        problem.use(a, b)
        const place = (k: number) => (k < blockA.length ? blockA.first + k : blockB.first + k - blockA.length)
        const set = (out: number | null) => {
          const [f, most] = [problem.array('f', size), problem.array('most', size)]
          const [self, sign] = [problem.array('self', size), problem.array('sign', size)]
          for (let k = 0; k < size; k++) {
            const p = place(k)
            sign[k] = k < blockA.length ? 1 : -1
            f[k] = -sign[k]
            self[k] = diagonal[p]
            most[k] = out !== null && partOf![p] === out ? 0 : costs[p]
          }
        }
        if (partOf !== null && sigmoids !== null) {
          const held: number[] = []
          const truths: boolean[] = []
          for (let part = 0; part < parts; part++) {
            set(part)
            const most = problem.array('most', size)
            const hasA = most.subarray(0, blockA.length).some((one) => one > 0)
            const hasB = most.subarray(blockA.length).some((one) => one > 0)
            const constant = hasA === hasB ? 0 : hasA ? 1 : -1
            const r = hasA && hasB ? await problem.solve(size) : 0
            const [f, sign] = [problem.array('f', size), problem.array('sign', size)]
            for (let k = 0; k < size; k++) {
              if (order[place(k)] < 0 || partOf[place(k)] !== part) continue
              held.push(hasA && hasB ? f[k] + sign[k] - r : constant)
              truths.push(sign[k] > 0)
            }
          }
          const { a: slope, b: offset } = fitSigmoid(Float64Array.from(held), truths)
          sigmoids.a[pair] = slope
          sigmoids.b[pair] = offset
        }
        set(null)
        rho[pair] = await problem.solve(size)
        const [alpha, sign] = [problem.array('alpha', size), problem.array('sign', size)]
        for (let k = 0; k < size; k++) {
          const line = k < blockA.length ? b - 1 : a
          beta[line * order.length + place(k)] = sign[k] * alpha[k]
        }
      }
    }
    problem.tell()
    return gather(rows, kernel, beta, classes - 1, rho, sigmoids)
  })
}

/** The part of the cross-validation in which each place is held out: every class is spread over all parts. */
function partsOf({ blocks, order }: PanelRows, seed: number): Uint8Array {
  const partOf = new Uint8Array(order.length)
  blocks.forEach(({ first, rows }, block) => {
    const shuffled = randomStream(seed, 'svm parts', block).shuffle(
      Int32Array.from({ length: rows }, (_, i) => i),
    )
    // Not all small classes leave their rows in the first parts.
    shuffled.forEach((row, i) => {
      partOf[first + row] = (i + block) % parts
    })
  })
  return partOf
}

/** `z`: the target; ε in its unit. */
export function fitNumbers(
  x: Matrix,
  z: Float64Array,
  given: SvmSettings & { readonly epsilon: number },
  context: LearnerContext,
): Promise<SupportVectors> {
  return withRows(x, null, 1, given, context, async (rows) => {
    const { order, scale } = rows
    const { kernel, cost, room } = settingsInPanels(given, scale)
    startKernel(rows, kernel)
    const length = order.length
    const problem = new Problem(rows, context, 2 * length, length, room.rows)
    const diagonal = diagonalOf(rows)
    const costs = costsOf(rows, cost, context.weights)
    problem.use(0, 0)
    const [f, most, self, sign] = (['f', 'most', 'self', 'sign'] as const).map((which) =>
      problem.array(which),
    )
    for (let k = 0; k < 2 * length; k++) {
      const p = k % length
      sign[k] = k < length ? 1 : -1
      f[k] = (order[p] < 0 ? 0 : -z[order[p]]) + sign[k] * given.epsilon
      self[k] = diagonal[p]
      most[k] = costs[p]
    }
    const rho = await problem.solve(2 * length)
    problem.tell()
    const alpha = problem.array('alpha')
    const beta = Float64Array.from({ length }, (_, p) => alpha[p] - alpha[p + length])
    return gather(rows, kernel, beta, 1, Float64Array.of(rho), null)
  })
}

/** Leaves out the rows that no β needs. */
function gather(
  { loops, blocks, order, scale, panels, columns }: PanelRows,
  kernel: SvmKernel,
  beta: Float64Array,
  lines: number,
  rho: Float64Array,
  sigmoids: SupportVectors['sigmoids'],
): SupportVectors {
  const total = order.length
  const places = new Int32Array(total)
  const counts = new Int32Array(blocks.length)
  let count = 0
  blocks.forEach(({ first, length }, block) => {
    const before = count
    for (let p = first; p < first + length; p++) {
      let line = 0
      while (line < lines && beta[line * total + p] === 0) line++
      if (line < lines) places[count++] = p
    }
    counts[block] = count - before
  })
  const rows = loops.f32(panels, total * columns)
  const vectors = new Float32Array(count * columns)
  for (let v = 0; v < count; v++) {
    const from = (places[v] >> 3) * 8 * columns + (places[v] & 7)
    for (let j = 0; j < columns; j++) vectors[v * columns + j] = rows[from + 8 * j]
  }
  const coefficients = new Float64Array(lines * count)
  for (let line = 0; line < lines; line++) {
    for (let v = 0; v < count; v++) coefficients[line * count + v] = beta[line * total + places[v]]
  }
  return { kernel, scale, columns, vectors, counts, coefficients, rho, sigmoids }
}
