import { describe, it } from 'vitest'
import type { Params } from '../../../src/values.js'
import { expectSameBits, type RandomData, randomData } from './learners.js'

const plain = { numbers: 4 }
const mixed = { numbers: 3, texts: [12, 70], missing: true }

const few: readonly [trainer: string, params: Params, data: Omit<RandomData, 'rows'>][] = [
  ['cart-classifier', {}, { ...mixed, classes: 3, weights: true }],
  ['cart-classifier', { engine: 'ml-cart' }, { ...plain, classes: 3 }],
  ['cart-classifier', { maxDepth: 1, gainThreshold: 1 }, { ...plain, classes: 2 }],
  ['cart-regressor', {}, { ...mixed, classes: 0 }],
  ['cart-regressor', { engine: 'ml-cart' }, { ...plain, classes: 0 }],
  ['forest-classifier', { trees: 90 }, { ...mixed, classes: 4, weights: true }],
  ['forest-classifier', { engine: 'ml-random-forest', trees: 7 }, { ...plain, classes: 3 }],
  ['forest-regressor', { trees: 90 }, { ...mixed, classes: 0 }],
  ['forest-regressor', { engine: 'ml-random-forest', trees: 7 }, { ...plain, classes: 0 }],
  ['extra-trees-classifier', { trees: 30 }, { ...mixed, classes: 2 }],
  ['extra-trees-regressor', { trees: 30, encoding: 'one-hot' }, { ...mixed, classes: 0 }],
  ['boosted-trees-classifier', { rounds: 30 }, { ...mixed, classes: 3 }],
  ['boosted-trees-classifier', { rounds: 100 }, { ...mixed, classes: 2, weights: true }],
  ['boosted-trees-regressor', { rounds: 100 }, { ...mixed, classes: 0 }],
  ['boosted-trees-regressor', { rounds: 20, loss: 'absoluteError' }, { ...mixed, classes: 0 }],
  ['boosted-trees-classifier', { rounds: 20, engine: 'ml-xgboost' }, { ...plain, classes: 2 }],
  ['boosted-trees-classifier', { rounds: 10, engine: 'ml-xgboost' }, { ...plain, classes: 4 }],
  ['boosted-trees-regressor', { rounds: 30, engine: 'ml-xgboost' }, { ...plain, classes: 0 }],
]

describe('trees in onnxruntime', () => {
  it.each(few)('are ours to the last bit: %s %o', async (trainer, params, data) => {
    const rows = params.engine === undefined ? 400 : 160
    await expectSameBits(trainer, params, randomData(7, { ...data, rows }), { rows: [1, 2, rows] })
  })

  it.each(few.filter((_, i) => i % 4 === 0))(
    'are so with the oldest operators: %s %o',
    async (trainer, params, data) => {
      await expectSameBits(trainer, params, randomData(8, { ...data, rows: 160 }), {
        opset: 16,
        threads: [1],
      })
    },
  )
})
