import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../src/numeric/index.js'
import { metricsFor, type OutOfFold, type Truth } from '../../../src/training/index.js'
import { judgeOf } from '../../../src/training/judging/bias-judges.js'
import { metricNamed } from '../../../src/training/judging/metrics.js'

const rows = 61
const draws = 5

/** Probabilities in tenths, so that many rows rank alike. */
function classified(classes: number): { truth: Truth & { kind: 'classes' }; trials: OutOfFold[] } {
  const random = randomStream(classes, 'judges')
  const codes = Int32Array.from({ length: rows }, () => random.integer(classes))
  const trials = Array.from({ length: 3 }, () => {
    const probabilities = new Float64Array(rows * classes)
    const values = new Int32Array(rows)
    for (let i = 0; i < rows; i++) {
      const shares = Array.from(
        { length: classes },
        (_, c) => 1 + random.integer(5) + (c === codes[i] ? 2 : 0),
      )
      const all = shares.reduce((sum, share) => sum + share, 0)
      for (let c = 0; c < classes; c++) probabilities[i * classes + c] = shares[c] / all
      values[i] = shares.indexOf(Math.max(...shares))
    }
    const trueProbability = Float64Array.from(codes, (code, i) => probabilities[i * classes + code])
    return { values, probabilities, trueProbability }
  })
  return { truth: { kind: 'classes', codes, classes }, trials }
}

function weightings(): Float64Array {
  const random = randomStream(1, 'weightings')
  const weights = new Float64Array(draws * rows)
  for (let b = 0; b < draws; b++) for (let i = 0; i < rows; i++) weights[b * rows + random.integer(rows)]++
  return weights
}

/** Every row as often as it was drawn. */
function writtenOut(weights: Float64Array, b: number): Int32Array {
  const entries: number[] = []
  for (let i = 0; i < rows; i++) for (let k = 0; k < weights[b * rows + i]; k++) entries.push(i)
  return Int32Array.from(entries)
}

const argumentsOf = { class: [':c1'], count: [':2'], quantile: [':0.9', ''] }

describe.each([2, 3, 5])('judges of %i classes', (classes) => {
  const { truth, trials } = classified(classes)
  const names = Array.from({ length: classes }, (_, c) => `c${c}`)
  const weights = weightings()
  const every = metricsFor('classification').flatMap(({ name, argument }) =>
    (argument === null ? [''] : argumentsOf[argument])
      .concat(
        argument === 'class' ? (['rocAuc', 'averagePrecision', 'brier'].includes(name) ? [''] : []) : [],
      )
      .map((written) => name + written),
  )
  it.each(every.filter((name) => !(classes === 2 && name === 'topK:2')))('%s', (name) => {
    const metric = metricNamed(name, 'classification', names)
    const judge = judgeOf(metric, truth, trials)
    const scores = judge.scores(weights, draws)
    expect(judge.rises).toBe(true)
    for (let b = 0; b < draws; b++) {
      const entries = writtenOut(weights, b)
      trials.forEach((_, c) => {
        const worth = judge.measure(c, entries)
        const score = scores[b * trials.length + c]
        // A sum over rows is the mean up to rounding; all else is the metric itself, in every bit.
        if (metric.isMean) expect(score / rows).toBeCloseTo(worth, 12)
        else expect(score).toBe(worth)
      })
    }
  })
})

describe('judges of numbers', () => {
  const random = randomStream(2, 'judges')
  const truth = {
    kind: 'numbers' as const,
    values: Float64Array.from({ length: rows }, () => 1 + random.next()),
  }
  const trials = Array.from({ length: 3 }, () => ({
    values: truth.values.map((value) => value + 0.3 * random.next()),
  }))
  const weights = weightings()
  const every = metricsFor('regression').flatMap(({ name, argument }) =>
    (argument === null ? [''] : argumentsOf[argument]).map((written) => name + written),
  )
  it.each(every)('%s orders the trials as their scores do', (name) => {
    const judge = judgeOf(metricNamed(name, 'regression', null), truth, trials)
    const scores = judge.scores(weights, draws)
    for (let b = 0; b < draws; b++) {
      const entries = writtenOut(weights, b)
      const worth = trials.map((_, c) => judge.measure(c, entries))
      const places = [0, 1, 2]
      const byWorth = [...places].sort((one, other) => worth[one] - worth[other])
      const sign = judge.rises ? 1 : -1
      const score = (c: number) => sign * scores[b * trials.length + c]
      const byScore = [...places].sort((one, other) => score(one) - score(other))
      expect(byScore).toEqual(byWorth)
    }
  })
})
