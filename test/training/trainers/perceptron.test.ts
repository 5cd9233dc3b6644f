import { describe, expect, it } from 'vitest'
import type { Metrics } from '../../../src/values.js'
import { context } from '../../laws/trainer.js'
import { rejection } from '../support.js'
import { builtIn, halves, numbers, rootMeanSquare, share } from './support.js'

/** A fit with everything it reported and logged. */
async function trained(
  name: string,
  data: Parameters<typeof rootMeanSquare>[1],
  params: Record<string, string | number | boolean>,
  parts: Parameters<typeof context>[0] = {},
) {
  const reports: [step: number, metrics: Metrics][] = []
  const log: string[] = []
  const model = await (await builtIn(name)).fit(
    data,
    params,
    context({
      report: async (step, metrics) => {
        reports.push([step, metrics])
        return 'continue'
      },
      log: (message) => log.push(message),
      ...parts,
    }),
  )
  return { model, reports, log, bytes: JSON.stringify(model.toJSON()) }
}

describe('perceptron-classifier', () => {
  it('reports every epoch, with a loss that falls', async () => {
    const [wine, asked] = await halves('wine', 'cultivar')
    const { model, reports } = await trained('perceptron-classifier', wine, { epochs: 30, units: 16 })
    expect(reports.map(([step]) => step)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
    for (const [, metrics] of reports) expect(Object.keys(metrics)).toEqual(['loss'])
    expect(reports[29][1].loss).toBeLessThan(reports[0][1].loss / 5)
    expect(share(model, asked, asked)).toBeGreaterThan(0.92)
  })

  it.each([
    ['sgd', { optimizer: 'sgd', learningRate: 0.1, schedule: 'cosine' }],
    ['two layers of tanh', { layers: 2, activation: 'tanh' }],
    ['dropout and penalties', { dropout: 0.3, l1: 1e-4, l2: 1e-3 }],
    ['single rows', { batchSize: 1, epochs: 10, schedule: 'step', stepEpochs: 3 }],
    ['one batch', { batchSize: 100_000, epochs: 100, learningRate: 0.03 }],
  ])('learns with %s', async (_, params) => {
    const [wine, asked] = await halves('wine', 'cultivar')
    const { model } = await trained('perceptron-classifier', wine, { epochs: 30, units: 16, ...params })
    expect(share(model, asked, asked)).toBeGreaterThan(0.92)
  })

  it('learns what no plane separates', async () => {
    const corners = Array.from({ length: 40 }, (_, i) => [i & 1, (i >> 1) & 1])
    const data = numbers(
      [corners.map(([a]) => a), corners.map(([, b]) => b)],
      corners.map(([a, b]) => (a === b ? 'same' : 'different')),
    )
    const { model } = await trained('perceptron-classifier', data, {
      epochs: 100,
      units: 8,
      learningRate: 0.03,
    })
    expect(share(model, data, data)).toBe(1)
  })

  it('is the same for the same seed, and another for another', async () => {
    const [wine] = await halves('wine', 'cultivar')
    const bytes = async (seed: number) =>
      (await trained('perceptron-classifier', wine, { epochs: 3, dropout: 0.2 }, { seed })).bytes
    expect(await bytes(1)).toBe(await bytes(1))
    expect(await bytes(1)).not.toBe(await bytes(2))
  })

  it('does not draw for what is off: without dropout and early stopping their settings change nothing', async () => {
    const [wine] = await halves('wine', 'cultivar')
    const bytes = async (params: Record<string, number>) =>
      (await trained('perceptron-classifier', wine, { epochs: 3, ...params })).bytes
    expect(await bytes({ patience: 3, validationShare: 0.4, momentum: 0.1, stepEpochs: 1 })).toBe(
      await bytes({}),
    )
  })

  it('stops early and keeps the weights of the best epoch', async () => {
    const [wine] = await halves('wine', 'cultivar')
    const params = { units: 32, learningRate: 0.05, batchSize: 8, earlyStopping: true, validationShare: 0.3 }
    const { reports, log, bytes } = await trained('perceptron-classifier', wine, {
      ...params,
      epochs: 500,
      patience: 4,
    })
    const losses = reports.map(([, metrics]) => metrics.validationLoss)
    const best = losses.indexOf(Math.min(...losses)) + 1
    expect(reports.length).toBe(best + 4)
    expect(log).toEqual([
      `stopped after epoch ${best + 4}: the validation loss was lowest after epoch ${best}`,
    ])
    for (const [, metrics] of reports) expect(metrics.validationAccuracy).toBeLessThanOrEqual(1)
    // The same training ended after that epoch by itself ends with the same weights.
    const shorter = await trained('perceptron-classifier', wine, { ...params, epochs: best, patience: 4 })
    expect(shorter.bytes).toBe(bytes)
  })

  it('says so where there are too few rows to stop early', async () => {
    const data = numbers([[1, 2, 3]], ['a', 'b', 'c'])
    const { log, reports } = await trained('perceptron-classifier', data, { epochs: 2, earlyStopping: true })
    expect(log).toEqual(['no early stopping: 3 training rows are too few to set some aside'])
    expect(reports.length).toBe(2)
  })

  it('ends where a report is answered with prune, and where it is aborted', async () => {
    const [wine] = await halves('wine', 'cultivar')
    let reports = 0
    await trained(
      'perceptron-classifier',
      wine,
      { epochs: 50 },
      {
        report: async () => (++reports === 3 ? 'prune' : 'continue'),
      },
    )
    expect(reports).toBe(3)

    const controller = new AbortController()
    setImmediate(() => controller.abort())
    await expect(
      trained(
        'perceptron-classifier',
        wine,
        { epochs: 1_000_000 },
        {
          signal: controller.signal,
          report: async () => 'continue',
        },
      ),
    ).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('refuses a model file with a weight too few', async () => {
    const [wine] = await halves('wine', 'cultivar')
    const { bytes } = await trained('perceptron-classifier', wine, { epochs: 1 })
    const state = JSON.parse(bytes)
    state.learned.theta.pop()
    const trainer = await builtIn('perceptron-classifier')
    expect(await rejection(Promise.resolve(trainer.load(state)))).toMatchObject({ code: 'MODEL_INVALID' })
  })
})

describe('perceptron-regressor', () => {
  it('learns a curve', async () => {
    const x = Array.from({ length: 200 }, (_, i) => i / 20)
    const data = numbers(
      [x],
      x.map((value) => 1000 + 50 * Math.sin(value)),
    )
    const { model } = await trained('perceptron-regressor', data, {
      activation: 'tanh',
      layers: 2,
      epochs: 150,
      learningRate: 0.01,
      schedule: 'cosine',
    })
    // The deviation of the curve is about 34.
    expect(rootMeanSquare(model, data)).toBeLessThan(5)
  })

  it('stops early by the validation loss alone', async () => {
    const [data] = await halves('diabetes', 'progression')
    const { reports } = await trained('perceptron-regressor', data, { epochs: 300, earlyStopping: true })
    expect(reports.length).toBeLessThan(300)
    expect(Object.keys(reports[0][1])).toEqual(['loss', 'validationLoss'])
  })

  it('says so where training diverges', async () => {
    const [data] = await halves('diabetes', 'progression')
    const trainer = await builtIn('perceptron-regressor')
    const params = { optimizer: 'sgd', learningRate: 1, epochs: 50, layers: 3 }
    const error = await rejection(Promise.resolve(trainer.fit(data, params, context())))
    // Not as a mistake in the code, with the lines of its stack.
    expect(error).toMatchObject({ name: 'FitFailure', code: 'METRIC_NOT_FINITE' })
    expect(error.message).toMatch(/^training diverged by epoch \d+: .* try a smaller learningRate$/)
  })
})
