/** The unit cube: which values come out, how often, and how exactly. */
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/numeric/index.js'
import { createSpace, type ParameterJson, sampleParams } from '../../src/space/index.js'

const spaceOf = (x: ParameterJson) => createSpace({ x })
const valueAt = (x: ParameterJson) => {
  const space = spaceOf(x)
  return (u: number) => space.decode([u]).x
}
/** The values of all levels, in order. */
function levelsOf(x: ParameterJson) {
  const space = spaceOf(x)
  const [{ levels, levelToUnit }] = space.dimensions
  return Array.from({ length: levels }, (_, level) => space.decode([levelToUnit(level)]).x)
}

describe('floats', () => {
  it('are linear in the value, or in its logarithm, with both ends', () => {
    expect([0, 0.25, 0.5, 1].map(valueAt({ type: 'float', min: -3, max: 7 }))).toEqual([-3, -0.5, 2, 7])
    const log = valueAt({ type: 'float', min: 1e-5, max: 1, scale: 'log' })
    expect([0, 0.2, 0.4, 0.6, 1].map(log)).toEqual([1e-5, 1e-4, 1e-3, 1e-2, 1])
  })

  it('come out as decimals of twelve digits', () => {
    expect(valueAt({ type: 'float', min: 0, max: 1 })(1 / 3)).toBe(0.333333333333)
    expect(valueAt({ type: 'float', min: 0, max: 2000 })(1 / 3)).toBe(666.66666667)
    expect(valueAt({ type: 'float', min: 1e-4, max: 1, scale: 'log' })(1 / 3)).toBe(0.00215443469003)
  })

  it('take any number of the range that is given by hand, and give back the nearest of those decimals', () => {
    const space = spaceOf({ type: 'float', min: 0, max: 1 })
    const given = { x: 1 / 8.1 }
    expect(space.check(given)).toEqual([])
    expect(space.complete(given, [0])).toEqual(given)
    expect(space.encode(given)[0]).toBe(given.x)
    expect(space.decode(space.encode(given))).toEqual({ x: 0.123456790123 })
    const log = spaceOf({ type: 'float', min: 1e-5, max: 0.7, scale: 'log' })
    for (const x of [1e-5, 3e-4, 0.001, 0.15, 0.7]) expect(log.decode(log.encode({ x }))).toEqual({ x })
  })

  it('with a step are the decimals the file means, not sums of binary fractions', () => {
    expect(levelsOf({ type: 'float', min: 0, max: 0.95, step: 0.05 })).toEqual(
      Array.from({ length: 20 }, (_, i) => Number((i * 0.05).toFixed(2))),
    )
    expect(levelsOf({ type: 'float', min: -0.3, max: 0.3, step: 0.1 })).toEqual([
      -0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3,
    ])
    expect(levelsOf({ type: 'float', min: 1e-7, max: 4e-7, step: 1e-7 })).toEqual([1e-7, 2e-7, 3e-7, 4e-7])
    expect(levelsOf({ type: 'float', min: 1e-30, max: 3e-30, step: 1e-30 })).toEqual([1e-30, 2e-30, 3e-30])
  })

  it('with a step that does not end at max have their last point below it', () => {
    expect(levelsOf({ type: 'float', min: 0, max: 1, step: 0.3 })).toEqual([0, 0.3, 0.6, 0.9])
    expect(levelsOf({ type: 'float', min: 0.1, max: 1, step: 0.25, scale: 'log' })).toEqual([
      0.1, 0.35, 0.6, 0.85,
    ])
  })

  it('with a step accept every k × step as doubles have it, and keep it as the decimal it is', () => {
    const space = spaceOf({ type: 'float', min: 0, max: 1_000_000, step: 0.01 })
    const stream = randomStream(1, 'steps')
    for (const k of [41_702_210, 99_999_999, 1, ...Array.from({ length: 200 }, () => stream.integer(1e8))]) {
      const [given, meant] = [{ x: k * 0.01 }, { x: Number(`${k}e-2`) }]
      expect(space.check(given)).toEqual([])
      expect(space.own(given)).toEqual(meant)
      expect(space.complete(given, [0.5])).toEqual(meant)
      expect(space.key(given)).toBe(space.key(meant))
      expect(space.encode(given)).toEqual(space.encode(meant))
    }
    expect(space.own({ x: 417022.10000000003 })).toEqual({ x: 417022.1 })
    // No rounding: an error of the caller's.
    for (const x of [417022.100001, 417022.105, 1_000_000.001]) {
      expect(space.check({ x })).toHaveLength(1)
      expect(space.own({ x, y: 1 } as never)).toEqual({ x, y: 1 })
    }
    const shifted = spaceOf({ type: 'float', min: -5000.3, max: 5000, step: 0.1, default: -5000.3 + 3 * 0.1 })
    for (let k = 0; k <= 100_003; k += 97) expect(shifted.check({ x: -5000.3 + k * 0.1 })).toEqual([])
    expect(shifted.centre()).toEqual({ x: -5000 })
  })

  it('without a step take what is a rounding error beyond an end for that end', () => {
    const space = spaceOf({ type: 'float', min: -0.1, max: 0.3 })
    expect(space.own({ x: 0.1 + 0.2 })).toEqual({ x: 0.3 })
    expect(space.complete({ x: 0.1 + 0.2 }, [0])).toEqual({ x: 0.3 })
    expect(space.encode({ x: 0.1 + 0.2 })[0]).toBe(1)
    expect(space.key({ x: 0.1 + 0.2 })).toBe(space.key({ x: 0.3 }))
    expect(space.own({ x: 0.2 - 0.3 })).toEqual({ x: 0.2 - 0.3 })
    for (const x of [0.3000001, -0.1000001, Number.NaN]) expect(space.check({ x })).toHaveLength(1)
    const log = spaceOf({ type: 'float', min: 1e-16, max: 1, scale: 'log' })
    expect(log.own({ x: 1 + 2 ** -52 })).toEqual({ x: 1 })
    expect(log.check({ x: 0 })).toHaveLength(1)
  })

  it('with a step accept what sums of binary fractions come to', () => {
    const space = spaceOf({ type: 'float', min: 0, max: 0.95, step: 0.05 })
    expect(0.05 * 3).not.toBe(0.15)
    expect(space.check({ x: 0.05 * 3 })).toEqual([])
    expect(space.key({ x: 0.05 * 3 })).toBe(space.key({ x: 0.15 }))
    expect(space.complete({ x: 0.05 * 3 }, [0])).toEqual({ x: 0.15 })
    expect(space.check({ x: 0.151 })).toHaveLength(1)
  })

  it('never come out as minus zero', () => {
    for (const x of [
      { type: 'float', min: -1, max: 1 },
      { type: 'float', min: -1, max: 1, step: 0.5 },
      { type: 'float', min: -0, max: 1 },
      { type: 'int', min: -2, max: 2 },
      { type: 'categorical', values: [-0, 1] },
    ] as const) {
      const at = valueAt(x)
      for (const u of [0, 0.1, 0.5 - 1e-14, 0.5, 0.5 + 1e-14]) expect(Object.is(at(u), -0)).toBe(false)
    }
  })
})

describe('ints', () => {
  it('of a linear range each have the same share of the unit interval', () => {
    const at = valueAt({ type: 'int', min: -3, max: 3 })
    const counts = new Map<unknown, number>()
    const n = 7 * 1000
    for (let i = 0; i < n; i++) {
      const value = at((i + 0.5) / n)
      counts.set(value, (counts.get(value) ?? 0) + 1)
    }
    expect([...counts]).toEqual([-3, -2, -1, 0, 1, 2, 3].map((value) => [value, 1000]))
  })

  it('are drawn equally often at random, the ends too', () => {
    const space = spaceOf({ type: 'int', min: 1, max: 10 })
    const stream = randomStream(5, 'equally often')
    const counts = new Array<number>(10).fill(0)
    for (let i = 0; i < 10_000; i++) counts[(sampleParams(space, stream).x as number) - 1]++
    // Chi-square with 9 degrees of freedom exceeds 27.9 once in a thousand.
    expect(counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(27.9)
  })

  it('on a log scale have the logarithms of their halves as cells', () => {
    const space = spaceOf({ type: 'int', min: 1, max: 4, scale: 'log' })
    const range = Math.log(4.5 / 0.5)
    for (const k of [1, 2, 3, 4]) {
      expect(space.encode({ x: k })[0]).toBeCloseTo(Math.log(k / 0.5) / range, 14)
      expect(space.decode([Math.log((k - 0.499) / 0.5) / range])).toEqual({ x: k })
      expect(space.decode([Math.log((k + 0.499) / 0.5) / range])).toEqual({ x: k })
    }
  })

  it('count their steps, the last below max', () => {
    expect(levelsOf({ type: 'int', min: 5, max: 38, step: 10 })).toEqual([5, 15, 25, 35])
    expect(levelsOf({ type: 'int', min: 1, max: 9, step: 4, scale: 'log' })).toEqual([1, 5, 9])
  })
})

describe('listed values', () => {
  it('keep their types apart', () => {
    const values = ['1', 1, true, 'true', null, 'null']
    const space = spaceOf({ type: 'categorical', values })
    expect(levelsOf({ type: 'categorical', values })).toEqual(values)
    expect(new Set(values.map((x) => space.key({ x }))).size).toBe(values.length)
    for (const x of values) expect(space.decode(space.encode({ x }))).toEqual({ x })
    expect(space.check({ x: false })).toHaveLength(1)
  })

  it('tell the search whether their order means anything', () => {
    const kinds = createSpace({
      c: { type: 'categorical', values: [1, 2, 3] },
      o: { type: 'ordinal', values: [1, 2, 3] },
      i: { type: 'int', min: 1, max: 3 },
      s: { type: 'float', min: 0, max: 1, step: 0.5 },
      f: { type: 'float', min: 1, max: 10, scale: 'log' },
    }).dimensions.map(({ kind, levels, log }) => [kind, levels, log])
    expect(kinds).toEqual([
      ['categorical', 3, false],
      ['ordered', 3, false],
      ['ordered', 3, false],
      ['ordered', 3, false],
      ['continuous', Number.POSITIVE_INFINITY, true],
    ])
  })
})

describe('the centre', () => {
  it('takes stated defaults, the middle of a scale, the first of categories', () => {
    const space = createSpace({
      rate: { type: 'float', min: 1e-4, max: 1, scale: 'log' },
      stated: { type: 'float', min: 0, max: 1, default: 0.123456789012345 },
      k: { type: 'int', min: 1, max: 9 },
      kind: { type: 'categorical', values: ['a', 'b', 'c'] },
      nothing: { type: 'categorical', values: ['a', null], default: null },
      size: { type: 'ordinal', values: [16, 32, 64] },
      ofA: { type: 'int', min: 0, max: 4, when: { kind: ['a'] } },
      ofB: { type: 'int', min: 0, max: 4, when: { kind: ['b'] } },
      epochs: 20,
    })
    expect(space.centre()).toEqual({
      rate: 0.01,
      stated: 0.123456789012345,
      k: 5,
      kind: 'a',
      nothing: null,
      size: 32,
      ofA: 2,
      epochs: 20,
    })
  })
})
