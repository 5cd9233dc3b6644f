import { describe, expect, it } from 'vitest'
import { createSearcher } from '../../src/search/index.js'
import { createSpace, type Space } from '../../src/space/index.js'
import type { Params } from '../../src/values.js'
import { drive, historyOf, settings } from './drive.js'

const space = createSpace({
  depth: { type: 'int', min: 1, max: 3 },
  rate: { type: 'float', min: 0.01, max: 1, scale: 'log', grid: 3 },
  momentum: { type: 'float', min: 0, max: 1, when: { depth: [2] } },
})
const cells = [...space.gridCells()]

describe('grid search', () => {
  it('takes the cells in their stated order, then ends, though the space goes on', async () => {
    const found = await drive(await createSearcher(space, settings('grid')), 100)
    expect(found.map(({ params }) => params)).toEqual(cells)
    expect(found.map(({ origin }) => origin)).toEqual(cells.map((_, cell) => ({ rule: 'grid', cell })))
    expect(found).toHaveLength(3 + 3 * 5 + 3)
    expect(space.size).toBe(Number.POSITIVE_INFINITY)
  })

  it('is the same for every seed', async () => {
    const found = await drive(await createSearcher(space, settings('grid', { seed: 1000 })), 100)
    expect(found.map(({ params }) => params)).toEqual(cells)
  })

  it('passes over cells that were enqueued or are known, and takes each of the others once', async () => {
    const enqueue = [cells[4], { depth: 1, rate: 0.5 }, cells[0]]
    const warmStart = [{ params: cells[1], value: 0.1 }]
    const found = await drive(await createSearcher(space, settings('grid', { enqueue, warmStart })), 100)
    const left = cells.filter((_, cell) => cell !== 4 && cell !== 0 && cell !== 1)
    expect(found.map(({ params }) => params)).toEqual([...enqueue, ...left])
    expect(found[3].origin).toEqual({ rule: 'grid', cell: 2 })
    expect(found[5].origin).toEqual({ rule: 'grid', cell: 5 })
  })

  it('completes the n-th partial entry from the n-th cell', async () => {
    const enqueue: Params[] = [{ rate: 0.5 }, { depth: 3 }]
    const found = await drive(await createSearcher(space, settings('grid', { enqueue })), 2)
    expect(found.map(({ params }) => params)).toEqual([
      { ...cells[0], rate: 0.5 },
      { ...cells[1], depth: 3 },
    ])
  })

  it('takes each cell as often as `replicates` says before the next', async () => {
    const found = await drive(await createSearcher(space, settings('grid', { replicates: 2 })), 100)
    expect(found.map(({ params }) => params)).toEqual(cells.flatMap((cell) => [cell, cell]))
    expect(found.slice(0, 3).map(({ origin }) => origin)).toEqual([
      { rule: 'grid', cell: 0, replicate: 1 },
      { rule: 'grid', cell: 0, replicate: 2 },
      { rule: 'grid', cell: 1, replicate: 1 },
    ])
  })

  it('walks through the grid once, and goes on at any trial in a fresh process', async () => {
    const large = createSpace({
      a: { type: 'int', min: 1, max: 100 },
      b: { type: 'int', min: 1, max: 100 },
    })
    let walks = 0
    const counted: Space = {
      ...large,
      size: large.size,
      gridSize: large.gridSize,
      gridCells() {
        walks++
        return large.gridCells()
      },
    }
    const found = await drive(await createSearcher(counted, settings('grid')), 6000)
    expect(walks).toBe(1)
    expect(found[5000]).toEqual({ params: { a: 51, b: 1 }, origin: { rule: 'grid', cell: 5000 } })
    const fresh = await createSearcher(large, settings('grid'))
    expect(await fresh.suggest(historyOf(found.slice(0, 5000)), 5000)).toEqual(found[5000])
    expect(await fresh.suggest(historyOf(found.slice(0, 20)), 20)).toEqual(found[20])
  })

  it('a grid far too large to list costs no more than its first cells', async () => {
    const huge = createSpace(
      Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`p${i}`, { type: 'float', min: 0, max: 1 }])),
    )
    const found = await drive(await createSearcher(huge, settings('grid')), 10)
    expect(found.map(({ params }) => params.p59)).toEqual([0, 0.25, 0.5, 0.75, 1, 0, 0.25, 0.5, 0.75, 1])
  })
})
