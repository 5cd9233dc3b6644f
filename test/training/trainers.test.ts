import { describe, expect, it } from 'vitest'
import { type Dataset, selectRows } from '../../src/data/index.js'
import { openTrainer, performFit, resample, type Trainer } from '../../src/training/index.js'
import type { Params } from '../../src/values.js'
import { context, trainerLaws } from '../laws/trainer.js'
import { exampleData } from './support.js'

async function builtIn(name: string): Promise<Trainer> {
  const opened = await openTrainer({ kind: 'built-in', name })
  if (opened.kind !== 'trainer') throw new Error('not a trainer')
  return opened.trainer
}

const iris = () => exampleData('iris', 'species')
const penguins = () => exampleData('penguins', 'species')
const diabetes = async () => {
  const all = await exampleData('diabetes', 'progression')
  return selectRows(
    all,
    Int32Array.from({ length: 70 }, (_, i) => 6 * i),
  )
}

trainerLaws('cart-classifier on iris', () => builtIn('cart-classifier'), iris, {})
trainerLaws('cart-classifier on penguins', () => builtIn('cart-classifier'), penguins, {
  scaling: 'standard',
})
trainerLaws('cart-regressor on diabetes', () => builtIn('cart-regressor'), diabetes, {})
const mlCart = { engine: 'ml-cart', imputation: 'mean', encoding: 'one-hot' }
trainerLaws('cart-classifier by ml-cart on iris', () => builtIn('cart-classifier'), iris, mlCart)
trainerLaws('cart-regressor by ml-cart on diabetes', () => builtIn('cart-regressor'), diabetes, {
  ...mlCart,
  maxDepth: 6,
})
trainerLaws('knn-classifier on iris', () => builtIn('knn-classifier'), iris, { k: 3 })
trainerLaws('knn-classifier on penguins', () => builtIn('knn-classifier'), penguins, { weights: 'distance' })

/** A data set of numbers, one array a column. */
function numbers(columns: number[][], target: number[]): Dataset {
  return {
    columns: columns.map((values, i) => ({
      name: `x${i}`,
      kind: 'number',
      values: Float64Array.from(values),
    })),
    index: Int32Array.from(target, (_, i) => i),
    rows: target.length,
    target: { kind: 'numbers', name: 'y', values: Float64Array.from(target) },
  }
}

describe('cart-regressor', () => {
  const x = Array.from({ length: 40 }, (_, i) => i)
  it.each([
    ['at the root', x.map((v) => (v < 17 ? 1 : 5))],
    ['below the root', x.map((v) => (v < 17 ? 1 : v < 30 ? 5 : -2))],
  ])('finds a step that leaves no error, %s', async (_, y) => {
    const data = numbers([x.map((v) => (v * 7) % 40), x], y)
    const model = await (await builtIn('cart-regressor')).fit(data, {}, context())
    expect(Array.from<unknown>(model.predict(data))).toEqual(y)
  })

  it('keeps a depth of one even where two splits would be perfect', async () => {
    const data = numbers(
      [x],
      x.map((v) => (v < 10 ? 0 : v < 30 ? 1 : 9)),
    )
    const model = await (await builtIn('cart-regressor')).fit(data, { maxDepth: 1 }, context())
    expect(new Set<unknown>(model.predict(data)).size).toBe(2)
  })
})

describe('knn-classifier', () => {
  // Even rows of wine fitted on, odd rows predicted, standard scaling: computed with scikit-learn 1.9.1's
  // KNeighborsClassifier after StandardScaler (accuracy; sum of the squared probabilities over all rows). k = 3 for
  // Chebyshev, because at 7 equally distant neighbours make the answer a matter of taste.
  const engines = ['native', 'ml-knn']
  it.each([
    ['uniform', 'euclidean', 7, 0.9438202247191011, 81.40816326530611],
    ['uniform', 'manhattan', 7, 0.9550561797752809, 83.77551020408163],
    ['uniform', 'chebyshev', 3, 0.898876404494382, 81],
    ['distance', 'euclidean', 7, 0.9438202247191011, 81.58512269657953],
    ['distance', 'manhattan', 7, 0.9550561797752809, 83.80809555666681],
    ['distance', 'chebyshev', 3, 0.898876404494382, 81.0759899827159],
  ])('agrees with scikit-learn: %s %s', async (weights, distance, k, accuracy, squares) => {
    const wine = await exampleData('wine', 'cultivar')
    const half = (odd: number) =>
      selectRows(
        wine,
        Int32Array.from({ length: wine.rows >> 1 }, (_, i) => 2 * i + odd),
      )
    const asked = half(1)
    const { target } = wine
    if (target.kind !== 'classes') throw new Error('classes expected')
    for (const engine of engines) {
      const params = { engine, k, weights, distance }
      const model = await (await builtIn('knn-classifier')).fit(half(0), params, context())
      const right = Array.from<unknown>(model.predict(asked)).filter(
        (label, i) => label === target.classes[target.codes[asked.index[i]]],
      )
      expect(right.length / asked.rows).toBe(accuracy)
      const { values } = model.predictProbability!(asked)
      expect(values.reduce((sum, p) => sum + p * p, 0)).toBeCloseTo(squares, 9)
    }
  })

  it('lets all training rows vote where k is more than there are, and says so', async () => {
    const rows = selectRows(await iris(), Int32Array.of(0, 1, 60, 120))
    const messages: string[] = []
    const log = (message: string) => messages.push(message)
    const model = await (await builtIn('knn-classifier')).fit(rows, { k: 100 }, context({ log }))
    expect(Array.from(model.predictProbability!(rows).values.subarray(0, 3))).toEqual([0.5, 0.25, 0.25])
    expect(messages).toEqual(['k = 100 is more than the 4 training rows: all of them vote'])
  })

  it.each(engines)('breaks a tie by the nearest neighbour: %s', async (engine) => {
    const data = numbers([[0, 1, 10, 11]], [0, 0, 0, 0])
    const tied: Dataset = {
      ...data,
      target: { kind: 'classes', name: 'y', classes: ['a', 'b'], codes: Int32Array.of(0, 0, 1, 1) },
    }
    const model = await (await builtIn('knn-classifier')).fit(
      tied,
      { engine, k: 4, scaling: 'none' },
      context(),
    )
    const asked = numbers([[4, 7]], [0, 0])
    expect(model.predict(asked)).toEqual(['a', 'b'])
    expect(Array.from(model.predictProbability!(asked).values)).toEqual([0.5, 0.5, 0.5, 0.5])
  })
})

describe('built-in trainers on the example data', () => {
  // The best constant prediction gives about 0.33 … 0.63 accuracy on these, and an R² of 0.
  it.each<[trainer: string, data: string, target: string, params: Params, metric: string, atLeast: number]>([
    ['cart-classifier', 'iris', 'species', {}, 'accuracy', 0.9],
    ['cart-classifier', 'breast-cancer', 'diagnosis', {}, 'accuracy', 0.89],
    ['cart-classifier', 'penguins', 'species', {}, 'accuracy', 0.93],
    ['knn-classifier', 'wine', 'cultivar', { k: 9 }, 'accuracy', 0.93],
    ['knn-classifier', 'penguins', 'species', { k: 5 }, 'accuracy', 0.97],
    ['cart-regressor', 'diabetes', 'progression', { maxDepth: 3, minNumSamples: 20 }, 'r2', 0.25],
  ])('%s on %s', async (name, file, target, params, metric, atLeast) => {
    const trainer = await openTrainer({ kind: 'built-in', name })
    const data = await exampleData(file, target)
    const resampling = resample(data, { folds: 5, seed: 1 })
    const plan = {
      trainer: { kind: 'built-in', name } as const,
      data,
      resampling,
      seed: 1,
      objectiveMetric: metric,
    }
    let sum = 0
    for (let fold = 0; fold < 5; fold++) {
      const job = { trial: 0, attempt: 0, part: { kind: 'fold', fold } as const, params }
      sum += (await performFit(plan, trainer, job)).metrics[metric]
    }
    expect(sum / 5).toBeGreaterThanOrEqual(atLeast)
  })
})
