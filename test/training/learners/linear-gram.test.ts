/** Linear regression from the products of columns is that from the rows; where it cannot be, it says so. */
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../src/numeric/index.js'
import { fitGram, gramOf } from '../../../src/training/learners/linear-gram.js'
import { fitLinear } from '../../../src/training/learners/linear-regression.js'
import { standardised, targetScale } from '../../../src/training/learners/target-scale.js'

/** Columns on scales of their own, one of them constant; a target that some of them make. */
function problem(seed: number, rows: number, columns: number) {
  const random = randomStream(seed, 'linear')
  const x = {
    rows,
    columns,
    values: Float64Array.from({ length: rows * columns }, (_, k) =>
      k % columns === 2 ? 7 : (1 + 10 * (k % columns)) * random.normal() + (k % columns),
    ),
  }
  const y = Float64Array.from({ length: rows }, (_, i) => x.values[i * columns] + random.normal())
  const weights = seed % 2 === 0 ? null : Float64Array.from({ length: rows }, () => 0.1 + random.next())
  return { x, y: standardised(y, targetScale(y, weights)), weights }
}

describe.each([
  [0, 0],
  [0, 0.1],
  [0.02, 0],
  [0.02, 0.05],
])('l1 %d, l2 %d', (l1, l2) => {
  it('has the coefficients that the rows give', () => {
    for (let seed = 0; seed < 12; seed++) {
      const { x, y, weights } = problem(seed, 20 + 7 * seed, 3 + seed)
      const found = fitGram(gramOf(x, y, weights), l1, l2)!
      const expected = fitLinear(x, y, l1, l2, weights)
      expect(found.converged).toBe(true)
      expect(found.intercept).toBeCloseTo(expected.intercept, 7)
      found.coefficients.forEach((coefficient, j) => {
        expect(coefficient).toBeCloseTo(expected.coefficients[j], 7)
      })
      expect(found.coefficients[2]).toBe(0)
    }
  })
})

it('asks for the rows where columns are sums of others, unless a ridge holds them apart', () => {
  const { x, y } = problem(2, 40, 4)
  for (let i = 0; i < x.rows; i++) x.values[4 * i + 3] = x.values[4 * i] - 2 * x.values[4 * i + 1]
  const gram = gramOf(x, y, null)
  expect(fitGram(gram, 0, 0)).toBeNull()
  const expected = fitLinear(x, y, 0, 0.1)
  fitGram(gram, 0, 0.1)!.coefficients.forEach((coefficient, j) => {
    expect(coefficient).toBeCloseTo(expected.coefficients[j], 9)
  })
  expect(fitGram(gram, 0.01, 0)!.coefficients.every(Number.isFinite)).toBe(true)
})

it('bears columns of 1e300 beside ones of 1e-200', () => {
  const { x, y } = problem(4, 40, 4)
  for (let i = 0; i < x.rows; i++) {
    x.values[4 * i] *= 1e300
    x.values[4 * i + 1] *= 1e-200
  }
  const gram = gramOf(x, y, null)
  for (const [l1, l2] of [
    [0, 0],
    [0, 0.1],
    [0.01, 0],
    [0.01, 0.1],
  ]) {
    const { coefficients, intercept } = fitGram(gram, l1, l2)!
    expect([...coefficients, intercept].every(Number.isFinite)).toBe(true)
  }
})
