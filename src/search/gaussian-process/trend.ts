/**
 * A trend under the process: what each parameter does by itself, coarsely, wherever in the space it is.
 *
 *   f(x) = g(x) + Σ_j h_j(x) β_j,   β_j ~ N(0, 1),   so that   cov(f(x), f(x′)) = k(x, x′) + h(x)ᵀh(x′).
 *
 * A stationary kernel forgets what it saw within a lengthscale or two; where trials crowd, that leaves most of the space to the
 * mean. What a parameter does by itself carries further. h are Legendre polynomials of degree 1 and 2 of a numeric coordinate,
 * and the levels of a categorical one, each times the deviation of its β.
 */
import type { Dimension } from '../../space/index.js'

export interface Trend {
  /** p: how many h there are. */
  readonly size: number
  /** Writes h(x) to out[at …]. */
  into(point: ArrayLike<number>, out: Float64Array, at: number): void
}

/**
 * Deviations, on the scale of losses of deviation 1: of polynomials of unit variance over the range, and of levels. Where trials
 * crowd at one end a square is told less surely than a slope, and goes astray further (bench/insight compares others).
 */
const deviation = { slope: 0.33, square: 0.15, level: 0.55 }

export function trendOf(dimensions: readonly Pick<Dimension, 'kind' | 'levels' | 'levelToUnit'>[]): Trend {
  const units = dimensions.map(({ kind, levels, levelToUnit }) =>
    kind === 'categorical' ? Float64Array.from({ length: levels }, (_, level) => levelToUnit(level)) : null,
  )
  return {
    size: units.reduce((sum, levels) => sum + (levels?.length ?? 2), 0),
    into(point, out, at) {
      for (let i = 0; i < units.length; i++) {
        const levels = units[i]
        if (levels === null) {
          const t = 2 * point[i] - 1
          out[at++] = deviation.slope * Math.sqrt(3) * t
          out[at++] = deviation.square * Math.sqrt(5) * 0.5 * (3 * t * t - 1)
        } else for (const u of levels) out[at++] = point[i] === u ? deviation.level : 0
      }
    },
  }
}

/** h of these points, one after another. */
export function trendAt({ size, into }: Trend, points: readonly ArrayLike<number>[]): Float64Array {
  const rows = new Float64Array(points.length * size)
  points.forEach((point, i) => {
    into(point, rows, i * size)
  })
  return rows
}

/** h(x)ᵀh(x′) of row i of one and row j of another. */
export function trendProduct(size: number, a: Float64Array, i: number, b: Float64Array, j: number): number {
  let sum = 0
  for (let k = 0, p = i * size, q = j * size; k < size; k++) sum += a[p + k] * b[q + k]
  return sum
}
