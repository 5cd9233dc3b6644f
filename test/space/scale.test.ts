/** Spaces of a size nobody thought of, and names JavaScript has of its own: read, counted, or refused, without end of stack. */
import { describe, expect, it, vi } from 'vitest'
import type { EspalierError } from '../../src/errors.js'
import { randomStream } from '../../src/numeric/index.js'
import { createSpace, parseSweepFile } from '../../src/space/index.js'

const space = (parameters: unknown) => createSpace(parameters as never)
const named = (count: number, make: (i: number) => unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, make(i)]))

describe('a large space', () => {
  it('of many parameters tells every name that is not among them, the nearest for the first of them', () => {
    const count = 3000
    const many = space(named(count, () => ({ type: 'int', min: 0, max: 9 })))
    expect(many.size).toBe(Number.MAX_VALUE)
    expect(many.check(many.centre())).toEqual([])
    const problems = many.checkPartial(
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`q${i}`, 1])),
    )
    expect(problems).toHaveLength(count)
    expect(problems.filter(({ message }) => message.includes('did you mean'))).toHaveLength(20)
  })

  it('whose conditions look at parameters that are not there: all are told, the nearest for the first of them', () => {
    const count = 60
    const int = { type: 'int', min: 0, max: 1 }
    const told = () => {
      const parameters = {
        optimizer: { type: 'categorical', values: ['adam', 'sgd'] },
        ...named(count, () => ({ ...int, when: { optimiser: ['adam'] } })),
      }
      try {
        space(parameters)
      } catch (error) {
        return (error as EspalierError).problems.map(({ message }) => message)
      }
      return []
    }
    const absent = told()
    expect(absent).toHaveLength(count)
    expect(absent.filter((message) => message.includes('did you mean'))).toHaveLength(20)
  })

  it('of tens of thousands of categories is read, checked and encoded in proportion to them', () => {
    const values = Array.from({ length: 60_000 }, (_, i) => `c${i}`)
    const began = performance.now()
    const { check, encode, decode, size } = space({ x: { type: 'categorical', values } })
    expect(size).toBe(values.length)
    expect(values.filter((x) => check({ x }).length > 0 || decode(encode({ x })).x !== x)).toEqual([])
    const twice = () => space({ x: { type: 'categorical', values: [...values, 'c7'] } })
    expect(twice).toThrow('"values" must all be different')
    expect(performance.now() - began).toBeLessThan(5000)
  })

  it('of a long chain of conditions is read, counted and encoded', () => {
    const count = 400
    const chain = space(
      named(count, (i) => ({ type: 'int', min: 0, max: 1, ...(i > 0 && { when: { [`p${i - 1}`]: [1] } }) })),
    )
    expect(chain.size).toBe(count + 1)
    expect(chain.gridSize).toBe(count + 1)
    expect(Object.keys(chain.decode(new Float64Array(count).fill(1)))).toHaveLength(count)
  })

  it('of chained conditions costs as much more as it is longer, with one parent each or two', () => {
    const work = (count: number, parents: number) => {
      const looks = [Set.prototype, Map.prototype].flatMap((prototype) => [
        vi.spyOn(prototype as Set<unknown>, 'has'),
        prototype === Set.prototype ? vi.spyOn(Set.prototype, 'add') : vi.spyOn(Map.prototype, 'set'),
      ])
      const chain = space(
        named(count, (i) => {
          const above = [i - 1, i - 2].slice(0, parents).filter((one) => one >= 0)
          const when = Object.fromEntries(above.map((one) => [`p${one}`, [i % 3 === 0 ? 0 : 1, 2]]))
          return { type: 'int', min: 0, max: 2, ...(i > 0 && { when }) }
        }),
      )
      const all = chain.decode(new Float64Array(count).fill(1))
      expect(chain.decode(chain.encode(all))).toEqual(all)
      expect(chain.size).toBe(chain.gridSize)
      expect(chain.check(all)).toEqual([])
      expect(chain.checkPartial({ [`p${count - 1}`]: 2 })).toEqual([])
      expect(Object.keys(chain.complete({ [`p${count - 1}`]: 2 }, new Float64Array(count)))).toHaveLength(
        count,
      )
      const times = looks.reduce((sum, spy) => sum + spy.mock.calls.length, 0)
      vi.restoreAllMocks()
      return times
    }
    for (const parents of [1, 2]) expect(work(160, parents) / work(80, parents)).toBeLessThan(2.3)
  })

  it('of many conditions with several parents is counted where they are not too entangled, else bounded', () => {
    const hubs = 3
    const around = space({
      ...named(hubs, () => ({ type: 'int', min: 0, max: 9 })),
      ...Object.fromEntries(
        Array.from({ length: 200 }, (_, i) => [
          `q${i}`,
          {
            type: 'int',
            min: 0,
            max: 1,
            when: Object.fromEntries(Array.from({ length: hubs }, (_, h) => [`p${h}`, [(i + h) % 10]])),
          },
        ]),
      ),
    })
    // Each of 10 of the 1,000 combinations of the hubs is what 20 of the others need.
    expect(around.size).toBe(990 + 10 * 2 ** 20)
    const stream = randomStream(1, 'a tangle')
    const any = () => `p${stream.integer(100)}`
    const tangle = space({
      ...named(100, () => ({ type: 'int', min: 0, max: 1 })),
      ...Object.fromEntries(
        Array.from({ length: 500 }, (_, i) => [
          `q${i}`,
          { type: 'int', min: 0, max: 1, when: { [any()]: [1], [any()]: [1], [any()]: [1] } },
        ]),
      ),
    })
    expect(tangle.size).toBe(2 ** 600)
  })

  it('with a circle of thousands is refused, not a stack overflow', () => {
    const count = 8000
    const circle = named(count, (i) => ({
      type: 'int',
      min: 0,
      max: 1,
      when: { [`p${(i + 1) % count}`]: [1] },
    }))
    expect(() => space(circle)).toThrow('conditions must not go in a circle')
  })
})

describe('a name of JavaScript', () => {
  it('is one like any other, but for "__proto__", which is refused wherever it stands', async () => {
    const own = space({
      constructor: { type: 'int', min: 1, max: 2 },
      toString: { type: 'categorical', values: ['a', { toString: 1 }], when: { constructor: [1] } },
      hasOwnProperty: 3,
    })
    const params = own.decode([0, 1])
    expect(params).toEqual({ constructor: 1, toString: { toString: 1 }, hasOwnProperty: 3 })
    expect(own.decode(own.encode(params))).toEqual(params)
    expect(own.check({ constructor: 2 } as never)).toEqual([])
    for (const text of [
      '{"parameters": {"__proto__": 3}}',
      '{"parameters": {"a": {"type": "int", "min": 1, "max": 2, "when": {"__proto__": 5}}}}',
      '{"parameters": {"a": {"type": "constant", "value": [{"__proto__": 5}]}}}',
      '{"data": {"file": "a", "target": "b", "types": {"__proto__": 5}}, "parameters": {"a": 1}}',
      '{"search": {"enqueue": [{"__proto__": 5}]}, "parameters": {"a": 1}}',
    ])
      await expect(parseSweepFile(JSON.parse(text))).rejects.toThrow('a name must be usable (got "__proto__"')
  })

  it('a value in itself without end is refused', () => {
    const circular: unknown[] = []
    circular.push(circular)
    expect(() => space({ a: { type: 'constant', value: circular } })).toThrow('at most 200 levels deep')
  })
})
