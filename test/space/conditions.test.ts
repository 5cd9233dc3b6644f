/** `when`: what is active, how many params and cells there are, and in which order the grid goes. */
import { describe, expect, it } from 'vitest'
import { createSpace } from '../../src/space/index.js'

describe('conditions', () => {
  it('make parameters come and go with their parents, whatever the order in the file', () => {
    const space = createSpace({
      momentum: { type: 'float', min: 0, max: 0.9, step: 0.3, when: { optimizer: ['sgd'] } },
      nesterov: { type: 'categorical', values: [true, false], when: { momentum: [0.6, 0.9] } },
      optimizer: { type: 'categorical', values: ['adam', 'sgd'] },
      fixed: { type: 'constant', value: 7, when: { optimizer: ['adam'] } },
    })
    expect(space.decode([0.9, 0.9, 0.1])).toEqual({ optimizer: 'adam', fixed: 7 })
    expect(space.decode([0.1, 0.9, 0.9])).toEqual({ momentum: 0, optimizer: 'sgd' })
    expect(space.decode([0.9, 0.9, 0.9])).toEqual({ momentum: 0.9, nesterov: false, optimizer: 'sgd' })
    expect(Array.from(space.encode({ optimizer: 'adam', fixed: 7 }))).toEqual([0.5, 0.5, 0.25])
    expect(Array.from(space.encode({ optimizer: 'adam' }))).toEqual([0.5, 0.5, 0.25])
    // adam; sgd with two momenta without nesterov, and two with either.
    expect(space.size).toBe(1 + 2 + 2 * 2)
    expect([...space.gridCells()]).toHaveLength(7)
  })

  it('need all of several parents', () => {
    const space = createSpace({
      a: { type: 'int', min: 1, max: 3 },
      b: { type: 'categorical', values: ['x', 'y'] },
      c: { type: 'ordinal', values: [1, 2, 3, 4], when: { a: [2, 3], b: ['y'] } },
    })
    expect(space.size).toBe(6 - 2 + 2 * 4)
    expect([...space.gridCells()].filter((cell) => 'c' in cell)).toHaveLength(8)
  })

  it('on a constant hold whenever the constant exists', () => {
    const space = createSpace({
      mode: 'fast',
      below: { type: 'int', min: 0, max: 1, when: { mode: ['fast', 'fast'].slice(1) } },
    })
    expect(space.size).toBe(2)
    expect([...space.gridCells()]).toEqual([
      { mode: 'fast', below: 0 },
      { mode: 'fast', below: 1 },
    ])
  })

  it('let given params choose the parents they need', () => {
    const space = createSpace({
      optimizer: { type: 'categorical', values: ['adam', 'sgd', 'rmsprop'] },
      momentum: { type: 'float', min: 0, max: 1, when: { optimizer: ['sgd', 'rmsprop'] } },
      decay: { type: 'float', min: 0, max: 1, when: { optimizer: ['adam', 'rmsprop'] } },
    })
    const adam = [0, 0.5, 0.5]
    expect(space.complete({ momentum: 0.9 }, adam)).toEqual({ optimizer: 'sgd', momentum: 0.9 })
    expect(space.complete({ momentum: 0.9, decay: 0.1 }, adam)).toEqual({
      optimizer: 'rmsprop',
      momentum: 0.9,
      decay: 0.1,
    })
    expect(space.checkPartial({ momentum: 0.9, decay: 0.1 })).toEqual([])
    // What does not fit is taken over, for `check` to tell.
    const wrong = space.complete({ optimizer: 'adam', momentum: 0.9 }, adam)
    expect(wrong).toEqual({ optimizer: 'adam', momentum: 0.9, decay: 0.5 })
    expect(space.check(wrong)).toHaveLength(1)
  })
})

describe('the size', () => {
  it('is Infinity with one continuous parameter, and exact as a number of many digits', () => {
    expect(createSpace({ a: { type: 'float', min: 0, max: 1 } }).size).toBe(Number.POSITIVE_INFINITY)
    const ints = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [`p${i}`, { type: 'int', min: 1, max: 10 } as const]),
    )
    expect(createSpace(ints).size).toBe(1e30)
    const many = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [`p${i}`, { type: 'int', min: 1, max: 10_000 } as const]),
    )
    expect(createSpace(many).size).toBe(Number.MAX_VALUE)
  })

  it('of a hundred parameters in a chain or a comb of conditions is counted at once', () => {
    const chain = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [
        `p${i}`,
        { type: 'categorical', values: [0, 1], ...(i > 0 && { when: { [`p${i - 1}`]: [1] } }) } as const,
      ]),
    )
    expect(createSpace(chain).size).toBe(101)
    const comb = Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [
        [`p${i}`, { type: 'categorical', values: [0, 1] } as const],
        [
          `q${i}`,
          {
            type: 'categorical',
            values: [0, 1, 2],
            when: { [`p${i}`]: [1], [`p${(i + 1) % 50}`]: [1] },
          } as const,
        ],
      ]).flat(),
    )
    const space = createSpace(comb)
    // Trace of the 50th power of the transfer matrix [[1, 1], [1, 3]], whose eigenvalues are 2 ± √2.
    expect(space.size / ((2 + Math.SQRT2) ** 50 + (2 - Math.SQRT2) ** 50)).toBeCloseTo(1, 12)
    expect(space.gridSize).toBe(space.size)
  })
})

describe('the grid', () => {
  it('varies the first parameter slowest, in value order', () => {
    const space = createSpace({
      a: { type: 'ordinal', values: ['low', 'high'] },
      b: { type: 'float', min: 0, max: 1, grid: 3 },
      c: { type: 'int', min: 1, max: 2 },
      d: 'fixed',
    })
    expect([...space.gridCells()].map(({ a, b, c }) => `${a} ${b} ${c}`)).toEqual(
      ['low', 'high'].flatMap((a) => [0, 0.5, 1].flatMap((b) => [1, 2].map((c) => `${a} ${b} ${c}`))),
    )
    expect(space.gridSize).toBe(12)
  })

  it('leaves out cells that differ only in what is inactive', () => {
    const space = createSpace({
      optimizer: { type: 'categorical', values: ['adam', 'sgd'] },
      momentum: { type: 'float', min: 0, max: 1, grid: 3, when: { optimizer: ['sgd'] } },
    })
    expect([...space.gridCells()]).toEqual([
      { optimizer: 'adam' },
      { optimizer: 'sgd', momentum: 0 },
      { optimizer: 'sgd', momentum: 0.5 },
      { optimizer: 'sgd', momentum: 1 },
    ])
    expect(space.gridSize).toBe(4)
  })

  it('counts a parameter listed before its parent as listed after it', () => {
    const space = createSpace({
      child: { type: 'int', min: 1, max: 2, when: { parent: ['on'] } },
      parent: { type: 'categorical', values: ['on', 'off'] },
    })
    expect([...space.gridCells()]).toEqual([
      { child: 1, parent: 'on' },
      { child: 2, parent: 'on' },
      { parent: 'off' },
    ])
  })

  it('takes points evenly over the scale, ends included', () => {
    const points = (x: object) => [...createSpace({ x: x as never }).gridCells()].map((cell) => cell.x)
    expect(points({ type: 'float', min: 0, max: 1 })).toEqual([0, 0.25, 0.5, 0.75, 1])
    expect(points({ type: 'float', min: 1e-4, max: 1, scale: 'log', grid: 3 })).toEqual([1e-4, 0.01, 1])
    expect(points({ type: 'float', min: 0, max: 1, grid: 1 })).toEqual([0.5])
    expect(points({ type: 'float', min: 0, max: 1, step: 0.25, grid: 3 })).toEqual([0, 0.5, 1])
    expect(points({ type: 'int', min: 1, max: 40, scale: 'log', grid: 5 })).toEqual([1, 3, 6, 16, 40])
    expect(points({ type: 'int', min: 1, max: 10, scale: 'log', grid: 8 })).toEqual([1, 2, 3, 4, 5, 6, 7, 10])
    expect(points({ type: 'int', min: 0, max: 100, grid: 5 })).toEqual([0, 25, 50, 75, 100])
    expect(points({ type: 'int', min: 1, max: 3, grid: 9 })).toEqual([1, 2, 3])
    expect(points({ type: 'float', min: 1, max: 1 + 2 ** -52 })).toEqual([1, 1 + 2 ** -52])
  })

  it('leaves out children whose parent is never at their values on the grid', () => {
    const space = createSpace({
      k: { type: 'int', min: 0, max: 100, grid: 3 },
      odd: { type: 'int', min: 1, max: 9, when: { k: [1, 50] } },
    })
    expect(space.gridSize).toBe(1 + 9 + 1)
    expect([...space.gridCells()]).toHaveLength(11)
  })

  it('is walked lazily, however large', () => {
    const ints = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [`p${i}`, { type: 'int', min: 1, max: 1000 } as const]),
    )
    const space = createSpace(ints)
    expect(space.gridSize).toBe(1e300)
    const cells = space.gridCells()
    expect(cells.next().value.p99).toBe(1)
    expect(cells.next().value.p99).toBe(2)
  })
})
