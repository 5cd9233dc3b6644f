/** Weights of rows, in every trainer that heeds them: what they mean, and that without them nothing changes. */

import { describe, expect, it } from 'vitest'
import { type Dataset, selectRows } from '../../../src/data/index.js'
import type { Model } from '../../../src/training/index.js'
import { relativeWeights } from '../../../src/training/learners/relative-weights.js'
import { targetScale } from '../../../src/training/learners/target-scale.js'
import { trainNetwork } from '../../../src/training/learners/train-network.js'
import type { Params } from '../../../src/values.js'
import { context } from '../../laws/trainer.js'
import { builtIn, fitted, halves, weighted } from './support.js'

/** Weighted rows, each as often as it counts: 1 to 5 times. */
function repeated(data: Dataset): Dataset {
  const { weights } = weighted(data)
  const rows = Array.from(data.index).flatMap((row, i) => new Array<number>(weights![row]).fill(i))
  return selectRows({ ...data, weights: null }, Int32Array.from(rows))
}

const answers = (model: Model, asked: Dataset): Float64Array =>
  model.predictProbability?.(asked).values ?? (model.predict(asked) as Float64Array)

function furthest(a: Float64Array, b: Float64Array): number {
  expect(a.length).toBe(b.length)
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0)
}

const wine = () => halves('wine', 'cultivar')
const diabetes = () => halves('diabetes', 'progression')
// Not scaled by their own rows, which are others where rows repeat.
const scaled = async (make: typeof wine) => (await make()).map(unitColumns) as [Dataset, Dataset]

function unitColumns(data: Dataset): Dataset {
  const columns = data.columns.map((column) => {
    if (column.kind !== 'number') return column
    const { shift, scale } = targetScale(column.values)
    return { ...column, values: column.values.map((value) => (value - shift) / scale) }
  })
  return { ...data, columns }
}

const oneBatch = { batchSize: 100_000, units: 6, epochs: 12, optimizer: 'sgd', learningRate: 0.05 }

// The nearness is what each search ends at: exact solutions, L-BFGS and coordinate descent to their tolerances.
const cases: [name: string, make: typeof wine, params: Params, nearness: number][] = [
  ['linear-regressor', diabetes, { l2: 0 }, 1e-8],
  ['linear-regressor', diabetes, { l2: 0.1 }, 1e-8],
  ['linear-regressor', diabetes, { l1: 0.05, l2: 0.01 }, 1e-3],
  ['softmax-classifier', wine, { l2: 0.01, tolerance: 1e-6 }, 1e-4],
  ['softmax-classifier', wine, { l1: 0.01, l2: 0.01, tolerance: 1e-6 }, 1e-4],
  ['perceptron-classifier', wine, oneBatch, 1e-9],
  ['perceptron-classifier', wine, { ...oneBatch, optimizer: 'adam', layers: 2, activation: 'tanh' }, 1e-6],
  ['perceptron-regressor', diabetes, oneBatch, 1e-7],
  ['boosted-trees-classifier', wine, { rounds: 6, minSamplesLeaf: 1, minChildWeight: 0 }, 1e-6],
  ['boosted-trees-regressor', diabetes, { rounds: 6, minSamplesLeaf: 1, minChildWeight: 0 }, 1e-6],
]

describe('whole weights are rows repeated', () => {
  it.each(cases)('%s %#', async (name, make, params, nearness) => {
    const [data, asked] = await scaled(make)
    const all = { ...params, scaling: 'none' }
    const byWeights = answers(await fitted(name, weighted(data), all), asked)
    expect(furthest(byWeights, answers(await fitted(name, repeated(data), all), asked))).toBeLessThan(
      nearness,
    )
    // And they are not nothing.
    expect(furthest(byWeights, answers(await fitted(name, data, all), asked))).toBeGreaterThan(10 * nearness)
  })
})

describe('weights that are all the same are none', () => {
  const more: typeof cases = [
    ['cart-classifier', wine, {}, 0],
    ['cart-regressor', diabetes, {}, 0],
    ['forest-classifier', wine, { trees: 3 }, 0],
    ['extra-trees-regressor', diabetes, { trees: 3 }, 0],
    ['perceptron-classifier', wine, { epochs: 4, earlyStopping: true, dropout: 0.2 }, 0],
    ['perceptron-regressor', diabetes, { epochs: 4, earlyStopping: true }, 0],
    ['boosted-trees-classifier', wine, { rounds: 5, earlyStoppingRounds: 3, subsample: 0.7 }, 0],
    ['boosted-trees-regressor', diabetes, { rounds: 5, loss: 'absoluteError', minSamplesLeaf: 5 }, 0],
    ['svm-classifier', wine, { probabilities: true }, 0],
    ['svm-regressor', diabetes, {}, 0],
    ['knn-classifier', wine, { weights: 'distance' }, 0],
    ['knn-regressor', diabetes, {}, 0],
  ]
  it.each([...cases, ...more])('to the bit: %s %#', async (name, make, params) => {
    const [data] = await make()
    const rows = weighted(data).weights!.length
    const trained = async (weight: number | null) => {
      const reports: unknown[] = []
      const weights = weight === null ? null : new Float64Array(rows).fill(weight)
      const report = async (...seen: unknown[]) => {
        reports.push(seen)
        return 'continue' as const
      }
      const model = await (await builtIn(name)).fit({ ...data, weights }, params, context({ report }))
      return JSON.stringify([model.toJSON(), reports])
    }
    const without = await trained(null)
    expect(await trained(1)).toBe(without)
    expect(await trained(0.3)).toBe(without)
    expect(await trained(1e308)).toBe(without)
  })
})

it('a network judges the rows set aside by their weights', async () => {
  const [data] = await wine()
  const { target, index, rows } = data
  if (target.kind !== 'classes') throw new Error('classes expected')
  const validationLoss = async (weights: Float64Array | null) => {
    let first = Number.NaN
    const report = async (_: number, metrics: Record<string, number>) => {
      first = metrics.validationLoss
      return 'prune' as const
    }
    // Next to no learning: the network is the same, and losses differ by the weights alone.
    const params = { earlyStopping: true, validationShare: 0.2, learningRate: 1e-8 }
    await (await builtIn('perceptron-classifier')).fit({ ...data, weights }, params, context({ report }))
    return first
  }
  // Where one class outweighs the others the loss is that of its rows, of which a fifth is set aside.
  const ofClass = await Promise.all(
    target.classes.map((_, c) =>
      validationLoss(Float64Array.from(target.codes, (code) => (code === c ? 1e9 : 1))),
    ),
  )
  const aside = target.classes.map((_, c) =>
    Math.round(0.2 * Array.from(index).filter((row) => target.codes[row] === c).length),
  )
  const together = aside.reduce((sum, count) => sum + count, 0)
  expect(together).toBeGreaterThan(rows / 6)
  const mean = ofClass.reduce((sum, loss, c) => sum + loss * aside[c], 0) / together
  expect(await validationLoss(null)).toBeCloseTo(mean, 5)
  expect(new Set(ofClass.map((loss) => loss.toFixed(3))).size).toBe(ofClass.length)
})

it('a network learns the same whatever the rows set aside count', async () => {
  const x = { rows: 6, columns: 1, values: Float64Array.of(1, 2, 3, -1, -2, -3) }
  const trained = (...weights: number[]) =>
    trainNetwork(
      { sizes: [1, 3, 1], activation: 'tanh' },
      x,
      { kind: 'numbers', values: Float64Array.of(1, 0, 2, 0, 1, 2), weights: Float64Array.from(weights) },
      {
        epochs: 1,
        batchSize: 2,
        learningRate: 0.1,
        schedule: { kind: 'constant' },
        optimizer: { kind: 'sgd', momentum: 0.9 },
        l1: 0,
        l2: 0,
        dropout: 0,
        earlyStopping: { patience: 1, validation: Int32Array.of(1, 4) },
      },
      context(),
    )
  const found = await trained(1, 1, 2, 3, 1, 4)
  expect(await trained(1, 500, 2, 3, 70, 4)).toEqual(found)
  expect(await trained(1, 1, 2, 3, 1, 5)).not.toEqual(found)
})

describe('relative weights', () => {
  it('have mean 1 over the rows that count, whatever their unit', () => {
    expect(relativeWeights(null)).toBeNull()
    expect(Array.from(relativeWeights(Float64Array.of(1, 2, 3, 2))!)).toEqual([0.5, 1, 1.5, 1])
    expect(Array.from(relativeWeights(Float64Array.of(1e308, 1e308, 5e307, 5e307))!)).toEqual([
      4 / 3,
      4 / 3,
      2 / 3,
      2 / 3,
    ])
    expect(Array.from(relativeWeights(Float64Array.of(1, 8, 3), Int32Array.of(0, 2))!)).toEqual([0.5, 4, 1.5])
  })

  it('make the mean and deviation of a target those of values repeated', () => {
    const found = targetScale(Float64Array.of(1, 5, 2), Float64Array.of(3, 1, 2))
    const expected = targetScale(Float64Array.of(1, 1, 1, 5, 2, 2))
    expect(found.shift).toBeCloseTo(expected.shift, 14)
    expect(found.scale).toBeCloseTo(expected.scale, 14)
  })
})
