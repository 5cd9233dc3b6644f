import { describe, expect, it } from 'vitest'
import type { NeighbourStates } from '../../../src/exchange/model-file/neighbour-states.js'
import { expectSameBits, randomData } from './learners.js'

const distances = ['euclidean', 'manhattan', 'chebyshev', 'cosine']
const every = distances.flatMap((distance, i) =>
  ['uniform', 'distance'].map((weights, j) => ({ distance, weights, k: (i + j) % 2 === 0 ? 2 : 5 })),
)

const one = { threads: [1] }

describe('nearest neighbours in onnxruntime', () => {
  it.each(every)('are ours to the last bit: classes, %o', async (params) => {
    const { fit, all } = randomData(3, { rows: 200, classes: 4, numbers: 5, missing: true })
    await expectSameBits('knn-classifier', params, { fit, all }, { rows: [1, 64, 200] })
    await expectSameBits(
      'knn-classifier',
      params,
      { fit: { ...fit, weights: weightsOf(all.rows) }, all },
      one,
    )
  })

  it.each(every)('are ours to the last bit: numbers, %o', async (params) => {
    const { fit, all } = randomData(4, { rows: 200, classes: 0, numbers: 5, texts: [6], missing: true })
    await expectSameBits('knn-regressor', params, { fit, all }, { rows: [1, 64, 200] })
    await expectSameBits('knn-regressor', params, { fit: { ...fit, weights: weightsOf(all.rows) }, all }, one)
  })

  // A grid: many rows at the same distance, at distance 0, and rows of zeros.
  it.each(distances.map((distance, i) => ({ distance, k: [1, 3, 8, 5][i] })))(
    'are so where many are equally near: %o',
    async (params) => {
      for (const weights of ['uniform', 'distance'])
        for (const classes of [0, 3]) {
          const data = randomData(5, { rows: 240, classes, numbers: 1, texts: [2, 2] })
          const trainer = classes === 0 ? 'knn-regressor' : 'knn-classifier'
          await expectSameBits(trainer, { ...params, weights, scaling: 'none' }, data, { threads: [2] })
        }
    },
  )

  it('are so with distances that overflow, or whose inverse does', async () => {
    for (const scale of [1e-310, 1e200])
      for (const classes of [0, 3]) {
        const { fit, all } = randomData(6, { rows: 80, classes, numbers: 2 })
        const columns = all.columns.map((column) =>
          column.kind === 'number'
            ? { ...column, values: column.values.map((value) => value * scale) }
            : column,
        )
        const trainer = classes === 0 ? 'knn-regressor' : 'knn-classifier'
        const data = { fit: { ...fit, columns }, all: { ...all, columns } }
        await expectSameBits(
          trainer,
          { weights: 'distance', distance: 'manhattan', scaling: 'none' },
          data,
          one,
        )
      }
  })

  it('are those of ml-knn where no distances are the same, which is said', async () => {
    for (const distance of ['euclidean', 'manhattan', 'chebyshev'])
      for (const weights of ['uniform', 'distance']) {
        const { fit, all } = randomData(8, { rows: 200, classes: 3, numbers: 4, fewValues: false })
        const params = { engine: 'ml-knn', distance, weights }
        const { warnings } = await expectSameBits('knn-classifier', params, { fit, all }, one)
        expect(warnings).toEqual([expect.stringContaining('ml-knn takes those that its tree comes to first')])
      }
  })

  it('of ml-knn stand in the order of their classes where they are equally near', async () => {
    for (const weights of ['uniform', 'distance']) {
      const data = randomData(5, { rows: 100, classes: 3, numbers: 1, texts: [2, 2] })
      await expectSameBits(
        'knn-classifier',
        { engine: 'ml-knn', k: 1000, weights, scaling: 'none' },
        data,
        one,
      )
    }
  })

  it('vote with all rows where k is so many', async () => {
    const { fit, all } = randomData(9, { rows: 60, classes: 3, numbers: 2 })
    const { state, warnings } = await expectSameBits(
      'knn-classifier',
      { k: 1000 },
      { fit, all },
      { opset: 16 },
    )
    expect((state.learned as NeighbourStates).k).toBe(fit.rows)
    expect(warnings).toEqual([])
  })
})

const weightsOf = (rows: number) => Float64Array.from({ length: rows }, (_, i) => 0.3 + (i % 5))
