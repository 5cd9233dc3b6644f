import { describe, expect, it } from 'vitest'
import { fitted, halves, numbers, rootMeanSquare, share, weighted } from './support.js'

// Even rows fitted on, odd rows predicted, columns (and numeric targets) standardised by the even rows: computed with
// scikit-learn 1.9.1 (LinearRegression, Ridge, Lasso, ElasticNet; LogisticRegression).
describe('linear-regressor agrees with scikit-learn', () => {
  it.each([
    [0, 0, 54.40155390835055],
    [0, 0.1, 54.172311143865066],
    [0.05, 0, 54.680534461898205],
    [0.05, 0.1, 55.03240434753882],
  ])('l1 %d, l2 %d', async (l1, l2, rmse) => {
    const [data, asked] = await halves('diabetes', 'progression')
    for (const method of ['gram', 'rows']) {
      const model = await fitted('linear-regressor', data, { l1, l2, method })
      expect(rootMeanSquare(model, asked)).toBeCloseTo(rmse, 4)
    }
  })
})

describe('softmax-classifier agrees with scikit-learn', () => {
  it.each([
    [0, 0.001, 0.9775280898876404, 85.72079001926],
    [0, 0.1, 0.9662921348314607, 70.21119507216756],
    [0.02, 0, 0.9550561797752809, 77.39092199128427],
  ])('l1 %d, l2 %d', async (l1, l2, accuracy, squares) => {
    const [data, asked] = await halves('wine', 'cultivar')
    const model = await fitted('softmax-classifier', data, { l1, l2, tolerance: 1e-6 })
    expect(share(model, asked, asked)).toBe(accuracy)
    const { values } = model.predictProbability!(asked)
    expect(values.reduce((sum, p) => sum + p * p, 0)).toBeCloseTo(squares, 2)
  })
})

// As above, with the weights of `weighted`; the target standardised by its weighted mean and deviation. scikit-learn's C is
// 1/(l2 · Σ weights), Ridge's alpha l2 · Σ weights, ElasticNet's l1 + l2. Balanced classes and sample weights together are
// sample_weight = compute_sample_weight('balanced', y) · weights there.
describe('weights are those of scikit-learn', () => {
  it.each([
    [0, 0, 55.380539920768584],
    [0, 0.1, 54.72035023733533],
    [0.05, 0, 55.114649308730776],
    [0.05, 0.1, 55.430851848273754],
  ])('linear-regressor, l1 %d, l2 %d', async (l1, l2, rmse) => {
    const [data, asked] = await halves('diabetes', 'progression')
    const model = await fitted('linear-regressor', weighted(data), { l1, l2 })
    expect(rootMeanSquare(model, asked)).toBeCloseTo(rmse, 4)
  })

  it.each([
    ['balanced', false, 0.001, 85.68698954358658],
    ['none', true, 0.001, 85.79623876139998],
    ['balanced', true, 0.001, 85.7750223305645],
    ['balanced', false, 0.1, 70.10578447954626],
    ['none', true, 0.1, 70.25962185692184],
    ['balanced', true, 0.1, 70.15779344169044],
  ])(
    'softmax-classifier, classWeight %s, sample weights %s, l2 %d',
    async (classWeight, both, l2, squares) => {
      const [data, asked] = await halves('wine', 'cultivar')
      const model = await fitted('softmax-classifier', both ? weighted(data) : data, {
        l2,
        classWeight,
        tolerance: 1e-6,
      })
      const { values } = model.predictProbability!(asked)
      expect(values.reduce((sum, p) => sum + p * p, 0)).toBeCloseTo(squares, 2)
    },
  )
})

it('importances are the weights times the deviations of their columns, as shares', async () => {
  const x = [0, 1, 2, 3, 4, 5, 6, 7]
  const square = x.map((value) => [1, -1, -1, 1, 1, -1, -1, 1][value])
  const data = numbers(
    [x, square, x.map(() => 3)],
    x.map((value, i) => 2 * value + 5 * square[i]),
  )
  const deviation = Math.sqrt(5.25)
  const total = 2 * deviation + 5
  for (const scaling of ['none', 'standard']) {
    const model = await fitted('linear-regressor', data, { l2: 0, scaling })
    expect(model.importances!()).toEqual([
      { feature: 'x1', importance: expect.closeTo(5 / total, 8) },
      { feature: 'x0', importance: expect.closeTo((2 * deviation) / total, 8) },
      { feature: 'x2', importance: 0 },
    ])
  }
  const classes = {
    ...numbers(
      [x, x.map(() => 1)],
      x.map((value) => (value > 3 ? 'b' : 'a')),
    ),
  }
  const model = await fitted('softmax-classifier', classes, {})
  expect(model.importances!()).toEqual([
    { feature: 'x0', importance: 1 },
    { feature: 'x1', importance: 0 },
  ])
})
