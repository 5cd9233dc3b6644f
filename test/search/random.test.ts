import { describe, expect, it } from 'vitest'
import { createSearcher } from '../../src/search/index.js'
import { createSpace } from '../../src/space/index.js'
import { drive, historyOf, settings } from './drive.js'

const chiSquare = (counts: Iterable<number>, expected: number) =>
  [...counts].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)

function tally(values: readonly unknown[]): Map<unknown, number> {
  const counts = new Map<unknown, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

describe('random search', () => {
  it('reaches every integer and every category with the same chance', async () => {
    const space = createSpace({
      x: { type: 'float', min: 0, max: 1 },
      k: { type: 'int', min: 1, max: 10 },
      c: { type: 'categorical', values: ['a', 'b', 'c'] },
    })
    const found = await drive(await createSearcher(space, settings('random')), 3000)
    const integers = tally(found.map(({ params }) => params.k))
    const categories = tally(found.map(({ params }) => params.c))
    // One in a thousand exceeds 27.9 (9 degrees of freedom), 13.8 (2).
    expect(chiSquare(integers.values(), 300)).toBeLessThan(27.9)
    expect(chiSquare(categories.values(), 1000)).toBeLessThan(13.8)
    expect(tally(found.map(({ params }) => Math.floor((params.x as number) * 20))).size).toBe(20)
  })

  it('draws a trial without looking at the others, as long as it is new', async () => {
    const space = createSpace({ x: { type: 'float', min: 0, max: 1 } })
    const searcher = await createSearcher(space, settings('random'))
    const found = await drive(searcher, 30)
    expect(await searcher.suggest(historyOf([]), 17)).toEqual(found[17])
    expect(found[17].origin).toEqual({ rule: 'random', draw: 0 })
  })

  it('tries the params of a finite space in an order that is uniform over the seeds', async () => {
    const space = createSpace({ k: { type: 'int', min: 0, max: 3 } })
    const orders: string[] = []
    for (let seed = 0; seed < 2400; seed++) {
      const found = await drive(await createSearcher(space, settings('random', { seed })), 5)
      orders.push(found.map(({ params }) => params.k).join(''))
    }
    const counts = tally(orders)
    expect(counts.size).toBe(24)
    // 23 degrees of freedom: 49.7 is exceeded once in a thousand.
    expect(chiSquare(counts.values(), 100)).toBeLessThan(49.7)
  })

  it('finds what is hardly ever drawn', async () => {
    // One point in 27,000 has an x: drawing misses it once the 87 other params are used up, enumerating does not.
    const space = createSpace({
      a: { type: 'categorical', values: Array.from({ length: 30 }, (_, i) => i) },
      b: { type: 'categorical', values: Array.from({ length: 30 }, (_, i) => i), when: { a: [7] } },
      c: { type: 'categorical', values: Array.from({ length: 30 }, (_, i) => i), when: { b: [7] } },
      x: { type: 'float', min: 0, max: 1, when: { c: [7] } },
    })
    const found = await drive(await createSearcher(space, settings('random')), 150)
    expect(found).toHaveLength(150)
    expect(new Set(found.map(({ params }) => space.key(params))).size).toBe(150)
    expect(found.filter(({ params }) => 'x' in params).length).toBeGreaterThanOrEqual(150 - 87)
    expect(found.at(-1)!.params).toMatchObject({ a: 7, b: 7, c: 7 })
  })
})
