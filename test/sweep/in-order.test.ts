import fc from 'fast-check'
import { expect, it } from 'vitest'
import { InOrder } from '../../src/sweep/in-order.js'

it('lets things out by their places, whatever the order in which they come', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.infiniteStream(fc.nat()), (count, keys) => {
      const places = Array.from({ length: count }, (_, place) => ({
        place,
        key: keys.next().value as number,
      }))
      places.sort((a, b) => a.key - b.key)
      const order = new InOrder<number>()
      const out = places.flatMap(({ place }) => order.put(place, place))
      expect(out).toEqual(Array.from({ length: count }, (_, place) => place))
      expect(order.out).toEqual(out)
      expect(order.rest()).toEqual([])
    }),
  )
})

it('holds back what is behind an empty place', () => {
  const order = new InOrder<string>()
  expect(order.put(3, 'd')).toEqual([])
  expect(order.put(0, 'a')).toEqual(['a'])
  expect(order.put(2, 'c')).toEqual([])
  expect([order.out, order.rest()]).toEqual([['a'], ['c', 'd']])
  expect(order.put(1, 'b')).toEqual(['b', 'c', 'd'])
})
