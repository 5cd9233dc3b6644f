/**
 * What a support vector machine decides: all kernels between a row and the support vectors once, then the sums of each pair of
 * classes. Classes a < b: Σ of β(b − 1) over the vectors of a, plus Σ of β(a) over those of b, minus ρ.
 */
import type { Matrix } from '../matrix.js'
import type { SupportVectors } from './support-vectors.js'
import { blockLength, fillRows, openSvmLoops, type SvmLoops, setKernel } from './svm-loops.js'

/** Rows that are worked through at a time. */
const atOnce = 64

/** A function from rows to decision values: rows × pairs of classes (one for a regression), row-major. */
export function decisionValues(machine: SupportVectors): (x: Matrix) => Float64Array {
  let open: Decider | null = null
  return (x) => {
    open ??= openDecider(machine)
    return open(x)
  }
}

type Decider = (x: Matrix) => Float64Array

function openDecider(machine: SupportVectors): Decider {
  const { kernel, scale, columns, counts, rho } = machine
  const loops = openSvmLoops()
  const parts = counts.length
  const lines = Math.max(1, parts - 1)
  // The loops take two rows of coefficients at a time.
  const heights = (lines + 1) & ~1
  const blocks = Array.from(counts, blockLength)
  const count = blocks.reduce((sum, length) => sum + length, 0)
  const panels = loops.reserve(4 * count * columns)
  const lengths = loops.reserve(4 * parts)
  const coefficients = loops.reserve(8 * count * heights)
  const kernels = loops.reserve(4 * 4 * count)
  const wide = loops.reserve(8 * 4 * count)
  const asked = loops.reserve(4 * atOnce * columns)
  const out = loops.reserve(8 * atOnce * parts * heights)
  loops.i32(lengths, parts).set(blocks)
  lay(loops, machine, blocks, heights, panels, coefficients)
  return (x) => {
    const decisions = new Float64Array(x.rows * rho.length)
    setKernel(loops, panels, columns, kernel)
    const [queries, sums] = [loops.f32(asked, atOnce * columns), loops.f64(out, atOnce * parts * heights)]
    for (let start = 0; start < x.rows; start += atOnce) {
      const rows = Math.min(atOnce, x.rows - start)
      fillRows(queries, x, start, rows, scale)
      loops.decide(asked, (rows + 3) & ~3, lengths, parts, count, coefficients, heights, kernels, wide, out)
      for (let i = 0; i < rows; i++) {
        const from = i * parts * heights
        const to = (start + i) * rho.length
        if (parts === 1) {
          decisions[to] = sums[from] - rho[0]
          continue
        }
        let pair = 0
        for (let a = 0; a < parts; a++) {
          for (let b = a + 1; b < parts; b++, pair++)
            decisions[to + pair] = sums[from + a * heights + b - 1] + sums[from + b * heights + a] - rho[pair]
        }
      }
    }
    return decisions
  }
}

/** Vectors and coefficients into the loops' memory, each class filled up to its block. */
function lay(
  loops: SvmLoops,
  { vectors, coefficients, counts, columns }: SupportVectors,
  blocks: readonly number[],
  heights: number,
  panels: number,
  at: number,
): void {
  const count = blocks.reduce((sum, length) => sum + length, 0)
  const size = vectors.length / columns || coefficients.length / Math.max(1, counts.length - 1)
  const lines = Math.max(1, counts.length - 1)
  const [rows, weights] = [loops.f32(panels, count * columns), loops.f64(at, count * heights)]
  rows.fill(0)
  weights.fill(0)
  let [place, vector, weight] = [0, 0, 0]
  blocks.forEach((length, block) => {
    for (let v = 0; v < counts[block]; v++) {
      const to = ((place + v) >> 3) * 8 * columns + ((place + v) & 7)
      for (let j = 0; j < columns; j++) rows[to + 8 * j] = vectors[(vector + v) * columns + j]
      for (let line = 0; line < lines; line++)
        weights[weight + line * length + v] = coefficients[line * size + vector + v]
    }
    place += length
    weight += heights * length
    vector += counts[block]
  })
}
