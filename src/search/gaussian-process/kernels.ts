/**
 * The WebAssembly loops (kernels/kernels.as.ts) and the memory they work on.
 *
 * One instance has one linear memory. A user of it lays out his arrays with `reserve`, whose result is a byte
 * offset, and looks at them through `view`, which must be asked for again after memory may have grown.
 */
import { openWasm } from '../../numeric/index.js'

interface Loops {
  kernelRows(
    a: number,
    strideA: number,
    firstRow: number,
    endRow: number,
    b: number,
    strideB: number,
    columns: number,
    lower: boolean,
    numeric: number,
    categorical: number,
    weights: number,
    scale: number,
    roughness: number,
    k: number,
    strideK: number,
    f: number,
    strideF: number,
    r: number,
  ): void
  factorRows(l: number, ld: number, inverse: number, firstRow: number, endRow: number): number
  solveRows(l: number, ld: number, inverse: number, n: number, b: number, strideB: number, rows: number): void
  solveRowsTransposed(
    l: number,
    ld: number,
    inverse: number,
    n: number,
    b: number,
    strideB: number,
    rows: number,
  ): void
  invert(l: number, ld: number, inverse: number, n: number, u: number, c: number): void
  weighedSum(r: number, c: number, ld: number, alpha: number, n: number): number
  weigh(f: number, c: number, ld: number, alpha: number, n: number): void
  pairSums(
    g: number,
    ld: number,
    x: number,
    strideX: number,
    n: number,
    numeric: number,
    p: number,
    out: number,
  ): void
  unequalSums(
    g: number,
    ld: number,
    x: number,
    strideX: number,
    n: number,
    categorical: number,
    out: number,
  ): void
  rowsTimes(b: number, strideB: number, rows: number, n: number, a: number, out: number): void
  rowSquares(b: number, strideB: number, rows: number, n: number, out: number): void
  pointSums(
    f: number,
    alpha: number,
    w: number,
    z: number,
    strideZ: number,
    x: number,
    strideX: number,
    n: number,
    alphas: number,
    numeric: number,
    outAlpha: number,
    outW: number,
  ): void
}

export interface Kernels extends Loops {
  /** Byte offset of a new array of this many doubles, zeroed. */
  reserve(doubles: number): number
  /** The doubles at a byte offset; valid until the next `reserve`. */
  view(offset: number, doubles: number): Float64Array
}

/** A fresh instance with its own memory. The first call reads and compiles the module (a few milliseconds). */
export function openKernels(): Kernels {
  const loops = openWasm<Loops>('#gaussian-process-kernels')
  return {
    ...loops,
    reserve: (doubles) => loops.reserve(doubles * 8),
    view: (offset, doubles) => loops.f64(offset, doubles),
  }
}

/** Length of a row of a matrix with n columns, in doubles: even, with at least one column of padding. */
export function rowLength(n: number): number {
  return (n + 3) & ~1
}
