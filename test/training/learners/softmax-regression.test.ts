import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../src/numeric/index.js'
import { addProduct, addTransposedProduct } from '../../../src/training/learners/products.js'
import { relativeWeights } from '../../../src/training/learners/relative-weights.js'
import { crossEntropyInto } from '../../../src/training/learners/softmax.js'
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

  it('has the value and gradient of the plain loops, bit by bit', () => {
    for (let trial = 0; trial < 80; trial++) {
      const drawn = randomStream(trial, 'objective')
      const [n, d, some] = [1 + drawn.integer(300), 1 + drawn.integer(9), 2 + drawn.integer(13)]
      // Scores far apart, so that exponentials come down to 0.
      const scale = [1, 30, 400][trial % 3]
      const matrix = {
        rows: n,
        columns: d,
        // Now and then mostly zeros, which products look out for.
        values: Float64Array.from({ length: n * d }, () =>
          trial % 4 === 3 && drawn.next() < 0.9 ? 0 : drawn.normal(),
        ),
      }
      const truth = Int32Array.from({ length: n }, () => drawn.integer(some))
      const rowWeights = trial % 2 === 0 ? null : Float64Array.from({ length: n }, () => drawn.next() + 0.1)
      const { variables, evaluate, close } = softmaxObjective(matrix, truth, some, 0, 0.2, rowWeights)
      const theta = Float64Array.from({ length: variables }, () => scale * drawn.normal())

      const z = new Float64Array(n * some)
      for (let i = 0; i < z.length; i++) z[i] = theta[d * some + (i % some)]
      addProduct(matrix.values, theta, 0, z, n, d, some)
      const loss = crossEntropyInto(z, truth, 0, n, some, relativeWeights(rowWeights)) / n
      const expected = new Float64Array(variables)
      addTransposedProduct(matrix.values, z, expected, 0, d, n, some)
      let penalty = 0
      for (let k = 0; k < d * some; k++) {
        penalty += 0.1 * theta[k] * theta[k]
        expected[k] = expected[k] / n + 0.2 * theta[k]
      }
      for (let i = 0; i < z.length; i++) expected[d * some + (i % some)] += z[i] / n
      expect(evaluate(theta)).toEqual({ value: loss + penalty, gradient: expected })
      // The next one has its memory, with all that is in it.
      close()
    }
  })

  it('ends where no direction lowers the objective, and l1 makes weights exactly 0', async () => {
    const l1 = 0.03
    const { weights, biases, converged } = await fitSoftmax(x, codes, classes, l1, 0, 1e-6)
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
