/** Small regression problems with coordinates of every kind. */
import { randomStream } from '../../../src/numeric/index.js'
import {
  type KernelParameters,
  layoutOf,
  noWarp,
  trendOf,
} from '../../../src/search/gaussian-process/index.js'

const kinds = {
  continuous: { kind: 'continuous', levels: Number.POSITIVE_INFINITY, log: false },
  logInt: { kind: 'ordered', levels: 100, log: true },
  ordinal: { kind: 'ordered', levels: 5, log: false },
  categorical: { kind: 'categorical', levels: 3, log: false },
} as const

/** n points in d dimensions whose kinds take turns; some coordinates are 0.5 as those of inactive parameters. */
export function problem(n: number, d: number, seed: number, only?: keyof typeof kinds, rough = true) {
  const random = randomStream(seed, 'problem')
  const names = Object.keys(kinds) as (keyof typeof kinds)[]
  const dimensions = Array.from({ length: d }, (_, i) => kinds[only ?? names[i % names.length]])
  const layout = { ...layoutOf(dimensions), rough }
  const point = () =>
    Float64Array.from(dimensions, ({ levels }) => {
      if (random.next() < 0.15) return 0.5
      return Number.isFinite(levels) ? (random.integer(levels) + 0.5) / levels : random.next()
    })
  const points = Array.from({ length: n }, point)
  const values = Float64Array.from(points, (p) => Math.sin(3 * p[0]) + p.reduce((s, v) => s + v * v, 0) / d)
  for (let i = 0; i < n; i++) values[i] += 0.1 * random.normal()
  const parameters: KernelParameters = {
    lengthscales: Float64Array.from({ length: d }, () => 0.3 + random.next()),
    scale: 1.3,
    noise: 0.02,
    roughness: rough ? 0.3 : 0,
    warps: Array.from({ length: d }, (_, i) =>
      layout.warped.some((c) => layout.order[c] === i)
        ? { a: 0.7 + random.next(), b: 0.6 + random.next() }
        : noWarp,
    ),
  }
  const trend = trendOf(
    dimensions.map((dimension) => ({
      ...dimension,
      levelToUnit: (level: number) => (level + 0.5) / dimension.levels,
    })),
  )
  return { layout, points, values, parameters, point, trend }
}
