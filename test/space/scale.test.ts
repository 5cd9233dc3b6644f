/** Spaces of a size nobody thought of, and names JavaScript has of its own: read, counted, or refused, without end of stack. */
import { describe, expect, it } from 'vitest'
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

  it('of a long chain of conditions is read, counted and encoded', () => {
    const count = 400
    const chain = space(
      named(count, (i) => ({ type: 'int', min: 0, max: 1, ...(i > 0 && { when: { [`p${i - 1}`]: [1] } }) })),
    )
    expect(chain.size).toBe(count + 1)
    expect(chain.gridSize).toBe(count + 1)
    expect(Object.keys(chain.decode(new Float64Array(count).fill(1)))).toHaveLength(count)
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
