import { describe, expect, it } from 'vitest'
import type { Column, Table } from '../../src/data/types.js'
import {
  applyPreprocessing,
  fitPreprocessing,
  type PreprocessingParams,
} from '../../src/training/preprocessing.js'

const NaNs = Number.NaN
const plain: PreprocessingParams = {
  imputation: 'mean',
  textImputation: 'category',
  encoding: 'one-hot',
  scaling: 'none',
}

function table(...columns: (number[] | (string | null)[])[]): Table {
  const made = columns.map((cells, i): Column => {
    if (cells.every((cell) => typeof cell === 'number')) {
      return { name: `c${i}`, kind: 'number', values: Float64Array.from(cells as number[]) }
    }
    const categories = [...new Set(cells as (string | null)[])].filter((cell) => cell !== null).sort()
    return {
      name: `c${i}`,
      kind: 'text',
      categories,
      codes: Int32Array.from(cells as string[], (cell) => (cell === null ? -1 : categories.indexOf(cell))),
    }
  })
  const rows = columns[0].length
  return { columns: made, index: Int32Array.from({ length: rows }, (_, i) => i), rows }
}

/** Fits on one table, applies to another: the matrix as rows. */
function rows(params: Partial<PreprocessingParams>, training: Table, asked = training): number[][] {
  const state = fitPreprocessing(training, { ...plain, ...params })
  const { rows: n, columns, values } = applyPreprocessing(JSON.parse(JSON.stringify(state)), asked)
  return Array.from({ length: n }, (_, i) => Array.from(values.subarray(i * columns, (i + 1) * columns)))
}

describe('imputation', () => {
  const training = table([1, 2, NaNs, 9])
  it.each([
    ['mean', 4],
    ['median', 2],
    ['zero', 0],
  ] as const)('of numbers by %s', (imputation, filled) => {
    expect(rows({ imputation }, training)).toEqual([[1], [2], [filled], [9]])
  })
  it('takes the middle of an even number of values', () => {
    expect(rows({ imputation: 'median' }, table([4, 1, 2, 9, NaNs]))[4]).toEqual([3])
  })
  it('of a column without any value is 0', () => {
    expect(rows({}, table([NaNs, NaNs]))).toEqual([[0], [0]])
  })
  it('of the largest numbers stays finite', () => {
    expect(rows({}, table([1e308, 1.5e308, NaNs]))[2][0]).toBeCloseTo(1.25e308, -300)
  })
  it('of texts as a category of their own', () => {
    expect(rows({}, table(['b', null, 'a']))).toEqual([
      [0, 1, 0],
      [0, 0, 1],
      [1, 0, 0],
    ])
  })
  it('of texts by the most frequent', () => {
    expect(rows({ textImputation: 'most-frequent' }, table(['b', null, 'a', 'b']))).toEqual([
      [0, 1],
      [0, 1],
      [1, 0],
      [0, 1],
    ])
  })
})

describe('encoding', () => {
  const training = table(['b', 'a', 'd', 'a'])
  const asked = table(['c', 'd', null])
  it('one-hot: an unknown text, and a missing one where the training rows have none, is all zeros', () => {
    expect(rows({}, training, asked)).toEqual([
      [0, 0, 0],
      [0, 0, 1],
      [0, 0, 0],
    ])
  })
  it('ordinal: places by code unit, −1 for unknown', () => {
    expect(rows({ encoding: 'ordinal' }, training)).toEqual([[1], [0], [2], [0]])
    expect(rows({ encoding: 'ordinal' }, training, asked)).toEqual([[-1], [2], [-1]])
  })
  it('knows only texts of the rows it is fitted on', () => {
    const { columns } = fitPreprocessing({ ...training, index: Int32Array.of(1, 3), rows: 2 }, plain)
    expect(columns).toEqual([{ name: 'c0', kind: 'one-hot', categories: ['a'], missing: null }])
  })
})

describe('scaling', () => {
  // Computed with scikit-learn 1.9.1's StandardScaler and MinMaxScaler.
  const training = table([1, 2, 4, 9], [10, 20, 90, 20])
  it('standard', () => {
    const expected = [
      [-0.9733285267845753, -0.7808688094430304],
      [-0.6488856845230502, -0.4685212856658182],
      [0, 1.7179113807746667],
      [1.6222142113076254, -0.4685212856658182],
    ]
    rows({ scaling: 'standard' }, training).forEach((row, i) => {
      row.forEach((value, j) => {
        expect(value).toBeCloseTo(expected[i][j], 12)
      })
    })
  })
  it('minmax, other rows outside 0 … 1', () => {
    expect(rows({ scaling: 'minmax' }, training, table([1, 17], [90, 10]))).toEqual([
      [0, 1],
      [2, 0],
    ])
  })
  it.each(['standard', 'minmax'] as const)('%s turns a constant column into 0, exactly', (scaling) => {
    expect(rows({ scaling }, table(new Array(7).fill(0.1)))).toEqual(new Array(7).fill([0]))
  })
  it.each(['standard', 'minmax'] as const)('%s bears the smallest and largest spreads', (scaling) => {
    for (const cells of [
      [1, 1 + 2 ** -52],
      [1e-300, 2e-300],
      [-8e307, 8e307],
      [-1.7e308, 1.7e308],
    ]) {
      expect(rows({ scaling }, table(cells)).flat().every(Number.isFinite)).toBe(true)
    }
  })
})

it('refuses a table without a column it was fitted on, or with text in place of numbers', () => {
  const state = fitPreprocessing(table([1, 2]), plain)
  expect(() => applyPreprocessing(state, { ...table(['a']), columns: [] })).toThrow('none of that name')
  expect(() => applyPreprocessing(state, table(['a']))).toThrow('has text there')
})

describe('one-hot encoding of very many texts', () => {
  // 120 texts; those with an even number come twice.
  const texts = Array.from({ length: 120 }, (_, i) => `t${String(i).padStart(3, '0')}`)
  const training = table([...texts, ...texts.filter((_, i) => i % 2 === 0)])

  it('keeps the 100 most frequent, of equally frequent ones the first; the others are unknown', () => {
    const found = rows({}, training, table(texts))
    const kept = texts.filter((_, i) => i % 2 === 0 || i < 80)
    expect(kept).toHaveLength(100)
    expect(found.map((row) => row.indexOf(1))).toEqual(texts.map((text) => kept.indexOf(text)))
    expect(found[0]).toHaveLength(100)
  })

  it('does not touch ordinal encoding', () => {
    expect(rows({ encoding: 'ordinal' }, training, table(texts))).toEqual(texts.map((_, i) => [i]))
  })
})

describe('what learners take as it is', () => {
  const as = { imputation: 'none', encoding: 'category' } as const

  it('missing numbers stay missing, and scaling passes over them', () => {
    expect(rows(as, table([1, NaNs, 3]))).toEqual([[1], [NaNs], [3]])
    expect(rows({ ...as, scaling: 'standard' }, table([1, NaNs, 3]))).toEqual([[-1], [NaNs], [1]])
    expect(rows({ ...as, scaling: 'minmax' }, table([NaNs, NaNs]))).toEqual([[NaNs], [NaNs]])
  })

  it('texts are places, and the matrix says of how many', () => {
    const training = table([5, 6, 7, 8], ['b', 'a', 'b', null])
    const state = fitPreprocessing(training, { ...plain, ...as, scaling: 'standard' })
    const matrix = applyPreprocessing(state, table([5], ['never seen']))
    expect(matrix.categories).toEqual(Int32Array.of(0, 3))
    expect(matrix.values[1]).toBeNaN()
    const places = applyPreprocessing(state, training).values.filter((_, i) => i % 2 === 1)
    expect(Array.from(places)).toEqual([1, 0, 1, 2])
  })

  it('a missing text is missing where no training row had one', () => {
    expect(rows(as, table(['a', 'b']), table([null, 'b']))).toEqual([[NaNs], [1]])
    expect(rows({ ...as, textImputation: 'most-frequent' }, table(['a', 'b', 'b']), table([null]))).toEqual([
      [1],
    ])
  })

  it('has no number of categories where all columns are numbers', () => {
    expect(
      applyPreprocessing(fitPreprocessing(table([1, 2]), { ...plain, ...as }), table([1])),
    ).not.toHaveProperty('categories')
  })
})
