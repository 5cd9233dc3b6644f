import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  classificationMetrics,
  metricNamed,
  metricsFor,
  regressionMetrics,
  usualMetrics,
} from '../../../src/training/judging/metrics.js'

const classified = (
  truth: readonly number[],
  predicted: readonly number[],
  classes: number,
  probabilities: readonly number[] | null = null,
) => ({
  truth: Int32Array.from(truth),
  predicted: Int32Array.from(predicted),
  classes,
  probabilities: probabilities && Float64Array.from(probabilities),
})
const estimated = (truth: readonly number[], predicted: readonly number[]) => ({
  truth: Float64Array.from(truth),
  predicted: Float64Array.from(predicted),
})
const namesOf = (classes: number) => Array.from({ length: classes }, (_, c) => `c${c}`)
const ofClasses = (name: string, rows: ReturnType<typeof classified>) =>
  metricNamed(name, 'classification', namesOf(rows.classes)).ofClasses(rows)
const ofNumbers = (name: string, truth: readonly number[], predicted: readonly number[]) =>
  metricNamed(name, 'regression', null).ofNumbers(estimated(truth, predicted))

interface Fixture {
  classified: {
    classes: number
    truth: number[]
    predicted: number[]
    probabilities: number[]
    expected: Record<string, number | null>
  }[]
  estimated: { truth: number[]; predicted: number[]; expected: Record<string, number | null> }[]
}
const fixture: Fixture = JSON.parse(readFileSync(new URL('fixtures/metrics.json', import.meta.url), 'utf8'))

describe('agrees with scikit-learn', () => {
  it.each(fixture.classified)('on $classes classes, $truth.length rows', (one) => {
    const rows = classified(one.truth, one.predicted, one.classes, one.probabilities)
    for (const [name, value] of Object.entries(one.expected))
      expect([name, ofClasses(name, rows)]).toEqual([
        name,
        value === null ? expect.anything() : expect.closeTo(value, 12),
      ])
  })
  it.each(fixture.estimated)('on $truth.length numbers', (one) => {
    for (const [name, value] of Object.entries(one.expected))
      expect([name, ofNumbers(name, one.truth, one.predicted)]).toEqual([
        name,
        value === null ? Number.NaN : expect.closeTo(value, 12),
      ])
  })
  it('has every metric among the fixtures', () => {
    const found = new Set(
      [...fixture.classified, ...fixture.estimated].flatMap(({ expected }) =>
        Object.keys(expected).map((name) => name.split(':')[0]),
      ),
    )
    expect(
      metricsFor()
        .map(({ name }) => name)
        .filter((name) => !found.has(name)),
    ).toEqual([])
  })
})

describe('by hand', () => {
  it('the area under the curve is the share of pairs in order, ties counting half', () => {
    const rows = (scores: readonly number[]) =>
      classified(
        [0, 1, 0, 1],
        [0, 0, 0, 0],
        2,
        scores.flatMap((p) => [1 - p, p]),
      )
    // Pairs (row 1, row 0), (1, 2), (3, 0), (3, 2).
    expect(ofClasses('rocAuc', rows([0.1, 0.4, 0.35, 0.8]))).toBe(1)
    expect(ofClasses('rocAuc', rows([0.1, 0.3, 0.35, 0.8]))).toBe(0.75)
    expect(ofClasses('rocAuc', rows([0.1, 0.35, 0.35, 0.8]))).toBe(0.875)
    expect(ofClasses('rocAuc', rows([0.5, 0.5, 0.5, 0.5]))).toBe(0.5)
    expect(ofClasses('rocAuc:c0', rows([0.1, 0.3, 0.35, 0.8]))).toBe(0.75)
  })
  it('average precision goes by the precision at each row found', () => {
    const scores = [0.9, 0.8, 0.7, 0.6]
    const rows = classified(
      [1, 0, 1, 0],
      [1, 1, 1, 1],
      2,
      scores.flatMap((p) => [1 - p, p]),
    )
    expect(ofClasses('averagePrecision', rows)).toBeCloseTo((1 + 2 / 3) / 2, 15)
  })
  it('of two classes the second is counted, and a class is named by its name', () => {
    const rows = classified([0, 0, 0, 1, 1], [0, 0, 1, 1, 0], 2)
    expect(ofClasses('precision', rows)).toBe(1 / 2)
    expect(ofClasses('precision:c0', rows)).toBe(2 / 3)
    expect(ofClasses('recall', rows)).toBe(1 / 2)
    expect(ofClasses('f1', rows)).toBe(1 / 2)
  })
  it('top k takes equal probabilities in the order of the classes', () => {
    const rows = classified([0, 1, 2], [0, 0, 0], 3, new Array(9).fill(1 / 3))
    expect(ofClasses('topK:1', rows)).toBe(1 / 3)
    expect(ofClasses('topK:2', rows)).toBe(2 / 3)
  })
  it('a quantile costs what it is wrong by, weighted', () => {
    expect(ofNumbers('pinball:0.9', [10, 10], [8, 12])).toBeCloseTo((0.9 * 2 + 0.1 * 2) / 2, 15)
    expect(ofNumbers('poissonDeviance', [0, 2], [1, 2])).toBe(1)
  })
})

describe('where something is missing', () => {
  it('log loss stays finite where the true class has probability 0 or 1', () => {
    expect(ofClasses('logLoss', classified([0], [1], 2, [0, 1]))).toBeCloseTo(-Math.log(1e-15), 10)
    expect(ofClasses('logLoss', classified([0], [0], 2, [1, 0]))).toBeCloseTo(0, 10)
  })
  it('with a single row, and where rounding leaves a constant truth a spread', () => {
    const usual = usualMetrics('regression', null)
    expect(regressionMetrics(estimated([0.1], [0.2]), usual)).toMatchObject({ r2: 0 })
    const [same, other] = [new Array(7).fill(0.1), new Array(7).fill(0.3)]
    expect(ofNumbers('r2', same, other)).toBe(0)
    expect(ofNumbers('explainedVariance', same, other)).toBe(1)
    expect(ofNumbers('explainedVariance', same, [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.4])).toBe(0)
    expect(classificationMetrics(classified([1], [0], 3), usualMetrics('classification', null))).toEqual({
      accuracy: 0,
      balancedAccuracy: 0,
      macroF1: 0,
    })
  })
  it('every metric of labels is a number on one class alone; those that compare classes have none', () => {
    const rows = classified([1, 1], [1, 1], 2, [0.2, 0.8, 0.4, 0.6])
    for (const { name, needsProbabilities, argument } of metricsFor('classification')) {
      if (argument === 'count') continue
      const found = ofClasses(name, rows)
      if (!needsProbabilities) expect([name, Number.isFinite(found)]).toEqual([name, true])
    }
    expect(ofClasses('rocAuc', rows)).toBeNaN()
    expect(ofClasses('rocAucOvo', rows)).toBeNaN()
    expect(ofClasses('matthews', rows)).toBe(0)
    expect(ofClasses('kappa', rows)).toBe(0)
    expect(ofClasses('averagePrecision:c0', rows)).toBeNaN()
    expect(ofClasses('averagePrecision', rows)).toBe(1)
    // Of three classes one is missing: the others are compared.
    const three = classified([0, 1], [0, 1], 3, [0.6, 0.3, 0.1, 0.2, 0.7, 0.1])
    expect(ofClasses('rocAuc', three)).toBe(1)
    expect(ofClasses('rocAucOvo', three)).toBe(1)
  })
  it('deviances say that they have no value beyond their range', () => {
    expect(ofNumbers('poissonDeviance', [1], [0])).toBeNaN()
    expect(ofNumbers('poissonDeviance', [-1], [1])).toBeNaN()
    expect(ofNumbers('gammaDeviance', [0], [1])).toBeNaN()
  })
})

describe('names', () => {
  const named = (name: string, classes: readonly string[] | null = ['no', 'yes']) =>
    metricNamed(name, 'classification', classes)
  it('take a class, a count or a quantile behind a colon, and may be pooled', () => {
    expect(named('pooled:recall:yes')).toMatchObject({
      name: 'pooled:recall:yes',
      word: 'recall',
      plain: 'recall:yes',
      pooled: true,
      direction: 'maximize',
    })
    expect(named('recall:a:b', ['a:b', 'c']).name).toBe('recall:a:b')
    expect(named('topK:3', null).pooled).toBe(false)
  })
  it.each([
    ['rocauc', /one of classification's: accuracy, .*did you mean "rocAuc"\?/],
    ['rmse', /one of classification's.*\(got "rmse", which is for regression\)/],
    ['recall:ye', /names a class of the target: no, yes \(got "ye"\); did you mean "yes"\?/],
    ['accuracy:yes', /"accuracy" stands alone .*leave ":yes" out/],
    ['topK', /says how many: "topK:3"/],
    ['topK:0', /takes a whole number from 1 on/],
    ['topK:2', /takes fewer than all 2 classes/],
    ['pooled:pooled:recall', /one of classification's/],
  ])('%s is refused', (name, message) => {
    expect(() => named(name)).toThrow(message)
  })
  it('of one class must say which, where there are more than two', () => {
    expect(() => named('f1', ['a', 'b', 'c'])).toThrow(/the target has 3: name it \("f1:a"\).*"macroF1"/)
    expect(() => metricNamed('pinball:1', 'regression', null)).toThrow(/a number between 0 and 1/)
  })
})

it('records few metrics with every trial, the usual objective first, and log loss only with probabilities', () => {
  const usual = (task: 'classification' | 'regression') => usualMetrics(task, null).map(({ name }) => name)
  expect(usual('classification')).toEqual(['accuracy', 'balancedAccuracy', 'macroF1', 'logLoss'])
  expect(usual('regression')).toEqual(['rmse', 'mae', 'r2'])
  expect(metricsFor('classification')[0].name).toBe('accuracy')
  const rows = classified([0, 1], [0, 1], 2, [1, 0, 0, 1])
  const metrics = usualMetrics('classification', null)
  expect(Object.keys(classificationMetrics(rows, metrics))).toContain('logLoss')
  expect(Object.keys(classificationMetrics({ ...rows, probabilities: null }, metrics))).not.toContain(
    'logLoss',
  )
})
