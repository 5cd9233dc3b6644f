/**
 * Probabilities of rows of scores, in AssemblyScript: the loops of ../learners/softmax.ts, the same bit by bit. Rows × classes, row-major;
 * pointers are byte offsets.
 */
import { exponentials } from './exponentials.as'

/** Scores become probabilities, in place. Room for a multiple of 8 doubles. */
export function probabilities(z: usize, rows: i32, classes: i32): void {
  const step = (<usize>classes) << 3
  const end = z + <usize>rows * step
  for (let row = z; row < end; row += step) {
    const even = row + (step & ~15)
    let pair = f64x2.splat(-Infinity)
    for (let p = row; p < even; p += 16) pair = f64x2.pmax(pair, v128.load(p))
    let most = max(f64x2.extract_lane(pair, 0), f64x2.extract_lane(pair, 1))
    if (classes & 1) most = max(most, load<f64>(even))
    pair = f64x2.splat(most)
    for (let p = row; p < even; p += 16) v128.store(p, f64x2.sub(v128.load(p), pair))
    if (classes & 1) store<f64>(even, load<f64>(even) - most)
  }
  exponentials(z, rows * classes)
  for (let row = z; row < end; row += step) {
    let sum: f64 = 0
    for (let p = row, next = row + step; p < next; p += 8) sum += load<f64>(p)
    const even = row + (step & ~15)
    const divisor = f64x2.splat(sum)
    for (let p = row; p < even; p += 16) v128.store(p, f64x2.div(v128.load(p), divisor))
    if (classes & 1) store<f64>(even, load<f64>(even) / sum)
  }
}

/** The class with the highest value in each row; of equal ones the first. */
export function winners(values: usize, rows: i32, classes: i32, codes: usize): void {
  for (let i = 0; i < rows; i++) {
    let best = load<f64>(values)
    let code = 0
    for (let c = 1; c < classes; c++) {
      const value = load<f64>(values + ((<usize>c) << 3))
      if (value > best) {
        best = value
        code = c
      }
    }
    store<i32>(codes + ((<usize>i) << 2), code)
    values += (<usize>classes) << 3
  }
}
