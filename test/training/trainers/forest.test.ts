import { describe, expect, it } from 'vitest'
import { context } from '../../laws/trainer.js'
import { rejection } from '../support.js'
import { builtIn, fitted, halves, numbers, share } from './support.js'

describe('forests', () => {
  it('are right about most of the other half of the data', async () => {
    const [wine, asked] = await halves('wine', 'cultivar')
    expect(share(await fitted('forest-classifier', wine, { trees: 20 }), asked, asked)).toBeGreaterThan(0.93)
  })

  it('answer the mean over their trees', async () => {
    const x = Array.from({ length: 30 }, (_, i) => i)
    const data = numbers(
      [x],
      x.map((value) => value + 0.25),
    )
    const trainer = await builtIn('forest-regressor')
    const all = await trainer.fit(data, { trees: 3 }, context())
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
    const predicted = (await fitted('forest-regressor', data, { trees: 10 })).predict(data) as Float64Array
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
      const model = await fitted('forest-regressor', data, { trees: 4, columnSample })
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
      trainer.fit(data, { trees: 100_000 }, context({ signal: controller.signal })),
    ).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('refuse a model file with a broken tree', async () => {
    const [data] = await halves('wine', 'cultivar')
    const state = JSON.parse(JSON.stringify((await fitted('forest-classifier', data, { trees: 2 })).toJSON()))
    state.learned.trees[1].right[0] = 0
    const trainer = await builtIn('forest-classifier')
    expect(await rejection(Promise.resolve(trainer.load(state)))).toMatchObject({ code: 'MODEL_INVALID' })
  })
})
