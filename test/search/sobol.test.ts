import { describe, expect, it } from 'vitest'
import { sobolSequence } from '../../src/numeric/index.js'
import { createSearcher } from '../../src/search/index.js'
import { createSpace } from '../../src/space/index.js'
import type { Params } from '../../src/values.js'
import { drive, historyOf, settings } from './drive.js'

const plane = createSpace({
  x: { type: 'float', min: 0, max: 1 },
  y: { type: 'float', min: 0, max: 1 },
})

describe('Sobol search', () => {
  it('takes the points of the scrambled sequence in order', async () => {
    const found = await drive(await createSearcher(plane, settings('sobol', { seed: 9 })), 20)
    const sequence = sobolSequence(2, 9, 'sobol-search')
    expect(found).toEqual(
      found.map((_, index) => ({
        params: plane.decode(sequence.point(index)),
        origin: { rule: 'sobol', index },
      })),
    )
  })

  it('spreads trials: 16 of them, one in each box of any way to cut the plane in 16', async () => {
    const found = await drive(await createSearcher(plane, settings('sobol')), 16)
    for (let a = 0; a <= 4; a++) {
      const boxes = found.map(({ params }) => {
        const { x, y } = params as { x: number; y: number }
        return `${Math.floor(x * 2 ** a)} ${Math.floor(y * 2 ** (4 - a))}`
      })
      expect(new Set(boxes).size).toBe(16)
    }
  })

  it('gives partial enqueued params the first points, and starts after those', async () => {
    const enqueue: Params[] = [{ x: 0.5 }, { x: 0.25, y: 0.75 }, { y: 0.125 }]
    const found = await drive(await createSearcher(plane, settings('sobol', { enqueue })), 5)
    const sequence = sobolSequence(2, 3, 'sobol-search')
    const at = (index: number) => plane.decode(sequence.point(index))
    expect(found.map(({ params }) => params)).toEqual([
      { x: 0.5, y: at(0).y },
      enqueue[1],
      { x: at(1).x, y: 0.125 },
      at(2),
      at(3),
    ])
    expect(found[3].origin).toEqual({ rule: 'sobol', index: 2 })
  })

  it('skips forward where a point decodes to params tried before, and never takes a point twice', async () => {
    const space = createSpace({
      k: { type: 'int', min: 1, max: 40 },
      flag: { type: 'categorical', values: [true, false] },
    })
    const found = await drive(await createSearcher(space, settings('sobol')), 100)
    expect(new Set(found.map(({ params }) => space.key(params))).size).toBe(80)
    const drawn = found
      .filter(({ origin }) => origin.rule === 'sobol')
      .map(({ origin }) => origin.index as number)
    expect(drawn.length).toBeGreaterThanOrEqual(40)
    expect(drawn).toEqual([...new Set(drawn)].sort((a, b) => a - b))
    const sequence = sobolSequence(2, 3, 'sobol-search')
    const byIndex = found.filter(({ origin }) => origin.rule === 'sobol')
    for (const { params, origin } of byIndex) {
      expect(params).toEqual(space.decode(sequence.point(origin.index as number)))
    }
  })

  it('goes on at any trial in a fresh process', async () => {
    const found = await drive(await createSearcher(plane, settings('sobol')), 5001)
    const fresh = await createSearcher(plane, settings('sobol'))
    expect(await fresh.suggest(historyOf(found.slice(0, 5000)), 5000)).toEqual(found[5000])
  })
})
