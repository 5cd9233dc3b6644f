/**
 * The WebAssembly loops of support vector machines (kernels/svm.as.ts, which has the notation), and how rows come to stand before
 * them: columns centred where the kernel does not notice, everything by one power of two, as f32 in panels of eight rows.
 */
import { type LinearMemory, openWasm } from '../../numeric/index.js'
import type { Matrix } from '../matrix.js'

/** Pointers are byte offsets. */
interface Loops {
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
 * Distances do not change where all rows are moved, nor do linear machines, whose multipliers sum to 0: numbers like years
 * then keep their digits in f32. The factor is 1 unless the values are far from the range of f32.
 */
export function rowScale({ rows, columns, values }: Matrix, kind: SvmKernel['kind']): RowScale {
  const centre = new Float64Array(columns)
  if (kind === 'rbf' || kind === 'linear') {
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) centre[j] += values[i * columns + j] / rows
  }
  let largest = 0
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++)
      largest = Math.max(largest, Math.abs(values[i * columns + j] - centre[j]))
  }
  let factor = 1
  if (largest > most) while (largest * factor > most) factor /= 2
  else if (largest > 0 && largest < least) while (largest * factor < 0.5 && factor < 1e300) factor *= 2
  return { centre, factor: factor > 0 ? factor : Number.MIN_VALUE }
}

const entry = (value: number, centre: number, factor: number): number =>
  Math.max(-largestEntry, Math.min(largestEntry, (value - centre) * factor))

/** Rows `order[p]` to place p of the panels; a place with −1 stays empty. */
export function fillPanels(
  into: Float32Array,
  x: Matrix,
  order: Int32Array,
  { centre, factor }: RowScale,
): void {
  const { columns, values } = x
  for (let place = 0; place < order.length; place++) {
    if (order[place] < 0) continue
    const to = (place >> 3) * 8 * columns + (place & 7)
    const from = order[place] * columns
    for (let j = 0; j < columns; j++) into[to + 8 * j] = entry(values[from + j], centre[j], factor)
  }
}

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
