/** Exponentials in WebAssembly are those of Math.exp, bit by bit, on whatever Node these tests run. */
import { expect, it } from 'vitest'
import { openWasm, randomStream } from '../../../src/numeric/index.js'

interface Loops {
  exponentials(values: number, count: number): void
}

const halfLn2 = 0.34657359027997264

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
  const x = Float64Array.of(...odd, ...Array.from({ length: 20_000 }, () => draw(random.next())))
  const loops = openWasm<Loops>('#training-kernels/softmax')
  const at = loops.reserve(8 * x.length)
  loops.f64(at, x.length).set(x)
  loops.exponentials(at, x.length)
  expect(loops.f64(at, x.length)).toEqual(x.map(Math.exp))
})
