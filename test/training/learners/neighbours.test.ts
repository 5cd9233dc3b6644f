/** The search for neighbours finds what sorting all rows by (distance, place) finds, bit by bit. */
import { describe, expect, it } from 'vitest'
import { type RandomStream, randomStream } from '../../../src/numeric/index.js'
import { type DistanceName, lengths, NeighbourSearch } from '../../../src/training/learners/neighbours.js'
import type { Matrix } from '../../../src/training/matrix.js'

type Sum = (sum: number, difference: number) => number
const sums: Record<'euclidean' | 'manhattan' | 'chebyshev', Sum> = {
  euclidean: (sum, difference) => sum + difference * difference,
  manhattan: (sum, difference) => sum + Math.abs(difference),
  chebyshev: (sum, difference) => Math.max(sum, Math.abs(difference)),
}

function matrix(rows: number, columns: number, value: () => number): Matrix {
  return { rows, columns, values: Float64Array.from({ length: rows * columns }, value) }
}

/** As `nearest` gives it. */
function bySorting(x: Matrix, asked: Matrix, sum: Sum, k: number) {
  const d = x.columns
  const places: number[] = []
  const distances: number[] = []
  for (let q = 0; q < asked.rows; q++) {
    const all = Array.from({ length: x.rows }, (_, i) => {
      let total = 0
      for (let j = 0; j < d; j++) total = sum(total, asked.values[q * d + j] - x.values[i * d + j])
      return [total, i]
    })
    all.sort(([a, i], [b, j]) => (a === b ? i - j : a < b ? -1 : 1))
    for (const [total, i] of all.slice(0, k)) {
      places.push(i)
      distances.push(total)
    }
  }
  return { k, places: Int32Array.from(places), distances: Float64Array.from(distances) }
}

/** What makes bounds hard: ties, sizes far from each other, values far from 0, what under- and overflows. */
const kinds: Record<string, (random: RandomStream) => () => number> = {
  normal: (random) => () => random.normal(),
  'two digits': (random) => () => random.integer(3) / 10,
  'far from 0': (random) => () => 1e9 + random.next(),
  outliers: (random) => () => (random.next() < 0.05 ? 1e4 : 1) * random.normal(),
  'some of 1e300': (random) => () => (random.next() < 0.05 ? 1e300 : 1) * random.normal(),
  'all of 1e300': (random) => () => 1e300 * random.normal(),
  'tiny ones': (random) => () => 1e-30 * random.normal(),
  'ones that underflow': (random) => () => 1e-170 * random.normal(),
  'tiny beside large ones': (random) => () => (random.next() < 0.5 ? 1e-25 : 1e14) * random.normal(),
  'all the same': () => () => 0.1,
}

describe.each(Object.keys(kinds))('%s', (kind) => {
  it.each(Object.keys(sums) as (keyof typeof sums)[])('by %s distance', (distance) => {
    for (let trial = 0; trial < 12; trial++) {
      const random = randomStream(trial, kind)
      const value = kinds[kind](random)
      const rows = trial === 0 ? 1300 : 1 + random.integer(90)
      const columns = 1 + random.integer(trial % 3 === 0 ? 70 : 8)
      const x = matrix(rows, columns, value)
      const asked = matrix(1 + random.integer(trial === 1 ? 150 : 9), columns, value)
      const k = trial === 0 ? 3 : 1 + random.integer(trial % 2 === 0 ? rows : Math.min(rows, 6))
      const found = new NeighbourSearch(x, distance).nearest(asked, k)
      expect(found).toEqual(bySorting(x, asked, sums[distance], k))
    }
  })
})

it('more rows at one distance than are noted are all judged', () => {
  const random = randomStream(1, 'ties')
  const x = matrix(3000, 2, () => random.integer(2))
  const asked = matrix(9, 2, () => random.integer(2))
  const found = new NeighbourSearch(x, 'euclidean').nearest(asked, 40)
  expect(found).toEqual(bySorting(x, asked, sums.euclidean, 40))
})

it('a list of few neighbours is the beginning of one of many', () => {
  const random = randomStream(2, 'prefix')
  const x = matrix(200, 3, () => random.integer(6))
  const asked = matrix(30, 3, () => random.integer(6))
  for (const distance of ['euclidean', 'cosine'] as const) {
    const search = new NeighbourSearch(x, distance)
    const many = search.nearest(asked, 150)
    for (const k of [1, 2, 7, 33, 149]) {
      const few = search.nearest(asked, k)
      for (let q = 0; q < asked.rows; q++) {
        const some = (all: Int32Array | Float64Array, of: number) => all.subarray(q * of, q * of + k)
        expect(some(few.places, k)).toEqual(some(many.places, 150))
        expect(some(few.distances, k)).toEqual(some(many.distances, 150))
      }
    }
  }
})

it('the cosine distance is one less the cosine, and 1 from a row of zeros', () => {
  const x: Matrix = {
    rows: 5,
    columns: 2,
    values: Float64Array.of(3, 0, 0, 7, -1e200, -1e200, 0, 0, 1e-200, 1e-200),
  }
  const ask = (distance: DistanceName, ...values: number[]) => {
    const { places, distances } = new NeighbourSearch(x, distance).nearest(
      { rows: 1, columns: 2, values: Float64Array.from(values) },
      5,
    )
    return [Array.from(places), lengths(distance, distances)] as const
  }
  const [places, found] = ask('cosine', 2, 1)
  expect(places).toEqual([4, 0, 1, 3, 2])
  const expected = [
    1 - 3 / Math.sqrt(10),
    1 - 2 / Math.sqrt(5),
    1 - 1 / Math.sqrt(5),
    1,
    1 + 3 / Math.sqrt(10),
  ]
  expected.forEach((distance, i) => {
    expect(found[i]).toBeCloseTo(distance, 14)
  })
  const [order, ofZeros] = ask('cosine', 0, 0)
  expect(order).toEqual([0, 1, 2, 3, 4])
  expect(Array.from(ofZeros)).toEqual([1, 1, 1, 1, 1])
  expect(Array.from(ask('euclidean', 3, 4)[1].subarray(0, 3))).toEqual(
    [Math.sqrt(18), 4, 5].sort((a, b) => a - b),
  )
})
