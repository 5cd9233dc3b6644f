import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSearcher, type SearchSettings } from '../../src/search/index.js'
import { createSpace, type ParameterJson, type Space } from '../../src/space/index.js'
import type { ParamValue } from '../../src/values.js'
import { drive, settings } from './drive.js'

const space = createSpace({ k: { type: 'int', min: 1, max: 5 } })

describe('the settings of a search', () => {
  it('are refused with every mistake at once', async () => {
    const wrong = {
      algorithm: 'annealing',
      seed: -1,
      trials: null,
      parallel: 0,
      replicates: 1.5,
      warmStart: [{ params: { k: 9 }, value: Number.NaN }],
    } as unknown as SearchSettings
    await expect(createSearcher(space, wrong)).rejects.toMatchObject({
      code: 'USAGE',
      problems: ['algorithm', 'seed', 'parallel', 'replicates', 'warmStart[0].k', 'warmStart[0].value'].map(
        (path) => ({ path }),
      ),
    })
  })

  it('may be at their edges', async () => {
    const searcher = await createSearcher(
      space,
      settings('random', { seed: Number.MAX_SAFE_INTEGER, parallel: 1 }),
    )
    expect(await drive(searcher, 10)).toHaveLength(5)
    await searcher.close?.()
  })
})

/** A parameter of a few values, each listed with them so that `when` can speak of some. */
interface Few {
  json: Exclude<ParameterJson, ParamValue>
  values: ParamValue[]
}
const parameter: fc.Arbitrary<Few> = fc.oneof(
  fc.integer({ min: 2, max: 6 }).map(
    (n): Few => ({
      json: { type: 'int', min: 1, max: n, scale: n % 2 ? 'log' : 'linear' },
      values: Array.from({ length: n }, (_, i) => i + 1),
    }),
  ),
  fc.integer({ min: 1, max: 8 }).map((n): Few => {
    const values = Array.from({ length: Math.ceil(n / 2) }, (_, i) => `v${i}`)
    return { json: { type: n % 2 ? 'categorical' : 'ordinal', values }, values }
  }),
  fc.integer({ min: 1, max: 4 }).map(
    (n): Few => ({
      json: { type: 'float', min: 0, max: n / 4, step: 0.25 },
      values: Array.from({ length: n + 1 }, (_, i) => i / 4),
    }),
  ),
)

/** Spaces of up to five parameters, later ones depending on earlier ones, in any order in the file. */
const spaces: fc.Arbitrary<Space> = fc
  .array(
    fc.record({
      parameter,
      parent: fc.option(fc.nat(), { freq: 2 }),
      mask: fc.integer({ min: 1, max: 63 }),
      place: fc.nat(),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((drawn) => {
    const entries = drawn.map(({ parameter, parent, mask, place }, i) => {
      if (parent === null || i === 0) return { name: `p${i}`, json: parameter.json, place }
      const { values } = drawn[parent % i].parameter
      const some = values.filter((_, j) => (mask >> j) & 1)
      const when = { [`p${parent % i}`]: some.length > 0 ? some : [values[0]] }
      return { name: `p${i}`, json: { ...parameter.json, when }, place }
    })
    entries.sort((a, b) => a.place - b.place)
    return createSpace(Object.fromEntries(entries.map(({ name, json }) => [name, json])))
  })
  .filter((space) => space.size <= 200)

describe.each(['grid', 'random', 'sobol'] as const)('%s search on any finite space', (algorithm) => {
  it('proposes every params once, all of them possible, and then null', async () => {
    await fc.assert(
      fc.asyncProperty(
        spaces,
        fc.nat({ max: 1000 }),
        fc.integer({ min: 1, max: 9 }),
        async (space, seed, parallel) => {
          const searcher = await createSearcher(space, settings(algorithm, { seed }))
          const found = await drive(searcher, space.size + 3, parallel)
          expect(found).toHaveLength(space.size)
          expect(new Set(found.map(({ params }) => space.key(params))).size).toBe(space.size)
          for (const { params } of found) expect(space.check(params)).toEqual([])
        },
      ),
      { seed: 42, numRuns: 150 },
    )
  })
})

it('a parameter that hangs on another one through a constant is walked through after it', async () => {
  const space = createSpace({
    child: { type: 'int', min: 1, max: 4, when: { fixed: [7] } },
    fixed: { type: 'constant', value: 7, when: { mode: ['on'] } },
    mode: { type: 'categorical', values: ['on', 'off'] },
  })
  expect(space.size).toBe(5)
  expect(await drive(await createSearcher(space, settings('random')), 9)).toHaveLength(5)
})

describe('the cost of a suggestion does not grow with the number of trials', () => {
  /** Counts the calls that cost something. */
  function counted(space: Space): { space: Space; calls: () => number } {
    let calls = 0
    const count =
      <A extends unknown[], R>(call: (...args: A) => R) =>
      (...args: A): R => {
        calls++
        return call(...args)
      }
    return {
      space: {
        ...space,
        size: space.size,
        gridSize: space.gridSize,
        key: count(space.key),
        decode: count(space.decode),
        encode: count(space.encode),
        activeInto: count(space.activeInto),
      },
      calls: () => calls,
    }
  }

  it.each(['grid', 'random', 'sobol'] as const)(
    '%s: 10,000 trials of an endless space',
    async (algorithm) => {
      const { space, calls } = counted(
        createSpace({
          x: { type: 'float', min: 0, max: 1, grid: 100 },
          y: { type: 'float', min: 0, max: 1, grid: 101 },
        }),
      )
      await drive(await createSearcher(space, settings(algorithm)), 10_000)
      expect(calls()).toBeLessThan(10_000 * 4)
    },
  )

  it.each(['grid', 'random', 'sobol'] as const)(
    '%s: all 10,000 params of a finite space',
    async (algorithm) => {
      const { space, calls } = counted(
        createSpace({ a: { type: 'int', min: 1, max: 100 }, b: { type: 'int', min: 1, max: 100 } }),
      )
      expect(await drive(await createSearcher(space, settings(algorithm)), 10_001)).toHaveLength(10_000)
      expect(calls()).toBeLessThan(10_000 * 8)
    },
  )

  it.each(['random', 'sobol'] as const)('%s: a few trials of a space of 10^60 params', async (algorithm) => {
    const parameters = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`p${i}`, { type: 'int', min: 1, max: 1000 } as const]),
    )
    const { space, calls } = counted(createSpace(parameters))
    expect(await drive(await createSearcher(space, settings(algorithm)), 20)).toHaveLength(20)
    expect(calls()).toBeLessThan(200)
  })
})
