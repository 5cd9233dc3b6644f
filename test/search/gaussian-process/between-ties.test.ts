import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../src/numeric/index.js'
import { discountBetweenTies } from '../../../src/search/gaussian-process/index.js'

const numbers = (d: number) => Array.from({ length: d }, () => ({ kind: 'continuous' as const }))
const inside = Math.log(1000)
const beside = Math.log(10)

/** Discounts along a line, of losses at 0.1, 0.2, … and of two high ones at its end, so that the others are the better half. */
function alongLine(losses: readonly number[], at: readonly number[]): number[] | null {
  const points = [...losses, 9, 9].map((_, i) => [i < losses.length ? (i + 1) / 10 : 0.9 + i / 1000])
  const discount = discountBetweenTies(numbers(1), points, [...losses, 9, 8])
  return discount === null ? null : at.map((x) => discount([x]))
}

describe('what is known between params of one loss', () => {
  it('is nothing, where no two of the better half share one', () => {
    expect(alongLine([0.3, 0.1, 0.2, 0.4], [])).toBeNull()
    expect(discountBetweenTies(numbers(1), [[0.1], [0.2], [0.5]], [0.1, 0.7, 0.7])).toBeNull()
  })

  it('is that less is to be expected there, and a little less no further beside them than they lie apart', () => {
    const at = [0.09, 0.11, 0.2, 0.25, 0.3, 0.39, 0.41, 0.6]
    expect(alongLine([0.5, 0.1, 0.1], at)).toEqual([0, beside, inside, inside, inside, beside, 0, 0])
  })

  it('is known of the best ones though they are more than half', () => {
    expect(discountBetweenTies(numbers(1), [[0.1], [0.2], [0.5]], [0.1, 0.1, 0.7])!([0.15])).toBe(inside)
  })

  it('is nothing, where another loss was found between them', () => {
    expect(alongLine([0.1, 0.4, 0.1], [])).toBeNull()
    // On either side of it there are two that share theirs.
    expect(alongLine([0.1, 0.1, 0.4, 0.1, 0.1], [0.15, 0.25, 0.35, 0.45])).toEqual([
      inside,
      beside,
      beside,
      inside,
    ])
  })

  it('is nothing, where they lie further apart than half of a range', () => {
    expect(discountBetweenTies(numbers(1), [[0.1], [0.7], [0.9]], [1, 1, 2])).toBeNull()
    expect(discountBetweenTies(numbers(1), [[0.1], [0.5], [0.9]], [1, 1, 2])).not.toBeNull()
  })

  it('asks every parameter: one that the two share must be the same, a category one of theirs', () => {
    const dimensions = [...numbers(2), { kind: 'categorical' as const }]
    const points = [
      [0.2, 0.5, 0.125],
      [0.4, 0.5, 0.375],
      [0.9, 0.9, 0.875],
    ]
    const discount = discountBetweenTies(dimensions, points, [1, 1, 2])!
    expect(discount([0.3, 0.5, 0.125])).toBe(inside)
    expect(discount([0.3, 0.5, 0.375])).toBe(inside)
    expect(discount([0.3, 0.5, 0.25])).toBe(0)
    expect(discount([0.3, 0.5, 0.875])).toBe(0)
    expect(discount([0.3, 0.51, 0.125])).toBe(0)
    expect(discount([0.5, 0.5, 0.125])).toBe(beside)
  })

  it('is the same of boxes of any number as of each pair by itself, of the newest 24 of a loss', () => {
    const random = randomStream(3, 'ties')
    const points = Array.from({ length: 240 }, () => [random.next(), random.next()])
    const step = ([x, y]: number[]) => Math.floor(3 * x) + 10 * Math.floor(2 * y)
    const losses = points.map(step)
    const discount = discountBetweenTies(numbers(2), points, losses)!
    const median = [...losses].sort((a, b) => a - b)[120]
    let found = 0
    for (let k = 0; k < 300; k++) {
      const at = [random.next(), random.next()]
      const isBetween = points.some((a, i) => {
        const same = points.filter((_, j) => losses[j] === losses[i]).slice(-24)
        return (
          losses[i] < median &&
          same.includes(a) &&
          same.some((b) => at.every((v, c) => v >= Math.min(a[c], b[c]) && v <= Math.max(a[c], b[c])))
        )
      })
      // Steps are rectangles less than half as wide: no box has another loss in it.
      expect(discount(at) === inside).toBe(isBetween)
      if (isBetween) found++
    }
    expect(found).toBeGreaterThan(50)
  })
})
