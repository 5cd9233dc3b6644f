import { describe, expect, it } from 'vitest'
import { plateauOf } from '../../../src/search/gaussian-process/index.js'

const line = (n: number) => Array.from({ length: n }, (_, i) => [i / n])

describe('what an improvement has to be on a staircase', () => {
  it('anything, where no two params share the best loss', () => {
    expect(plateauOf(line(5), [0.3, 0.1, 0.3, 0.3, 0.8])).toEqual({ ties: 1, demand: 0 })
    expect(plateauOf(line(1), [0.3])).toEqual({ ties: 1, demand: 0 })
  })

  it('the median of the lowest five steps where two share it', () => {
    // Steps from the bottom up: 0.01, 0.02, 0.04, 0.08, 0.16; and one of 5 that lies too high to be asked.
    const losses = [5.31, 0.15, 0.01, 0, 0.03, 0.07, 0, 0.31]
    const { ties, demand } = plateauOf(line(8), losses)
    expect(ties).toBe(2)
    expect(demand).toBeCloseTo(0.04, 12)
  })

  it('one step more with every doubling of the ties, up to a deviation', () => {
    const demand = (ties: number) => plateauOf(line(ties + 1), [...new Array(ties).fill(0), 0.2]).demand
    expect([2, 4, 8, 16, 32, 64].map(demand)).toEqual(
      [2, 4, 6, 8, 10, 10].map((v) => v / 10).map((v) => expect.closeTo(v, 12)),
    )
  })

  it('nothing more where the same params were tried again', () => {
    expect(plateauOf([[0.5], [0.5], [0.7]], [0, 0, 1])).toEqual({ ties: 1, demand: 0 })
  })

  it('nothing more where all losses are equal', () => {
    expect(plateauOf(line(3), [0, 0, 0])).toEqual({ ties: 3, demand: 0 })
  })
})
