import { expect, it } from 'vitest'
import { nothingShared, Preparation } from '../../src/training/preparation.js'

const bytes = (made: Uint8Array) => made.byteLength
const megabyte = 2 ** 20
const rows = { training: { rows: 2 }, heldOut: null, positions: new Int32Array(0) } as never

function kept(megabytes: number) {
  const preparation = new Preparation(megabytes)
  const part = preparation.part('fold 0', () => rows)
  const made: string[] = []
  const get = (key: string, size = megabyte) =>
    part.get(
      key,
      () => {
        made.push(key)
        return new Uint8Array(size)
      },
      bytes,
    )
  return { preparation, part, made, get }
}

it('is made once for the same rows and key', () => {
  const { preparation, made, get, part } = kept(8)
  expect(get('a')).toBe(get('a'))
  expect(made).toEqual(['a'])
  expect(
    part.under('x').get(
      'a',
      () => 1,
      () => 8,
    ),
  ).toBe(1)
  const other = preparation.part('fold 1', () => rows)
  expect(
    other.get(
      'a',
      () => 2,
      () => 8,
    ),
  ).toBe(2)
})

it('lets go of what was used longest ago, and only between fits', () => {
  const { preparation, made, get } = kept(2)
  for (const key of ['a', 'b', 'a', 'c']) get(key)
  expect(preparation.bytes).toBeGreaterThan(3 * megabyte)
  preparation.trim()
  expect(preparation.bytes).toBeLessThanOrEqual(2 * megabyte)
  made.length = 0
  for (const key of ['c', 'a', 'b']) get(key)
  // Of the three the rows themselves were used first, then b: what is left beside them is c and a, or c alone.
  expect(made).toContain('b')
  expect(made).not.toContain('c')
})

it('keeps nothing where it may keep nothing', () => {
  const { preparation, get, made } = kept(0)
  get('a')
  get('a')
  expect(made).toEqual(['a', 'a'])
  expect(preparation.bytes).toBe(0)
})

it('gives what is worked in to one fit at a time, and never again after a failure', async () => {
  const { part } = kept(8)
  let made = 0
  const closed: number[] = []
  const make = () => {
    const number = made++
    return { number, close: () => closed.push(number) }
  }
  const hold = <R>(work: (held: { number: number }) => R | Promise<R>) =>
    part.hold('arena', make, () => 1, work)
  let release!: () => void
  const first = hold(
    (held) =>
      new Promise<number>((resolve) => {
        release = () => resolve(held.number)
      }),
  )
  expect(await hold(({ number }) => number)).toBe(1)
  release()
  expect(await first).toBe(0)
  expect(await hold(({ number }) => number)).toBe(0)
  await expect(
    hold(() => {
      throw new Error('no')
    }),
  ).rejects.toThrow('no')
  expect(await hold(({ number }) => number)).toBe(2)
  // The one that nobody else could have. What failed is not closed: nobody knows what still works in it.
  expect(closed).toEqual([1])
})

it('closes what it lets go of', async () => {
  const closed: string[] = []
  const { preparation, part } = kept(1)
  for (const name of ['a', 'b'])
    await part.hold(
      name,
      () => ({ close: () => closed.push(name) }),
      () => 2 ** 20,
      () => {},
    )
  expect(closed).toEqual([])
  preparation.trim()
  expect(closed).toEqual(['a'])
  await nothingShared.hold(
    'c',
    () => ({ close: () => closed.push('c') }),
    () => 1,
    () => {},
  )
  expect(closed).toEqual(['a', 'c'])
})
