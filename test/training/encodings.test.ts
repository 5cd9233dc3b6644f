/** Texts by the target and by hashes, dates by their parts. */
import { describe, expect, it } from 'vitest'
import type { Column, Dataset } from '../../src/data/index.js'
import { randomStream } from '../../src/numeric/index.js'
import { murmur3 } from '../../src/training/category-encoding.js'
import { describeTrainers } from '../../src/training/index.js'
import {
  applyPreprocessing,
  checkPreprocessing,
  fitPreprocessing,
  type PreprocessingParams,
  tellingParams,
  trainingMatrix,
} from '../../src/training/preprocessing.js'
import { context } from '../laws/trainer.js'

const plain: PreprocessingParams = {
  imputation: 'mean',
  textImputation: 'category',
  encoding: 'target',
  scaling: 'none',
}

function textColumn(texts: readonly (string | null)[], name = 't'): Column {
  const categories = [...new Set(texts)].filter((text) => text !== null).sort()
  const codes = Int32Array.from(texts, (text) => (text === null ? -1 : categories.indexOf(text)))
  return { name, kind: 'text', codes, categories }
}

function dataset(columns: Column[], target: Dataset['target'], weights: Float64Array | null = null): Dataset {
  const rows = target.kind === 'classes' ? target.codes.length : target.values.length
  return { columns, index: Int32Array.from({ length: rows }, (_, i) => i), rows, target, weights }
}

const numbers = (values: number[]) =>
  ({ kind: 'numbers', name: 'y', values: Float64Array.from(values) }) as const
const classes = (codes: number[], count: number) =>
  ({
    kind: 'classes',
    name: 'y',
    codes: Int32Array.from(codes),
    classes: Array.from({ length: count }, (_, i) => `k${i}`),
  }) as const
const rowsOf = ({ rows, columns, values }: { rows: number; columns: number; values: Float64Array }) =>
  Array.from({ length: rows }, (_, i) => Array.from(values.subarray(i * columns, (i + 1) * columns)))

describe('the encoding by the target', () => {
  it('is the mean of the rows with the text, drawn towards that of all, weighted', () => {
    const data = dataset(
      [textColumn(['a', 'b', 'a', null])],
      numbers([1, 5, 3, 7]),
      Float64Array.of(1, 2, 3, 1),
    )
    const state = fitPreprocessing(data, { ...plain, targetSmoothing: 2 })
    // Worked by hand: the mean of all is (1 + 10 + 9 + 7) / 7 = 27/7.
    const mean = 27 / 7
    const of = (sum: number, count: number) => (sum + 2 * mean) / (count + 2)
    const asked = { ...data, columns: [textColumn(['a', 'b', null, 'z'])] }
    expect(rowsOf(applyPreprocessing(state, asked)).flat()).toEqual(
      [of(10, 4), of(10, 2), of(7, 1), mean].map((value) => expect.closeTo(value, 12)),
    )
  })

  it('has a column for each class but the first', () => {
    const data = dataset([textColumn(['a', 'a', 'b', 'b'])], classes([0, 2, 3, 3], 5))
    const { columns } = fitPreprocessing(data, { ...plain, targetSmoothing: 0 })
    expect(columns[0]).toMatchObject({
      values: [
        [0.5, 0],
        [0, 1],
      ],
      prior: [0.25, 0.5],
    })
    const two = dataset([textColumn(['a', 'b'])], classes([0, 1], 2))
    expect(fitPreprocessing(two, plain).columns[0]).toMatchObject({ prior: [0.5] })
    const one = dataset([textColumn(['a', 'b'])], classes([1, 1], 2))
    expect(fitPreprocessing(one, plain).columns[0]).toMatchObject({ prior: [1] })
  })

  it('of a training row does not know its own target', () => {
    const texts = Array.from({ length: 200 }, (_, i) => `t${i % 13}`)
    const y = Array.from({ length: 200 }, (_, i) => (i * 7) % 11)
    const matrixOf = (target: number[]) => {
      const data = dataset([textColumn(texts)], numbers(target))
      return trainingMatrix(fitPreprocessing(data, plain), data, plain).values
    }
    const before = matrixOf(y)
    for (const row of [0, 5, 77]) {
      const after = matrixOf(y.map((value, i) => (i === row ? 1000 : value)))
      expect(after[row]).toBe(before[row])
      expect(after).not.toEqual(before)
    }
  })

  it('lets nothing of chance look like a rule, as it would be without cross-fitting', () => {
    const random = randomStream(1, 'target-encoding')
    const texts = Array.from({ length: 1000 }, () => `t${random.integer(400)}`)
    const y = texts.map(() => random.normal())
    const data = dataset([textColumn(texts)], numbers(y))
    const params = { ...plain, targetSmoothing: 1 }
    const state = fitPreprocessing(data, params)
    const correlation = (x: Float64Array) => {
      const of = (list: ArrayLike<number>) =>
        Array.from(list).reduce((sum, value) => sum + value, 0) / list.length
      const [mx, my] = [of(x), of(y)]
      const sum = (f: (i: number) => number) => y.reduce((total, _, i) => total + f(i), 0)
      return (
        sum((i) => (x[i] - mx) * (y[i] - my)) /
        Math.sqrt(sum((i) => (x[i] - mx) ** 2) * sum((i) => (y[i] - my) ** 2))
      )
    }
    expect(correlation(applyPreprocessing(state, data).values)).toBeGreaterThan(0.4)
    expect(Math.abs(correlation(trainingMatrix(state, data, params).values))).toBeLessThan(0.15)
  })

  it('stays finite for targets near the largest numbers, and in few rows', () => {
    const data = dataset([textColumn(['a', 'b', 'a'])], numbers([1.5e308, 1.5e308, 1.5e308]))
    for (const matrix of [
      trainingMatrix(fitPreprocessing(data, plain), data, plain),
      applyPreprocessing(fitPreprocessing(data, plain), data),
    ])
      for (const value of matrix.values) expect(value).toBeLessThan(Infinity)
    const single = dataset([textColumn([null])], numbers([3]))
    const params = { ...plain, textImputation: 'most-frequent', targetSmoothing: 0 } as const
    const state = fitPreprocessing(single, params)
    expect([...applyPreprocessing(state, single).values]).toEqual([3])
    expect(trainingMatrix(state, single, params).values.every(Number.isFinite)).toBe(true)
  })
})

describe('the encoding by a hash', () => {
  // Computed with the reference implementation; as in the tests of several libraries.
  it.each([
    ['', 0],
    ['test', 0xba6bd213],
    ['Hello, world!', 0xc0363e43],
    ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
    ['a', 0x3c2569b2],
  ])('is MurmurHash3 of %j', (text, hash) => {
    expect(murmur3(Buffer.from(text))).toBe(hash)
  })

  it('is one of so many columns, the same for any text wherever it is seen', () => {
    const texts = Array.from({ length: 500 }, (_, i) => `größe ${i}`)
    const params = { ...plain, encoding: 'hash', hashColumns: 8 } as const
    const data = dataset([textColumn(texts.slice(0, 250))], numbers(texts.slice(0, 250).map(() => 0)))
    const all = { ...dataset([textColumn(texts)], numbers(texts.map(() => 0))) }
    const matrix = rowsOf(applyPreprocessing(fitPreprocessing(data, params), all))
    for (const row of matrix) expect(row.filter((cell) => cell !== 0).map(Math.abs)).toEqual([1])
    for (let j = 0; j < 8; j++) {
      const cells = matrix.map((row) => row[j])
      expect(cells).toContain(1)
      expect(cells).toContain(-1)
    }
    const missing = { ...all, columns: [textColumn([null])], index: Int32Array.of(0), rows: 1 }
    expect([...applyPreprocessing(fitPreprocessing(data, params), missing).values]).toEqual(
      new Array(8).fill(0),
    )
  })
})

describe('dates in parts', () => {
  const dates = (days: number[]): Column => ({
    name: 'd',
    kind: 'number',
    as: 'date',
    values: Float64Array.from(days),
  })
  const params = { ...plain, encoding: 'one-hot', dates: 'parts' } as const
  const parts = (days: number[], imputation: PreprocessingParams['imputation'] = 'mean') => {
    const data = dataset([dates(days)], numbers(days.map(() => 0)))
    return rowsOf(applyPreprocessing(fitPreprocessing(data, { ...params, imputation }), data))
  }

  it('are year, month, day, weekday and day of the year', () => {
    // 2024-03-31 (a Sunday, the 91st day of a leap year), 1970-01-01 (a Thursday), 1969-12-31 (a Wednesday).
    expect(parts([19813, 0, -1])).toEqual([
      [2024, 3, 31, 7, 91],
      [1970, 1, 1, 4, 1],
      [1969, 12, 31, 3, 365],
    ])
  })

  it('have the hour where some row has one, and are imputed one by one', () => {
    expect(parts([19813.75, Number.NaN, 0], 'median')).toEqual([
      [2024, 3, 31, 7, 91, 18],
      [1997, 2, 16, 5.5, 46, 9],
      [1970, 1, 1, 4, 1, 0],
    ])
    expect(parts([Number.NaN, 0], 'none')[0]).toEqual(new Array(5).fill(Number.NaN))
  })

  it('are of columns of dates alone, and not unless asked for', () => {
    const data = dataset(
      [{ name: 'n', kind: 'number', values: Float64Array.of(1, 2) }, dates([1, 2])],
      numbers([0, 0]),
    )
    expect(applyPreprocessing(fitPreprocessing(data, params), data).columns).toBe(6)
    expect(applyPreprocessing(fitPreprocessing(data, { ...params, dates: 'days' }), data).columns).toBe(2)
  })
})

it('params that make no difference make no other matrix', () => {
  const other = { hashColumns: 9, targetSmoothing: 1, dates: 'days' } as const
  expect(tellingParams({ ...plain, ...other })).toEqual({ ...plain, targetSmoothing: 1 })
  expect(tellingParams({ ...plain, ...other, encoding: 'hash', dates: 'parts' })).toEqual({
    ...plain,
    encoding: 'hash',
    hashColumns: 9,
    dates: 'parts',
  })
})

describe('states', () => {
  const data = dataset(
    [
      textColumn(['a', 'b', null, 'a']),
      { name: 'd', kind: 'number', as: 'date', values: Float64Array.of(1, 2, 3, 4) },
    ],
    classes([0, 1, 2, 1], 3),
  )
  const stateOf = (encoding: 'target' | 'hash') =>
    JSON.parse(JSON.stringify(fitPreprocessing(data, { ...plain, encoding, dates: 'parts' })))

  it.each(['target', 'hash'] as const)(
    'of %s are taken as they were written, and else refused',
    (encoding) => {
      expect(checkPreprocessing(stateOf(encoding), 'state', undefined)).toEqual(stateOf(encoding))
      const changes: Record<typeof encoding, [key: string, value: unknown][]> = {
        target: [
          ['prior', []],
          ['prior', [0.5, Infinity]],
          ['values', [[1, 2, 3]]],
          [
            'values',
            [
              [1, 2, 3],
              [1, 2],
            ],
          ],
          ['values', 7],
          ['categories', ['a', 'a', null]],
        ],
        hash: [
          ['columns', 0],
          ['columns', 1e9],
          ['columns', 1.5],
          ['missing', 4],
        ],
      }
      for (const [key, value] of changes[encoding]) {
        const state = stateOf(encoding)
        state.columns[0][key] = value
        expect(() => checkPreprocessing(state, 'state', undefined)).toThrow(`state.columns[0].${key}`)
      }
      for (const fills of [[1, 2], [1, 2, 3, 4, 'x'], null]) {
        const state = stateOf(encoding)
        state.columns[1].fills = fills
        expect(() => checkPreprocessing(state, 'state', undefined)).toThrow('state.columns[1].fills')
      }
    },
  )
})

it('every trainer takes them, and its model reads them back', async () => {
  const random = randomStream(2, 'encodings')
  const texts = Array.from({ length: 60 }, () => `t${random.integer(12)}`)
  const days = Float64Array.from(texts, () => 19000 + random.integer(400))
  const columns: Column[] = [textColumn(texts), { name: 'd', kind: 'number', as: 'date', values: days }]
  const quick = { rounds: 2, trees: 2, epochs: 1, units: 3 } as Record<string, number>
  for (const trainer of await describeTrainers()) {
    const target =
      trainer.task === 'classification'
        ? classes(
            texts.map((text) => Number(text.length) % 3),
            3,
          )
        : numbers(Array.from(days, (day) => day % 50))
    const data = dataset(columns, target)
    for (const encoding of ['target', 'hash']) {
      const known = new Set(trainer.hyperparameters.map(({ name }) => name))
      const params = Object.fromEntries(Object.entries(quick).filter(([name]) => known.has(name)))
      const model = await trainer.fit(data, { ...params, encoding, dates: 'parts' }, context())
      const again = await trainer.load(JSON.parse(JSON.stringify(model.toJSON())))
      expect([...again.predict(data)], trainer.name).toEqual([...model.predict(data)])
    }
  }
})
