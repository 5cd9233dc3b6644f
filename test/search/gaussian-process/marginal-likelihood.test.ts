import { describe, expect, test } from 'vitest'
import {
  chooseForFit,
  fit as fitKernel,
  marginalLikelihood,
  packParameters,
  parameterBounds,
  unpackParameters,
} from '../../../src/search/gaussian-process/index.js'
import { problem } from './problems.js'
import { cholesky, dot, kernelValue, solve } from './reference.js'

describe('the likelihood', () => {
  test.each([
    { n: 1, d: 1 },
    { n: 2, d: 3 },
    { n: 7, d: 4 },
    { n: 8, d: 4 },
    { n: 30, d: 9 },
    { n: 30, d: 9, rough: false },
  ])('is that of the book: $n points, $d dimensions, rough term: $rough', ({ n, d, rough = true }) => {
    const { layout, points, values, parameters } = problem(n, d, n, undefined, rough)
    const extraNoise = Float64Array.from(points, (_, i) => (i % 3 === 0 ? 0.05 : 0))
    const theta = packParameters(layout, parameters)
    const K = points.map((a, i) =>
      points.map(
        (b, j) => kernelValue(layout, parameters, a, b) + (i === j ? parameters.noise + extraNoise[i] : 0),
      ),
    )
    const ones = points.map(() => 1)
    const y = [...values]
    const mean = dot(ones, solve(K, y)) / (dot(ones, solve(K, ones)) + 1)
    const r = y.map((v) => v - mean)
    let right = 0.5 * dot(r, solve(K, r)) + 0.5 * mean ** 2
    cholesky(K).forEach((row, i) => {
      right += Math.log(row[i])
    })
    for (let c = 0; c < d; c++) {
      const usual = rough ? (c < layout.numeric ? 0.7 : 2) : 1
      const l = parameters.lengthscales[layout.order[c]] / usual
      right += 0.1 * (l ** 2 + l ** -2)
    }
    right += parameters.scale - Math.log(parameters.scale)
    right += 30 * parameters.noise - 0.1 * Math.log(parameters.noise)
    if (rough) {
      right += 3 * Math.log1p(parameters.noise / 1e-3)
      right += 30 * parameters.roughness - 0.1 * Math.log(parameters.roughness)
    }
    for (const { a, b } of parameters.warps) right += (Math.log(a) ** 2 + Math.log(b) ** 2) / (2 * 0.25 ** 2)
    const found = marginalLikelihood(layout, { points, values, extraNoise })(theta).value
    expect(Math.abs(found - right)).toBeLessThan(1e-9 * Math.abs(right))
  })

  test.each([
    { n: 3, d: 2, only: undefined },
    { n: 12, d: 8, only: undefined },
    { n: 25, d: 5, only: 'continuous' as const },
    { n: 25, d: 3, only: 'categorical' as const },
    { n: 26, d: 24, only: undefined },
    { n: 26, d: 5, only: undefined, rough: false },
  ])(
    'has the gradient of finite differences in every parameter: $n points, $d of $only, rough term: $rough',
    ({ n, d, only, rough = true }) => {
      const { layout, points, values, parameters } = problem(n, d, 10 + n, only, rough)
      const extraNoise = Float64Array.from(points, (_, i) => (i % 4 === 0 ? 0.03 : 0))
      const likelihood = marginalLikelihood(layout, { points, values, extraNoise })
      const theta = packParameters(layout, parameters)
      const gradient = Float64Array.from(likelihood(theta).gradient)
      theta.forEach((value, k) => {
        const at = (step: number) => {
          const moved = Float64Array.from(theta)
          moved[k] = value + step
          return likelihood(moved).value
        }
        // Fourth order.
        const h = 1e-3
        const slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
        expect(Math.abs(gradient[k] - slope), `parameter ${k}`).toBeLessThan(1e-6 * (1 + Math.abs(slope)))
      })
    },
  )

  test('packs and unpacks without loss', () => {
    const { layout, parameters } = problem(3, 7, 1)
    const back = unpackParameters(layout, packParameters(layout, parameters))
    back.lengthscales.forEach((l, i) => {
      expect(l).toBeCloseTo(parameters.lengthscales[i], 12)
    })
    back.warps.forEach(({ a, b }, i) => {
      expect(a).toBeCloseTo(parameters.warps[i].a, 12)
      expect(b).toBeCloseTo(parameters.warps[i].b, 12)
    })
  })
})

describe('a fit', () => {
  test('finds a stationary point within the bounds, better than where it started', () => {
    const { layout, points, values, parameters } = problem(60, 6, 3)
    const { lower, upper } = parameterBounds(layout)
    const likelihood = marginalLikelihood(layout, { points, values })
    const found = fitKernel(layout, { points, values }, { start: parameters, from: 'both' })!
    expect(found.value).toBeLessThan(likelihood(packParameters(layout, parameters)).value)
    const theta = packParameters(layout, found.parameters)
    const { gradient } = likelihood(theta)
    theta.forEach((v, k) => {
      expect(v).toBeGreaterThanOrEqual(lower[k] - 1e-12)
      expect(v).toBeLessThanOrEqual(upper[k] + 1e-12)
      if (v > lower[k] + 1e-9 && v < upper[k] - 1e-9) expect(Math.abs(gradient[k])).toBeLessThan(0.5)
    })
  })

  test('from the defaults alone keeps the given parameters where it finds nothing better', () => {
    const { layout, points, values } = problem(120, 6, 3)
    const observations = { points, values }
    let good = fitKernel(layout, observations)!
    for (let k = 0; k < 20; k++) good = fitKernel(layout, observations, { start: good.parameters })!
    const kept = fitKernel(layout, observations, { start: good.parameters, from: 'defaults' })!
    expect(packParameters(layout, kept.parameters)).toEqual(packParameters(layout, good.parameters))

    const bad = { ...good.parameters, noise: 0.9 }
    const { value } = marginalLikelihood(layout, observations)(packParameters(layout, bad))
    const found = fitKernel(layout, observations, { start: bad, from: 'defaults' })!
    expect(found.value).toBeLessThan(value - 1)
  })

  test('tells a parameter that matters from one that does not', () => {
    const { layout, points } = problem(50, 2, 5, 'continuous')
    const values = Float64Array.from(points, (p) => Math.sin(8 * p[1]))
    const { lengthscales } = fitKernel(layout, { points, values })!.parameters
    expect(lengthscales[0]).toBeGreaterThan(4 * lengthscales[1])
  })

  test('the same points twice with different values do no harm', () => {
    const { layout, points, values } = problem(20, 4, 6)
    const twice = [...points, ...points]
    const found = fitKernel(layout, { points: twice, values: [...values, ...values.map((v) => v + 0.3)] })
    expect(found!.parameters.noise).toBeGreaterThan(1e-3)
  })
})

test('the points to fit on are the best, the newest and some of the rest', () => {
  const values = Float64Array.from({ length: 1000 }, (_, i) => (i * 7919) % 1000)
  const chosen = chooseForFit(values, 256)
  expect(chosen.length).toBe(256)
  expect(new Set(chosen).size).toBe(256)
  expect([...chosen].sort((a, b) => a - b)).toEqual(chosen)
  for (let i = 960; i < 1000; i++) expect(chosen).toContain(i)
  for (let v = 0; v < 64; v++) expect(chosen).toContain(values.indexOf(v))
  expect(chooseForFit(values.subarray(0, 10), 256)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})
