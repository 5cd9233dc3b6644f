import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Dataset, selectRows } from '../../../src/data/index.js'
import { foldWarnings, type Resampling, resample, rowsOf } from '../../../src/training/index.js'
import { exampleData } from '../support.js'

function withClasses(codes: readonly number[], classes: number): Dataset {
  return {
    columns: [{ name: 'x', kind: 'number', values: new Float64Array(codes.length) }],
    index: Int32Array.from(codes, (_, i) => i),
    rows: codes.length,
    target: {
      kind: 'classes',
      name: 'y',
      codes: Int32Array.from(codes),
      classes: Array.from({ length: classes }, (_, c) => `${c}`),
    },
  }
}

function withNumbers(rows: number): Dataset {
  const data = withClasses(new Array(rows).fill(0), 1)
  return { ...data, target: { kind: 'numbers', name: 'y', values: new Float64Array(rows) } }
}

/** How many rows of each class (or of any, where `codes` is null) are in each part. */
function spread({ assignment, folds }: Resampling, codes: readonly number[] | null, code = 0): number[] {
  const counts = new Array(folds).fill(0)
  assignment.forEach((fold, row) => {
    if (fold >= 0 && (codes === null || codes[row] === code)) counts[fold]++
  })
  return counts
}

const even = (counts: number[]) => Math.max(...counts) - Math.min(...counts) <= 1

describe('resample', () => {
  it('spreads rows, and every class, as evenly as can be, with and without a holdout (property)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 12, maxLength: 200 }),
        fc.integer({ min: 2, max: 6 }),
        fc.option(fc.double({ min: 0.1, max: 0.5, noNaN: true })),
        fc.integer({ min: 0, max: 1000 }),
        (codes, folds, holdout, seed) => {
          const resampling = resample(withClasses(codes, 5), { folds, holdout, seed })
          expect(even(spread(resampling, null))).toBe(true)
          for (let code = 0; code < 5; code++) {
            expect(even(spread(resampling, codes, code))).toBe(true)
            const rows = codes.filter((one) => one === code).length
            const held = resampling.assignment.filter(
              (fold, row) => fold === -1 && codes[row] === code,
            ).length
            const share = holdout === null ? 0 : Math.round(codes.length * holdout) / codes.length
            expect(Math.abs(held - rows * share)).toBeLessThan(1)
          }
          const held = resampling.assignment.filter((fold) => fold === -1).length
          expect(held).toBe(holdout === null ? 0 : Math.round(codes.length * holdout))
        },
      ),
      { seed: 3, numRuns: 200 },
    )
  })

  it('is the same for the same seed, another for another, on shared memory', async () => {
    const iris = await exampleData('iris', 'species')
    const of = (seed: number) => resample(iris, { folds: 5, holdout: 0.2, seed }).assignment
    expect(of(1)).toEqual(of(1))
    expect(of(1)).not.toEqual(of(2))
    expect(of(1).buffer).toBeInstanceOf(SharedArrayBuffer)
  })

  it('does not stratify numbers, nor classes where told not to', () => {
    expect(even(spread(resample(withNumbers(23), { folds: 4, seed: 1 }), null))).toBe(true)
    // Sorted classes: unstratified folds of 50 + 50 rows are all exactly 10 + 10 once in many seeds.
    const codes = Array.from({ length: 100 }, (_, i) => (i < 50 ? 0 : 1))
    const uneven = [1, 2, 3].filter(
      (seed) =>
        !even(spread(resample(withClasses(codes, 2), { folds: 5, stratified: false, seed }), codes, 0)),
    )
    expect(uneven.length).toBeGreaterThan(0)
  })

  it('puts a class with fewer rows than folds into as many folds as it has rows', () => {
    const codes = [...new Array(20).fill(0), 1, 1]
    const counts = spread(resample(withClasses(codes, 2), { folds: 5, seed: 9 }), codes, 1)
    expect([...counts].sort()).toEqual([0, 0, 0, 1, 1])
  })

  it('divides a selection of rows by their positions in it', async () => {
    const iris = await exampleData('iris', 'species')
    const some = selectRows(
      iris,
      Int32Array.from({ length: 30 }, (_, i) => 5 * i),
    )
    expect(resample(some, { folds: 3, seed: 1 }).assignment).toHaveLength(30)
  })

  it.each<[what: string, data: Dataset, options: Parameters<typeof resample>[1], message: RegExp]>([
    ['more folds than rows', withNumbers(4), { folds: 5, seed: 1 }, /5 folds of 4 rows are too many/],
    [
      'more folds than rows without the holdout',
      withNumbers(6),
      { folds: 5, holdout: 0.5, seed: 1 },
      /5 folds of 3 rows \(6 without the holdout of 3\)/,
    ],
    ['one fold', withNumbers(6), { folds: 1, seed: 1 }, /2 or more \(got 1\)/],
    ['half a fold', withNumbers(6), { folds: 2.5, seed: 1 }, /whole number/],
    ['a holdout of all', withNumbers(6), { folds: 2, holdout: 1, seed: 1 }, /above 0 and below 1 \(got 1\)/],
    ['a holdout of none', withNumbers(6), { folds: 2, holdout: 0.01, seed: 1 }, /0.01 of 6 rows is none/],
    [
      'stratified numbers',
      withNumbers(6),
      { folds: 2, stratified: true, seed: 1 },
      /only classes can be stratified/,
    ],
  ])('refuses %s', (_, data, options, message) => {
    expect(() => resample(data, options)).toThrow(message)
    expect(() => resample(data, options)).toThrow(expect.objectContaining({ code: 'DATA_INVALID' }))
  })
})

describe('rowsOf', () => {
  const resampling = { assignment: Int32Array.of(0, 1, -1, 2, 0, 1, -1), folds: 3 }
  it.each([
    [{ kind: 'fold', fold: 0 }, [0, 4]],
    [{ kind: 'training', fold: 0 }, [1, 3, 5]],
    [{ kind: 'development' }, [0, 1, 3, 4, 5]],
    [{ kind: 'holdout' }, [2, 6]],
  ] as const)('%o', (part, rows) => {
    expect(Array.from(rowsOf(resampling, part))).toEqual(rows)
  })
})

describe('a warning of rare classes', () => {
  const rowsOfEach = (...counts: number[]) =>
    counts.flatMap((count, code) => new Array<number>(count).fill(code))
  const warned = (data: Dataset, options: Parameters<typeof resample>[1]) =>
    foldWarnings(data, resample(data, options), 'data.csv')

  it.each([
    ['one of three', [30, 30, 2], '"2" (2)'],
    ['most', [30, 3, 2, 2], '"1" (3), "2" (2), "3" (2)'],
    ['all', [2, 2, 2, 2], '"0" (2), "1" (2), "2" (2), "3" (2)'],
    ['two of three', [40, 1, 1], '"1" (1), "2" (1)'],
  ])('is given where %s are', (_, counts, named) => {
    expect(warned(withClasses(rowsOfEach(...counts), counts.length), { seed: 1 })).toEqual([
      `data.csv: classes with fewer rows than the 5 folds: ${named}; some folds hold none of them, so their metrics say little about them`,
    ])
  })

  it('is given where groups keep a class in few folds', () => {
    const data = withClasses(rowsOfEach(20, 20), 2)
    // Ten groups of two rows, and two of ten, each of which fills a fold.
    const groups = Int32Array.from(data.index, (row) => (row < 20 ? row >> 1 : row < 30 ? 10 : 11))
    const resampling = resample(
      data,
      { scheme: 'group-k-fold', folds: 4, seed: 1 },
      { groups, times: null, testRows: 0 },
    )
    expect(foldWarnings(data, resampling, 'data.csv')).toEqual([
      'data.csv: classes whose rows all lie in fewer than the 4 folds: "0" (2), "1" (2); the other folds hold none of them, so their metrics say little about them',
    ])
  })

  it('is given of a split where a class has one row, and not where a measured target is told of', () => {
    const options = { scheme: 'split', seed: 1 } as const
    expect(warned(withClasses(rowsOfEach(30, 1, 2), 3), options)).toEqual([
      expect.stringContaining('classes with a single row: "1" (1); they are either fitted on or held out'),
    ])
    expect(warned(withClasses(rowsOfEach(30, 2), 2), options)).toEqual([])
    expect(warned(withClasses(rowsOfEach(...new Array(40).fill(1)), 40), { seed: 1 })).toEqual([])
  })
})
