/** The products in WebAssembly are those of the TypeScript loops, bit by bit. */
import { expect, it } from 'vitest'
import { randomStream } from '../../../src/numeric/index.js'
import { openProducts } from '../../../src/training/kernels/products.js'
import {
  addProduct,
  addTransposedProduct,
  productTransposedInto,
} from '../../../src/training/learners/products.js'

const loops = openProducts()
const products = { addProduct, addTransposedProduct, productTransposedInto }

/** By the loops in TypeScript (A, B and C as they were given) and by those in WebAssembly. */
function both(
  name: keyof typeof products,
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  sizes: readonly [rows: number, inner: number, columns: number],
): [Float64Array, Float64Array] {
  const expected = Float64Array.from(c)
  if (name === 'addTransposedProduct') addTransposedProduct(a, b, expected, 0, ...sizes)
  else products[name](a, b, 0, expected, ...sizes)
  const mark = loops.mark()
  const [atA, atB, atC] = [a, b, c].map(({ length }) => loops.reserve(8 * length))
  loops.f64(atA, a.length).set(a)
  loops.f64(atB, b.length).set(b)
  loops.f64(atC, c.length).set(c)
  loops[name](atA, atB, atC, ...sizes)
  const found = loops.f64(atC, c.length).slice()
  loops.release(mark)
  return [expected, found]
}

/** Numbers of many sizes; zeros of both signs, alone and four in a row; now and then one that is not finite. */
function matrix(length: number, zeros: number, odd: number, seed: number): Float64Array {
  const random = randomStream(seed, 'matrix')
  const values = new Float64Array(length)
  for (let i = 0; i < length; i++) {
    const scale = random.next() < 0.1 ? 1e200 : 1
    values[i] = scale * random.normal()
    if (random.next() < odd) values[i] = [Infinity, -Infinity, Number.NaN, 5e-324][random.integer(4)]
  }
  for (let i = 0; i < length; i++) {
    const run = random.next() < zeros ? 1 + random.integer(8) : 0
    for (let k = i; k < Math.min(length, i + run); k++) values[k] = random.next() < 0.5 ? 0 : -0
  }
  return values
}

const names = Object.keys(products) as (keyof typeof products)[]

it.each(names)('%s, on 250 pairs of random matrices of odd sizes', (name) => {
  for (let trial = 0; trial < 250; trial++) {
    const random = randomStream(trial, 'sizes')
    const size = (most: number) => random.integer(random.next() < 0.2 ? 2 : most)
    // Beyond 128 for the blocks of rows.
    const [rows, inner, columns] = [size(20), size(trial % 10 === 0 ? 300 : 40), size(40)]
    const zeros = [0, 0.1, 0.5, 1][trial % 4]
    const odd = trial % 5 === 0 ? 0.02 : 0
    const a = matrix(rows * inner, zeros, odd, trial)
    const b = matrix(inner * columns, zeros, odd, trial + 1000)
    const c = matrix(rows * columns, 0.3, 0, trial + 2000)
    const [expected, found] = both(name, a, b, c, [rows, inner, columns])
    // toEqual tells 0 from −0.
    if (!expected.every((value, i) => Object.is(value, found[i]))) expect(found).toEqual(expected)
  }
})

it('nothing is added where four in a row of A are 0, whatever stands in B', () => {
  const a = Float64Array.of(0, -0, 0, 0, 0, 0, 0, 2)
  const b = Float64Array.of(Infinity, Number.NaN, 1, 1, 1, 1, 1, 1)
  const [expected, found] = both('addProduct', a, b, Float64Array.of(-0, 5, 6, 7), [2, 4, 2])
  expect(Array.from(found)).toEqual([-0, 5, Number.NaN, Number.NaN])
  expect(found).toEqual(expected)
})
