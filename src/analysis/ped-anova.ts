/**
 * PED-ANOVA: how much each parameter tells the better trials from the others, from its distribution among both alone.
 *
 *   importance ∝ P(active) γ² D,   D = Σ_b p(b) (q(b)/p(b) − 1)²,
 *
 * p = the distribution of the parameter among the trials looked at in which it is active, q = the same among the better ones of
 * these, γ = their share: the variance of the chance to be among the better, along this parameter. D is the Pearson
 * divergence (Watanabe, Bansal and Hutter, "PED-ANOVA: Efficiently Quantifying Hyperparameter Importance in Arbitrary
 * Subspaces", 2023, equation 7). What is added here:
 *
 *   – Where a parameter is not always active, p and q are taken where it is, and it counts as often as it is.
 *   – A sample of m by chance alone has a D too; that much, Σ_b Var q(b)/p(b), is taken off, so that a parameter
 *     without effect has none.
 *   – Continuous parameters are counted in `cells` cells, both distributions smoothed by the same kernel.
 *
 * Everything is counting: O(n d) for n trials, however many.
 */
import type { Sample } from './sample.js'

/** Cells of a parameter with more levels than that. */
const cells = 48

/** One parameter as it is counted. */
interface Axis {
  readonly size: number
  /** Cell by rank, the best trial first; `size` where it is not active. */
  readonly cell: Uint16Array
  readonly isOrdered: boolean
}

/**
 * Unscaled importance of each parameter: of the best `better` (a share of all trials) among the best `among`, each
 * trial counted `counts` times (once unless given).
 */
export type PedAnova = (better: number, among: number, counts?: ArrayLike<number>) => Float64Array

/** Counts the trials of a sample once, for any number of questions. */
export function pedAnova({ space, points, active, order }: Sample): PedAnova {
  const n = points.length
  const rankOf = new Int32Array(n)
  for (let rank = 0; rank < n; rank++) rankOf[order[rank]] = rank
  const axes = space.dimensions.map(({ kind, levels, unitToLevel }, i): Axis => {
    const isCounted = kind === 'categorical' || levels <= cells
    const size = isCounted ? levels : cells
    const cell = new Uint16Array(n)
    for (let t = 0; t < n; t++) {
      const u = points[t][i]
      const at = isCounted ? unitToLevel(u) : Math.min(cells - 1, Math.floor(u * cells))
      cell[rankOf[t]] = active[t][i] === 1 ? at : size
    }
    return { size, cell, isOrdered: kind !== 'categorical' }
  })

  /** By rank, how often each trial counts among the best: the last one that is reached with what is left. */
  function parts(share: number, counts: ArrayLike<number> | undefined, total: number): Float64Array {
    const weights = new Float64Array(n)
    let left = Math.max(1, Math.ceil(share * total))
    let rank = 0
    for (; rank < n && left > 0; rank++) {
      weights[rank] = Math.min(left, counts?.[order[rank]] ?? 1)
      left -= weights[rank]
    }
    return weights.subarray(0, rank)
  }

  return (better, among, counts) => {
    let total = 0
    for (let t = 0; t < n; t++) total += counts?.[t] ?? 1
    const best = parts(better, counts, total)
    const all = parts(among, counts, total)
    return Float64Array.from(axes, (axis) => divergence(axis, best, all))
  }
}

function divergence({ size, cell, isOrdered }: Axis, best: Float64Array, all: Float64Array): number {
  const [p, withoutP] = counted(cell, all, size)
  const [q] = counted(cell, best, size)
  const n = sumOf(p)
  const m = sumOf(q)
  const whole = n + withoutP
  if (m === 0 || m === n) return 0
  const kernel = isOrdered ? smoothing(size, m, q) : null
  const ps = smoothed(p, kernel)
  const qs = smoothed(q, kernel)
  // Drawn without replacement from the n.
  const fewer = (n - m) / (Math.max(1, n - 1) * m)
  let sum = 0
  for (let b = 0; b < size; b++) {
    if (!(ps[b] > 0)) continue
    const expected = ps[b] / n
    let squares = 0
    for (let c = 0; c < size; c++) {
      const weight = kernel === null ? Number(c === b) : kernel[b * size + c]
      squares += (weight * weight * p[c]) / n
    }
    const chance = (squares - expected * expected) * fewer
    const difference = qs[b] / m - expected
    sum += (difference * difference - chance) / expected
  }
  const share = m / n
  return (n / whole) * share * share * Math.max(0, sum)
}

/** What is counted in each cell, and what in none. */
function counted(cell: Uint16Array, weights: Float64Array, size: number): [Float64Array, number] {
  const sums = new Float64Array(size + 1)
  for (let rank = 0; rank < weights.length; rank++) sums[cell[rank]] += weights[rank]
  return [sums.subarray(0, size), sums[size]]
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/**
 * A Gaussian kernel whose weight stays within the range: column c sums to 1. Its width by Scott's rule, from the spread of
 * the better trials, and at least a cell's. null where there is nothing to smooth.
 */
function smoothing(size: number, m: number, counts: Float64Array): Float64Array | null {
  if (size <= 2) return null
  let mean = 0
  for (let b = 0; b < size; b++) mean += (b * counts[b]) / m
  let squares = 0
  for (let b = 0; b < size; b++) squares += ((b - mean) * (b - mean) * counts[b]) / m
  const width = Math.max(0.5, 1.06 * Math.sqrt(squares) * Math.exp(-0.2 * Math.log(m)))
  const kernel = new Float64Array(size * size)
  for (let c = 0; c < size; c++) {
    let sum = 0
    for (let b = 0; b < size; b++) {
      const z = (b - c) / width
      kernel[b * size + c] = Math.exp(-0.5 * z * z)
      sum += kernel[b * size + c]
    }
    for (let b = 0; b < size; b++) kernel[b * size + c] /= sum
  }
  return kernel
}

function smoothed(counts: Float64Array, kernel: Float64Array | null): Float64Array {
  if (kernel === null) return counts
  const size = counts.length
  return counts.map((_, b) => {
    let sum = 0
    for (let c = 0; c < size; c++) sum += kernel[b * size + c] * counts[c]
    return sum
  })
}
