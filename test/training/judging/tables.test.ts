/** Baselines, thresholds and tables, on predictions small enough to work out by hand. */
import { expect, it } from 'vitest'
import type { Dataset } from '../../../src/data/index.js'
import { baselineOf, pairedGain } from '../../../src/training/judging/baseline.js'
import { metricNamed } from '../../../src/training/judging/metrics.js'
import { classTable, residualSummary } from '../../../src/training/judging/tables.js'
import { bestThreshold } from '../../../src/training/judging/threshold.js'

const rowsOf = (target: Dataset['target'], n: number): Dataset => ({
  columns: [],
  index: Int32Array.from({ length: n }, (_, i) => i),
  rows: n,
  target,
})
const assignment = Int32Array.from([0, 0, 0, 1, 1, 1])
const resampling = { assignment, folds: 2 }

it('a baseline is worked out from the training rows of each fold', () => {
  // Fold 0 is fitted on b, b, a, fold 1 on a, a, b.
  const codes = Int32Array.from([0, 0, 1, 1, 1, 0])
  const data = rowsOf({ kind: 'classes', name: 'y', codes, classes: ['a', 'b'] }, 6)
  const of = (name: string) => metricNamed(name, 'classification', ['a', 'b'])
  expect(baselineOf({ data, resampling }, of('accuracy'), 'maximize')).toEqual({
    name: 'the commonest class',
    value: 1 / 3,
    byFold: [1 / 3, 1 / 3],
  })
  const shares = baselineOf({ data, resampling }, of('logLoss'), 'minimize')!
  // a, a, b with the shares 1/3 and 2/3; and b, b, a with 2/3 and 1/3.
  const expected = -(2 * Math.log(1 / 3) + Math.log(2 / 3)) / 3
  expect(shares.name).toBe('the shares of the classes')
  expect(shares.value).toBeCloseTo(expected, 12)
  expect(baselineOf({ data, resampling }, of('rocAuc'), 'maximize')!.value).toBe(0.5)
  expect(baselineOf({ data, resampling }, of('pooled:accuracy'), 'maximize')).toMatchObject({
    value: 1 / 3,
    byFold: null,
  })
  expect(baselineOf({ data, resampling: null }, of('accuracy'), 'maximize')).toBeNull()
})

it('of numbers the better one of mean and median is taken', () => {
  const values = Float64Array.from([0, 0, 9, 1, 1, 10])
  const data = rowsOf({ kind: 'numbers', name: 'y', values }, 6)
  // The medians are 1 and 0, the means 4 and 3.
  const of = (name: string) =>
    baselineOf({ data, resampling }, metricNamed(name, 'regression', null), 'minimize')
  expect(of('mae')).toEqual({ name: 'the median', value: expect.closeTo(11 / 3, 12), byFold: [10 / 3, 4] })
  expect(of('rmse')!.name).toBe('the mean')
  expect(of('pinball:0.9')!.name).toBe('the quantile')
})

it('a gain is paired over folds, and its noise counts that they share rows', () => {
  const { gain, noise } = pairedGain([3, 5], [1, 1], 'maximize', 0.25)!
  expect(gain).toBe(3)
  expect(noise).toBeCloseTo(Math.sqrt(2 * (1 / 2 + 0.25)), 12)
  expect(pairedGain([3], [1], 'maximize', 0.25)).toBeNull()
  expect(pairedGain([1, 2], [3, 3], 'minimize', 0.25)!.gain).toBe(1.5)
})

it('a threshold lies where the metric is best, between two probabilities, near one half', () => {
  const truth = Int32Array.from([0, 0, 0, 1, 1])
  const p = [0.1, 0.2, 0.3, 0.25, 0.4]
  const predicted = {
    values: new Int32Array(5),
    probabilities: Float64Array.from(p.flatMap((q) => [1 - q, q])),
  }
  const of = (name: string, positive = 1) =>
    bestThreshold(metricNamed(name, 'classification', ['no', 'yes']), truth, predicted, positive)
  // At 0.225 both are found, with one false alarm: F1 = 4/5.
  expect(of('f1')).toEqual({ value: 0.225, score: 0.8, before: 0 })
  // At 0.35 or at 0.225 one is wrong: the nearer to one half is taken.
  expect(of('accuracy')).toEqual({ value: 0.35, score: 0.8, before: 0.6 })
  // By the probability of the other class.
  expect(of('f1', 0)!.value).toBeCloseTo(0.775, 12)
  expect(of('recall')!.score).toBe(1)
  expect(bestThreshold(metricNamed('f1', 'classification', null), truth, { values: truth }, 1)).toBeNull()
})

it('a threshold is as good as any other', () => {
  const truth = Int32Array.from({ length: 60 }, (_, i) => Number((i * 7) % 11 > 6))
  const p = Array.from(truth, (_, i) => ((i * 13) % 20) / 20)
  const predicted = { values: truth, probabilities: Float64Array.from(p.flatMap((q) => [1 - q, q])) }
  for (const name of ['f1', 'balancedAccuracy', 'matthews', 'kappa', 'macroF1', 'precision']) {
    const metric = metricNamed(name, 'classification', null)
    const at = (value: number) =>
      metric.ofClasses({
        truth,
        predicted: Int32Array.from(p, (q) => Number(q >= value)),
        classes: 2,
        probabilities: null,
      })
    const all = Array.from({ length: 101 }, (_, i) => at(i / 100))
    const found = bestThreshold(metric, truth, predicted, 1)!
    expect([name, found.score]).toEqual([name, Math.max(...all)])
    expect(at(found.value)).toBe(found.score)
  }
})

it('a threshold keeps apart what no number lies between', () => {
  const metric = metricNamed('f1', 'classification', null)
  // The nearest double above: of both neighbours of 0.3 the middle is one of them.
  const above = (x: number) => {
    const bits = new BigInt64Array(new Float64Array([x]).buffer)
    bits[0] += 1n
    return new Float64Array(bits.buffer)[0]
  }
  for (let low = 0.3, i = 0; i < 20; i++, low = above(low)) {
    const p = [low, above(low)]
    const predicted = {
      values: new Int32Array(2),
      probabilities: Float64Array.from(p.flatMap((q) => [1 - q, q])),
    }
    const { value, score } = bestThreshold(metric, Int32Array.of(0, 1), predicted, 1)!
    expect([p.map((q) => q >= value), score]).toEqual([[false, true], 1])
  }
  // Nothing is answered where that is best, although the highest is as near to 1 as can be.
  const nearOne = 1 - Number.EPSILON / 2
  const predicted = {
    values: new Int32Array(2),
    probabilities: Float64Array.of(1 - nearOne, nearOne, 0.5, 0.5),
  }
  const accuracy = metricNamed('accuracy', 'classification', null)
  expect(bestThreshold(accuracy, new Int32Array(2), predicted, 1)).toMatchObject({ value: 1, score: 1 })
})

it('tables count rows, and errors are summed up', () => {
  const codes = Int32Array.from([0, 0, 1, 1, 1])
  const table = classTable({ kind: 'classes', codes, classes: 2 }, [0, 1, 1, 1, 0], ['a', 'b'])
  expect(table.confusion).toEqual([
    [1, 1],
    [1, 2],
  ])
  expect(table.perClass[1]).toEqual({ class: 'b', precision: 2 / 3, recall: 2 / 3, f1: 2 / 3, rows: 3 })
  const summary = residualSummary(
    { kind: 'numbers', values: Float64Array.from([1, 2, 3, 4, 5]) },
    [1, 1, 1, 1, 9],
  )
  expect(summary.quantiles).toMatchObject({ min: -4, median: 1, max: 3 })
  expect(summary.bias).toBeCloseTo(-2 / 5, 12)
  expect(summary.largest.map(({ truth }) => truth)).toEqual([5, 4, 3])
})
