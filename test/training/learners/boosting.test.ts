/** Histogram boosting against sums by hand, and what it promises of any data. */
import { describe, expect, it } from 'vitest'
import type { Dataset } from '../../../src/data/index.js'
import { randomStream } from '../../../src/numeric/index.js'
import { findBins } from '../../../src/training/learners/boosting/bins.js'
import { sortCounts, threadLoops } from '../../../src/training/learners/boosting/loops.js'
import { medianOf } from '../../../src/training/learners/boosting/objectives.js'
import { bitsFor, powerBelow, powerOfTwo } from '../../../src/training/learners/boosting/scales.js'
import { Preparation } from '../../../src/training/preparation.js'
import type { Params } from '../../../src/values.js'
import { context } from '../../laws/trainer.js'
import { builtIn, fitted, halves, numbers, weighted } from '../trainers/support.js'

interface Trees {
  start: number[]
  roots: number[]
  column: number[]
  value: number[]
  right: number[]
  missingLeft: number[]
  sets: number[][]
  gains: number[]
}

const open = { minSamplesLeaf: 1, minChildWeight: 0, learningRate: 1 }

async function treesOf(name: string, data: Dataset, params: Params): Promise<Trees> {
  const model = await fitted(name, data, { ...open, ...params })
  return (model.toJSON() as unknown as { learned: { trees: Trees } }).learned.trees
}

const regress = (data: Dataset, params: Params) => treesOf('boosted-trees-regressor', data, params)
const classify = (data: Dataset, params: Params) => treesOf('boosted-trees-classifier', data, params)
const predicted = async (data: Dataset, params: Params, asked = data) =>
  (await fitted('boosted-trees-regressor', data, { ...open, ...params })).predict(asked) as Float64Array

/** A column of texts; null is missing. */
function texts(values: (string | null)[]): Dataset['columns'][number] {
  const categories = [...new Set(values.filter((one) => one !== null))].sort()
  const codes = Int32Array.from(values, (one) => (one === null ? -1 : categories.indexOf(one)))
  return { name: 'text', kind: 'text', codes, categories }
}

describe('one round by hand', () => {
  it('of squared error: means of the residuals, and the gain', async () => {
    const data = numbers([[1, 2, 3, 4]], [0, 0, 6, 6])
    // Standardised: −1, −1, 1, 1. G_l = 2, G_r = −2, H = 2 each: the gain is ½ (4/2 + 4/2 − 0) = 2.
    const trees = await regress(data, { rounds: 1 })
    expect(trees).toMatchObject({ column: [0, -1, -1], right: [2, 0, 0], value: [2.5, -1, 1], gains: [2] })
    expect(Array.from(await predicted(data, { rounds: 1 }))).toEqual([0, 0, 6, 6])
    // λ = 2 halves the leaves: −2/(2 + 2). α = 1 takes one from each sum: −(2 − 1)/2.
    expect((await regress(data, { rounds: 1, l2: 2 })).value).toEqual([2.5, -0.5, 0.5])
    expect((await regress(data, { rounds: 1, l1: 1 })).value).toEqual([2.5, -0.5, 0.5])
    expect((await regress(data, { rounds: 1, learningRate: 0.25 })).value).toEqual([2.5, -0.25, 0.25])
    expect((await regress(data, { rounds: 1, minSplitGain: 1.99 })).column).toEqual([0, -1, -1])
    expect((await regress(data, { rounds: 1, minSplitGain: 2 })).column).toEqual([-1])
    expect((await regress(data, { rounds: 1, minSamplesLeaf: 3 })).column).toEqual([-1])
    expect((await regress(data, { rounds: 1, minChildWeight: 2.5 })).column).toEqual([-1])
  })

  it('of two classes: log odds, and Newton steps from them', async () => {
    const data = numbers([[1, 1, 2, 2, 2]], ['a', 'a', 'b', 'b', 'a'])
    const trees = await classify(data, { rounds: 1 })
    // p = 2/5. Left: G = 2p, H = 2 p (1 − p). Right: G = 3p − 2, H = 3 p (1 − p).
    expect(trees.start[0]).toBeCloseTo(Math.log(2 / 3), 12)
    expect(trees.value[1]).toBeCloseTo(-0.8 / 0.48, 9)
    expect(trees.value[2]).toBeCloseTo(0.8 / 0.72, 9)
    expect(trees.gains[0]).toBeCloseTo(0.5 * (0.64 / 0.48 + 0.64 / 0.72), 9)
  })

  it('of three classes: a tree each', async () => {
    const data = numbers([[1, 1, 2, 3]], ['a', 'a', 'b', 'c'])
    const trees = await classify(data, { rounds: 1, maxLeaves: 2 })
    expect(trees.start.map(Math.exp)).toEqual([1 / 2, 1 / 4, 1 / 4].map((share) => expect.closeTo(share, 12)))
    expect(trees.roots).toEqual([0, 3, 6])
    // Class a, at 1: G = 2 (½ − 1), H = 3/2 · 2 · ¼.
    expect(trees.value.slice(0, 3)).toEqual([1.5, expect.closeTo(4 / 3, 9), expect.closeTo(-4 / 3, 9)])
    // Class c, at 3: G = ¼ − 1, H = 3/2 · 3/16.
    expect(trees.value.slice(6)).toEqual([2.5, expect.closeTo(-8 / 9, 9), expect.closeTo(8 / 3, 9)])
  })

  it('of Poisson: the logarithm of the mean, and a step of Newton', async () => {
    const data = numbers([[1, 1, 2, 2]], [1, 1, 2, 4])
    // Over the mean 2 the targets are ½, ½, 1, 2. At e^f = 1: G_l = 2 − 1 = 1, H_l = 2; G_r = 2 − 3 = −1, H_r = 2.
    const trees = await regress(data, { loss: 'poisson', rounds: 1 })
    expect(trees.value).toEqual([1.5, -0.5, 0.5])
    const found = await predicted(data, { loss: 'poisson', rounds: 1 })
    expect(found[0]).toBeCloseTo(2 * Math.exp(-0.5), 12)
    // At the end each leaf's mean.
    const last = await predicted(data, { loss: 'poisson', rounds: 50 })
    expect(Array.from(last)).toEqual([1, 1, 3, 3].map((mean) => expect.closeTo(mean, 9)))
  })

  it('of absolute error: medians', async () => {
    const data = numbers([[1, 1, 1, 2, 2, 2]], [0, 1, 50, 7, 9, -90])
    expect(Array.from(await predicted(data, { loss: 'absoluteError', rounds: 1 }))).toEqual(
      [1, 1, 1, 7, 7, 7].map((median) => expect.closeTo(median, 12)),
    )
    expect(medianOf(Float64Array.of(5, 1, 3, 2), null)).toBe(2.5)
    expect(medianOf(Float64Array.of(5, 1, 3, 2), Float64Array.of(1, 1, 1, 4))).toBe(2)
    expect(medianOf(Float64Array.of(1, 2), Float64Array.of(3, 3))).toBe(1.5)
  })
})

describe('the leaf that gains most', () => {
  const data = numbers(
    [
      [1, 2, 3, 4, 5, 6],
      [0, 0, 0, 0, 0, 1],
    ],
    [0, 0, 10, 10, 30, 31],
  )
  it('is split first, up to the number of leaves or the depth', async () => {
    const three = await regress(data, { rounds: 1, maxLeaves: 3 })
    expect(three.column).toEqual([0, 0, -1, -1, -1])
    expect([three.value[0], three.value[1]]).toEqual([4.5, 2.5])
    expect((await regress(data, { rounds: 1, maxDepth: 1 })).column).toEqual([0, -1, -1])
    expect((await regress(data, { rounds: 1 })).column.filter((column) => column < 0)).toHaveLength(4)
  })
})

describe('missing values', () => {
  const asked = numbers([[1, 2, Number.NaN]], [0, 0, 0])
  it.each([
    ['left', [0, 0, 6, 6, 0, 0], 1],
    ['right', [0, 0, 6, 6, 6, 6], 0],
  ])('learn to go %s', async (_, y, missingLeft) => {
    const data = numbers([[1, 1, 2, 2, Number.NaN, Number.NaN]], y)
    expect((await regress(data, { rounds: 1 })).missingLeft[0]).toBe(missingLeft)
    const found = await predicted(data, { rounds: 1 }, asked)
    expect(Array.from(found)).toEqual([0, 6, y[4]].map((value) => expect.closeTo(value, 12)))
  })
  it('are divided from all others where that is best', async () => {
    const data = numbers([[1, 2, 3, Number.NaN]], [5, 5, 5, 9])
    const found = await predicted(data, { rounds: 1 }, asked)
    expect(Array.from(found)).toEqual([5, 5, 9].map((value) => expect.closeTo(value, 12)))
  })
  it('that training did not see go with more of the rows', async () => {
    const found = await predicted(numbers([[1, 1, 1, 2]], [0, 0, 0, 8]), { rounds: 1 }, asked)
    expect(found[2]).toBeCloseTo(0, 12)
  })
})

describe('categories', () => {
  const y = [9, 9, 1, 1, 9, 9, 1, 1]
  const data = { ...numbers([[]], y), columns: [texts(['a', 'a', 'b', 'b', 'c', 'c', 'd', 'd'])] }
  it('are divided as sets', async () => {
    const trees = await regress(data, { rounds: 1 })
    expect(trees.column).toEqual([0, -1, -1])
    expect([
      [0, 2],
      [1, 3],
    ]).toContainEqual(trees.sets[0])
    expect(Array.from(await predicted(data, { rounds: 1 }))).toEqual(
      y.map((value) => expect.closeTo(value, 12)),
    )
  })
  it('that are missing are one of them', async () => {
    const gap = { ...data, columns: [texts(['a', 'a', null, null, 'c', 'c', null, null])] }
    const found = await predicted(gap, { rounds: 1, textImputation: 'most-frequent' })
    expect(found.every(Number.isFinite)).toBe(true)
    expect(Array.from(await predicted(gap, { rounds: 1 }))).toEqual(
      y.map((value) => expect.closeTo(value, 12)),
    )
  })
  it('beyond the number of bins are rare ones together', async () => {
    const rows = 900
    const many = texts(Array.from({ length: rows }, (_, i) => `t${i % 3 === 0 ? i : i % 3}`))
    const wide = {
      ...numbers(
        [[]],
        Array.from({ length: rows }, (_, i) => (i % 3 === 0 ? 5 : i % 3)),
      ),
      columns: [many],
    }
    const found = await predicted(wide, { rounds: 1 })
    expect(Array.from(found.slice(0, 3))).toEqual([5, 1, 2].map((value) => expect.closeTo(value, 9)))
  })
})

describe('monotone constraints', () => {
  it.each([1, -1])('hold everywhere: %i', async (sign) => {
    const random = randomStream(5, 'rows')
    const rows = 300
    const a = Array.from({ length: rows }, () => random.next())
    const b = Array.from({ length: rows }, () => random.next())
    const y = a.map((value, i) => Math.sin(6 * value) + value + 2 * b[i] * b[i] + 0.3 * random.normal())
    const steps = 200
    const asked = (fixed: number) =>
      numbers(
        [Array.from({ length: steps }, (_, i) => i / steps), new Array(steps).fill(fixed)],
        new Array(steps).fill(0),
      )
    const falls = async (params: Params) => {
      let worst = 0
      for (const fixed of [0.05, 0.3, 0.6, 0.95]) {
        const found = await predicted(
          numbers([a, b], y),
          { ...params, rounds: 30, learningRate: 0.3 },
          asked(fixed),
        )
        for (let i = 1; i < steps; i++) worst = Math.max(worst, sign * (found[i - 1] - found[i]))
      }
      return worst
    }
    expect(await falls({ monotone: { x0: sign } })).toBeLessThanOrEqual(1e-12)
    expect(await falls({ monotone: { x0: sign }, l1: 0.1, loss: 'squaredError' })).toBeLessThanOrEqual(1e-12)
    expect(await falls({})).toBeGreaterThan(0.1)
  })

  it('are refused where they have no meaning', async () => {
    const data = numbers([[1, 2, 3, 4]], [1, 2, 3, 4])
    const three = numbers([[1, 2, 3, 4]], ['a', 'b', 'c', 'c'])
    const text = { ...data, columns: [texts(['a', 'b', 'a', 'b'])] }
    await expect(predicted(data, { monotone: { y0: 1 } })).rejects.toThrow('which the data does not have')
    await expect(predicted(data, { monotone: { x0: 2 } })).rejects.toThrow('"monotone" is an object')
    await expect(predicted(data, { monotone: { x0: 1 }, loss: 'absoluteError' })).rejects.toThrow(
      'absoluteError',
    )
    await expect(predicted(text, { monotone: { text: 1 } })).rejects.toThrow('has texts')
    await expect(classify(three, { monotone: { x0: 1 } })).rejects.toThrow('two classes')
    await expect(predicted(numbers([[1, 2]], [1, -2]), { loss: 'poisson' })).rejects.toThrow('0 or more')
  })
})

describe('the engine ml-xgboost', () => {
  it('refuses what it does not have', async () => {
    const data = numbers([[1, 2, 3, 4]], [1, 2, 3, 4])
    const gap = numbers([[1, 2, Number.NaN, 4]], [1, 2, 3, 4])
    const refusal = async (asked: Dataset, params: Params) =>
      fitted('boosted-trees-regressor', asked, { engine: 'ml-xgboost', rounds: 1, ...params }).then(
        () => 'taken',
        (error) => `${error.code} ${error.message}`,
      )
    expect(await refusal(data, {})).toBe('taken')
    expect(await refusal(data, { maxLeaves: 5 })).toMatch(
      /^PARAMS_REFUSED .*"maxLeaves" is for the engine native/,
    )
    expect(await refusal(data, { loss: 'poisson' })).toMatch(/^PARAMS_REFUSED .*"loss"/)
    expect(await refusal(gap, {})).toMatch(/^PARAMS_REFUSED .*missing values/)
    expect(await refusal({ ...data, columns: [texts(['a', 'b', 'a', 'b'])] }, {})).toMatch(/no categories/)
    expect(await refusal(weighted(data), {})).toMatch(/^PARAMS_REFUSED .*weights/)
  })
})

describe('early stopping', () => {
  it('ends some rounds after the lowest loss on rows set aside, and keeps the trees up to it', async () => {
    const [data] = await halves('diabetes', 'progression')
    const losses: number[] = []
    const report = async (_: number, metrics: Record<string, number>) => {
      losses.push(metrics.validationLoss)
      return 'continue' as const
    }
    const params = { rounds: 500, learningRate: 0.3, earlyStoppingRounds: 5, validationShare: 0.2 }
    const model = await (await builtIn('boosted-trees-regressor')).fit(data, params, context({ report }))
    const best = losses.indexOf(Math.min(...losses)) + 1
    expect(losses).toHaveLength(best + 5)
    const { learned } = model.toJSON() as unknown as { learned: { trees: Trees } }
    expect(learned.trees.roots).toHaveLength(best)
  })
})

describe('what is learned', () => {
  it('is the same whatever the weights are in, and for rows in another order', async () => {
    const [data] = await halves('wine', 'cultivar')
    const text = async (asked: Dataset) =>
      JSON.stringify(await classify(asked, { rounds: 5, minSamplesLeaf: 3, learningRate: 0.2 }))
    const all = weighted(data)
    const some = await text(all)
    expect(await text({ ...all, weights: all.weights!.map((weight) => weight * 2 ** 20) })).toBe(some)
    expect(await text({ ...all, weights: all.weights!.map(() => 1e300) })).toBe(await text(data))
    const order = randomStream(3, 'order').shuffle(Int32Array.from(data.index))
    const turned = JSON.parse(await text({ ...data, index: order }))
    const straight = JSON.parse(await text(data))
    expect(turned.column).toEqual(straight.column)
    expect(turned.value).toEqual(straight.value.map((value: number) => expect.closeTo(value, 9)))
  })

  it('is the same bit for bit with and without sharing, and however much is drawn', async () => {
    const [training, heldOut] = await halves('penguins', 'species')
    const trainer = await builtIn('boosted-trees-classifier')
    const preparation = new Preparation(64)
    const part = preparation.part('fold 0', () => ({ training, heldOut, positions: new Int32Array(0) }))
    const trials: Params[] = [
      { rounds: 6 },
      { rounds: 4, bins: 20, subsample: 0.6, columnSample: 0.5 },
      { rounds: 6, earlyStoppingRounds: 2, classWeight: 'balanced' },
    ]
    for (const params of [...trials, ...[...trials].reverse()]) {
      const shared = await trainer.fit(training, params, { ...context(), preparation: part } as never)
      const own = await trainer.fit(training, params, context())
      expect(JSON.stringify(shared.toJSON())).toBe(JSON.stringify(own.toJSON()))
      const loaded = await trainer.load(JSON.parse(JSON.stringify(own.toJSON())))
      const answers = own.predictProbability!(heldOut).values
      expect(shared.predictProbability!(heldOut).values).toEqual(answers)
      expect(loaded.predictProbability!(heldOut).values).toEqual(answers)
    }
    expect(preparation.bytes).toBeGreaterThan(0)
  })

  it('knows which features matter', async () => {
    const random = randomStream(1, 'rows')
    const columns = [0, 1, 2].map(() => Array.from({ length: 200 }, () => random.next()))
    const data = numbers(
      columns,
      columns[1].map((value, i) => 5 * value + columns[2][i]),
    )
    const model = await fitted('boosted-trees-regressor', data, { rounds: 20 })
    expect(model.importances!().map(({ feature }) => feature)).toEqual(['x1', 'x2', 'x0'])
  })
})

describe('bins', () => {
  const matrix = (values: number[]) => ({
    rows: values.length,
    columns: 1,
    values: Float64Array.from(values),
  })
  it('are one for each value where these are few, else of about as many rows', () => {
    expect(Array.from(findBins(matrix([3, 1, 2, 1]), 255).tables[0])).toEqual([1.5, 2.5])
    const ten = findBins(matrix(Array.from({ length: 1000 }, (_, i) => i * i)), 10).tables[0]
    expect(Array.from(ten)).toEqual(
      Array.from({ length: 9 }, (_, b) => (100 * b + 99) ** 2 / 2 + (100 * b + 100) ** 2 / 2),
    )
    // A value that many rows have is one bin, and the rest share the others.
    const heavy = [...new Array(900).fill(0), ...Array.from({ length: 100 }, (_, i) => i + 1)]
    const found = findBins(matrix(heavy), 5).tables[0]
    expect(found[0]).toBe(0.5)
    expect(found).toHaveLength(4)
  })
  it('are none of a column that never varies', () => {
    expect(findBins(matrix([7, 7, 7]), 255).columns).toHaveLength(0)
    expect(findBins(matrix([7, Number.NaN, 7]), 255).columns).toHaveLength(1)
  })
})

it('sorts numbers as the built-in sort does', () => {
  const random = randomStream(4, 'numbers')
  const values = Float64Array.from({ length: 3000 }, (_, i) =>
    i % 7 === 0 ? [0, -0, 1e300, -1e300, 5e-324, -5e-324][random.integer(6)] : random.normal() * 1000,
  )
  const loops = threadLoops()
  const mark = loops.mark()
  const at = loops.reserve(8 * values.length)
  const room = loops.reserve(8 * values.length + sortCounts)
  loops.f64(at, values.length).set(values)
  loops.sort(at, values.length, room)
  expect(loops.f64(at, values.length).slice()).toEqual(values.slice().sort())
  loops.release(mark)
})

it('counts and scales by powers of two', () => {
  expect([1, 2, 3, 4, 255, 256, 1_000_000].map(bitsFor)).toEqual([1, 2, 2, 3, 8, 9, 20])
  expect([powerOfTwo(-3), powerOfTwo(0), powerOfTwo(50)]).toEqual([0.125, 1, 1125899906842624])
  expect([0.9, 1, 3, 4, 1e300, 1e-300].map(powerBelow)).toEqual([
    0.5,
    1,
    2,
    4,
    powerOfTwo(400),
    powerOfTwo(-400),
  ])
})
