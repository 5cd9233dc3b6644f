import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../src/numeric/index.js'
import { fitSoftmax, softmaxObjective } from '../../../src/training/learners/softmax-regression.js'

const rows = 40
const columns = 5
const classes = 3
const random = randomStream(8, 'rows')
const x = {
  rows,
  columns,
  values: Float64Array.from({ length: rows * columns }, () => random.normal()),
}
const codes = Int32Array.from({ length: rows }, (_, i) => (x.values[i * columns] > 0.3 ? 2 : i % 2))

describe('softmax regression', () => {
  it.each([
    ['l2', 0, 0.3, null],
    ['l1 and l2', 0.05, 0.2, null],
    ['weights, l1 and l2', 0.05, 0.2, Float64Array.from({ length: rows }, (_, i) => 0.2 + (i % 7))],
  ])('has the gradient of central differences, with %s', (_, l1, l2, rowWeights) => {
    const { variables, evaluate } = softmaxObjective(x, codes, classes, l1, l2, rowWeights)
    const theta = Float64Array.from({ length: variables }, () => random.next())
    const gradient = evaluate(theta).gradient.slice()
    const h = 1e-5
    for (let k = 0; k < variables; k++) {
      const at = theta[k]
      theta[k] = at + h
      const above = evaluate(theta).value
      theta[k] = at - h
      const below = evaluate(theta).value
      theta[k] = at
      expect(Math.abs(gradient[k] - (above - below) / (2 * h))).toBeLessThan(1e-8)
    }
  })

  it('ends where no direction lowers the objective, and l1 makes weights exactly 0', () => {
    const l1 = 0.03
    const { weights, biases, converged } = fitSoftmax(x, codes, classes, l1, 0)
    expect(converged).toBe(true)
    const { evaluate } = softmaxObjective(x, codes, classes, 0, 0)
    const { gradient } = evaluate(Float64Array.of(...weights, ...biases))
    weights.forEach((weight, k) => {
      if (weight === 0) expect(Math.abs(gradient[k])).toBeLessThanOrEqual(l1 + 1e-5)
      else expect(Math.abs(gradient[k] + l1 * Math.sign(weight))).toBeLessThan(1e-4)
    })
    expect(weights.filter((weight) => weight === 0).length).toBeGreaterThan(3)
  })
})
