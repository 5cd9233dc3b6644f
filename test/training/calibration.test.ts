/** Probabilities put right: the maps themselves, and as a hyperparameter of classifiers. */
import { expect, it } from 'vitest'
import { selectRows } from '../../src/data/index.js'
import { calibrated, checkCalibration, fitCalibration } from '../../src/training/calibration.js'
import { openTrainer, performFit, resample } from '../../src/training/index.js'
import { exampleData } from './support.js'

const rows = (p: readonly number[]) => Float64Array.from(p.flatMap((one) => [1 - one, one]))

it('the sigmoid map finds how far probabilities are from what comes true', () => {
  // Of 1,000 rows with p = 0.1 three in ten come true, of 1,000 with 0.9 seven in ten.
  const p = Array.from({ length: 2000 }, (_, i) => (i < 1000 ? 0.1 : 0.9))
  const codes = Int32Array.from(p, (one, i) => Number(i % 10 < (one < 0.5 ? 3 : 7)))
  const found = calibrated(fitCalibration('sigmoid', rows(p), codes, 2), rows([0.1, 0.5, 0.9]), 2)
  expect(found[1]).toBeCloseTo(0.3, 2)
  expect(found[3]).toBeCloseTo(0.5, 2)
  expect(found[5]).toBeCloseTo(0.7, 2)
})

it('the isotonic map pools what falls, and goes straight between steps', () => {
  const p = [0.1, 0.2, 0.3, 0.4]
  const map = fitCalibration('isotonic', rows(p), Int32Array.from([0, 1, 0, 1]), 2)
  expect(map.maps).toEqual([{ p: [0.1, 0.2, 0.3, 0.4], q: [0, 0.5, 0.5, 1] }])
  const found = calibrated(map, rows([0, 0.15, 0.25, 0.9]), 2)
  expect([found[1], found[3], found[5], found[7]]).toEqual([0, expect.closeTo(0.25, 12), 0.5, 1])
})

it('stays finite where classes are apart, and sums to 1 of many', () => {
  for (const kind of ['sigmoid', 'isotonic'] as const) {
    const apart = calibrated(
      fitCalibration(kind, rows([0, 0, 1, 1]), Int32Array.from([0, 0, 1, 1]), 2),
      rows([0, 0.5, 1]),
      2,
    )
    for (const value of apart) expect(value >= 0 && value <= 1).toBe(true)
    const of3 = Float64Array.from([0.8, 0.1, 0.1, 0.2, 0.6, 0.2, 0, 0.3, 0.7, 1, 0, 0])
    const three = calibrated(fitCalibration(kind, of3, Int32Array.from([0, 1, 2, 1]), 3), of3, 3)
    for (let i = 0; i < three.length; i += 3)
      expect(three[i] + three[i + 1] + three[i + 2]).toBeCloseTo(1, 12)
  }
})

it('a state of another kind is refused', () => {
  const check = (found: unknown) => () => checkCalibration(found, 'state.calibration', 2)
  expect(check({ kind: 'sigmoid', maps: [{ a: 1, b: 0 }] })()).toEqual({
    kind: 'sigmoid',
    maps: [{ a: 1, b: 0 }],
  })
  for (const found of [
    null,
    { kind: 'beta', maps: [] },
    { kind: 'sigmoid', maps: [] },
    { kind: 'sigmoid', maps: [{ a: '1', b: 0 }] },
    { kind: 'isotonic', maps: [{ p: [], q: [] }] },
    { kind: 'isotonic', maps: [{ p: [0.2, 0.1], q: [0, 1] }] },
    { kind: 'isotonic', maps: [{ p: [0.1, 0.2], q: [0.5, 0.4] }] },
    { kind: 'isotonic', maps: [{ p: [0.1], q: [2] }] },
  ])
    expect(check(found)).toThrow(/state.calibration/)
})

it.each([
  ['cart-classifier', 'sigmoid', {}],
  ['cart-classifier', 'isotonic', {}],
  ['knn-classifier', 'sigmoid', { k: 3 }],
  ['softmax-classifier', 'isotonic', {}],
])(
  '%s learns it inside the training rows (%s): the same each time, and from its file',
  async (name, calibration, more) => {
    const data = await exampleData('iris', 'species')
    const plan = {
      trainer: { kind: 'built-in', name } as const,
      data,
      resampling: resample(data, { folds: 3, seed: 1 }),
      seed: 1,
      objectiveMetric: 'logLoss',
    }
    const opened = await openTrainer(plan.trainer)
    const fitted = (params: object, part: { kind: 'fold'; fold: number } | { kind: 'final' }) =>
      performFit(plan, opened, { trial: 0, attempt: 0, part, params: { ...more, ...params } })
    const fold = { kind: 'fold', fold: 0 } as const
    const [first, again, plain] = [
      await fitted({ calibration }, fold),
      await fitted({ calibration }, fold),
      await fitted({}, fold),
    ]
    expect(again.metrics).toEqual(first.metrics)
    expect(first.metrics.logLoss).not.toBe(plain.metrics.logLoss)
    expect(first.metrics.accuracy).toBeGreaterThan(0.85)
    if (name === 'cart-classifier' && calibration === 'sigmoid')
      expect(first.metrics.logLoss).toBeLessThan(plain.metrics.logLoss)
    if (opened.kind !== 'trainer') throw new Error('it is a trainer')
    const context = {
      seed: 1,
      random: undefined as never,
      signal: new AbortController().signal,
      seat: 0,
      devices: [],
      checkpoint: '',
      step: 0,
      report: async () => 'continue' as const,
      log: () => {},
    }
    const model = await opened.trainer.fit(data, { ...more, calibration }, context)
    const loaded = await opened.trainer.load(JSON.parse(JSON.stringify(model.toJSON())))
    const some = selectRows(data, Int32Array.from([0, 60, 120]))
    expect(loaded.predictProbability!(some)).toEqual(model.predictProbability!(some))
    expect(loaded.predict(some)).toEqual(model.predict(some))
  },
)

it('is refused for a model without probabilities', async () => {
  const data = await exampleData('iris', 'species')
  const plan = {
    trainer: { kind: 'built-in', name: 'svm-classifier' } as const,
    data,
    resampling: null,
    seed: 1,
    objectiveMetric: 'accuracy',
  }
  const job = { trial: 0, attempt: 0, part: { kind: 'final' } as const, params: { calibration: 'sigmoid' } }
  await expect(performFit(plan, await openTrainer(plan.trainer), job)).rejects.toMatchObject({
    code: 'PARAMS_REFUSED',
    message: expect.stringMatching(/puts probabilities right/),
  })
})
