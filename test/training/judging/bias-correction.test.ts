import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../src/numeric/index.js'
import {
  type BiasCorrectionInput,
  biasCorrectedEstimate,
  metricsFor,
  type OutOfFold,
  type Truth,
  trueProbabilities,
} from '../../../src/training/index.js'
import {
  classificationMetrics,
  metricNamed,
  regressionMetrics,
  usualMetrics,
} from '../../../src/training/judging/metrics.js'

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const deviation = (values: readonly number[]) =>
  Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)))

/** Fair coins for the labels and for every trial's predictions: whatever is chosen is right half of the time. */
function noise(seed: number, rows: number, trials: number) {
  const random = randomStream(seed, 'test-noise')
  const coins = () => Int32Array.from({ length: rows }, () => (random.next() < 0.5 ? 1 : 0))
  const codes = coins()
  const truth: Truth = { kind: 'classes', codes, classes: 2 }
  return { truth, codes, trials: Array.from({ length: trials }, (): OutOfFold => ({ values: coins() })) }
}

const accuracyOf = (codes: Int32Array, { values }: OutOfFold) =>
  codes.reduce((right, code, i) => right + (code === values[i] ? 1 : 0), 0) / codes.length

/** E max of `trials` independent binomial(rows, ½) / rows: Σ_k P(max > k) / rows. */
function expectedBestOfNoise(rows: number, trials: number): number {
  let probability = 0.5 ** rows
  let below = 0
  let expected = 0
  for (let k = 0; k < rows; k++) {
    below += probability
    expected += 1 - below ** trials
    probability *= (rows - k) / (k + 1)
  }
  return expected / rows
}

describe('biasCorrectedEstimate', () => {
  it('stands beside the value of the best: on its scale, and never better', () => {
    // Trials that are all the same: nothing was chosen, so nothing is to be corrected, and resampling is noise alone.
    const random = randomStream(4, 'truth')
    const truth = Float64Array.from({ length: 40 }, () => random.next())
    const same = { values: truth.map((value) => value + 0.3 * (random.next() - 0.5)) }
    const folds = [0, 8, 16, 24, 32].map((from) => [from, from + 8] as const)
    for (const { name, direction } of metricsFor('regression').filter(({ always }) => always)) {
      // As a sweep measures it: the mean over folds, which for r2 is another number than that over all rows.
      const value = mean(
        folds.map(
          ([from, to]) =>
            regressionMetrics(
              { truth: truth.slice(from, to), predicted: same.values.slice(from, to) },
              usualMetrics('regression', null),
            )[name],
        ),
      )
      const unbounded: number[] = []
      for (let seed = 0; seed < 12; seed++) {
        const input = {
          metric: name,
          direction,
          truth: { kind: 'numbers', values: truth } as const,
          trials: [same, { values: same.values.slice() }],
          resamples: 200,
          seed,
        }
        const { mean: estimate, interval } = biasCorrectedEstimate({
          ...input,
          best: { trial: same, value },
        })!
        const worse = direction === 'maximize' ? value - estimate : estimate - value
        expect(worse).toBeGreaterThanOrEqual(0)
        expect(worse).toBeLessThan(0.05)
        expect(interval[0]).toBeLessThanOrEqual(estimate)
        expect(interval[1]).toBeGreaterThanOrEqual(estimate)
        unbounded.push(biasCorrectedEstimate(input)!.mean)
      }
      // Without the value beside it, the estimate comes out better than that.
      if (name === 'r2') expect(Math.max(...unbounded)).toBeGreaterThan(value)
    }
  })

  it('is half for noise, where the best of many trials looks far better', () => {
    const [rows, trials, sets] = [60, 100, 60]
    const naive: number[] = []
    const corrected: number[] = []
    for (let seed = 0; seed < sets; seed++) {
      const { truth, codes, trials: predictions } = noise(seed, rows, trials)
      naive.push(Math.max(...predictions.map((one) => accuracyOf(codes, one))))
      const input = { metric: 'accuracy', direction: 'maximize', truth, trials: predictions } as const
      corrected.push(biasCorrectedEstimate({ ...input, resamples: 200, seed })!.mean)
    }
    // The naive value is where the closed form says it is, 0.66 here, and the corrected one where the truth is.
    expect(expectedBestOfNoise(rows, trials)).toBeGreaterThan(0.65)
    expect(Math.abs(mean(naive) - expectedBestOfNoise(rows, trials))).toBeLessThan(
      (4 * deviation(naive)) / Math.sqrt(sets),
    )
    expect(Math.abs(mean(corrected) - 0.5)).toBeLessThan((4 * deviation(corrected)) / Math.sqrt(sets))
  })

  it('is the plain bootstrap of rows left out with one trial', () => {
    const { truth, codes, trials } = noise(7, 30, 1)
    const resamples = 100
    const found = biasCorrectedEstimate({
      metric: 'accuracy',
      direction: 'maximize',
      truth,
      trials,
      resamples,
      seed: 3,
    })!
    const values = Array.from({ length: resamples }, (_, b) => {
      const random = randomStream(3, 'bias-correction', b)
      const drawn = new Set(codes.map(() => random.integer(codes.length)))
      const left = Array.from(codes.keys()).filter((i) => !drawn.has(i))
      return left.filter((i) => codes[i] === trials[0].values[i]).length / left.length
    }).sort((a, b) => a - b)
    expect(found.mean).toBeCloseTo(mean(values), 12)
    // Place 0.025 · 99 = 2.475 of the sorted values.
    expect(found.interval[0]).toBeCloseTo(values[2] + 0.475 * (values[3] - values[2]), 12)
    expect(found.interval[1]).toBeCloseTo(values[96] + 0.525 * (values[97] - values[96]), 12)
    expect([found.trials, found.leftOut]).toEqual([1, 0])
  })

  it('lies near the value of a trial that is better than all others beyond doubt', () => {
    const { truth, codes, trials } = noise(1, 200, 20)
    const good = { values: codes.map((code, i) => (i % 10 === 0 ? 1 - code : code)) }
    const found = biasCorrectedEstimate({
      metric: 'accuracy',
      direction: 'maximize',
      truth,
      trials: [...trials, good],
      seed: 1,
    })!
    expect(found.mean).toBeCloseTo(0.9, 2)
    expect(found.interval[0]).toBeLessThan(0.9)
    expect(found.interval[1]).toBeGreaterThan(0.9)
  })

  it('says of no metric what it cannot be', () => {
    const codes = Int32Array.from({ length: 60 }, (_, i) => i % 2)
    // One row in sixty is wrong, in a fold of its own: the mean over folds of unequal size lies above the share of all rows.
    const trial = { values: codes.map((code, i) => (i === 7 ? 1 - code : code)) }
    const { mean, interval } = biasCorrectedEstimate({
      metric: 'accuracy',
      direction: 'maximize',
      truth: { kind: 'classes', codes, classes: 2 },
      trials: [trial],
      best: { trial, value: 0.999 },
      seed: 1,
    })!
    expect(mean).toBeLessThanOrEqual(0.999)
    expect(interval[1]).toBeLessThanOrEqual(1)
  })

  it('is the same for the same seed, another for another', () => {
    const { truth, trials } = noise(2, 40, 10)
    const of = (seed: number) =>
      biasCorrectedEstimate({ metric: 'accuracy', direction: 'maximize', truth, trials, resamples: 50, seed })
    expect(of(1)).toEqual(of(1))
    expect(of(1)).not.toEqual(of(2))
  })

  it('leaves out trials without all predictions, and says how many', () => {
    const { truth, trials } = noise(2, 40, 3)
    const short = { values: trials[0].values.subarray(0, 20) }
    const input: BiasCorrectionInput = {
      metric: 'accuracy',
      direction: 'maximize',
      truth,
      trials: [null, ...trials, short],
      resamples: 50,
      seed: 1,
    }
    const found = biasCorrectedEstimate(input)
    expect(found).toMatchObject({ trials: 3, leftOut: 2 })
    expect(found).toEqual({ ...biasCorrectedEstimate({ ...input, trials }), leftOut: 2 })
    expect(biasCorrectedEstimate({ ...input, trials: [null, short] })).toBeNull()
  })

  it('draws groups as a whole', () => {
    // Every row twice, as repeated cross-validation has them: the same as each row once.
    const { truth, codes, trials } = noise(4, 25, 8)
    const twice = (values: ArrayLike<number>) =>
      Int32Array.from([...Array.from(values), ...Array.from(values)])
    const rows = Int32Array.from(codes, (_, i) => 3 * i)
    const once = { metric: 'accuracy', direction: 'maximize', truth, trials, resamples: 80, seed: 5 } as const
    const doubled = biasCorrectedEstimate({
      ...once,
      truth: { kind: 'classes', codes: twice(codes), classes: 2 },
      trials: trials.map(({ values }) => ({ values: twice(values) })),
      groups: twice(rows),
    })
    expect(doubled!.mean).toBeCloseTo(biasCorrectedEstimate(once)!.mean, 12)
    expect(biasCorrectedEstimate({ ...once, groups: new Int32Array(25).fill(9) })).toBeNull()
  })

  it('refuses a metric of another task', () => {
    const { truth, trials } = noise(4, 25, 2)
    expect(() =>
      biasCorrectedEstimate({ metric: 'rmse', direction: 'minimize', truth, trials, seed: 1 }),
    ).toThrow('(got "rmse", which is for regression)')
  })

  // The fast comparison of trials against the metric itself, over rows written out as often as they were drawn.
  const slow = ['rocAuc', 'pooled:matthews', 'topK:2', 'brier'].map((name) =>
    metricNamed(name, 'classification', null),
  )
  const slowOfNumbers = ['pinball:0.9', 'medianAbsoluteError'].map((name) =>
    metricNamed(name, 'regression', null),
  )
  it.each([
    ...usualMetrics('classification', null),
    ...slow,
    ...usualMetrics('regression', null),
    ...slowOfNumbers,
  ])('chooses the trial that $name is best for, over the rows drawn', (metric) => {
    const { name, task, direction } = metric
    const random = randomStream(11, 'test-metrics', name)
    const [n, classes] = [24, 3]
    const codes = Int32Array.from({ length: n }, () => random.integer(classes))
    const numbers = Float64Array.from({ length: n }, () => random.normal())
    const full = Array.from({ length: 15 }, () => {
      const probabilities = new Float64Array(n * classes)
      for (let i = 0; i < n; i++) {
        const raw = Array.from({ length: classes }, () => random.next())
        const sum = raw[0] + raw[1] + raw[2]
        raw.forEach((value, c) => {
          probabilities[i * classes + c] = value / sum
        })
      }
      const values =
        task === 'classification'
          ? Float64Array.from({ length: n }, () => random.integer(classes))
          : numbers.map((value) => value + random.normal())
      return { values, probabilities }
    })
    const metricOver = (
      rows: readonly number[],
      { values, probabilities }: (typeof full)[number],
    ): number => {
      if (task === 'regression') {
        return regressionMetrics(
          {
            truth: Float64Array.from(rows, (i) => numbers[i]),
            predicted: Float64Array.from(rows, (i) => values[i]),
          },
          [metric],
        )[name]
      }
      return classificationMetrics(
        {
          truth: Int32Array.from(rows, (i) => codes[i]),
          predicted: Int32Array.from(rows, (i) => values[i]),
          classes,
          probabilities: Float64Array.from(
            rows.flatMap((i) => Array.from(probabilities.subarray(i * classes, (i + 1) * classes))),
          ),
        },
        [metric],
      )[name]
    }
    const resamples = 40
    const expected = Array.from({ length: resamples }, (_, b) => {
      const stream = randomStream(9, 'bias-correction', b)
      const drawn = Array.from({ length: n }, () => stream.integer(n))
      const left = Array.from({ length: n }, (_, i) => i).filter((i) => !drawn.includes(i))
      const scores = full.map((one) => metricOver(drawn, one))
      const best = direction === 'maximize' ? Math.max(...scores) : Math.min(...scores)
      return metricOver(left, full[scores.findIndex((score) => Math.abs(score - best) < 1e-12)])
    })
    const truth: Truth =
      task === 'classification' ? { kind: 'classes', codes, classes } : { kind: 'numbers', values: numbers }
    const trials = full.map(({ values, probabilities }) => ({
      values,
      probabilities,
      trueProbability: trueProbabilities(codes, probabilities, classes),
    }))
    const found = biasCorrectedEstimate({ metric: name, direction, truth, trials, resamples, seed: 9 })!
    expect(found.mean).toBeCloseTo(mean(expected), 10)
  })
})
