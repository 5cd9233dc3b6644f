import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../src/numeric/index.js'
import {
  DenseNetwork,
  initialParameters,
  type NetworkShape,
  type Truth,
} from '../../../src/training/learners/dense-network.js'
import { sgd } from '../../../src/training/learners/optimizers.js'
import { softmaxInto, winners } from '../../../src/training/learners/softmax.js'

const rows = 7

const learning = (shape: NetworkShape, capacity: number) =>
  new DenseNetwork(shape, capacity, { optimizer: (loops, size) => sgd(loops, size, 0), dropout: true })

/** l1 |W|₁ + l2/2 |W|², without biases. */
function penalty({ sizes }: NetworkShape, theta: Float64Array, l1: number, l2: number): number {
  let sum = 0
  let at = 0
  for (let l = 1; l < sizes.length; l++) {
    const biases = at + sizes[l - 1] * sizes[l]
    for (const w of theta.subarray(at, biases)) sum += l1 * Math.abs(w) + (l2 / 2) * w * w
    at = biases + sizes[l]
  }
  return sum
}

/** Loss and gradient at θ of one batch, with penalties; masks are the same at each call. */
function objective(shape: NetworkShape, truth: Truth, dropout: number, l1: number, l2: number) {
  const random = randomStream(3, 'inputs')
  const network = learning(shape, rows)
  const input = Float64Array.from({ length: rows * shape.sizes[0] }, () => random.normal())
  network.drawMasks(rows, dropout, randomStream(5, 'masks'))
  return (theta: Float64Array) => {
    network.input.set(input)
    network.theta.set(theta)
    network.forward(rows, dropout > 0)
    const loss = network.loss(rows, truth, 0)
    network.backward(rows, dropout > 0)
    network.addPenalty(l1, l2)
    return { value: loss + penalty(shape, theta, l1, l2), gradient: network.gradient.slice() }
  }
}

const classes: Truth = { kind: 'classes', codes: Int32Array.of(0, 2, 1, 1, 0, 2, 2) }
const values: Truth = { kind: 'numbers', values: Float64Array.of(0.3, -1, 2, 0, 1.5, -0.7, 0.1) }
const weights = Float64Array.of(2, 0.5, 1, 0.1, 3, 1, 0.4)

describe('the gradient of a dense network', () => {
  const cases = (['relu', 'tanh'] as const).flatMap((activation) =>
    [
      { sizes: [4, 3], truth: classes, dropout: 0, l1: 0, l2: 0 },
      { sizes: [4, 5, 3], truth: classes, dropout: 0, l1: 0, l2: 0 },
      { sizes: [5, 9, 6, 3], truth: classes, dropout: 0.4, l1: 0.02, l2: 0.3 },
      { sizes: [3, 6, 1], truth: values, dropout: 0, l1: 0, l2: 0.1 },
      { sizes: [3, 6, 7, 5, 1], truth: values, dropout: 0.3, l1: 0.05, l2: 0 },
      { sizes: [4, 5, 3], truth: { ...classes, weights }, dropout: 0, l1: 0, l2: 0.1 },
      { sizes: [3, 6, 1], truth: { ...values, weights }, dropout: 0.2, l1: 0, l2: 0 },
    ].map((one) => ({ activation, ...one })),
  )

  it.each(cases)('is that of central differences: $activation $sizes, dropout $dropout', (one) => {
    const shape = { sizes: one.sizes, activation: one.activation }
    const evaluate = objective(shape, one.truth, one.dropout, one.l1, one.l2)
    const theta = initialParameters(shape, randomStream(1, 'weights'))
    // Biases away from 0, so that theirs are checked where they matter.
    const random = randomStream(2, 'biases')
    for (let k = 0; k < theta.length; k++) if (theta[k] === 0) theta[k] = 0.3 * random.normal()
    const { gradient } = evaluate(theta)
    const h = 1e-5
    for (let k = 0; k < theta.length; k++) {
      const at = theta[k]
      theta[k] = at + h
      const above = evaluate(theta).value
      theta[k] = at - h
      const below = evaluate(theta).value
      theta[k] = at
      expect(Math.abs(gradient[k] - (above - below) / (2 * h)), `parameter ${k}`).toBeLessThan(2e-8)
    }
  })
})

describe('a dense network', () => {
  it('computes what its formula says', () => {
    // Two inputs, two relu units, one output: by hand.
    const network = new DenseNetwork({ sizes: [2, 2, 1], activation: 'relu' }, 2)
    network.input.set([1, 2, -1, 0.5])
    const theta = Float64Array.of(1, -1, 2, 0.5, 0.25, 0.5, 3, -2, 0.125)
    // Row 1: relu(1·1 + 2·2 + 0.25, −1·1 + 0.5·2 + 0.5) = (5.25, 0.5) → 3·5.25 − 2·0.5 + 0.125.
    // Row 2: relu(−1 + 1 + 0.25, 1 + 0.25 + 0.5) = (0.25, 1.75) → 0.75 − 3.5 + 0.125.
    network.theta.set(theta)
    expect(Array.from(network.forward(2))).toEqual([14.875, -2.625])
  })

  it('keeps the mean of a hidden layer under dropout, and leaves out the share asked for', () => {
    const network = learning({ sizes: [1, 400, 1], activation: 'relu' }, 100)
    const [mask] = network.drawMasks(100, 0.3, randomStream(1, 'masks'))
    const dropped = mask.filter((value) => value === 0).length / mask.length
    expect(dropped).toBeGreaterThan(0.29)
    expect(dropped).toBeLessThan(0.31)
    expect(mask.reduce((sum, value) => sum + value, 0) / mask.length).toBeCloseTo(1, 1)
    expect(new Set(mask)).toEqual(new Set([0, 1 / 0.7]))
  })

  it('has the mean of weight times loss as its loss', () => {
    const network = new DenseNetwork({ sizes: [1, 1], activation: 'relu' }, 2)
    network.input.set([1, 2])
    network.theta.set([1, 0])
    network.forward(2)
    // Differences 1 and 2, weights 3 and 5: (3 · 1/2 + 5 · 4/2) / 2.
    const truth: Truth = {
      kind: 'numbers',
      values: Float64Array.of(9, 0, 0),
      weights: Float64Array.of(9, 3, 5),
    }
    expect(network.loss(2, truth, 1)).toBe(5.75)
  })

  it('has a finite loss where probabilities round to 0', () => {
    const network = new DenseNetwork({ sizes: [1, 2], activation: 'tanh' }, 1)
    network.input[0] = 1
    network.theta.set([2000, -2000, 0, 0])
    network.forward(1)
    expect(network.loss(1, { kind: 'classes', codes: Int32Array.of(1) }, 0)).toBe(4000)
  })

  it.each([2, 3, 10, 11, 26])(
    'has the probabilities and winners of the plain loops, of %d classes',
    (some) => {
      for (const scale of [0, 1, 500]) {
        const random = randomStream(some, 'scores')
        const network = new DenseNetwork({ sizes: [3, some], activation: 'relu' }, 9)
        network.input.set(Float64Array.from({ length: 27 }, () => random.normal()))
        network.theta.set(network.theta.map(() => scale * random.normal()))
        const expected = network.forward(9).slice()
        softmaxInto(expected, 9, some)
        expect(network.classify(9)).toEqual({ codes: winners(expected, 9, some), probabilities: expected })
      }
    },
  )
})
