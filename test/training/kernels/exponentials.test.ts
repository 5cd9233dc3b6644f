/** Exponentials and logarithms in WebAssembly are those of Math.exp and Math.log, bit by bit, on whatever Node these tests run. */
import { describe, expect, it } from 'vitest'
import { openWasm, randomStream } from '../../../src/numeric/index.js'

interface Loops {
  exponentials(values: number, count: number): void
  logarithms(values: number, count: number): void
}

function worked(name: keyof Loops, x: Float64Array): Float64Array {
  const loops = openWasm<Loops>('#training-kernels/exponentials')
  const at = loops.reserve(8 * x.length)
  loops.f64(at, x.length).set(x)
  loops[name](at, x.length)
  return loops.f64(at, x.length)
}

const halfLn2 = 0.34657359027997264

describe('exponentials', () => {
  it.each<[where: string, draw: (share: number) => number]>([
    ['from 0 to the last that is not 0', (share) => -750 * share],
    ['near 0', (share) => -share],
    ['so near that they are 1 + x', (share) => -1e-8 * share],
    ['where multiples of ln 2 begin', (share) => -halfLn2 - 4e-7 * (share - 0.5)],
    ['where the second begins', (share) => -3 * halfLn2 - 1e-6 * (share - 0.5)],
    ['below the normal numbers', (share) => -700 - 50 * share],
  ])('%s', (_, draw) => {
    const random = randomStream(4, 'exponentials')
    const odd = [0, -0, -Infinity, Number.NaN, -745.1332191019411, -745.1332191019412, -1e308, -5e-324]
    // Some by themselves among others, too: powers are taken of eight at a time.
    const x = Float64Array.of(...odd, ...Array.from({ length: 20_000 }, () => draw(random.next())))
    odd.forEach((value, i) => {
      x[100 + 9 * i] = value
    })
    expect(worked('exponentials', x)).toEqual(x.map(Math.exp))
  })
})

describe('logarithms', () => {
  it.each<[where: string, draw: (share: number) => number]>([
    ['from 1 to 2', (share) => 1 + share],
    ['up to a thousand', (share) => 1 + 999 * share],
    ['near 1', (share) => 1 + 4e-6 * share],
    ['around √2', (share) => Math.SQRT2 + 1e-4 * (share - 0.5)],
    ['where one form follows another', (share) => 1.37 + 0.06 * share],
    ['near powers of 2', (share) => 16 + 1e-4 * (share - 0.5)],
    ['large', (share) => 1 + Math.exp(600 * share)],
  ])('%s', (_, draw) => {
    const random = randomStream(5, 'logarithms')
    const odd = [1, 2, 4, 8, 1 + Number.EPSILON, 2 - Number.EPSILON, 3, 1024]
    const x = Float64Array.of(...odd, ...Array.from({ length: 20_000 }, () => draw(random.next())))
    expect(worked('logarithms', x)).toEqual(x.map(Math.log))
  })
})
