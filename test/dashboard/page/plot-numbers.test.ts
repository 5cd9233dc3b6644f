import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitted, logTicks, numberAxis } from '../../../src/dashboard/page/plots/axes.js'
import { bestSeries, shareSeries } from '../../../src/dashboard/page/plots/compare.js'
import { frontOf } from '../../../src/dashboard/page/plots/front.js'
import { spread } from '../../../src/dashboard/page/plots/labels.js'
import {
  clockTicks,
  elapsedTicks,
  logTickText,
  shortNumber,
  tickTexts,
} from '../../../src/dashboard/page/plots/numbers.js'
import { isolated, sampled } from '../../../src/dashboard/page/plots/parallel-lines.js'
import { nearest } from '../../../src/dashboard/page/plots/points.js'
import {
  bestSoFar,
  clipRange,
  extentOf,
  histogram,
  predictionError,
  quantile,
  smoothed,
} from '../../../src/dashboard/page/plots/statistics.js'
import { curvesOf } from '../../../src/dashboard/page/plots/steps.js'

const values = fc.array(fc.oneof(fc.integer({ min: -20, max: 20 }), fc.constant(Number.NaN)), {
  maxLength: 40,
})

describe('the front', () => {
  const sides = fc.constantFrom('maximize', 'minimize') as fc.Arbitrary<'maximize' | 'minimize'>

  it('has the trials that no other dominates, and no others', () => {
    fc.assert(
      fc.property(values, values, sides, sides, (xs, ys, sideX, sideY) => {
        const count = Math.min(xs.length, ys.length)
        const rows = Array.from({ length: count }, (_, row) => row)
        const [sx, sy] = [sideX, sideY].map((side) => (side === 'maximize' ? -1 : 1))
        const dominates = (a: number, b: number) =>
          sx * xs[a] <= sx * xs[b] &&
          sy * ys[a] <= sy * ys[b] &&
          (sx * xs[a] < sx * xs[b] || sy * ys[a] < sy * ys[b])
        const known = rows.filter((row) => !Number.isNaN(xs[row]) && !Number.isNaN(ys[row]))
        const wanted = known.filter((row) => !known.some((other) => dominates(other, row)))
        const front = frontOf(xs, ys, [sideX, sideY], rows)
        expect([...front].sort((a, b) => a - b)).toEqual(wanted)
      }),
    )
  })
})

describe('best so far', () => {
  it('is the best of all up to each place', () => {
    fc.assert(
      fc.property(values, (list) => {
        const best = bestSoFar(list, 'minimize')
        for (const index of list.keys()) {
          const seen = list.slice(0, index + 1).filter((value) => !Number.isNaN(value))
          expect(best[index]).toBe(seen.length === 0 ? Number.NaN : Math.min(...seen))
        }
      }),
    )
  })

  it('as a series has a place for each improvement, and the end', () => {
    const course = [3, Number.NaN, 5, 4, 6, 6].map((value, at) => ({ at, value }))
    expect(bestSeries('a', 0, course, 'maximize')).toMatchObject({ at: [0, 2, 4, 5], values: [3, 5, 6, 6] })
    expect(bestSeries('a', 0, [], 'maximize').at).toEqual([])
  })

  it('shares rise to all', () => {
    expect(shareSeries('a', 0, [2, Number.NaN, 1, 4])).toMatchObject({ at: [1, 2, 4] })
    expect(shareSeries('a', 0, [2, 1]).values).toEqual([50, 100])
  })
})

describe('the range worth showing', () => {
  it('keeps the better side whole, and leaves out what is far on the worse', () => {
    const list = [...Array.from({ length: 30 }, (_, k) => 0.9 + k * 0.003), -1e9]
    expect(clipRange(list, 'maximize')).toMatchObject({ max: 0.987, over: 1 })
    expect(clipRange(list, 'maximize').min).toBeGreaterThan(0)
    expect(clipRange(list, 'minimize')).toEqual({ min: -1e9, max: 0.987, over: 0 })
  })

  it('is all where nothing stands out, few are, or all are equal', () => {
    const even = Array.from({ length: 50 }, (_, k) => k)
    expect(clipRange(even, 'maximize')).toEqual({ min: 0, max: 49, over: 0 })
    expect(clipRange([1, 2, 1e9], 'minimize')).toEqual({ min: 1, max: 1e9, over: 0 })
    expect(clipRange(new Array(20).fill(3), 'minimize')).toEqual({ min: 3, max: 3, over: 0 })
  })
})

describe('numbers of axes', () => {
  it('have the digits that tell them apart', () => {
    expect(tickTexts([0, 0.25, 0.5])).toEqual(['0.00', '0.25', '0.50'])
    expect(tickTexts([-10, 0, 10])).toEqual(['−10', '0', '10'])
    expect(tickTexts([0, 20_000])).toEqual(['0', '20\u202f000'])
    expect(tickTexts([0, 2e-6])).toEqual(['0', '2×10⁻⁶'])
    expect(tickTexts([1.5e8, 2e8])).toEqual(['1.5×10⁸', '2.0×10⁸'])
    expect(new Set(tickTexts([0.99991, 0.99992, 0.99993])).size).toBe(3)
  })

  it('by decades are powers or round numbers', () => {
    expect(logTicks(1e-5, 0.1, 5)).toEqual([1e-5, 1e-4, 1e-3, 0.01, 0.1])
    expect(logTicks(0.5, 3, 5)).toEqual([0.5, 1, 2])
    expect([1e-5, 0.001, 0.3, 1000, 1e7].map(logTickText)).toEqual(['10⁻⁵', '0.001', '0.3', '1000', '10⁷'])
  })

  it('a range of one value has it in its middle', () => {
    const axis = numberAxis({ min: 3, max: 3, log: false, integer: false }, 0, 100)
    expect(axis.at(3)).toBe(50)
    expect(axis.invert(50)).toBe(3)
  })

  it('a log axis has no place for zero, and one without numbers has none at all', () => {
    const axis = numberAxis({ min: 1, max: 100, log: true, integer: false }, 0, 100)
    expect(axis.at(10)).toBeCloseTo(50)
    expect(axis.at(0)).toBeNaN()
    expect(numberAxis({ min: Number.NaN, max: Number.NaN, log: false, integer: false }, 0, 9).ticks).toEqual(
      [],
    )
  })

  it('times are at steps of clocks', () => {
    expect(elapsedTicks(0, 150, 6).map(({ text }) => text)).toEqual([
      '0',
      '30 s',
      '1:00',
      '1:30',
      '2:00',
      '2:30',
    ])
    expect(elapsedTicks(0, 7200, 5).map(({ text }) => text)).toEqual([
      '0',
      '30 min',
      '1 h 00',
      '1 h 30',
      '2 h 00',
    ])
    for (const span of [3, 17, 19, 20, 90, 400, 999, 1500]) {
      const short = clockTicks(1_790_000_000_123, 1_790_000_000_123 + span, 10, 0)
      expect(short.length).toBeLessThanOrEqual(11)
      expect([span, new Set(short.map(({ text }) => text)).size]).toEqual([span, short.length])
    }
    const from = Date.UTC(2026, 0, 5, 22, 50)
    expect(clockTicks(from, from + 3_600_000, 4, 60).map(({ text }) => text)).toEqual(
      ['00:00', '00:15', '00:30', '00:45'].slice(0, 4),
    )
  })

  it('in words are short', () => {
    expect([0.976105, 1234, 1e-7, 123456.7].map((value) => shortNumber(value))).toEqual([
      '0.9761',
      '1234',
      '10⁻⁷',
      '123\u202f500',
    ])
  })
})

describe('statistics', () => {
  it('quantiles lie between the values', () => {
    expect(quantile([1, 2, 4], 0.5)).toBe(2)
    expect(quantile([1, 2], 0.5)).toBe(1.5)
    expect(quantile([], 0.5)).toBeNaN()
  })

  it('an extent passes over what is no number', () => {
    expect(extentOf([Number.NaN, 2], [Number.POSITIVE_INFINITY, -1])).toEqual({ min: -1, max: 2 })
    expect(extentOf([Number.NaN])).toBeNull()
  })

  it('a histogram counts each value within its bounds once', () => {
    expect([...histogram([0, 0.5, 1, 2, Number.NaN, -1], 0, 1, 2)]).toEqual([1, 2])
  })

  it('smoothing keeps a constant, starts at the first value, and passes over gaps', () => {
    expect(smoothed([2, 2, 2], 0.9)).toEqual([2, 2, 2])
    expect(smoothed([1, 3], 0.5)).toEqual([1, 3.5 / 1.5])
    expect(smoothed([1, Number.NaN, 1], 0.5)).toEqual([1, Number.NaN, 1])
    expect(smoothed([4, 1], 0)).toEqual([4, 1])
  })

  it('the error of predictions is of those that came', () => {
    expect(predictionError([1, 2, Number.NaN], [0.1, 1, 1], [1.5, 2.25, 3])).toEqual({
      median: 0.375,
      within: 1,
      count: 2,
    })
    expect(predictionError([Number.NaN], [1], [1])).toBeNull()
  })
})

describe('many lines', () => {
  it('are sampled with the best, and evenly of the others', () => {
    const rows = Array.from({ length: 10_000 }, (_, k) => k)
    const some = sampled(rows, 200)
    expect(some.length).toBeLessThanOrEqual(201)
    expect(some.slice(0, 50)).toEqual(rows.slice(0, 50))
    const others = some.slice(50)
    expect(new Set(others.slice(1).map((row, k) => row - others[k])).size).toBe(1)
    expect(sampled(rows.slice(0, 200), 200)).toHaveLength(200)
  })

  it('the one under the pointer is found between two axes', () => {
    const axes = [
      { at: 0, places: Float32Array.of(0, 100) },
      { at: 100, places: Float32Array.of(100, 0) },
    ]
    const mask = Uint8Array.of(1, 1)
    expect(isolated(axes, 25, 26, mask, [1, 0])).toBe(0)
    expect(isolated(axes, 25, 74, mask, [1, 0])).toBe(1)
    expect(isolated(axes, 25, 26, Uint8Array.of(0, 1), [1, 0])).toBe(-1)
  })

  it('the nearest point is found among those that are selected', () => {
    const [xs, ys] = [
      [0, 10, 10],
      [0, 0, 0],
    ]
    expect(nearest(xs, ys, 9, 0, 5)).toBe(2)
    expect(nearest(xs, ys, 9, 0, 5, Uint8Array.of(1, 1, 0))).toBe(1)
    expect(nearest(xs, ys, 50, 0, 5)).toBe(-1)
  })
})

describe('words', () => {
  it('stand apart, near where they belong, within their bounds', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 250 }), { maxLength: 8 }), (places) => {
        const placed = spread(
          places.map((y) => ({ y })),
          20,
          0,
          200,
        )
        for (const [index, { at }] of placed.entries()) {
          expect(at).toBeGreaterThanOrEqual(0)
          expect(at).toBeLessThanOrEqual(200)
          if (index > 0) expect(at - placed[index - 1].at).toBeGreaterThanOrEqual(20 - 1e-9)
        }
      }),
    )
    expect(spread([{ y: 10 }, { y: 100 }], 20, 0, 200).map(({ at }) => at)).toEqual([10, 100])
  })

  it('are cut where they do not fit, between characters', () => {
    const measure = (text: string) => [...text].length * 10
    expect(fitted('learning_rate', 200, measure)).toBe('learning_rate')
    expect(fitted('learning_rate', 60, measure)).toBe('learn…')
    expect(fitted('a😀😀😀', 30, measure)).toBe('a😀…')
  })
})

describe('curves', () => {
  it('of training and validation belong together, however they are spelt', () => {
    expect(curvesOf(['loss', 'val_loss', 'accuracy'])).toEqual([
      { main: 'val_loss', training: 'loss' },
      { main: 'accuracy', training: null },
    ])
    expect(curvesOf(['trainError', 'validationError'])).toEqual([
      { main: 'validationError', training: 'trainError' },
    ])
    expect(curvesOf(['training_loss', 'eval/loss'])).toEqual([
      { main: 'eval/loss', training: 'training_loss' },
    ])
    expect(curvesOf(['value', 'validity'])).toEqual([
      { main: 'value', training: null },
      { main: 'validity', training: null },
    ])
  })
})
