/** A process with a trend under it, and functions drawn from it. */
import { describe, expect, test } from 'vitest'
import { randomStream } from '../../../src/numeric/index.js'
import {
  createPosterior,
  drawPrior,
  type KernelParameters,
  type Layout,
  marginalLikelihood,
  packParameters,
  type Trend,
} from '../../../src/search/gaussian-process/index.js'
import { problem } from './problems.js'
import { cholesky, dot, kernelValue, solve } from './reference.js'

function withTrend(n: number, d: number, seed: number) {
  const { layout, trend, ...others } = problem(n, d, seed, undefined, false)
  return { layout: { ...layout, trend }, trend, ...others }
}

function featuresOf({ size, into }: Trend, point: ArrayLike<number>): number[] {
  const h = new Float64Array(size)
  into(point, h, 0)
  return [...h]
}

function covariance(
  layout: Layout & { readonly trend: Trend },
  parameters: KernelParameters,
  a: Float64Array,
  b: Float64Array,
): number {
  return kernelValue(layout, parameters, a, b) + dot(featuresOf(layout.trend, a), featuresOf(layout.trend, b))
}

describe('a process with a trend', () => {
  test('has the likelihood of the book, and the gradient of finite differences', () => {
    const { layout, points, values, parameters } = withTrend(26, 8, 3)
    const theta = packParameters(layout, parameters)
    const plain = marginalLikelihood({ ...layout, trend: undefined }, { points, values })(theta).value
    const likelihood = marginalLikelihood(layout, { points, values })
    const { value } = likelihood(theta)
    const gradient = Float64Array.from(likelihood(theta).gradient)
    // What both have besides the likelihood, the priors, is no matter of the trend.
    const ofBook = (cov: (a: Float64Array, b: Float64Array) => number) => {
      const K = points.map((a, i) => points.map((b, j) => cov(a, b) + (i === j ? parameters.noise : 0)))
      const ones = points.map(() => 1)
      const y = [...values]
      const mean = dot(ones, solve(K, y)) / (dot(ones, solve(K, ones)) + 1)
      const r = y.map((v) => v - mean)
      const logs = cholesky(K).reduce((sum, row, i) => sum + Math.log(row[i]), 0)
      return 0.5 * dot(r, solve(K, r)) + 0.5 * mean * mean + logs
    }
    const right =
      ofBook((a, b) => covariance(layout, parameters, a, b)) -
      ofBook((a, b) => kernelValue(layout, parameters, a, b))
    expect(value - plain).toBeCloseTo(right, 8)
    theta.forEach((start, k) => {
      const at = (step: number) => {
        const moved = Float64Array.from(theta)
        moved[k] = start + step
        return likelihood(moved).value
      }
      const h = 1e-3
      const slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
      expect(Math.abs(gradient[k] - slope), `parameter ${k}`).toBeLessThan(1e-6 * (1 + Math.abs(slope)))
    })
  })

  test('has the posterior of the book, also with points pending and rows appended', () => {
    const { layout, points, values, parameters, point } = withTrend(40, 8, 5)
    const pending = [point(), point()]
    const asked = Array.from({ length: 70 }, point)
    const posterior = createPosterior(layout)
    posterior.update(parameters, { points: points.slice(0, 20), values: values.subarray(0, 20) })
    posterior.update(parameters, { points, values }, pending)
    const { means, deviations } = posterior.predict(asked)
    expect(posterior.predictMeans(asked)).toEqual(means)
    const once = createPosterior(layout)
    once.update(parameters, { points, values }, pending)
    expect(once.predict(asked)).toEqual({ means, deviations })

    const cov = (a: Float64Array, b: Float64Array) => covariance(layout, parameters, a, b)
    const noisy = (all: readonly Float64Array[]) =>
      all.map((a, i) => all.map((b, j) => cov(a, b) + (i === j ? parameters.noise : 0)))
    const K = noisy(points)
    const whole = noisy([...points, ...pending])
    const ones = points.map(() => 1)
    const mean = dot(ones, solve(K, [...values])) / (dot(ones, solve(K, ones)) + 1)
    const alpha = solve(
      K,
      [...values].map((v) => v - mean),
    )
    asked.forEach((x, i) => {
      const k = [...points, ...pending].map((p) => cov(p, x))
      expect(means[i]).toBeCloseTo(mean + dot(k.slice(0, 40), alpha), 9)
      expect(deviations[i]).toBeCloseTo(Math.sqrt(cov(x, x) - dot(k, solve(whole, k))), 8)
    })
  })

  test('has functions drawn that vary together as the kernel and the trend say', () => {
    const { layout, parameters, point } = withTrend(1, 8, 7)
    const points = Array.from({ length: 6 }, point)
    // One that differs in a single coordinate is worked out from the one before.
    points.push(Float64Array.from(points[5], (u, i) => (i === 0 ? 0.9 : u)))
    const draws = Array.from({ length: 4000 }, (_, r) =>
      drawPrior(layout, parameters, randomStream(r, 'test of draws'))(points),
    )
    for (let i = 0; i < points.length; i++)
      for (let j = 0; j <= i; j++) {
        const found = draws.reduce((sum, f) => sum + f[i] * f[j], 0) / draws.length
        // 1: of the mean.
        const right = 1 + covariance(layout, parameters, points[i], points[j])
        const scale = 1 + covariance(layout, parameters, points[i], points[i])
        expect(Math.abs(found - right) / scale, `${i}, ${j}`).toBeLessThan(0.12)
      }
  })
})
