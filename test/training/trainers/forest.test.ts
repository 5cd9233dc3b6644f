import { describe, expect, it } from 'vitest'
import type { Dataset } from '../../../src/data/index.js'
import { context } from '../../laws/trainer.js'
import { rejection } from '../support.js'
import { builtIn, fitted, halves, numbers, rootMeanSquare, share } from './support.js'

/** The forests of before. */
const engine = 'ml-random-forest'

describe('forests of the engine ml-random-forest', () => {
  it('are right about most of the other half of the data', async () => {
    const [wine, asked] = await halves('wine', 'cultivar')
    expect(
      share(await fitted('forest-classifier', wine, { engine, trees: 20 }), asked, asked),
    ).toBeGreaterThan(0.93)
  })

  it('answer the mean over their trees', async () => {
    const x = Array.from({ length: 30 }, (_, i) => i)
    const data = numbers(
      [x],
      x.map((value) => value + 0.25),
    )
    const trainer = await builtIn('forest-regressor')
    const all = await trainer.fit(data, { engine, trees: 3 }, context())
    const [first, second, third] = (all.toJSON() as { learned: { trees: unknown[] } }).learned.trees
    const sums = new Float64Array(30)
    for (const tree of [first, second, third]) {
      const state = { ...(all.toJSON() as object), learned: { trees: [tree] } }
      const alone = (await trainer.load(state as never)).predict(data) as Float64Array
      alone.forEach((value, i) => {
        sums[i] += value
      })
    }
    const found = all.predict(data) as Float64Array
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(sums[i] / 3, 12)
    })
  })

  it('find a step that leaves no error', async () => {
    const x = Array.from({ length: 40 }, (_, i) => i)
    const y = x.map((value) => (value < 17 ? 1 : 5))
    const data = numbers([x], y)
    const predicted = (await fitted('forest-regressor', data, { engine, trees: 10 })).predict(
      data,
    ) as Float64Array
    expect(Math.abs(predicted[5] - 1)).toBeLessThan(0.1)
    expect(Math.abs(predicted[35] - 5)).toBeLessThan(0.1)
  })

  it('draw the share of the columns asked for, one at least, and all of them at 1', async () => {
    const random = Array.from({ length: 60 }, (_, i) => (i * 37) % 60)
    const columns = [random, random.map((v) => (v * 7) % 60), random.map((v) => (v * 11) % 60)]
    const data = numbers(
      columns,
      columns[0].map((_, i) => columns[0][i] + columns[1][i] + columns[2][i]),
    )
    const used = async (columnSample: number) => {
      const model = await fitted('forest-regressor', data, { engine, trees: 4, columnSample })
      const { trees } = (model.toJSON() as { learned: { trees: { column: number[] }[] } }).learned
      return trees.map(({ column }) => new Set(column.filter((one) => one >= 0)).size)
    }
    expect(await used(0.01)).toEqual([1, 1, 1, 1])
    expect(await used(0.67)).toEqual([2, 2, 2, 2])
    expect(await used(1)).toEqual([3, 3, 3, 3])
  })

  it('stop between two trees where they are told to', async () => {
    const [data] = await halves('wine', 'cultivar')
    const controller = new AbortController()
    setImmediate(() => controller.abort())
    const trainer = await builtIn('forest-classifier')
    await expect(
      trainer.fit(data, { engine, trees: 100_000 }, context({ signal: controller.signal })),
    ).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('refuse a model file with a broken tree', async () => {
    const [data] = await halves('wine', 'cultivar')
    const state = JSON.parse(
      JSON.stringify((await fitted('forest-classifier', data, { engine, trees: 2 })).toJSON()),
    )
    state.learned.trees[1].right[0] = 0
    const trainer = await builtIn('forest-classifier')
    expect(await rejection(Promise.resolve(trainer.load(state)))).toMatchObject({ code: 'MODEL_INVALID' })
  })
})

const forests = ['forest-classifier', 'extra-trees-classifier']

describe('forests', () => {
  it.each(forests)('%s: right about most of the other half of the data', async (name) => {
    const [wine, asked] = await halves('wine', 'cultivar')
    expect(share(await fitted(name, wine, { trees: 30 }), asked, asked)).toBeGreaterThan(0.95)
  })

  it.each(['forest-regressor', 'extra-trees-regressor'])('%s: better than a tree', async (name) => {
    const [data, asked] = await halves('diabetes', 'progression')
    const tree = rootMeanSquare(await fitted('cart-regressor', data, {}), asked)
    expect(rootMeanSquare(await fitted(name, data, { trees: 30 }), asked)).toBeLessThan(0.85 * tree)
  })

  it('of one tree on all rows and all columns are that tree', async () => {
    for (const [kind, file, target] of [
      ['classifier', 'wine', 'cultivar'],
      ['regressor', 'diabetes', 'progression'],
    ]) {
      const [data, asked] = await halves(file, target)
      const forest = { trees: 1, bootstrap: false, columnSample: 1 }
      const [one, tree] = await Promise.all([
        fitted(`forest-${kind}`, data, forest),
        fitted(`cart-${kind}`, data, { minNumSamples: 1, maxDepth: 50 }),
      ])
      expect(one.predict(asked)).toEqual(tree.predict(asked))
    }
  })

  it('have the same first trees, however many there are', async () => {
    const [data] = await halves('wine', 'cultivar')
    for (const name of forests) {
      const columns = async (trees: number) =>
        ((await fitted(name, data, { trees })).toJSON() as unknown as { learned: { column: number[] } })
          .learned.column
      const [few, many] = [await columns(3), await columns(5)]
      expect(many.length).toBeGreaterThan(few.length)
      expect(many.slice(0, few.length)).toEqual(few)
    }
  })

  it('draw rows: about e^−1 of them are in no tree, and each is drawn once in the mean', async () => {
    const x = Array.from({ length: 2000 }, (_, i) => i)
    const params = { trees: 5, minNumSamples: 1 }
    const state = async (name: string, data: Dataset) =>
      (
        (await fitted(name, data, params)).toJSON() as unknown as {
          learned: { values: number[]; leafWeights: number[] }
        }
      ).learned
    // Each drawn row has a leaf of its own.
    const { values } = await state('forest-regressor', numbers([x], x))
    expect(values.length / 5 / 2000).toBeCloseTo(1 - Math.exp(-1), 1)
    const texts = x.map((i) => (i % 2 ? 'a' : 'b'))
    const { leafWeights } = await state('forest-classifier', numbers([x], texts))
    expect(leafWeights.reduce((sum, weight) => sum + weight, 0)).toBe(5 * 2000)
  })

  it('stop between two trees where they are told to', async () => {
    const [data] = await halves('wine', 'cultivar')
    for (const name of forests) {
      const controller = new AbortController()
      setImmediate(() => controller.abort())
      const fit = (await builtIn(name)).fit(data, { trees: 100_000 }, context({ signal: controller.signal }))
      await expect(fit).rejects.toMatchObject({ name: 'AbortError' })
    }
  })

  it('refuse what the other engine cannot do', async () => {
    const [data] = await halves('wine', 'cultivar')
    await expect(fitted('forest-classifier', data, { engine, bootstrap: false })).rejects.toThrow(
      'the engine ml-random-forest knows no "bootstrap" but true (got false)',
    )
  })
})
