import { expect, it } from 'vitest'
import { wholePower } from '../../src/numeric/index.js'

/** x as a fraction of whole numbers; exact. */
function fraction(x: number): [bigint, bigint] {
  let denominator = 1n
  let value = x
  while (!Number.isInteger(value)) {
    value *= 2
    denominator *= 2n
  }
  return [BigInt(value), denominator]
}

it.each([
  [0.7, 2],
  [0.7, 5],
  [0.1, 12],
  [0.999, 40],
  [-1.3, 7],
  [123.456, 9],
  [1 / 3, 20],
])('%d to the power of %i is as near as a double can be', (x, n) => {
  const [top, bottom] = fraction(x)
  const [exactTop, exactBottom] = [top ** BigInt(n), bottom ** BigInt(n)]
  const distance = (value: number) => {
    const [a, b] = fraction(value)
    const difference = a * exactBottom - exactTop * b
    return Number(((difference < 0n ? -difference : difference) * 10n ** 60n) / (b * exactBottom))
  }
  const found = wholePower(x, n)
  const spacing = Math.abs(found) * Number.EPSILON
  expect(distance(found)).toBeLessThan(distance(found + spacing))
  expect(distance(found)).toBeLessThan(distance(found - spacing))
})

it('is exact for halves, and 1, 0 and ∞ where it ends there', () => {
  expect(wholePower(0.5, 11)).toBe(1 / 2048)
  expect(wholePower(0.3, 0)).toBe(1)
  expect(wholePower(0, 3)).toBe(0)
  expect(wholePower(0.5, 1e9)).toBe(0)
  expect(wholePower(1e200, 2)).toBe(Infinity)
  expect(wholePower(-1e200, 3)).toBe(-Infinity)
  expect(wholePower(2, 1000)).toBe(1.0715086071862673e301)
})
