/**
 * The WebAssembly loops of support vector machines (kernels/svm.as.ts, which has the notation), and how rows come to stand before
 * them: columns centred where the kernel does not notice, everything by one power of two, as f32 in panels of eight rows.
 */
import { type LinearMemory, openWasm } from '../../numeric/index.js'
import type { Matrix } from '../matrix.js'

/** Pointers are byte offsets. */
interface Loops {
  centre(values: number, rows: number, columns: number, out: number): void
  farthest(values: number, rows: number, columns: number, centre: number): number
  fillPanels(
    values: number,
    columns: number,
    order: number,
    places: number,
    centre: number,
    factor: number,
    most: number,
    to: number,
  ): void
  useKernel(panels: number, d: number, kind: number, gamma: number, coef0: number, degree: number): void
  diagonal(first: number, count: number, out: number, spare: number): void
  keep(all: number, width: number, ready: number, blocks: number): void
  keepInner(all: number, at: number, ready: number): void
  useBlocks(
    a: number,
    firstA: number,
    lengthA: number,
    b: number,
    firstB: number,
    lengthB: number,
    same: boolean,
  ): void
  useCache(rows: number, slots: number, ofRow: number, ofSlot: number, newer: number, older: number): void
  begin(f: number, up: number, down: number, most: number, alpha: number, self: number, sign: number): void
  optimise(steps: number, tolerance: number): number
  decide(
    asked: number,
    total: number,
    lengths: number,
    parts: number,
    count: number,
    coefficients: number,
    heights: number,
    kernels: number,
    wide: number,
    out: number,
  ): void
}

export type SvmLoops = Loops & LinearMemory

export const openSvmLoops = (): SvmLoops => openWasm<Loops>('#training-kernels/svm')

export const svmKernels = ['rbf', 'linear', 'polynomial', 'sigmoid'] as const

/** γ is that of the rows as they stand in the panels. */
export interface SvmKernel {
  readonly kind: (typeof svmKernels)[number]
  readonly gamma: number
  readonly coef0: number
  readonly degree: number
}

export function setKernel(
  loops: SvmLoops,
  panels: number,
  columns: number,
  { kind, gamma, coef0, degree }: SvmKernel,
): void {
  loops.useKernel(panels, columns, svmKernels.indexOf(kind), gamma, coef0, degree)
}

/** A value v of column j stands in the panels as (v − centre_j) · factor, factor a power of two. */
export interface RowScale {
  readonly centre: Float64Array
  readonly factor: number
}

/** Values in panels stay within, whatever a row that is asked for holds: then products of two of them are finite in f32. */
export const largestEntry = 1e15
const [least, most] = [1e-12, 1e12]

/**
 * Puts rows into the panels at `to`: row `order[p]` to place p; a place with −1 stays empty.
 *
 * Distances do not change where all rows are moved, nor do linear machines, whose multipliers sum to 0: numbers like years
 * then keep their digits in f32. The factor is 1 unless the values are far from the range of f32.
 */
export function fillPanels(
  loops: SvmLoops,
  to: number,
  { rows, columns, values }: Matrix,
  order: Int32Array,
  kind: SvmKernel['kind'],
): RowScale {
  const mark = loops.mark()
  const [at, centreAt] = [loops.reserve(8 * rows * columns), loops.reserve(8 * columns)]
  const orderAt = loops.reserve(4 * order.length)
  loops.f64(at, rows * columns).set(values)
  loops.i32(orderAt, order.length).set(order)
  if (kind === 'rbf' || kind === 'linear') loops.centre(at, rows, columns, centreAt)
  else loops.f64(centreAt, columns).fill(0)
  const largest = loops.farthest(at, rows, columns, centreAt)
  let factor = 1
  if (largest > most) while (largest * factor > most) factor /= 2
  else if (largest > 0 && largest < least) while (largest * factor < 0.5 && factor < 1e300) factor *= 2
  if (!(factor > 0)) factor = Number.MIN_VALUE
  loops.fillPanels(at, columns, orderAt, order.length, centreAt, factor, largestEntry, to)
  const centre = loops.f64(centreAt, columns).slice()
  loops.release(mark)
  return { centre, factor }
}

const entry = (value: number, centre: number, factor: number): number =>
  Math.max(-largestEntry, Math.min(largestEntry, (value - centre) * factor))

/** `count` rows from row `first`, row after row. */
export function fillRows(
  into: Float32Array,
  { columns, values }: Matrix,
  first: number,
  count: number,
  { centre, factor }: RowScale,
): void {
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < columns; j++)
      into[i * columns + j] = entry(values[(first + i) * columns + j], centre[j], factor)
  }
}

/** Rows of a block: a multiple of eight. */
export const blockLength = (rows: number): number => (rows + 7) & ~7
