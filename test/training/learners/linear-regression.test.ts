import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../src/numeric/index.js'
import { fitLinear } from '../../../src/training/learners/linear-regression.js'
import type { Matrix } from '../../../src/training/matrix.js'

function problem(rows: number, columns: number, seed: number): { x: Matrix; y: Float64Array } {
  const random = randomStream(seed, 'problem')
  const values = Float64Array.from({ length: rows * columns }, () => random.normal() + 0.5)
  const y = Float64Array.from({ length: rows }, (_, i) => values[i * columns] + random.normal())
  return { x: { rows, columns, values }, y }
}

/** 1/n Xᵀ(y − Xw − b), and the mean residual. */
function slopes({ rows, columns, values }: Matrix, y: Float64Array, fit: ReturnType<typeof fitLinear>) {
  const slope = new Float64Array(columns)
  let mean = 0
  for (let i = 0; i < rows; i++) {
    let residual = y[i] - fit.intercept
    for (let j = 0; j < columns; j++) residual -= fit.coefficients[j] * values[i * columns + j]
    mean += residual / rows
    for (let j = 0; j < columns; j++) slope[j] += (residual * values[i * columns + j]) / rows
  }
  return { slope, mean }
}

describe('linear regression', () => {
  const sizes = fc.record({ rows: fc.integer({ min: 2, max: 40 }), columns: fc.integer({ min: 1, max: 12 }) })

  it('is where the slope of the objective is 0, without l1', () => {
    fc.assert(
      fc.property(sizes, fc.integer(), fc.constantFrom(1e-3, 0.1, 5), ({ rows, columns }, seed, l2) => {
        const { x, y } = problem(rows, columns, seed)
        const fit = fitLinear(x, y, 0, l2)
        const { slope, mean } = slopes(x, y, fit)
        expect(Math.abs(mean)).toBeLessThan(1e-10)
        slope.forEach((value, j) => {
          expect(Math.abs(value - l2 * fit.coefficients[j])).toBeLessThan(1e-9)
        })
      }),
      { seed: 1, numRuns: 60 },
    )
  })

  it('is where no direction lowers the objective, with l1', () => {
    fc.assert(
      fc.property(sizes, fc.integer(), fc.constantFrom(0, 0.2), ({ rows, columns }, seed, l2) => {
        const { x, y } = problem(rows, columns, seed)
        const l1 = 0.1
        const fit = fitLinear(x, y, l1, l2)
        if (!fit.converged) return
        const { slope, mean } = slopes(x, y, fit)
        expect(Math.abs(mean)).toBeLessThan(1e-10)
        slope.forEach((value, j) => {
          const pull = value - l2 * fit.coefficients[j]
          if (fit.coefficients[j] === 0) expect(Math.abs(pull)).toBeLessThanOrEqual(l1 + 1e-5)
          else expect(Math.abs(pull - l1 * Math.sign(fit.coefficients[j]))).toBeLessThan(1e-5)
        })
      }),
      { seed: 2, numRuns: 60 },
    )
  })

  it('finds least squares of least norm where columns repeat each other', () => {
    const { x, y } = problem(30, 2, 4)
    const single = fitLinear(x, y, 0, 0)
    const values = Float64Array.from(
      { length: 90 },
      (_, k) => x.values[2 * Math.floor(k / 3) + (k % 3 > 0 ? 1 : 0)],
    )
    const double = fitLinear({ rows: 30, columns: 3, values }, y, 0, 0)
    expect(double.coefficients[0]).toBeCloseTo(single.coefficients[0], 8)
    expect(double.coefficients[1]).toBeCloseTo(single.coefficients[1] / 2, 7)
    expect(double.coefficients[2]).toBeCloseTo(single.coefficients[1] / 2, 7)
  })

  it('goes through every row where there are more columns than rows, and no penalty', () => {
    const { x, y } = problem(6, 15, 5)
    const { coefficients, intercept } = fitLinear(x, y, 0, 0)
    for (let i = 0; i < 6; i++) {
      let sum = intercept
      for (let j = 0; j < 15; j++) sum += coefficients[j] * x.values[i * 15 + j]
      expect(sum).toBeCloseTo(y[i], 8)
    }
  })

  it('has no weights where the lasso outweighs everything, and none for a constant column', () => {
    const { x, y } = problem(20, 3, 6)
    expect(Array.from(fitLinear(x, y, 100, 0).coefficients)).toEqual([0, 0, 0])
    for (let i = 0; i < 20; i++) x.values[3 * i] = 7
    expect(fitLinear(x, y, 0.01, 0).coefficients[0]).toBe(0)
    expect(fitLinear(x, y, 0, 0).coefficients[0]).toBeCloseTo(0, 12)
  })
})
