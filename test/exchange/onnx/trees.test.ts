import { describe, expect, it } from 'vitest'
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

  it('are so for counts, whose scores are powers of e', async () => {
    const { fit, all } = randomData(9, { ...mixed, rows: 300, classes: 0 })
    const { target } = all
    if (target.kind !== 'numbers') throw new Error('numbers expected')
    const counts = { ...target, values: target.values.map((value) => Math.max(0, Math.round(value / 100))) }
    const data = { fit: { ...fit, target: counts }, all: { ...all, target: counts } }
    await expectSameBits('boosted-trees-regressor', { rounds: 40, loss: 'poisson' }, data)
  })

  it('are so for categories by the thousand', async () => {
    for (const trainer of ['cart-classifier', 'boosted-trees-classifier']) {
      const data = randomData(10, { rows: 4000, classes: 3, numbers: 1, texts: [3000], missing: true })
      await expectSameBits(trainer, {}, data, { threads: [1] })
    }
  })

  it('are so where there is no tree, or nothing but leaves', async () => {
    const data = randomData(11, { rows: 100, classes: 3 })
    const change = ({ trees }: { trees: Record<string, unknown[]> }) => {
      for (const name of ['roots', 'column', 'value', 'right', 'missingLeft', 'sets', 'categories'])
        trees[name] = []
    }
    await expectSameBits('boosted-trees-classifier', {}, data, { change, rows: [1, 100] })
    await expectSameBits('boosted-trees-classifier', { minSamplesLeaf: 90 }, data, { rows: [1, 100] })
    await expectSameBits('forest-classifier', { minSamplesLeaf: 90, trees: 3 }, data, { rows: [1, 100] })
  })

  it('of XGBoost are so for values that single precision rounds, clips or does not know', async () => {
    const { fit, all } = randomData(12, { rows: 160, classes: 2, numbers: 2 })
    const odd = [1e39, -1e39, 1e38, Number.MAX_VALUE, Number.NaN, 0.1, 1 + 2e-8, -0, 1e-50]
    const columns = all.columns.map((column) =>
      column.kind === 'number'
        ? { ...column, values: column.values.map((value, i) => (i < fit.rows ? value : odd[i % odd.length])) }
        : column,
    )
    const thresholds = [1e38, 0.1, 1, -1e38, 0]
    const change = ({ column, value }: { column: number[]; value: number[] }) => {
      column.forEach((of, node) => {
        if (of >= 0) value[node] = Math.fround(thresholds[node % thresholds.length])
      })
    }
    const params = { engine: 'ml-xgboost', rounds: 10, imputation: 'none' }
    await expectSameBits('boosted-trees-classifier', params, { fit, all: { ...all, columns } }, { change })
  })

  it('send categories that no split was made for where what is missing goes', async () => {
    const data = randomData(13, { ...mixed, rows: 300, classes: 3 })
    const shorter = ({ sets }: { sets: string[] }) => {
      sets.forEach((bits, i) => {
        sets[i] = bits.slice(0, 2)
      })
    }
    await expectSameBits('forest-classifier', { trees: 9 }, data, { change: shorter })
    const fewer = ({ trees }: { trees: { categories: { bins: number[] }[] } }) => {
      expect(trees.categories.length).toBe(2)
      for (const of of trees.categories) of.bins.splice(4)
    }
    await expectSameBits('boosted-trees-classifier', { rounds: 9 }, data, { change: fewer })
  })
})
