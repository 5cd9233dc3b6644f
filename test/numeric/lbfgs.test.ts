import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lbfgs, minimize } from '../../src/numeric/index.js'

const wide = (n: number) => ({ lower: new Array(n).fill(-100), upper: new Array(n).fill(100) })

function rosenbrock(x: Float64Array) {
  const [a, b] = x
  return {
    value: 100 * (b - a * a) ** 2 + (1 - a) ** 2,
    gradient: Float64Array.of(-400 * a * (b - a * a) - 2 * (1 - a), 200 * (b - a * a)),
  }
}

test("finds the bottom of Rosenbrock's valley", () => {
  const { x, value } = minimize(rosenbrock, [-1.2, 1], wide(2), { evaluations: 100 })
  expect(value).toBeLessThan(1e-8)
  expect(x[0]).toBeCloseTo(1, 3)
  expect(x[1]).toBeCloseTo(1, 3)
})

test('stops on a bound that holds the minimum back', () => {
  const found = minimize(rosenbrock, [-1, 1], { lower: [-2, -2], upper: [0.5, 2] }, { evaluations: 200 })
  expect(found.x[0]).toBe(0.5)
  expect(found.x[1]).toBeCloseTo(0.25, 4)
})

test('convex quadratics in a box: the conditions of Karush, Kuhn and Tucker hold', () => {
  const number = fc.double({ min: -1, max: 1, noNaN: true })
  const vectors = fc.array(fc.tuple(number, number, number, number), { minLength: 4, maxLength: 4 })
  fc.assert(
    fc.property(vectors, fc.tuple(number, number, number, number), (rows, c) => {
      // f = ½ |A x|² + ½ |x|² − 4 cᵀx
      const evaluate = (x: Float64Array) => {
        const ax = rows.map((row) => row.reduce((sum, a, j) => sum + a * x[j], 0))
        const gradient = Float64Array.from(
          x,
          (v, j) => v - 4 * c[j] + rows.reduce((s, r, i) => s + r[j] * ax[i], 0),
        )
        let value = 0
        for (let j = 0; j < 4; j++) value += 0.5 * ax[j] ** 2 + 0.5 * x[j] ** 2 - 4 * c[j] * x[j]
        return { value, gradient }
      }
      const box = { lower: [-1, -1, -1, -1], upper: [1, 1, 1, 1] }
      const options = { evaluations: 300, gradientTolerance: 1e-9, valueTolerance: 0 }
      const { x } = minimize(evaluate, [0.3, -0.2, 0.1, 0], box, options)
      const { gradient } = evaluate(x)
      for (let j = 0; j < 4; j++) {
        if (x[j] > -1 && x[j] < 1) expect(Math.abs(gradient[j])).toBeLessThan(1e-4)
        else expect(gradient[j] * x[j]).toBeLessThan(1e-4)
      }
    }),
    { seed: 1, numRuns: 100 },
  )
})

test('keeps to its number of evaluations, and to the box at every one', () => {
  let count = 0
  const seen: number[] = []
  minimize(
    (x) => {
      count++
      seen.push(...x)
      return rosenbrock(x)
    },
    [5, 5],
    { lower: [-1, -1], upper: [2, 2] },
    { evaluations: 7 },
  )
  expect(count).toBeLessThanOrEqual(7)
  for (const v of seen) expect(v).toBeGreaterThanOrEqual(-1)
  for (const v of seen) expect(v).toBeLessThanOrEqual(2)
})

test('steps back from where the function is not a number', () => {
  const found = minimize(
    (x) => ({
      value: x[0] < 0.5 ? Number.NaN : (x[0] - 0.6) ** 2,
      gradient: Float64Array.of(2 * (x[0] - 0.6)),
    }),
    [3],
    wide(1),
    { evaluations: 60, firstStep: 5 },
  )
  expect(found.x[0]).toBeCloseTo(0.6, 4)
})

test('a start without a value is given back', () => {
  const steps = lbfgs([1], wide(1), { evaluations: 5 })
  steps.next()
  const end = steps.next({ value: Number.NaN, gradient: new Float64Array(1) })
  expect(end.done).toBe(true)
})
