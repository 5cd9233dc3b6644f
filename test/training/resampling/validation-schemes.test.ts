import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Dataset } from '../../../src/data/index.js'
import type { RowLayout } from '../../../src/data/types.js'
import {
  hasHoldout,
  planResampling,
  type Resampling,
  type ResamplingOptions,
  resample,
  rowsOf,
} from '../../../src/training/index.js'

function withClasses(codes: readonly number[], classes = 3): Dataset {
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

const ofRows = (n: number) => withClasses(Array.from({ length: n }, (_, i) => i % 3))
const layout = (given: Partial<RowLayout>): RowLayout => ({
  groups: null,
  times: null,
  testRows: 0,
  ...given,
})
const folds = ({ folds: count }: Resampling) => Array.from({ length: count }, (_, fold) => fold)
const held = (resampling: Resampling, fold: number) => Array.from(rowsOf(resampling, { kind: 'fold', fold }))
const fitted = (resampling: Resampling, fold: number) =>
  Array.from(rowsOf(resampling, { kind: 'training', fold }))
const holdout = (resampling: Resampling) => Array.from(rowsOf(resampling, { kind: 'holdout' }))
const development = (resampling: Resampling) => Array.from(rowsOf(resampling, { kind: 'development' }))

/** What holds of every scheme: no row is on both sides, nor in the holdout part; every side has rows. */
function laws(resampling: Resampling, n: number): void {
  const back = new Set(holdout(resampling))
  expect([...development(resampling), ...back].sort((a, b) => a - b)).toEqual(
    Array.from({ length: n }, (_, i) => i),
  )
  expect(hasHoldout(resampling)).toBe(back.size > 0)
  expect(resampling.assignment.buffer).toBeInstanceOf(SharedArrayBuffer)
  for (const fold of folds(resampling)) {
    const [out, training] = [held(resampling, fold), new Set(fitted(resampling, fold))]
    expect(out.length).toBeGreaterThan(0)
    expect(training.size).toBeGreaterThan(0)
    for (const row of out) expect(training.has(row) || back.has(row)).toBe(false)
    for (const row of training) expect(back.has(row)).toBe(false)
  }
}

const someCodes = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 30, maxLength: 80 })
const someHoldout = fc.option(fc.constantFrom(0.1, 0.3))
const seeds = fc.integer({ min: 0, max: 1000 })

describe('repeated-k-fold', () => {
  it('holds every row out once a repeat, in folds dealt anew, with one holdout (property)', () => {
    fc.assert(
      fc.property(someCodes, someHoldout, seeds, (codes, share, seed) => {
        const options: ResamplingOptions = {
          scheme: 'repeated-k-fold',
          folds: 4,
          repeats: 3,
          holdout: share,
          seed,
        }
        const found = resample(withClasses(codes), options)
        laws(found, codes.length)
        expect(found.folds).toBe(12)
        for (let repeat = 0; repeat < 3; repeat++) {
          const rows = [0, 1, 2, 3].flatMap((fold) => held(found, 4 * repeat + fold))
          expect(rows.sort((a, b) => a - b)).toEqual(development(found))
          for (let fold = 0; fold < 4; fold++) {
            const out = held(found, 4 * repeat + fold)
            expect(fitted(found, 4 * repeat + fold)).toEqual(
              development(found).filter((row) => !out.includes(row)),
            )
          }
        }
        expect(held(found, 4)).not.toEqual(held(found, 0))
        // The first repeat is plain k-fold.
        const once = resample(withClasses(codes), { folds: 4, holdout: share, seed })
        expect([0, 1, 2, 3].map((fold) => held(found, fold))).toEqual(
          [0, 1, 2, 3].map((fold) => held(once, fold)),
        )
      }),
      { seed: 1, numRuns: 30 },
    )
  })

  it('stratifies every repeat', () => {
    const codes = Array.from({ length: 60 }, (_, i) => (i < 45 ? 0 : 1))
    const found = resample(withClasses(codes, 2), {
      scheme: 'repeated-k-fold',
      folds: 5,
      repeats: 4,
      seed: 2,
    })
    for (const fold of folds(found))
      expect(held(found, fold).filter((row) => codes[row] === 1)).toHaveLength(3)
  })
})

describe('groups', () => {
  const grouped = fc.array(fc.tuple(fc.integer({ min: 0, max: 19 }), fc.integer({ min: 0, max: 2 })), {
    minLength: 60,
    maxLength: 120,
  })

  it.each([
    ['group-k-fold', {}],
    ['group-k-fold', { stratified: true }],
    ['repeated-k-fold', { repeats: 2 }],
    ['k-fold', {}],
    ['split', { fraction: 0.3 }],
  ] as const)('are never divided by %s %o (property)', (scheme, more) => {
    fc.assert(
      fc.property(grouped, someHoldout, seeds, (rows, share, seed) => {
        const groups = Int32Array.from(rows, ([group]) => group)
        fc.pre(new Set(groups).size >= 12)
        const found = resample(
          withClasses(rows.map(([, code]) => code)),
          { scheme, folds: scheme === 'split' ? undefined : 3, holdout: share, seed, ...more },
          layout({ groups }),
        )
        laws(found, rows.length)
        const of = (positions: number[]) => new Set(positions.map((row) => groups[row]))
        const back = of(holdout(found))
        for (const group of of(development(found))) expect(back.has(group)).toBe(false)
        for (const fold of folds(found)) {
          const out = of(held(found, fold))
          for (const group of of(fitted(found, fold))) expect(out.has(group)).toBe(false)
        }
      }),
      { seed: 3, numRuns: 30 },
    )
  })

  it('are dealt to the emptiest fold, the largest first, as scikit-learn does', () => {
    // Sizes 6, 5, 4, 3, 2, 1 into three folds: 6 + 1, 5 + 2, 4 + 3.
    const groups = Int32Array.from([6, 5, 4, 3, 2, 1].flatMap((size, group) => new Array(size).fill(group)))
    const found = resample(ofRows(21), { scheme: 'group-k-fold', folds: 3, seed: 8 }, layout({ groups }))
    const sets = folds(found).map((fold) => [...new Set(held(found, fold).map((row) => groups[row]))])
    expect(sets).toEqual([
      [0, 5],
      [1, 4],
      [2, 3],
    ])
  })

  it('keep the classes spread when stratified', () => {
    // Twelve groups of ten rows, four of them all of class 1.
    const groups = Int32Array.from({ length: 120 }, (_, i) => Math.floor(i / 10))
    const codes = Array.from(groups, (group) => (group < 4 ? 1 : 0))
    const found = resample(
      withClasses(codes, 2),
      { scheme: 'group-k-fold', folds: 4, stratified: true, seed: 1 },
      layout({ groups }),
    )
    for (const fold of folds(found)) {
      expect(held(found, fold).filter((row) => codes[row] === 1)).toHaveLength(10)
      expect(held(found, fold)).toHaveLength(30)
    }
  })

  it('come near the share of the holdout and of the split', () => {
    const groups = Int32Array.from({ length: 400 }, (_, i) => i % 40)
    const found = resample(
      ofRows(400),
      { scheme: 'split', fraction: 0.25, holdout: 0.2, seed: 4 },
      layout({ groups }),
    )
    expect(holdout(found)).toHaveLength(80)
    expect(held(found, 0)).toHaveLength(80)
  })

  it('make k-fold a group-k-fold where no scheme is stated', () => {
    const groups = Int32Array.from({ length: 30 }, (_, i) => i % 10)
    expect(planResampling(ofRows(30), { seed: 1 }, layout({ groups }))).toMatchObject({
      scheme: 'group-k-fold',
      stratified: false,
    })
  })
})

describe('split', () => {
  it('holds out one stratified share (property)', () => {
    fc.assert(
      fc.property(someCodes, someHoldout, seeds, (codes, share, seed) => {
        const found = resample(withClasses(codes), { scheme: 'split', fraction: 0.25, holdout: share, seed })
        laws(found, codes.length)
        expect(found.folds).toBe(1)
        const left = development(found).length
        expect(held(found, 0)).toHaveLength(Math.round(left * 0.25))
        expect(held(found, 0).length + fitted(found, 0).length).toBe(left)
        for (let code = 0; code < 3; code++) {
          const of = (rows: number[]) => rows.filter((row) => codes[row] === code).length
          const exact = (of(development(found)) * Math.round(left * 0.25)) / left
          expect(Math.abs(of(held(found, 0)) - exact)).toBeLessThan(1)
        }
      }),
      { seed: 5, numRuns: 50 },
    )
  })

  it('holds out the last rows where they have a time', () => {
    const times = Float64Array.of(5, 1, 4, 2, 3, 6, 8, 7, 9, 10)
    const found = resample(
      ofRows(10),
      { scheme: 'split', fraction: 0.25, holdout: 0.2, seed: 1 },
      layout({ times }),
    )
    expect(holdout(found)).toEqual([8, 9])
    expect(held(found, 0)).toEqual([6, 7])
    expect(fitted(found, 0)).toEqual([0, 1, 2, 3, 4, 5])
  })
})

describe('time-series', () => {
  it('is fitted on what came before, and holds out what comes next, as scikit-learn does', () => {
    // TimeSeriesSplit(n_splits=3) of 8 rows: blocks of two.
    const found = resample(ofRows(8), { scheme: 'time-series', folds: 3, seed: 1 })
    expect(folds(found).map((fold) => [fitted(found, fold), held(found, fold)])).toEqual([
      [
        [0, 1],
        [2, 3],
      ],
      [
        [0, 1, 2, 3],
        [4, 5],
      ],
      [
        [0, 1, 2, 3, 4, 5],
        [6, 7],
      ],
    ])
  })

  it('keeps to the order of the times, and equal times together (property)', () => {
    const someTimes = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 80, maxLength: 150 })
    fc.assert(
      fc.property(someTimes, someHoldout, (list, share) => {
        const times = Float64Array.from(list)
        const options: ResamplingOptions = { scheme: 'time-series', folds: 4, holdout: share, seed: 0 }
        const found = resample(ofRows(list.length), options, layout({ times }))
        laws(found, list.length)
        const latest = (rows: number[]) => Math.max(...rows.map((row) => times[row]))
        const earliest = (rows: number[]) => Math.min(...rows.map((row) => times[row]))
        for (const fold of folds(found)) {
          expect(latest(fitted(found, fold))).toBeLessThan(earliest(held(found, fold)))
        }
        if (share !== null) {
          expect(latest(development(found))).toBeLessThan(earliest(holdout(found)))
        }
      }),
      { seed: 6, numRuns: 50 },
    )
  })

  it('is the scheme of data with a time where none is stated', () => {
    const times = Float64Array.from({ length: 30 }, (_, i) => i)
    expect(planResampling(ofRows(30), { seed: 1 }, layout({ times }))).toMatchObject({
      scheme: 'time-series',
      stratified: false,
    })
  })
})

it('leaves the rows of a test file to the holdout', () => {
  const options: ResamplingOptions[] = [
    { seed: 1 },
    { scheme: 'repeated-k-fold', seed: 1 },
    { scheme: 'split', seed: 1 },
    { scheme: 'time-series', seed: 1 },
  ]
  for (const option of options) {
    const found = resample(ofRows(40), option, layout({ testRows: 7 }))
    laws(found, 40)
    expect(holdout(found)).toEqual([33, 34, 35, 36, 37, 38, 39])
  }
  const groups = Int32Array.from({ length: 33 }, (_, i) => i % 11)
  const found = resample(ofRows(40), { seed: 1 }, layout({ groups, testRows: 7 }))
  laws(found, 40)
  expect(holdout(found)).toHaveLength(7)
})

it.each<[what: string, options: Partial<ResamplingOptions>, given: Partial<RowLayout>, message: RegExp]>([
  ['groups that are not there', { scheme: 'group-k-fold' }, {}, /^data.group: group-k-fold needs groups/],
  ['fewer groups than folds', {}, { groups: new Int32Array(20) }, /5 parts of 1 groups are too many/],
  ['half a repeat', { scheme: 'repeated-k-fold', repeats: 1.5 }, {}, /^validation.repeats: .*\(got 1.5\)/],
  ['a fraction of all', { scheme: 'split', fraction: 1 }, {}, /^validation.fraction: .*\(got 1\)/],
  ['a fraction of none', { scheme: 'split', fraction: 0.01 }, {}, /0.01 of 20 rows is none/],
  [
    'stratified times',
    { scheme: 'time-series', stratified: true },
    {},
    /^validation.stratified: rows in order/,
  ],
  [
    'time and group at once',
    { scheme: 'time-series' },
    { groups: Int32Array.from({ length: 20 }, (_, i) => i) },
    /^data.group: rows are divided by time or by group/,
  ],
  [
    'too few times',
    {},
    { times: Float64Array.from({ length: 20 }, (_, i) => i % 3) },
    /^data.time: .*6 parts/,
  ],
  [
    'a holdout beside a test file',
    { holdout: 0.2 },
    { testRows: 2 },
    /^validation.holdout: the test file is/,
  ],
  [
    'more folds of a time series than rows',
    { scheme: 'time-series', folds: 20 },
    {},
    /20 folds and the rows before/,
  ],
])('refuses %s', (_, options, given, message) => {
  const run = () => resample(ofRows(20), { seed: 1, ...options }, layout(given))
  expect(run).toThrow(message)
  expect(run).toThrow(expect.objectContaining({ code: 'DATA_INVALID' }))
})
