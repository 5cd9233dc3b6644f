import { describe, expect, it } from 'vitest'
import { type DatasetOptions, readDataset } from '../../src/data/index.js'
import { rejection, temporaryFile } from '../training/support.js'

const csv = 'a,b,c,y\n1,x,7,u\n2,y,8,v\n3,x,9,u\n'
const read = (options: Partial<DatasetOptions> = {}, text = csv) =>
  readDataset(temporaryFile('data.csv', text), { target: 'y', ...options })
const names = async (options: Partial<DatasetOptions>) =>
  (await read(options)).dataset.columns.map(({ name }) => name)

describe('columns', () => {
  it('are features unless they have another role', async () => {
    expect(await names({})).toEqual(['a', 'b', 'c'])
    expect(await names({ columns: ['c', 'a'] })).toEqual(['a', 'c'])
    expect(await names({ exclude: ['a'] })).toEqual(['b', 'c'])
    expect(await names({ columns: ['a', 'b'], exclude: ['b'] })).toEqual(['a'])
    expect(await names({ group: 'b', time: 'a' })).toEqual(['c'])
    expect(await names({ group: 'b', columns: ['b', 'c'] })).toEqual(['b', 'c'])
    expect(await names({ weight: 'c' })).toEqual(['a', 'b'])
  })

  it('tells how rows belong together, follow each other and count', async () => {
    const { dataset, layout } = await read({ columns: ['a'], group: 'b', time: 'a', weight: 'c' })
    expect(layout).toEqual({
      groups: Int32Array.of(0, 1, 0),
      times: Float64Array.of(1, 2, 3),
      testRows: 0,
    })
    expect(dataset.weights).toEqual(Float64Array.of(7, 8, 9))
    expect((await read()).layout).toEqual({ groups: null, times: null, testRows: 0 })
    expect((await read()).dataset.weights).toBeNull()
  })

  it('takes dates for the time', async () => {
    const text = 'day,x,y\n2024-01-02,1,u\n2024-01-01,2,v\n'
    const { layout } = await read({ time: 'day' }, text)
    expect(layout.times).toEqual(Float64Array.of(19724, 19723))
  })

  it.each<[what: string, options: Partial<DatasetOptions>, message: RegExp]>([
    ['an unknown feature', { columns: ['a', 'z'] }, /"columns" names columns of the file, and "z" is none/],
    ['an unknown column left out', { exclude: ['z'] }, /"exclude" names columns/],
    ['a kind for an unknown column', { types: { z: 'date' } }, /"types" names columns/],
    [
      'an unknown group',
      { group: 'z' },
      /"group" names columns of the file, and "z" is none; the columns: a, b/,
    ],
    ['the target as a group', { group: 'y' }, /the target "y" cannot be the group too/],
    ['the target as a feature', { columns: ['a', 'y'] }, /"y" is the target; leave it out of the list/],
    ['the weight as a feature', { columns: ['a', 'c'], weight: 'c' }, /"c" is the weight/],
    ['a date as a target', { types: { y: 'date' } }, /target is numbers or text, and "types" says "date"/],
    ['no feature at all', { exclude: ['a', 'b', 'c'] }, /none is left \(the columns: a, b, c, y\)/],
  ])('refuses %s', async (_, options, message) => {
    const error = await rejection(read(options))
    expect(error.problems.map(({ path }) => path)).toEqual(['data.csv line 1'])
    expect(error.message).toMatch(message)
  })

  it.each<[what: string, options: Partial<DatasetOptions>, path: string, message: RegExp]>([
    ['a missing group', { group: 'g' }, 'data.csv line 3, column "g"', /every row has a group/],
    ['a missing time', { time: 't' }, 'data.csv line 2, column "t"', /every row has a time/],
    ['a time of text', { time: 'g' }, 'data.csv line 2, column "g"', /number or a date.*"m" is none/],
    ['a missing weight', { weight: 't' }, 'data.csv line 2, column "t"', /every row has a weight/],
    ['a weight of 0', { weight: 'w' }, 'data.csv line 3, column "w"', /above 0, and this one is 0/],
  ])('refuses %s, with line and column', async (_, options, path, message) => {
    const error = await rejection(read(options, 'x,g,t,w,y\n1,m,,2,u\n2,,5,0,v\n'))
    expect(error.problems[0].path).toBe(path)
    expect(error.problems[0].message).toMatch(message)
  })
})

describe('a test file', () => {
  const withTest = (text: string, options: Partial<DatasetOptions> = {}) =>
    read({ testFile: temporaryFile('test.csv', text), ...options })

  it('puts its rows behind, with the kinds and the texts of both', async () => {
    const { dataset, layout, rows, testDigest, digest } = await withTest(
      'y,c,b,extra,a\nv,1,w,0,5\nu,,,0,6\n',
    )
    expect([rows, dataset.rows, layout.testRows]).toEqual([5, 5, 2])
    expect(dataset.columns).toMatchObject([
      { name: 'a', values: Float64Array.of(1, 2, 3, 5, 6) },
      { name: 'b', codes: Int32Array.of(1, 2, 1, 0, -1), categories: ['w', 'x', 'y'] },
      { name: 'c', values: Float64Array.of(7, 8, 9, 1, Number.NaN) },
    ])
    expect(dataset.target).toMatchObject({ codes: Int32Array.of(0, 1, 0, 1, 0), classes: ['u', 'v'] })
    expect(testDigest).toMatch(/^[0-9a-f]{64}$/)
    expect(testDigest).not.toBe(digest)
  })

  it('counts its rows 1 where rows have weights', async () => {
    const { dataset } = await withTest('a,b,y\n5,x,u\n', { weight: 'c' })
    expect(dataset.weights).toEqual(Float64Array.of(7, 8, 9, 1))
  })

  it('warns of a class that only it has', async () => {
    const { warnings } = await withTest('a,b,c,y\n5,x,1,w\n')
    expect(warnings).toEqual([
      'data.csv: no row has the class "w" of the test file, so it can never be predicted',
    ])
  })

  it.each([
    ['a missing column', 'a,b,y\n1,x,u\n', 'test.csv line 1', /"c" is missing/],
    [
      'text among numbers',
      'a,b,c,y\n1,x,?,u\nq,x,1,u\n',
      'test.csv line 3, column "a"',
      /holds numbers, and "q"/,
    ],
    [
      'a missing target',
      'a,b,c,y\n1,x,1,\n',
      'test.csv line 2, column "y"',
      /target, and here it is missing/,
    ],
  ])('refuses %s, naming the file', async (_, text, path, message) => {
    const error = await rejection(withTest(text))
    expect(error.problems[0].path).toBe(path)
    expect(error.problems[0].message).toMatch(message)
  })
})

it('warns of columns with very many texts', async () => {
  const rows = Array.from({ length: 300 }, (_, i) => `id${i},c${i % 150},${i % 7},${i % 2}`)
  const { warnings } = await read({}, `id,city,n,y\n${rows.join('\n')}\n`)
  expect(warnings).toEqual([
    expect.stringMatching(/column "id" has a different text in every row: one-hot encoding keeps the 100/),
    expect.stringMatching(/column "city" has 150 different texts: .*leave it out \("exclude"\)/),
  ])
})
