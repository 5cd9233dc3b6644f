/** Trees grown by the loops of our own: closed forms by hand, cuts, the library they are held to, missing values, categories, weights. */
import { describe, expect, it } from 'vitest'
import { type Dataset, selectRows } from '../../../src/data/index.js'
import { randomStream } from '../../../src/numeric/index.js'
import { cutTree } from '../../../src/training/learners/tree-cut.js'
import { type SplitRule, TreeGrower, type TreeLimits } from '../../../src/training/learners/tree-growth.js'
import { checkTrees, joinTrees, saveTrees, treeAnswers } from '../../../src/training/learners/trees.js'
import { wholeWeights } from '../../../src/training/learners/whole-weights.js'
import type { Matrix } from '../../../src/training/matrix.js'
import type { Params } from '../../../src/values.js'
import { context } from '../../laws/trainer.js'
import { exampleData } from '../support.js'
import { builtIn, fitted, halves, numbers, rootMeanSquare, share, weighted } from './support.js'

interface Learned {
  readonly column: number[]
  readonly threshold: (number | null)[]
  readonly sets: string[]
  readonly missingLeft: number[]
  readonly values: number[]
  readonly leafWeights: number[]
}
const learned = async (name: string, data: Dataset, params = {}): Promise<Learned> =>
  ((await fitted(name, data, params)).toJSON() as unknown as { learned: Learned }).learned

const nan = Number.NaN
const never = new AbortController().signal

/** Texts as a column. */
function withTexts(data: Dataset, texts: readonly (string | null)[]): Dataset {
  const categories = [...new Set(texts.filter((text) => text !== null))].sort()
  const codes = Int32Array.from(texts, (text) => (text === null ? -1 : categories.indexOf(text)))
  return { ...data, columns: [...data.columns, { name: 'text', kind: 'text', codes, categories }] }
}

describe('a tree by hand', () => {
  it('cuts in the middle between two values, the best first, and tells the shares of leaves', async () => {
    // Cut at 2.5: left 2 a, right 3 b and 1 a; anywhere else is worse. Then at 5.5.
    const data = numbers([[1, 2, 3, 4, 5, 6]], ['a', 'a', 'b', 'b', 'b', 'a'])
    const tree = await learned('cart-classifier', data, { minNumSamples: 1 })
    expect(tree).toMatchObject({
      column: [0, -1, 0, -1, -1],
      threshold: [2.5, 5.5],
      leafSizes: [1, 1, 1],
      leafClasses: [0, 1, 0],
      leafWeights: [2, 3, 1],
    })
    const stump = await fitted('cart-classifier', data, { maxDepth: 1 })
    expect(Array.from(stump.predictProbability!(data).values.subarray(4, 6))).toEqual([0.25, 0.75])
    // Gini 1/2 → 2/6 · 0 + 4/6 · 3/8 = 1/4; the second split all that is left.
    const { importances } = (await learned('cart-classifier', data, { maxDepth: 1 })) as never as {
      importances: number[]
    }
    expect(importances).toEqual([0.25])
  })

  it('lowers the entropy where told so', async () => {
    // 2 a and 5 b; the first column has (1 a 1 b | 1 a 4 b), the second (1 b | 2 a 4 b): Gini likes the first better, entropy the second.
    const data = numbers(
      [
        [0, 1, 0, 1, 1, 1, 1],
        [1, 1, 0, 1, 1, 1, 1],
      ],
      ['a', 'a', 'b', 'b', 'b', 'b', 'b'],
    )
    const gains = async (criterion: string) => {
      const params = { criterion, maxDepth: 1 }
      return ((await learned('cart-classifier', data, params)) as never as { importances: number[] })
        .importances
    }
    const gini = (p: number) => 2 * p * (1 - p)
    const bits = (p: number) => -p * Math.log2(p) - (1 - p) * Math.log2(1 - p)
    const [byGini, byEntropy] = [await gains('gini'), await gains('entropy')]
    expect(byGini[0]).toBeCloseTo(gini(2 / 7) - (2 / 7) * gini(1 / 2) - (5 / 7) * gini(1 / 5), 12)
    expect(byEntropy[1]).toBeCloseTo(bits(2 / 7) - (6 / 7) * bits(1 / 3), 6)
  })

  it('answers means, to the least error', async () => {
    const data = numbers([[1, 2, 3, 10, 11]], [1, 2, 3, 10, 14])
    const tree = await learned('cart-regressor', data, { maxDepth: 1 })
    expect(tree).toMatchObject({ column: [0, -1, -1], threshold: [6.5], values: [2, 12] })
  })

  it('takes the left value where there is no double between', async () => {
    const next = 1 + Number.EPSILON
    const tree = await learned('cart-classifier', numbers([[1, next, 1, next]], ['a', 'b', 'a', 'b']))
    expect(tree.threshold).toEqual([1])
  })

  it.each([1, 2, 3, 4, 8])('keeps leaves of %d rows at least', async (least) => {
    const data = numbers([[1, 2, 3, 4, 5, 6, 7, 8]], ['b', 'a', 'a', 'a', 'a', 'a', 'a', 'b'])
    const { leafWeights, column } = (await learned('cart-classifier', data, {
      minNumSamples: 1,
      minSamplesLeaf: least,
    })) as Learned & { leafSizes: number[] }
    expect(column.length).toBe({ 1: 5, 2: 5, 3: 3, 4: 1, 8: 1 }[least])
    expect(leafWeights.reduce((sum, weight) => sum + weight, 0)).toBe(8)
  })

  it('splits nothing of as few rows as minNumSamples, nor for a gain no greater than the threshold', async () => {
    const data = numbers([[1, 2, 3, 4]], ['a', 'a', 'b', 'b'])
    const nodes = async (params: object) => (await learned('cart-classifier', data, params)).column.length
    expect(await nodes({ minNumSamples: 4 })).toBe(1)
    expect(await nodes({ minNumSamples: 3 })).toBe(3)
    expect(await nodes({ gainThreshold: 0.5 })).toBe(1)
    expect(await nodes({ gainThreshold: 0.49 })).toBe(3)
    // A split that gains nothing is never made.
    const xor = numbers(
      [
        [0, 0, 1, 1],
        [0, 1, 0, 1],
      ],
      ['a', 'b', 'b', 'a'],
    )
    expect((await learned('cart-classifier', xor, { minNumSamples: 1 })).column).toEqual([-1])
  })

  it('prunes the branches whose leaves are not worth alpha', async () => {
    // 6 a and 6 b, cut in the middle into 5 a 1 b and 1 a 5 b: their Gini is 5/18, the root's ½, so each of both has 5/18 of the root's
    // impurity in all, which one more leaf (the odd one lies at the end) takes away: it goes at α ≥ 5/18. Then the first cut has left 5/9
    // for one leaf more, and goes at 1 − 5/9 = 4/9.
    const x = Array.from({ length: 12 }, (_, i) => i + 1)
    const data = numbers([x], [...'baaaaabbbbba'])
    const leaves = async (alpha: number) =>
      (await learned('cart-classifier', data, { minNumSamples: 1, alpha })).column.filter((of) => of < 0)
        .length
    const found = await Promise.all([0, 0.27, 5 / 18 + 1e-9, 0.44, 4 / 9 + 1e-9, 1].map(leaves))
    expect(found).toEqual([4, 4, 2, 2, 1, 1])
  })
})

describe('missing values', () => {
  it('go to the side where they are better, and a cut may be between them and all others', async () => {
    const data = numbers([[1, 2, nan, nan, 5, 6]], ['a', 'a', 'a', 'a', 'b', 'b'])
    expect(await learned('cart-classifier', data)).toMatchObject({ threshold: [3.5], missingLeft: [1] })
    const apart = numbers([[1, 2, nan, nan, 5, 6]], ['a', 'a', 'b', 'b', 'a', 'a'])
    const model = await fitted('cart-classifier', apart, {})
    expect(model.predict(numbers([[-1e300, nan, 1e300]], ['a', 'b', 'a']))).toEqual(['a', 'b', 'a'])
  })

  it('go to the larger side where training had none', async () => {
    const asked = numbers([[nan]], ['a'])
    const larger = numbers([[1, 2, 3, 8, 9]], ['a', 'a', 'a', 'b', 'b'])
    const smaller = numbers([[1, 2, 7, 8, 9]], ['a', 'a', 'b', 'b', 'b'])
    expect((await fitted('cart-classifier', larger, {})).predict(asked)).toEqual(['a'])
    expect((await fitted('cart-classifier', smaller, {})).predict(asked)).toEqual(['b'])
  })
})

describe('categories', () => {
  const texts = ['u', 'v', 'w', 'x', 'u', 'v', 'w', 'x']
  const constant = texts.map(() => 0)

  it('are split into two sets, whatever their order', async () => {
    const data = withTexts(numbers([constant], ['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b']), texts)
    const tree = await learned('cart-classifier', data)
    // u and w, the bits 0 and 2, have class a: they are on the right, the share of b grows to the left or right.
    expect(tree.column).toEqual([1, -1, -1])
    expect(['05', '0a']).toContain(tree.sets[0])
    const model = await fitted('cart-classifier', data, {})
    expect(model.predict(data)).toEqual(['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b'])
  })

  it('are split by their means', async () => {
    const y = [1, 9, 1, 9, 2, 10, 2, 10]
    const data = withTexts(numbers([constant], y), texts)
    const tree = await learned('cart-regressor', data, { maxDepth: 1 })
    expect(tree).toMatchObject({ threshold: [null], sets: ['05'], values: [1.5, 9.5] })
  })

  it('of more than two classes find a class that has categories of its own', async () => {
    const classes = ['a', 'b', 'c', 'b', 'a', 'b', 'c', 'b']
    const model = await fitted('cart-classifier', withTexts(numbers([constant], classes), texts), {
      minNumSamples: 1,
    })
    expect(model.predict(withTexts(numbers([constant], classes), texts))).toEqual(classes)
  })

  it('missing and unknown ones go to a side that was learned, or to the larger', async () => {
    const some = [...texts.slice(0, 6), null, null]
    const data = withTexts(numbers([constant], ['a', 'b', 'a', 'b', 'a', 'b', 'b', 'b']), some)
    const model = await fitted('cart-classifier', data, { textImputation: 'category' })
    expect(model.predict(withTexts(numbers([[0]], ['a']), ['never seen']))).toHaveLength(1)
    expect(model.predict(withTexts(numbers([[0]], ['a']), [null]))).toEqual(['b'])
  })
})

describe('the same tree', () => {
  const some: Params[] = [
    { maxDepth: 2 },
    { maxDepth: 3, minNumSamples: 20 },
    { maxDepth: 6, minNumSamples: 8 },
  ]

  // ml-cart does not look at all cuts between equal values: here no two values of a column are equal.
  it.each([
    ['iris', 'species'],
    ['wine', 'cultivar'],
    ['breast-cancer', 'diagnosis'],
  ])('as ml-cart: %s', async (file, target) => {
    const all = await exampleData(file, target)
    const columns = all.columns.map((column) =>
      column.kind === 'number'
        ? { ...column, values: column.values.map((value, i) => value + ((i * 7919) % 1009) * 1e-7) }
        : column,
    )
    const rows = Int32Array.from({ length: 150 }, (_, i) => i)
    const data = selectRows({ ...all, columns }, rows)
    for (const params of some) {
      const ours = await fitted('cart-classifier', data, params)
      const theirs = await fitted('cart-classifier', data, { ...params, engine: 'ml-cart' })
      const [a, b] = [ours, theirs].map((model) => model.predictProbability!(data).values)
      a.forEach((value, i) => {
        expect(value).toBeCloseTo(b[i], 9)
      })
    }
  })

  it('as ml-cart: numbers', async () => {
    const random = randomStream(5, 'trees')
    const column = () => Array.from({ length: 60 }, () => random.normal())
    const [a, b] = [column(), column()]
    const data = numbers(
      [a, b],
      a.map((value, i) => (value > 0.3 ? 5 : 1) + (b[i] > 0 ? 1 : 0) + 0.1 * random.normal()),
    )
    for (const params of some) {
      const ours = await fitted('cart-regressor', data, params)
      const theirs = await fitted('cart-regressor', data, { ...params, engine: 'ml-cart' })
      const [x, y] = [ours, theirs].map((model) => model.predict(data) as Float64Array)
      x.forEach((value, i) => {
        expect(value).toBeCloseTo(y[i], 9)
      })
    }
  })
})

/** A random matrix with ties, missing values and categories, and a target of either kind. */
function randomCase(seed: number) {
  const random = randomStream(seed, 'a tree')
  const rows = 2 + random.integer(150)
  const columns = 1 + random.integer(6)
  const categories = Int32Array.from({ length: columns }, () =>
    random.integer(4) === 0 ? 2 + random.integer(9) : 0,
  )
  const distinct = Array.from({ length: columns }, () => [2, 5, 40, 1e9][random.integer(4)])
  const missingShare = random.integer(3) === 0 ? 0.2 : 0
  const values = Float64Array.from({ length: rows * columns }, (_, k) => {
    const j = k % columns
    if (random.next() < missingShare) return nan
    return categories[j] > 0 ? random.integer(categories[j]) : random.integer(distinct[j]) / 7 - 1
  })
  const x: Matrix = { rows, columns, values, categories }
  const classes = random.integer(3) === 0 ? 0 : 2 + random.integer(random.integer(2) === 0 ? 3 : 30)
  const target =
    classes > 0
      ? {
          kind: 'classes' as const,
          classes,
          codes: Int32Array.from({ length: rows }, () => random.integer(classes)),
        }
      : {
          kind: 'numbers' as const,
          values: Float64Array.from({ length: rows }, () => Math.round(10 * random.normal()) / 40),
        }
  const weights =
    random.integer(2) === 0 ? null : Float64Array.from({ length: rows }, () => 0.1 + 5 * random.next())
  const rule: SplitRule = {
    criterion: classes === 0 ? 'squared-error' : random.integer(2) === 0 ? 'gini' : 'entropy',
    minSamplesLeaf: 1 + random.integer(4),
    randomCuts: random.integer(4) === 0,
    drawnColumns: random.integer(3) === 0 ? 1 : 0,
  }
  const limits: TreeLimits = {
    maxDepth: 1 + random.integer(8),
    minNumSamples: 1 + random.integer(20),
    gainThreshold: rule.randomCuts ? -1 : random.integer(2) === 0 ? 0 : 0.02 * random.next(),
  }
  return {
    x,
    classes,
    target,
    weights: wholeWeights(weights, 2 ** 30),
    rule,
    limits,
    alpha: 0.02 * random.integer(2),
  }
}

describe('a tree grown further', () => {
  it('is the same when it is cut: 300 random cases, bit for bit', async () => {
    let cut = 0
    for (let seed = 0; seed < 300; seed++) {
      const { x, classes, target, weights, rule, limits, alpha } = randomCase(seed)
      const grower = new TreeGrower(x, classes)
      const furthest = { maxDepth: 100, minNumSamples: 1, gainThreshold: rule.randomCuts ? -1 : 0 }
      const grow = (to: TreeLimits) =>
        grower.open(target, weights, rule.criterion, (growth) => growth.grow(rule, to, seed, never))
      const state = (tree: Awaited<ReturnType<typeof grow>>) => {
        const importances = new Float64Array(x.columns)
        const parts = cutTree(tree, limits, alpha, importances)
        return saveTrees(joinTrees([parts], importances))
      }
      const [own, full] = [await grow(limits), await grow(furthest)]
      if (full.column.length > own.column.length) cut++
      expect(state(full)).toEqual(state(own))
    }
    expect(cut).toBeGreaterThan(150)
  })

  it('loses no row, and answers the same in the loops and without them, and when loaded', async () => {
    for (let seed = 0; seed < 60; seed++) {
      const { x, classes, target, weights, rule, limits } = randomCase(seed)
      const grower = new TreeGrower(x, classes)
      const tree = await grower.open(target, weights, rule.criterion, (growth) =>
        growth.grow(rule, limits, seed, never),
      )
      tree.column.forEach((column, node) => {
        if (column < 0) return
        expect(tree.rows[node + 1] + tree.rows[tree.right[node]]).toBe(tree.rows[node])
        expect(tree.weight[node + 1] + tree.weight[tree.right[node]]).toBe(tree.weight[node])
        expect(Math.min(tree.rows[node + 1], tree.rows[tree.right[node]])).toBeGreaterThanOrEqual(
          rule.minSamplesLeaf,
        )
      })
      const importances = new Float64Array(x.columns)
      const parts = cutTree(tree, limits, 0, importances)
      const trees = joinTrees(new Array(7).fill(parts), importances)
      const { answer } = treeAnswers(trees, classes)
      const times = Math.ceil(3000 / x.rows)
      const long = { ...x, rows: x.rows * times, values: new Float64Array(x.values.length * times) }
      for (let k = 0; k < times; k++) long.values.set(x.values, k * x.values.length)
      const short = answer(x)
      expect(answer(long).subarray(0, short.length)).toEqual(short)
      const read = checkTrees(JSON.parse(JSON.stringify(saveTrees(trees))), 'learned', {
        columns: x.columns,
        classes,
        one: false,
      })
      expect(read).toEqual(trees)
    }
  })

  it('is exact with more than 255 and up to 65,535 distinct values', async () => {
    const n = 70_000
    const random = randomStream(3, 'ranks')
    const values = Float64Array.from({ length: n }, (_, i) => Math.min(i, 65_534) / 3)
    random.shuffle(values)
    const x = { rows: n, columns: 1, values }
    // A single row differs, somewhere: only an exact cut finds it.
    for (const at of [0, 1, 255, 256, 40_000, 65_533]) {
      const codes = Int32Array.from(values, (value) => (Math.round(3 * value) === at ? 1 : 0))
      const grower = new TreeGrower(x, 2)
      const tree = await grower.open({ kind: 'classes', codes, classes: 2 }, null, 'gini', (growth) =>
        growth.grow(
          { minSamplesLeaf: 1, randomCuts: false, drawnColumns: 0 },
          { maxDepth: 3, minNumSamples: 1, gainThreshold: 0 },
          0,
          never,
        ),
      )
      expect(
        Array.from(tree.impurity.filter((_, node) => tree.column[node] < 0)).every((one) => one === 0),
      ).toBe(true)
    }
  })
})

describe('weights', () => {
  it('that are whole are rows repeated', async () => {
    for (const [name, file, target] of [
      ['cart-classifier', 'wine', 'cultivar'],
      ['cart-regressor', 'diabetes', 'progression'],
    ]) {
      const [data, asked] = await halves(file, target)
      const withWeights = weighted(data)
      const repeated = selectRows(
        data,
        Int32Array.from(
          Array.from(data.index).flatMap((row, i) => new Array(withWeights.weights![row]).fill(i)),
        ),
      )
      const params = { minNumSamples: 1 }
      const [a, b, none] = await Promise.all(
        [withWeights, repeated, data].map(async (rows) => {
          const model = await fitted(name, rows, params)
          return model.predictProbability?.(asked).values ?? (model.predict(asked) as Float64Array)
        }),
      )
      a.forEach((value, i) => {
        expect(value).toBeCloseTo(b[i], 9)
      })
      expect(a).not.toEqual(none)
    }
  })

  it('are not taken by ml-cart, which says so', async () => {
    const [data] = await halves('wine', 'cultivar')
    const params = { engine: 'ml-cart', maxDepth: 1 }
    await expect(fitted('cart-classifier', weighted(data), params)).rejects.toMatchObject({
      code: 'PARAMS_REFUSED',
      message: expect.stringContaining('takes no weights of rows'),
    })
    await expect(fitted('cart-classifier', data, { ...params, classWeight: 'balanced' })).rejects.toThrow(
      'takes no weights of rows',
    )
    await expect(fitted('cart-classifier', data, { ...params, alpha: 0.1 })).rejects.toThrow(
      'knows no "alpha" but 0 (got 0.1)',
    )
  })

  it('become whole numbers that sum to no more than their bound', () => {
    expect(wholeWeights(null, 100)).toBeNull()
    expect(wholeWeights(Float64Array.of(0.3, 0.3, 0.3), 100)).toBeNull()
    expect(Array.from(wholeWeights(Float64Array.of(1, 2, 3), 100)!)).toEqual([1, 2, 3])
    expect(Array.from(wholeWeights(Float64Array.of(0.5, 1, 1.5), 100)!)).toEqual([16, 32, 48])
    for (const scale of [1e-300, 1, 1e300]) {
      const found = wholeWeights(Float64Array.of(scale, 3 * scale, 1e-9 * scale), 2 ** 30)!
      expect(found.reduce((sum, weight) => sum + weight, 0)).toBeLessThan(2 ** 30 + 3)
      expect(found[1] / found[0]).toBeCloseTo(3, 6)
      expect(found[2]).toBeGreaterThan(0)
    }
  })
})

it('the features that split are the important ones', async () => {
  const [data] = await halves('diabetes', 'progression')
  const model = await fitted('cart-regressor', data, { maxDepth: 4 })
  const found = model.importances!()
  expect(found[0].importance).toBeGreaterThan(0.3)
  expect(['bmi', 's5']).toContain(found[0].feature)
  expect(found.reduce((sum, { importance }) => sum + importance, 0)).toBeCloseTo(1, 12)
  expect(rootMeanSquare(model, data)).toBeLessThan(55)
})

it('a tree of drawn columns depends on its seed, and is found again with it', async () => {
  const [data, asked] = await halves('wine', 'cultivar')
  const trainer = await builtIn('cart-classifier')
  const grown = async (seed: number) => trainer.fit(data, { columnSample: 0.3 }, context({ seed }))
  const text = async (seed: number) => JSON.stringify((await grown(seed)).toJSON())
  expect(await text(1)).toBe(await text(1))
  expect(await text(1)).not.toBe(await text(2))
  expect(share(await grown(1), asked, asked)).toBeGreaterThan(0.7)
})

it.each<[what: string, tamper: (state: Learned & Record<string, unknown>) => void, message: string]>([
  ['no last leaf', ({ column }) => column.pop(), 'column must be whole trees, each node before its left'],
  ['a second tree', ({ column }) => column.push(-1), 'column must be a single tree'],
  ['a set without bits', ({ sets }) => sets.push(''), 'sets must be a list of 0'],
  [
    'a leaf of nothing',
    ({ leafWeights }) => leafWeights.fill(0),
    'leafWeights[0] must be a whole number from 1',
  ],
])('a model file with %s is refused', async (_, tamper, message) => {
  const [data] = await halves('wine', 'cultivar')
  const state = JSON.parse(JSON.stringify((await fitted('cart-classifier', data, {})).toJSON()))
  tamper(state.learned)
  await expect((await builtIn('cart-classifier')).load(state)).rejects.toMatchObject({
    code: 'MODEL_INVALID',
    message: expect.stringContaining(message),
  })
})
