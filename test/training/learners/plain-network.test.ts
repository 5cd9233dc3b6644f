/** Training in WebAssembly is training by the plain loops, bit by bit. */
import { expect, it } from 'vitest'
import { randomStream } from '../../../src/numeric/index.js'
import {
  initialParameters,
  type NetworkShape,
  type Truth,
} from '../../../src/training/learners/dense-network.js'
import { learningRate } from '../../../src/training/learners/optimizers.js'
import { relativeWeights } from '../../../src/training/learners/relative-weights.js'
import { type NetworkTraining, trainNetwork } from '../../../src/training/learners/train-network.js'
import { context } from '../../laws/trainer.js'
import { addPenalty, PlainNetwork, plainAdam, plainSgd } from './plain-network.js'

/** θ as the plain loops train it, without early stopping. */
function trainPlainly(
  shape: NetworkShape,
  x: { readonly rows: number; readonly columns: number; readonly values: Float64Array },
  truth: Truth,
  options: NetworkTraining,
  seed: number,
): Float64Array {
  const order = Int32Array.from({ length: x.rows }, (_, i) => i)
  const weights = relativeWeights(truth.weights ?? null)
  const batch = Math.min(options.batchSize, x.rows)
  const network = new PlainNetwork(shape, batch)
  const theta = initialParameters(shape, randomStream(seed, 'weights'))
  const gradient = new Float64Array(theta.length)
  const { optimizer: chosen } = options
  const optimizer = chosen.kind === 'adam' ? plainAdam(theta.length) : plainSgd(theta.length, chosen.momentum)
  for (let epoch = 1; epoch <= options.epochs; epoch++) {
    const rate = learningRate(options.schedule, options.learningRate, epoch - 1, options.epochs)
    randomStream(seed, 'order', epoch).shuffle(order)
    const dropout = options.dropout > 0 ? randomStream(seed, 'dropout', epoch) : null
    for (let start = 0; start < x.rows; start += batch) {
      const picked = Array.from(order.subarray(start, start + batch))
      picked.forEach((row, i) => {
        network.input.set(x.values.subarray(row * x.columns, (row + 1) * x.columns), i * x.columns)
      })
      const ofBatch = {
        ...(truth.kind === 'classes'
          ? { kind: truth.kind, codes: Int32Array.from(picked, (row) => truth.codes[row]) }
          : { kind: truth.kind, values: Float64Array.from(picked, (row) => truth.values[row]) }),
        weights: weights && Float64Array.from(picked, (row) => weights[row]),
      }
      const masks = dropout === null ? [] : network.drawMasks(picked.length, options.dropout, dropout)
      network.forward(theta, picked.length, masks)
      network.loss(picked.length, ofBatch, 0)
      network.backward(theta, picked.length, gradient, masks)
      addPenalty(shape, theta, options.l1, options.l2, gradient)
      optimizer.step(theta, gradient, rate)
    }
  }
  return theta
}

const hidden = [[], [1], [7], [64], [24, 9, 16]]

it.each(hidden)('on random networks with hidden layers %j %j %j', async (...sizes) => {
  for (let trial = 0; trial < 24; trial++) {
    const random = randomStream(trial, 'network', sizes.length)
    const either = () => random.next() < 0.5
    const [rows, columns] = [1 + random.integer(70), 1 + random.integer(20)]
    // Some columns are mostly zeros, as those of categories are.
    const zeros = Float64Array.from({ length: columns }, () => (either() ? 0 : 0.9))
    const values = Float64Array.from({ length: rows * columns }, (_, k) =>
      random.next() < zeros[k % columns] ? 0 : random.normal(),
    )
    const outputs = either() ? 1 : 2 + random.integer(9)
    const weights = either() ? null : Float64Array.from({ length: rows }, () => 0.1 + random.next())
    const truth: Truth =
      outputs === 1
        ? { kind: 'numbers', values: Float64Array.from({ length: rows }, () => random.normal()), weights }
        : {
            kind: 'classes',
            codes: Int32Array.from({ length: rows }, () => random.integer(outputs)),
            weights,
          }
    const options: NetworkTraining = {
      epochs: 3,
      batchSize: [1, 5, 32, 1000][trial % 4],
      learningRate: 0.02,
      schedule: either() ? { kind: 'cosine' } : { kind: 'step', every: 1, factor: 0.5 },
      optimizer: either() ? { kind: 'adam' } : { kind: 'sgd', momentum: 0.8 },
      l1: either() ? 0 : 0.01,
      l2: either() ? 0 : 0.1,
      dropout: either() ? 0 : 0.4,
      earlyStopping: null,
    }
    const shape: NetworkShape = {
      sizes: [columns, ...sizes, outputs],
      activation: either() ? 'relu' : 'tanh',
    }
    const found = await trainNetwork(
      shape,
      { rows, columns, values },
      truth,
      options,
      context({ seed: trial }),
    )
    const expected = trainPlainly(shape, { rows, columns, values }, truth, options, trial)
    const bits = (theta: Float64Array) => new BigUint64Array(theta.buffer, theta.byteOffset, theta.length)
    expect([trial, bits(found)]).toEqual([trial, bits(expected)])
  }
})
