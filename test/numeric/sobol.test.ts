import { describe, expect, it } from 'vitest'
import { sobolDimensions, sobolSequence } from '../../src/numeric/index.js'

/** The middle of a cell of 2^-32 is what the library gives; published values are the cell's lower end. */
const lowerEnd = (point: Float64Array) => Array.from(point, (u) => u - 2 ** -33)

/** Points 0 … n − 1, coordinate by coordinate. */
function columns(dimensions: number, n: number, seed: number | null): Float64Array[] {
  const sequence = sobolSequence(dimensions, seed)
  const result = Array.from({ length: dimensions }, () => new Float64Array(n))
  const point = new Float64Array(dimensions)
  for (let i = 0; i < n; i++) {
    sequence.pointInto(i, point)
    for (let j = 0; j < dimensions; j++) result[j][i] = point[j]
  }
  return result
}

/** How many points fall in each of 2^a × 2^b boxes: [smallest, largest] count. */
function boxCounts(x: Float64Array, y: Float64Array, n: number, a: number, b: number): [number, number] {
  const counts = new Uint32Array(2 ** (a + b))
  for (let i = 0; i < n; i++) counts[Math.floor(x[i] * 2 ** a) * 2 ** b + Math.floor(y[i] * 2 ** b)]++
  return [Math.min(...counts), Math.max(...counts)]
}

/** The least t for which these 2^m points are a (t, m, 2)-net. */
function quality(x: Float64Array, y: Float64Array, m: number): number {
  for (let t = 0; ; t++) {
    const holds = Array.from({ length: m - t + 1 }, (_, a) => boxCounts(x, y, 2 ** m, a, m - t - a))
    if (holds.every(([least, most]) => least === 2 ** t && most === 2 ** t)) return t
  }
}

describe('unscrambled points are those of Joe and Kuo', () => {
  it('the first 8 points in 8 dimensions', () => {
    // scipy 1.17.1: qmc.Sobol(8, scramble=False).random(8)
    const published = [
      [0, 0, 0, 0, 0, 0, 0, 0],
      [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
      [0.75, 0.25, 0.25, 0.25, 0.75, 0.75, 0.25, 0.75],
      [0.25, 0.75, 0.75, 0.75, 0.25, 0.25, 0.75, 0.25],
      [0.375, 0.375, 0.625, 0.875, 0.375, 0.125, 0.375, 0.875],
      [0.875, 0.875, 0.125, 0.375, 0.875, 0.625, 0.875, 0.375],
      [0.625, 0.125, 0.875, 0.625, 0.625, 0.875, 0.125, 0.125],
      [0.125, 0.625, 0.375, 0.125, 0.125, 0.375, 0.625, 0.625],
    ]
    const sequence = sobolSequence(8, null)
    expect(published.map((_, i) => lowerEnd(sequence.point(i)))).toEqual(published)
  })

  it('far points of high dimensions', () => {
    // scipy 1.17.1: qmc.Sobol(256, scramble=False, bits=32).random(65536)[index, dimension - 1] * 2**32
    const published: Record<number, Record<number, number>> = {
      1000: { 2: 415236096, 10: 297795584, 50: 2059403264, 100: 801112064, 200: 3619684352, 256: 1069547520 },
      65535: {
        2: 4294901760,
        10: 703922176,
        50: 1057685504,
        100: 2030501888,
        200: 192217088,
        256: 604307456,
      },
    }
    const sequence = sobolSequence(256, null)
    for (const [index, row] of Object.entries(published)) {
      const point = lowerEnd(sequence.point(Number(index)))
      for (const [dimension, value] of Object.entries(row)) {
        expect(point[Number(dimension) - 1] * 2 ** 32).toBe(value)
      }
    }
  })
})

describe.each([null, 0, 7, Number.MAX_SAFE_INTEGER])('the points of seed %s are spread evenly', (seed) => {
  it('every prefix of 2^m points, and every later block, has one point in each of 2^m intervals, in all dimensions', () => {
    const n = 256
    const sequence = columns(sobolDimensions, 2 * n, seed)
    for (const x of sequence) {
      for (let m = 0; m <= 8; m++) {
        for (let start = 0; start < 2 * n; start += 2 ** m) {
          const cells = new Set(Array.from(x.subarray(start, start + 2 ** m), (u) => Math.floor(u * 2 ** m)))
          if (cells.size !== 2 ** m) expect.fail(`interval without a point at 2^${m} points from ${start}`)
        }
      }
    }
  })

  it('the pairs of the first dimensions are (t, m, 2)-nets of the quality they have unscrambled', () => {
    // The largest t over m = 1 … 8 for pairs (1,2), (1,3) … (5,6), worked out from scipy's points.
    const unscrambled = [0, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 2, 2, 2, 3]
    const points = columns(6, 256, seed)
    const found: number[] = []
    for (let a = 0; a < 6; a++) {
      for (let b = a + 1; b < 6; b++) {
        found.push(Math.max(...[1, 2, 3, 4, 5, 6, 7, 8].map((m) => quality(points[a], points[b], m))))
      }
    }
    expect(found).toEqual(unscrambled)
  })
})

describe('scrambled points', () => {
  it('are never 0 nor 1', () => {
    for (let seed = 0; seed < 50; seed++) {
      for (const x of columns(20, 200, seed)) expect(x.every((u) => u > 0 && u < 1)).toBe(true)
    }
    const last = sobolSequence(5, 3).point(2 ** 32 - 1)
    expect(last.every((u) => u > 0 && u < 1)).toBe(true)
  })

  it('depend on the seed and the purpose alone, not on the order or the number of calls', () => {
    const sequence = sobolSequence(300, 11, 'here')
    const backwards = [900, 5, 77, 0].map((i) => sequence.point(i))
    const again = sobolSequence(300, 11, 'here')
    expect([0, 77, 5, 900].map((i) => again.point(i)).reverse()).toEqual(backwards)
    expect(sobolSequence(300, 12, 'here').point(5)).not.toEqual(sequence.point(5))
    expect(sobolSequence(300, 11, 'there').point(5)).not.toEqual(sequence.point(5))
  })

  it('keep these values, on which recorded sweeps rest', () => {
    const point = sobolSequence(3, 7, 'sobol-search').point(10)
    expect(Array.from(point, (u) => Math.floor(u * 2 ** 32))).toEqual([3010827111, 1824925045, 2674852501])
  })

  it('are uniform one by one: the mean over seeds of any point is the middle, its variance 1/12', () => {
    const seeds = 2000
    for (const index of [0, 1, 6]) {
      let sum = 0
      let squares = 0
      for (let seed = 0; seed < seeds; seed++) {
        const u = sobolSequence(2, seed).point(index)[1] - 0.5
        sum += u
        squares += u * u
      }
      // Standard errors: 0.2887/√2000 = 0.0065 and (1/12)·√0.8/√2000 = 0.0017; we allow four of them.
      expect(Math.abs(sum / seeds)).toBeLessThan(0.026)
      expect(Math.abs(squares / seeds - 1 / 12)).toBeLessThan(0.007)
    }
  })

  it('integrate a smooth function far better than random points', () => {
    // The integral of Π (1 + (u − ½)) over the cube is 1; 1,024 random points have a standard error near 0.02.
    const errors = Array.from({ length: 20 }, (_, seed) => {
      const points = columns(5, 1024, seed)
      let sum = 0
      for (let i = 0; i < 1024; i++) sum += points.reduce((product, x) => product * (0.5 + x[i]), 1)
      return Math.abs(sum / 1024 - 1)
    })
    expect(Math.max(...errors)).toBeLessThan(0.002)
  })
})

describe('dimensions beyond the table', () => {
  it('are seeded random numbers behind the Sobol coordinates', () => {
    const n = 500
    const wide = columns(sobolDimensions + 40, n, 5)
    const narrow = columns(sobolDimensions, n, 5)
    expect(wide.slice(0, sobolDimensions)).toEqual(narrow)
    let sum = 0
    for (const x of wide.slice(sobolDimensions)) {
      expect(x.every((u) => u > 0 && u < 1)).toBe(true)
      expect(new Set(x).size).toBe(n)
      sum += x.reduce((a, b) => a + b) / n / 40
    }
    // 20,000 uniform numbers: standard error of the mean 0.002.
    expect(Math.abs(sum - 0.5)).toBeLessThan(0.01)
  })

  it('are refused without a seed', () => {
    expect(() => sobolSequence(sobolDimensions + 1, null)).toThrow(RangeError)
  })
})

describe('edges', () => {
  it('no dimension at all: empty points', () => {
    expect(sobolSequence(0, 1).point(3)).toEqual(new Float64Array(0))
  })
  it.each([-1, 0.5, 2 ** 32, Number.NaN])('index %s is refused', (index) => {
    expect(() => sobolSequence(2, 1).point(index)).toThrow(/0 to 2\^32 - 1/)
  })
})
