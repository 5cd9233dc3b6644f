/** Trees, forests and extra trees beside scikit-learn's on twenty data sets; and a thousand odd data sets that they have to bear. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Dataset } from '../../src/data/index.js'
import { randomStream } from '../../src/numeric/index.js'
import type { Params } from '../../src/values.js'
import { context } from '../laws/trainer.js'
import { builtIn, numbers } from '../training/trainers/support.js'
import { askPython, pythonHas } from './oracle.js'

const oracle = pythonHas('sklearn', 'numpy')

const script = `
import json, sys, numpy as np
from sklearn.datasets import *
from sklearn.tree import *
from sklearn.ensemble import *
task = json.load(sys.stdin)
if task == 'classification':
    made = lambda n, d, c, s, **more: make_classification(n, d, n_informative=max(4, d // 2), n_redundant=2, n_classes=c, random_state=s, **more)
    sets = [load_digits(return_X_y=True), load_breast_cancer(return_X_y=True), load_wine(return_X_y=True), load_iris(return_X_y=True),
            made(1500, 10, 2, 0), made(1500, 20, 5, 1), made(2000, 12, 8, 2, class_sep=1.5), made(2000, 8, 2, 3, weights=[0.9]),
            make_moons(1500, noise=0.25, random_state=4), make_gaussian_quantiles(n_samples=1500, n_features=6, n_classes=3, random_state=5)]
    kinds = [DecisionTreeClassifier, RandomForestClassifier, ExtraTreesClassifier]
else:
    sets = [load_diabetes(return_X_y=True), make_friedman1(1500, 10, noise=1, random_state=0), make_friedman2(1500, noise=50, random_state=1),
            make_friedman3(1500, noise=0.1, random_state=2), make_regression(1000, 8, n_informative=4, noise=20, random_state=3),
            make_friedman1(1000, 30, noise=1, random_state=4), make_sparse_uncorrelated(1500, 8, random_state=5),
            make_regression(1000, 5, noise=1, random_state=6), make_friedman1(2000, 6, random_state=7), make_friedman2(800, random_state=8)]
    kinds = [DecisionTreeRegressor, RandomForestRegressor, ExtraTreesRegressor]
out = []
for X, y in sets:
    p = np.random.RandomState(3).permutation(len(y))
    X, y = np.asarray(X, dtype=float)[p], y[p]
    scores = []
    for kind in kinds:
        more = {} if 'Decision' in kind.__name__ else {'n_estimators': 100, **({} if task == 'classification' else {'max_features': 0.5 if 'Random' in kind.__name__ else 1.0})}
        scores.append(float(np.mean([kind(random_state=s, **more).fit(X[::2], y[::2]).score(X[1::2], y[1::2]) for s in range(3)])))
    out.append({'columns': X.T.tolist(), 'y': y.tolist(), 'scores': scores})
print(json.dumps(out))
`

interface Judged {
  readonly columns: number[][]
  readonly y: number[]
  /** Accuracy or r² of a tree, a forest and extra trees, means over three seeds. */
  readonly scores: number[]
}

const halfOf = ({ columns, y }: Judged, odd: number, task: string): Dataset => {
  const half = (values: number[]) => values.filter((_, i) => i % 2 === odd)
  return numbers(columns.map(half), task === 'classification' ? half(y).map(String) : half(y))
}

function score(predicted: ArrayLike<unknown>, { target }: Dataset): number {
  if (target.kind === 'classes') {
    const right = Array.from(predicted).filter((label, i) => label === target.classes[target.codes[i]])
    return right.length / predicted.length
  }
  const mean = target.values.reduce((sum, value) => sum + value, 0) / target.values.length
  let [error, all] = [0, 0]
  target.values.forEach((value, i) => {
    error += (value - (predicted[i] as number)) * (value - (predicted[i] as number))
    all += (value - mean) * (value - mean)
  })
  return 1 - error / all
}

describe.skipIf(!oracle.able)(`as good as scikit-learn${oracle.why}`, () => {
  it.each([
    // How much worse one data set may come out by chance, for a tree and for forests; in the mean a quarter of it.
    ['classification', 'classifier', 0.06, 0.03],
    ['regression', 'regressor', 0.12, 0.03],
  ])(
    '%s on ten data sets',
    async (task, kind, ofTree, ofForest) => {
      const sets = askPython<Judged[]>(script, task)
      expect(sets).toHaveLength(10)
      const names: [string, Params, number][] = [
        [`cart-${kind}`, { minNumSamples: 1, maxDepth: 100 }, ofTree],
        [`forest-${kind}`, {}, ofForest],
        [`extra-trees-${kind}`, {}, ofForest],
      ]
      for (const [place, [name, params, tolerance]] of names.entries()) {
        const trainer = await builtIn(name)
        let behind = 0
        for (const set of sets) {
          const asked = halfOf(set, 1, task)
          let ours = 0
          for (let seed = 0; seed < 3; seed++) {
            const model = await trainer.fit(halfOf(set, 0, task), params, context({ seed }))
            ours += score(model.predict(asked), asked) / 3
          }
          expect(ours, `${name} beside ${set.scores[place]}`).toBeGreaterThan(set.scores[place] - tolerance)
          behind += (set.scores[place] - ours) / sets.length
        }
        expect(behind, name).toBeLessThan(tolerance / 4)
      }
    },
    400_000,
  )
})

/** A data set of an odd shape: few rows, constant columns, ties, huge and tiny values, missing cells, categories, weights. */
function odd(seed: number, task: 'classes' | 'numbers'): Dataset {
  const random = randomStream(seed, 'odd')
  const rows = 1 + random.integer(seed % 5 === 0 ? 300 : 40)
  const pick = <T>(from: readonly T[]): T => from[random.integer(from.length)]
  const columns = Array.from({ length: 1 + random.integer(8) }, (_, j): Dataset['columns'][number] => {
    const name = `x${j}`
    const missing = pick([0, 0, 0.3, 1])
    if (random.integer(4) === 0) {
      const categories = Array.from({ length: 1 + random.integer(60) }, (_, k) => `t${k}`).sort()
      const codes = Int32Array.from({ length: rows }, () =>
        random.next() < missing ? -1 : random.integer(categories.length),
      )
      return { name, kind: 'text', codes, categories }
    }
    const scale = pick([0, 1, 1, 1e300, 1e-300, 5e-324, 1e9])
    const cell = pick([
      () => random.normal(),
      () => random.integer(3) - 1,
      () => 1 + random.integer(4) * Number.EPSILON,
      () => pick([-1, 0, -0, 1, 1e8]),
    ])
    const values = Float64Array.from({ length: rows }, () =>
      random.next() < missing ? Number.NaN : cell() * scale,
    )
    return { name, kind: 'number', values }
  })
  const classes = Array.from({ length: pick([1, 2, 3, Math.min(rows, 40), 300]) }, (_, c) => `c${c}`)
  const scale = pick([0, 1, 1e300, 1e-300, 1e308])
  const targets = Float64Array.from({ length: rows }, () => pick([-1, 1, random.next(), 0]) * scale)
  const weights =
    random.integer(3) > 0 ? null : Float64Array.from({ length: rows }, () => pick([1, 1e-3, 1e5, 1e300]))
  return {
    columns,
    index: Int32Array.from({ length: rows }, (_, i) => i),
    rows,
    weights,
    target:
      task === 'numbers'
        ? { kind: 'numbers', name: 'y', values: targets }
        : {
            kind: 'classes',
            name: 'y',
            classes,
            codes: Int32Array.from({ length: rows }, () => random.integer(classes.length)),
          },
  }
}

describe('1,000 odd data sets', () => {
  const quick: Params = { trees: 3 }
  it.each<[name: string, task: 'classes' | 'numbers', params: Params]>([
    ['cart-classifier', 'classes', {}],
    [
      'cart-classifier',
      'classes',
      { criterion: 'entropy', minSamplesLeaf: 3, alpha: 0.01, classWeight: 'balanced' },
    ],
    ['cart-regressor', 'numbers', {}],
    ['cart-regressor', 'numbers', { minSamplesLeaf: 2, columnSample: 0.5, alpha: 0.01 }],
    ['forest-classifier', 'classes', quick],
    ['forest-regressor', 'numbers', quick],
    ['extra-trees-classifier', 'classes', { ...quick, minSamplesLeaf: 2 }],
    ['extra-trees-regressor', 'numbers', quick],
  ])(
    '%s bears them, answers nothing but numbers, and the same when loaded and when fitted again: %#',
    async (name, task, params) => {
      const trainer = await builtIn(name)
      const hashOf = async (order: readonly number[]) => {
        const hashes: string[] = []
        for (const seed of order) {
          const data = odd(seed, task)
          const model = await trainer.fit(data, params, context({ seed }))
          const text = JSON.stringify(model.toJSON())
          const answers = model.predictProbability?.(data).values ?? (model.predict(data) as Float64Array)
          if (!answers.every(Number.isFinite))
            throw new Error(`answers that are no numbers: data set ${seed}`)
          const loaded = await trainer.load(JSON.parse(text))
          const again = loaded.predictProbability?.(data).values ?? (loaded.predict(data) as Float64Array)
          expect(again).toEqual(answers)
          hashes[seed] = createHash('sha256').update(text).digest('hex')
        }
        return hashes
      }
      const order = Array.from({ length: 1000 }, (_, seed) => seed)
      const first = await hashOf(order)
      const other = await hashOf(order.filter((seed) => seed % 10 === 3).reverse())
      other.forEach((hash, seed) => {
        expect(hash).toBe(first[seed])
      })
    },
    200_000,
  )
})
