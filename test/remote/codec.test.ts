/** Values come back from text as they were, to the last bit; what is no such text is refused. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, decodeParts, encode, encodeParts } from '../../src/remote/codec.js'
import { meanPlan } from '../laws/executor.js'

const anything = fc.anything({
  withBigInt: true,
  withTypedArray: true,
  withSparseArray: false,
  withNullPrototype: false,
  key: fc.oneof(fc.string(), fc.constantFrom('$', 'data', 'part')).filter((key) => key !== '__proto__'),
})

it('any value, with what JSON has not', () => {
  fc.assert(
    fc.property(anything, (value) => {
      expect(decode(encode(value))).toStrictEqual(value)
    }),
  )
})

it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0.1 + 0.2, Number.MIN_VALUE])(
  'the number %s',
  (value) => {
    expect(Object.is((decode(encode({ value })) as { value: number }).value, value)).toBe(true)
  },
)

describe('a plan with its data', () => {
  it('comes back on shared memory, large arrays by their digests', async () => {
    const plan = meanPlan(20_000, 3)
    const { text, blobs } = encodeParts(plan)
    expect(blobs.size).toBeGreaterThan(0)
    expect(text.length).toBeLessThan(10_000)
    const again = (await decodeParts(text, async (digest) => blobs.get(digest)!)) as typeof plan
    expect(again).toStrictEqual(plan)
    expect(again.resampling!.assignment.buffer).toBeInstanceOf(SharedArrayBuffer)
  })
})

it.each([
  ['no JSON', '{'],
  ['a tag that nobody knows', '{"$":"map"}'],
  ['a tag that is no text', '{"$":1}'],
  ['half a number', '{"$":"f64","data":"AAAA"}'],
  ['an array that lies elsewhere', `{"$":"f64","part":"${'0'.repeat(64)}"}`],
])('refuses %s', (_, text) => {
  expect(() => decode(text)).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }))
})

it('refuses what has no text', () => {
  expect(() => encode({ f: () => 1 })).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }))
})
