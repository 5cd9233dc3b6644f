import { expect, it } from 'vitest'
import { randomStream } from '../../../src/numeric/index.js'
import {
  byValue,
  createPosterior,
  defaultKernelParameters,
  improveLocally,
  layoutOf,
  ratePoints,
} from '../../../src/search/gaussian-process/index.js'
import { createSpace } from '../../../src/space/index.js'

it('climbs from the best candidates, in whatever order they come, and has all of them after what it found', () => {
  const space = createSpace({
    x: { type: 'float', min: 0, max: 1 },
    y: { type: 'float', min: 0, max: 1 },
    kind: { type: 'categorical', values: ['a', 'b', 'c'] },
  })
  const random = randomStream(1, 'points')
  const draw = () => {
    const point = Float64Array.from(space.dimensions, () => random.next())
    space.snapInto(point)
    return point
  }
  const layout = layoutOf(space.dimensions)
  const posterior = createPosterior(layout)
  const parameters = defaultKernelParameters(layout)
  const points = Array.from({ length: 30 }, draw)
  const values = points.map(([x, y, kind]) => Math.sin(9 * x) + Math.cos(7 * y) + kind)
  expect(posterior.update(parameters, { points, values })).toBe(true)
  const problem = { space, posterior, lengthscales: parameters.lengthscales, best: Math.min(...values) }
  const rated = ratePoints(problem, Array.from({ length: 200 }, draw))
  const sorted = [...rated].sort(byValue)

  const template = new Float64Array(3).fill(0.5)
  const found = improveLocally(problem, rated, template)
  expect(found).toEqual(improveLocally(problem, sorted, template))
  expect(found).toEqual(improveLocally(problem, [...sorted].reverse(), template))
  expect(found.slice(-200)).toEqual(sorted)
  const maxima = found.slice(0, -200).map(({ value }) => value)
  expect(maxima).toEqual([...maxima].sort((a, b) => b - a))
  expect(maxima[0]).toBeGreaterThan(sorted[0].value)
})
