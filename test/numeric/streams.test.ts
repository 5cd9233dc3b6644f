import { describe, expect, it } from 'vitest'
import { deriveSeed, randomStream } from '../../src/numeric/index.js'

describe('a random stream', () => {
  it('gives these numbers for these keys, in every process: recorded sweeps rest on them', () => {
    const stream = randomStream(7, 'test', 3, 'a')
    expect([stream.next(), stream.next()]).toEqual([0.943530840984742, 0.4330721602087446])
    expect(deriveSeed(7, 'test', 3)).toBe(919756804)
  })

  it('is another stream for any other seed, purpose or key, and for keys grouped otherwise', () => {
    const streams = [
      randomStream(1, 'a'),
      randomStream(2, 'a'),
      randomStream(1, 'b'),
      randomStream(1, 'a', 0),
      randomStream(1, 'a', '0'),
      randomStream(1, 'a', 0, 0),
      randomStream(1, 'a', 1, 2),
      randomStream(1, 'a', 12),
      randomStream(1, 'a', 2, 1),
    ]
    expect(new Set(streams.map((stream) => stream.next())).size).toBe(streams.length)
  })

  it('draws into counts as by integers one by one, and goes on behind them', () => {
    for (const n of [1, 2, 7, 1000]) {
      const [one, other] = [randomStream(5, 'draws', n), randomStream(5, 'draws', n)]
      const counts = new Int32Array(n)
      const expected = new Int32Array(n)
      for (let turn = 0; turn < 3; turn++) {
        one.drawInto(counts)
        for (let i = 0; i < n; i++) expected[other.integer(n)]++
        expect(counts).toEqual(expected)
        expect([one.next(), one.normal()]).toEqual([other.next(), other.normal()])
      }
    }
  })

  it('is uniform on [0, 1): 32 cells, chi-square', () => {
    const stream = randomStream(1, 'uniform')
    const counts = new Array(32).fill(0)
    const n = 32_000
    for (let i = 0; i < n; i++) {
      const u = stream.next()
      expect(u >= 0 && u < 1).toBe(true)
      counts[Math.floor(u * 32)]++
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
    // 31 degrees of freedom: 61.1 is exceeded once in a thousand, 11.7 undercut once in a thousand.
    expect(chiSquare).toBeLessThan(61.1)
    expect(chiSquare).toBeGreaterThan(11.7)
  })

  it('has first numbers over streams that are as uniform as those within one', () => {
    const counts = new Array(16).fill(0)
    for (let trial = 0; trial < 16_000; trial++)
      counts[Math.floor(randomStream(0, 'first', trial).next() * 16)]++
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
    // 15 degrees of freedom.
    expect(chiSquare).toBeLessThan(37.7)
  })

  it('draws integers from 0 to n − 1, all of them, up to 2^53', () => {
    const stream = randomStream(3, 'integers')
    expect(new Set(Array.from({ length: 500 }, () => stream.integer(7)))).toEqual(
      new Set([0, 1, 2, 3, 4, 5, 6]),
    )
    expect(stream.integer(1)).toBe(0)
    const large = Array.from({ length: 1000 }, () => stream.integer(2 ** 53))
    expect(large.every((x) => Number.isSafeInteger(x) && x >= 0)).toBe(true)
    expect(large.some((x) => x % 2 === 1)).toBe(true)
    expect(Math.max(...large)).toBeGreaterThan(0.99 * 2 ** 53)
  })

  it('draws normals with the moments 0, 1, 0, 3', () => {
    const stream = randomStream(4, 'normals')
    const n = 40_000
    const moments = [0, 0, 0, 0]
    for (let i = 0; i < n; i++) {
      const z = stream.normal()
      for (let k = 0; k < 4; k++) moments[k] += z ** (k + 1) / n
    }
    // Four standard errors, √(E z^2k − (E z^k)²)/√n: 1, 1.41, 3.87, 9.80, each over 200.
    expect(Math.abs(moments[0])).toBeLessThan(0.02)
    expect(Math.abs(moments[1] - 1)).toBeLessThan(0.029)
    expect(Math.abs(moments[2])).toBeLessThan(0.078)
    expect(Math.abs(moments[3] - 3)).toBeLessThan(0.2)
  })

  it('shuffles every order with the same chance, in place', () => {
    const stream = randomStream(5, 'shuffles')
    const counts = new Map<string, number>()
    for (let i = 0; i < 12_000; i++) {
      const cards = ['a', 'b', 'c', 'd']
      expect(stream.shuffle(cards)).toBe(cards)
      const order = cards.join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(24)
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 500) ** 2 / 500, 0)
    // 23 degrees of freedom.
    expect(chiSquare).toBeLessThan(49.7)
    expect(stream.shuffle(new Float64Array([1, 2, 3])).toSorted()).toEqual(new Float64Array([1, 2, 3]))
    expect(stream.shuffle([])).toEqual([])
  })

  it('derives seeds that are whole numbers of 32 bits', () => {
    const seeds = Array.from({ length: 1000 }, (_, trial) => deriveSeed(9, 'trainer', trial))
    expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)).toBe(true)
    expect(new Set(seeds).size).toBe(1000)
  })
})
