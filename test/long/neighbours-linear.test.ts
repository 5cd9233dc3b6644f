/**
 * Nearest neighbours, softmax regression and linear regression beside scikit-learn, on ten data sets each; and on 1,000 data sets of
 * odd shapes: no crash, no NaN, the same answers from a model that was saved and loaded.
 */
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/numeric/index.js'
import { lengths, NeighbourSearch } from '../../src/training/learners/neighbours.js'
import type { Params } from '../../src/values.js'
import { builtIn, fitted, numbers } from '../training/trainers/support.js'
import { askPython, pythonHas } from './oracle.js'

const { able, why } = pythonHas('sklearn')

/** Columns that hang together and a target that hangs on them, by number. */
function problem(seed: number) {
  const random = randomStream(seed, 'oracle')
  const rows = 60 + 20 * seed
  const columns = 2 + seed
  const x = Array.from({ length: columns }, () => Array.from({ length: rows }, () => random.normal()))
  for (let j = 1; j < columns; j++) for (let i = 0; i < rows; i++) x[j][i] += 0.5 * x[j - 1][i]
  const score = x[0].map((value, i) => value - x[1][i] + 0.5 * random.normal())
  return { x, y: score, classes: score.map((value) => 'abc'[value > 0.8 ? 2 : value > -0.5 ? 1 : 0]) }
}

describe.skipIf(!able)(`beside scikit-learn${why}`, () => {
  const seeds = Array.from({ length: 10 }, (_, seed) => seed)

  it.each(seeds)('the neighbours are the same, data set %d', (seed) => {
    const { x } = problem(seed)
    const rows = x[0].length
    const asked = rows >> 2
    const matrix = (from: number, to: number) => ({
      rows: to - from,
      columns: x.length,
      values: Float64Array.from(
        { length: (to - from) * x.length },
        (_, k) => x[k % x.length][from + Math.floor(k / x.length)],
      ),
    })
    for (const distance of ['euclidean', 'manhattan', 'chebyshev', 'cosine'] as const) {
      const found = new NeighbourSearch(matrix(asked, rows), distance).nearest(matrix(0, asked), 7)
      const expected = askPython<{ places: number[]; distances: number[] }>(
        `import json, sys, numpy as np
from sklearn.neighbors import NearestNeighbors
g = json.load(sys.stdin)
X = np.array(g['x']).T
n = NearestNeighbors(n_neighbors=7, algorithm='brute', metric=g['distance']).fit(X[g['asked']:])
d, i = n.kneighbors(X[:g['asked']])
print(json.dumps({'places': i.ravel().tolist(), 'distances': d.ravel().tolist()}))`,
        { x, asked, distance },
      )
      expect(Array.from(found.places)).toEqual(expected.places)
      const ours = lengths(distance, found.distances)
      expected.distances.forEach((length, i) => {
        expect(ours[i]).toBeCloseTo(length, 7)
      })
    }
  })

  it.each(seeds)('ridge, lasso, elastic net and softmax come to the same, data set %d', async (seed) => {
    const { x, y, classes } = problem(seed)
    const expected = askPython<{ linear: number[][]; loss: number }>(
      `import json, sys, numpy as np
from sklearn.linear_model import Ridge, Lasso, ElasticNet, LogisticRegression
from sklearn.metrics import log_loss
g = json.load(sys.stdin)
X = np.array(g['x']).T; y = np.array(g['y']); n = len(y); s = y.std()
z = (y - y.mean()) / s
ms = [Ridge(alpha=0.1 * n, tol=1e-12), Lasso(alpha=0.02, tol=1e-12, max_iter=100000), ElasticNet(alpha=0.12, l1_ratio=1/6, tol=1e-12, max_iter=100000)]
out = [(m.fit(X, z).coef_ * s).tolist() for m in ms]
c = LogisticRegression(C=1 / (0.01 * n), tol=1e-8, max_iter=10000).fit(X, g['classes'])
print(json.dumps({'linear': out, 'loss': log_loss(g['classes'], c.predict_proba(X))}))`,
      { x, y, classes },
    )
    const penalties = [
      { l1: 0, l2: 0.1 },
      { l1: 0.02, l2: 0 },
      { l1: 0.02, l2: 0.1 },
    ]
    for (const [i, penalty] of penalties.entries()) {
      const model = await fitted('linear-regressor', numbers(x, y), { scaling: 'none', ...penalty })
      const { learned } = model.toJSON() as unknown as { learned: { coefficients: number[] } }
      learned.coefficients.forEach((coefficient, j) => {
        expect(coefficient).toBeCloseTo(expected.linear[i][j], 5)
      })
    }
    const data = numbers(x, classes)
    const model = await fitted('softmax-classifier', data, { scaling: 'none', l2: 0.01 })
    const { values } = model.predictProbability!(data)
    const order = ['a', 'b', 'c']
    const loss = classes.reduce((sum, label, i) => sum - Math.log(values[3 * i + order.indexOf(label)]), 0)
    expect(loss / classes.length).toBeCloseTo(expected.loss, 3)
  })
})

it('1,000 odd data sets: finite answers, the same once saved and loaded', async () => {
  for (let seed = 0; seed < 1000; seed++) {
    const random = randomStream(seed, 'odd')
    const rows = 1 + random.integer(25)
    const kinds = [
      () => random.normal(),
      () => 1e300 * random.normal(),
      () => 1e-300 * random.normal(),
      () => random.integer(2),
      () => 0.1,
      () => Number.NaN,
      () => (random.integer(4) === 0 ? Number.NaN : random.integer(3)),
    ]
    const columns = Array.from({ length: 1 + random.integer(6) }, () => {
      const draw = kinds[random.integer(kinds.length)]
      return Array.from({ length: rows }, draw)
    })
    const isClasses = seed % 2 === 0
    const target = isClasses
      ? Array.from({ length: rows }, () => 'abcd'[random.integer(4)])
      : Array.from({ length: rows }, () => (random.integer(3) === 0 ? 1e6 : 1) * random.normal())
    const data = numbers(columns, target as number[])
    const distance = ['euclidean', 'manhattan', 'chebyshev', 'cosine'][random.integer(4)]
    const scaling = ['none', 'standard', 'minmax'][random.integer(3)]
    const weights = ['uniform', 'distance'][random.integer(2)]
    const penalties = {
      scaling: 'standard',
      l1: [0, 0.01][random.integer(2)],
      l2: [0, 0.1][random.integer(2)],
    }
    const tries: [string, Params][] = isClasses
      ? [
          ['knn-classifier', { k: 1 + random.integer(8), distance, scaling, weights }],
          ['softmax-classifier', penalties],
        ]
      : [
          ['knn-regressor', { k: 1 + random.integer(8), distance, scaling, weights }],
          ['linear-regressor', penalties],
        ]
    for (const [name, params] of tries) {
      const model = await fitted(name, data, params)
      const answers = Array.from<unknown>(model.predict(data))
      const where = JSON.stringify([seed, name, params])
      if (!isClasses) expect([where, answers.every(Number.isFinite)]).toEqual([where, true])
      else expect([where, model.predictProbability!(data).values.some(Number.isNaN)]).toEqual([where, false])
      const loaded = await (await builtIn(name)).load(JSON.parse(JSON.stringify(model.toJSON())))
      expect(Array.from<unknown>(loaded.predict(data))).toEqual(answers)
    }
  }
})
