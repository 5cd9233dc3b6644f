import { describe, expect, test } from 'vitest'
import { randomStream } from '../../../src/numeric/index.js'
import {
  createPosterior,
  defaultKernelParameters,
  layoutOf,
} from '../../../src/search/gaussian-process/index.js'
import { openKernels, rowLength } from '../../../src/search/gaussian-process/kernels.js'
import { problem } from './problems.js'
import { cholesky, dot, kernelValue, solve } from './reference.js'

describe('the posterior', () => {
  test.each([
    { n: 1, d: 1 },
    { n: 5, d: 3 },
    { n: 40, d: 9 },
    { n: 131, d: 4 },
  ])('is that of the book: $n points, $d dimensions', ({ n, d }) => {
    const { layout, points, values, parameters, point } = problem(n, d, n)
    const posterior = createPosterior(layout)
    expect(posterior.update(parameters, { points, values })).toBe(true)
    const asked = Array.from({ length: 70 }, point)
    const { means, deviations } = posterior.predict(asked)

    const K = points.map((a, i) =>
      points.map((b, j) => kernelValue(layout, parameters, a, b) + (i === j ? parameters.noise : 0)),
    )
    const ones = points.map(() => 1)
    const mean = dot(ones, solve(K, [...values])) / (dot(ones, solve(K, ones)) + 1)
    const alpha = solve(
      K,
      [...values].map((v) => v - mean),
    )
    asked.forEach((x, i) => {
      const k = points.map((p) => kernelValue(layout, parameters, p, x))
      const prior = kernelValue(layout, parameters, x, x)
      expect(means[i]).toBeCloseTo(mean + dot(k, alpha), 9)
      expect(deviations[i]).toBeCloseTo(Math.sqrt(prior - dot(k, solve(K, k))), 8)
    })
  })

  test('one observation without noise to speak of: mean through it, deviation from the kernel', () => {
    const { layout, parameters } = problem(1, 1, 1, undefined, false)
    const p = { ...parameters, noise: 1e-6, warps: [{ a: 1, b: 1 }], lengthscales: Float64Array.of(0.5) }
    const posterior = createPosterior(layout)
    posterior.update(p, { points: [[0.2]], values: [2] })
    const { means, deviations } = posterior.predict([[0.2], [0.7]])
    // m̂ = (y/s)/(1/s + 1) with s = 1.3.
    const mean = 2 / (1 + 1.3)
    const k = 1.3 * (1 + Math.sqrt(5) + 5 / 3) * Math.exp(-Math.sqrt(5))
    expect(means[0]).toBeCloseTo(2, 5)
    expect(means[1]).toBeCloseTo(mean + (k / 1.3) * (2 - mean), 5)
    expect(deviations[0]).toBeLessThan(2e-3)
    expect(deviations[1]).toBeCloseTo(Math.sqrt(1.3 - k ** 2 / 1.3), 5)
  })

  test('parameters that differ in one of them are others: nothing of the former is kept', () => {
    const { layout, points, values, parameters, point } = problem(20, 4, 3)
    const asked = Array.from({ length: 9 }, point)
    const used = createPosterior(layout)
    for (const change of [{ roughness: 0.1 }, { noise: 0.1 }, { scale: 0.7 }]) {
      used.update(parameters, { points, values })
      const fresh = createPosterior(layout)
      for (const posterior of [used, fresh])
        posterior.update({ ...parameters, ...change }, { points, values })
      expect(used.predict(asked)).toEqual(fresh.predict(asked))
    }
  })

  test('a pending point lowers the deviation around it and moves no mean', () => {
    const { layout, points, values, parameters, point } = problem(20, 5, 2)
    const asked = Array.from({ length: 30 }, point)
    const pending = [point(), point(), point()]
    const posterior = createPosterior(layout)
    posterior.update(parameters, { points, values })
    const before = posterior.predict([...asked, ...pending])
    const believed = before.means.slice(30)
    posterior.update(parameters, { points, values }, pending)
    const after = posterior.predict([...asked, ...pending])
    after.means.forEach((m, i) => {
      expect(m).toBeCloseTo(before.means[i], 12)
    })
    after.deviations.forEach((s, i) => {
      expect(s).toBeLessThanOrEqual(before.deviations[i] + 1e-12)
    })
    // The same as telling the believed values, but for the mean m̂, which stays.
    const K = [...points, ...pending].map((a, i, all) =>
      all.map((b, j) => kernelValue(layout, parameters, a, b) + (i === j ? parameters.noise : 0)),
    )
    expect(believed.length).toBe(3)
    asked.forEach((x, i) => {
      const k = [...points, ...pending].map((p) => kernelValue(layout, parameters, p, x))
      const prior = kernelValue(layout, parameters, x, x)
      expect(after.deviations[i]).toBeCloseTo(Math.sqrt(prior - dot(k, solve(K, k))), 8)
    })
  })

  test('its gradients are those of finite differences, and 0 where there is no slope', () => {
    const { layout, points, values, parameters, point } = problem(33, 9, 4)
    const posterior = createPosterior(layout)
    posterior.update(parameters, { points, values }, [point()])
    const asked = Array.from({ length: 6 }, () => point().map((v) => 0.05 + 0.9 * v))
    const { meanGradients, deviationGradients, means } = posterior.predictWithGradient(asked)
    posterior.predictMeans(asked).forEach((m, i) => {
      expect(m).toBe(means[i])
    })
    asked.forEach((x, i) => {
      x.forEach((v, j) => {
        const at = (step: number) => posterior.predict([x.map((other, k) => (k === j ? v + step : other))])
        const categorical = layout.order.indexOf(j) >= layout.numeric
        const [up, down] = [at(1e-5), at(-1e-5)]
        const byMean = categorical ? 0 : (up.means[0] - down.means[0]) / 2e-5
        const byDeviation = categorical ? 0 : (up.deviations[0] - down.deviations[0]) / 2e-5
        expect(meanGradients[i][j]).toBeCloseTo(byMean, 5)
        expect(deviationGradients[i][j]).toBeCloseTo(byDeviation, 5)
      })
    })
  })

  test('grown point by point it is bit for bit what it is from scratch', () => {
    const { layout, points, values, parameters, point } = problem(70, 6, 8)
    const asked = Array.from({ length: 20 }, point)
    const pending = Array.from({ length: 5 }, point)
    const grown = createPosterior(layout)
    for (const n of [1, 2, 3, 7, 8, 20, 21, 50, 70]) {
      grown.update(
        parameters,
        { points: points.slice(0, n), values: values.slice(0, n) },
        points.slice(n, n + 3),
      )
    }
    grown.update(parameters, { points, values }, pending)
    const fresh = createPosterior(layout)
    fresh.update(parameters, { points, values }, pending)
    expect(grown.predictWithGradient(asked)).toEqual(fresh.predictWithGradient(asked))
  })

  test('says so where K is not positive definite, and lives on', () => {
    const { layout, parameters } = problem(1, 2, 1, 'continuous')
    const posterior = createPosterior(layout)
    const points = [new Float64Array(2), new Float64Array(2)]
    expect(posterior.update({ ...parameters, noise: Number.NaN }, { points, values: [1, 2] })).toBe(false)
    expect(posterior.update(parameters, { points, values: [1, 2] })).toBe(true)
  })
})

describe('the loops', () => {
  test('Cholesky: right, and any split into appended rows gives the same bits', () => {
    const n = 45
    const random = randomStream(1, 'matrix')
    const A = Array.from({ length: n }, () => Array.from({ length: n }, () => random.normal()))
    const S = A.map((row, i) => A.map((other, j) => dot(row, other) + (i === j ? 1 : 0)))
    const right = cholesky(S)
    const kernels = openKernels()
    const ld = rowLength(n)
    const factor = (cuts: number[]) => {
      const at = kernels.reserve(ld * n)
      const inverse = kernels.reserve(ld)
      const L = kernels.view(at, ld * n)
      S.forEach((row, i) => {
        L.set(row.slice(0, i + 1), i * ld)
      })
      let from = 0
      for (const to of [...cuts, n]) {
        expect(kernels.factorRows(at, ld, inverse, from, to)).toBe(-1)
        from = to
      }
      return Float64Array.from({ length: n * n }, (_, k) =>
        k % n <= Math.floor(k / n) ? L[Math.floor(k / n) * ld + (k % n)] : 0,
      )
    }
    const whole = factor([])
    right.forEach((row, i) => {
      row.forEach((v, j) => {
        expect(Math.abs(whole[i * n + j] - v)).toBeLessThan(1e-11)
      })
    })
    for (const cuts of [[1], [2, 3, 9], [44], Array.from({ length: 44 }, (_, i) => i + 1)]) {
      expect(factor(cuts)).toEqual(whole)
    }
  })

  test('Cholesky names the row whose pivot is not positive', () => {
    const kernels = openKernels()
    const at = kernels.reserve(ld4 * 3)
    const inverse = kernels.reserve(ld4)
    const L = kernels.view(at, ld4 * 3)
    L[0] = 1
    L[ld4] = 1
    L[ld4 + 1] = 1
    expect(kernels.factorRows(at, ld4, inverse, 0, 2)).toBe(1)
  })

  test('the exponential inside the kernel keeps its digits', () => {
    const kernels = openKernels()
    const n = 400
    const stride = rowLength(n)
    const [x, k, weights] = [kernels.reserve(stride), kernels.reserve(stride), kernels.reserve(2)]
    const zero = kernels.reserve(2)
    const xs = kernels.view(x, stride)
    for (let i = 0; i < n; i++) xs[i] = 1e-6 * 1.045 ** i
    const rows = (scale: number, roughness: number) => {
      kernels.kernelRows(
        zero,
        2,
        0,
        1,
        x,
        stride,
        n,
        false,
        1,
        0,
        weights,
        scale,
        roughness,
        k,
        stride,
        0,
        0,
        0,
      )
      return Float64Array.from(kernels.view(k, n))
    }
    const matern = (q: number) => (1 + q + q ** 2 / 3) * Math.exp(-q)
    rows(1, 0).forEach((found, i) => {
      const q = Math.sqrt(5) * xs[i]
      if (q < 690) expect(Math.abs(found / matern(q) - 1)).toBeLessThan(1e-15 * (8 + q))
      else expect(found).toBeLessThan(1e-290)
    })
    // The rough term is an eighth as wide: its exponential is the eighth power of the other, down to 1e-304.
    rows(0, 1).forEach((found, i) => {
      const q = 8 * Math.sqrt(5) * xs[i]
      if (q < 690) expect(Math.abs(found / matern(q) - 1)).toBeLessThan(1e-15 * (16 + q))
      else expect(found).toBeLessThan(1e-290)
    })
  })
})
const ld4 = rowLength(3)

test('knows nothing of what is thousands of lengthscales away', () => {
  const layout = layoutOf([{ kind: 'continuous', levels: Number.POSITIVE_INFINITY, log: false }])
  const posterior = createPosterior(layout)
  const known = { ...defaultKernelParameters(layout), lengthscales: Float64Array.of(1e-4) }
  expect(posterior.update(known, { points: [[0], [1]], values: [1, -1] })).toBe(true)
  const { means, deviations } = posterior.predict([[0.5], [0.9]])
  for (const mean of means) expect(mean).toBeCloseTo(0, 14)
  for (const deviation of deviations) expect(deviation).toBeCloseTo(1, 14)
})
