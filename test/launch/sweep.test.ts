/** Whole sweeps through the library: real data, real threads, a real store. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { defineSpace, defineTrainer, openStore, type SweepEvent, sweep } from '../../src/index.js'
import { randomStream } from '../../src/numeric/index.js'
import { dataFile, essenceOf, sweepFile, temporaryDirectory, wineKnn } from './support.js'

describe('sweep', () => {
  it('is the same for 1 worker that keeps nothing and for 4 that share, models and predictions byte for byte', async () => {
    const { file, directory } = await sweepFile(wineKnn)
    const results = []
    for (const workers of [1, 4]) {
      const store = join(directory, `runs-${workers}`)
      const sharedMemory = workers === 1 ? 0 : undefined
      const result = await sweep(file, { store, workers, sharedMemory })
      expect(result).toMatchObject({ status: 'finished', trials: { finished: 16 }, seed: 5 })
      results.push({
        best: { ...result.best, run: null, metrics: null },
        ...(await essenceOf(store, result.run)),
      })
    }
    expect(results[1]).toEqual(results[0])
    expect(Object.keys(results[0].models).length).toBeGreaterThan(0)
  })

  it('keeps the model of every trial that was the best when it ended, and its signature', async () => {
    const { file, store } = await sweepFile(wineKnn)
    const result = await sweep(file, { store, workers: 1 })
    const opened = await openStore(store)
    let best = Number.NEGATIVE_INFINITY
    for (const run of await opened.trials(result.run)) {
      const isBest = run.value! > best
      if (isBest) best = run.value!
      expect(run.artifacts.map(({ name }) => name).sort()).toEqual([
        ...(isBest ? ['model.json'] : []),
        'out-of-fold.json',
        ...(isBest ? ['sample-input.json'] : []),
      ])
    }
    const model = await (await opened.bestRun({ experiment: 'wine-knn' })).loadModel()
    expect(model.signature.classes).toEqual(['class_0', 'class_1', 'class_2'])
    const sample = JSON.parse(
      new TextDecoder().decode(await opened.readArtifact(result.best!.run, 'sample-input.json')),
    )
    expect(model.predict(sample)).toEqual(Array(5).fill('class_0'))
  })

  it('keeps every model, or none, where asked', async () => {
    const { file, directory } = await sweepFile(wineKnn)
    for (const [keepModels, kept] of [
      ['all', 6],
      ['none', 0],
    ] as const) {
      const store = join(directory, keepModels)
      const result = await sweep(file, { store, trials: 6, keepModels, workers: 1 })
      expect(Object.keys((await essenceOf(store, result.run)).models).length).toBe(kept)
    }
  })

  it('evaluates only the best run on the holdout part, once, at the end', async () => {
    const { file, store } = await sweepFile({ ...wineKnn, validation: { folds: 4, holdout: 0.25 } })
    const result = await sweep(file, { store, workers: 1 })
    expect(result.holdout!.accuracy).toBeGreaterThan(0.6)
    const trials = await (await openStore(store)).trials(result.run)
    const evaluated = trials.filter(({ metrics }) => 'holdoutAccuracy' in metrics)
    expect(evaluated.map(({ trial }) => trial)).toEqual([result.best!.trial])
    expect(evaluated[0].metrics.holdoutAccuracy).toBe(result.holdout!.accuracy)
  })

  it('corrects the best value for the choice among trials, and records it', async () => {
    // Targets that nothing predicts: the best of many trials looks better than the truth, 1/3.
    const directory = await temporaryDirectory()
    const random = randomStream(1, 'noise')
    const rows = Array.from({ length: 90 }, (_, i) => `${random.next()},${random.next()},${'abc'[i % 3]}`)
    await writeFile(join(directory, 'noise.csv'), `x,y,label\n${rows.join('\n')}\n`)
    const store = join(directory, 'runs')
    const noise = { ...wineKnn, name: 'noise', data: { file: join(directory, 'noise.csv'), target: 'label' } }
    const result = await sweep({ ...noise, search: { algorithm: 'sobol', trials: 30 } }, { store })
    const { mean, low, high, trials } = result.corrected!
    expect(trials).toBe(30)
    expect(mean).toBeLessThan(result.best!.value - 0.02)
    expect(low).toBeLessThan(1 / 3)
    expect(high).toBeGreaterThan(1 / 3)
    const best = await (await openStore(store)).bestRun({ sweep: result.run })
    expect(best.metrics).toMatchObject({
      correctedAccuracy: mean,
      correctedAccuracyLow: low,
      correctedAccuracyHigh: high,
    })
  })

  it('runs a function passed in code, its params typed by the space', async () => {
    const store = join(await temporaryDirectory(), 'runs')
    const parameters = defineSpace({
      optimizer: { type: 'categorical', values: ['sgd', 'adam'] },
      rate: { type: 'float', min: 1e-4, max: 1, scale: 'log' },
      momentum: { type: 'float', min: 0, max: 0.9, when: { optimizer: ['sgd'] } },
    })
    const events: SweepEvent[] = []
    const result = await sweep(
      {
        name: 'typed',
        objective: { metric: 'loss', direction: 'minimize' },
        search: { algorithm: 'random', trials: 12 },
        parameters,
      },
      {
        store,
        onEvent: (event) => events.push(event),
        run: async (params, { trial }) => {
          expectTypeOf(params.optimizer).toEqualTypeOf<'sgd' | 'adam'>()
          expectTypeOf(params.rate).toEqualTypeOf<number>()
          expectTypeOf(params.momentum).toEqualTypeOf<number | undefined>()
          expect('momentum' in params).toBe(params.optimizer === 'sgd')
          return { loss: Math.log(params.rate) ** 2, trial }
        },
      },
    )
    expect(result).toMatchObject({
      status: 'finished',
      experiment: { name: 'typed' },
      trials: { finished: 12 },
    })
    expect(result.best!.metrics).toMatchObject({ loss: result.best!.value, trial: result.best!.trial })
    expect(events.filter(({ type }) => type === 'trial-ended').length).toBe(12)
  })

  it('trains a Trainer passed in code', async () => {
    const store = join(await temporaryDirectory(), 'runs')
    const trainer = defineTrainer({
      name: 'constant',
      task: 'regression',
      description: 'predicts one number',
      hyperparameters: [{ name: 'guess', description: 'the number', type: 'float', default: 0 }],
      fit: (_, { guess }) => constant(guess as number),
      load: (state) => constant(state as number),
    })
    const constant = (guess: number) => ({
      predict: (features: { rows: number }) => new Float64Array(features.rows).fill(guess),
      toJSON: () => guess,
    })
    const result = await sweep(
      {
        data: { file: dataFile('diabetes.csv'), target: 'progression' },
        parameters: { guess: { type: 'float', min: 0, max: 300 } },
      },
      { trainer, store, algorithm: 'grid', experiment: 'constants' },
    )
    expect(result.objective).toEqual({ metric: 'rmse', direction: 'minimize' })
    expect(result.trials.finished).toBe(5)
    // The mean of the targets is 152: of 0, 75, 150, 225 and 300 it is the third that is nearest.
    expect(result.best!.params).toEqual({ guess: 150 })
  })

  it('tries enqueued params first, completes partial ones, and starts warm from another sweep', async () => {
    const { file, store } = await sweepFile({
      ...wineKnn,
      search: {
        ...wineKnn.search,
        enqueue: [{ k: 7, scaling: 'standard', weights: 'uniform' }, { k: 3 }],
        trials: 6,
      },
    })
    const first = await sweep(file, { store, workers: 1 })
    const trials = await (await openStore(store)).trials(first.run)
    expect(trials[0].params).toEqual({ k: 7, scaling: 'standard', weights: 'uniform' })
    expect(trials[1].params).toMatchObject({ k: 3 })
    const second = await sweep(
      { ...wineKnn, search: { algorithm: 'random', trials: 10, warmStart: first.run }, data: wineKnn.data },
      { store },
    )
    const seen = new Set(trials.map(({ params }) => JSON.stringify(params)))
    for (const { params } of await (await openStore(store)).trials(second.run))
      expect(seen.has(JSON.stringify(params))).toBe(false)
  })

  it('says which trial has the params of an entry that is passed over, replicates counted', async () => {
    const warnings: string[] = []
    const store = await temporaryDirectory()
    const { run } = await sweep(
      {
        parameters: { x: { type: 'int', min: 1, max: 9 } },
        search: { algorithm: 'random', trials: 6, replicates: 2, enqueue: [{ x: 1 }, { x: 2 }, { x: 2 }] },
      },
      {
        run: ({ x }) => x,
        store,
        onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
      },
    )
    const [, told] = /which is trial (\d+)/.exec(warnings.join())!
    const trials = await (await openStore(store)).trials(run)
    expect(trials.findIndex(({ params }) => params.x === 2)).toBe(Number(told))
  })

  it('refuses what cannot work before anything is recorded', async () => {
    const { store, directory } = await sweepFile(wineKnn)
    const cases: [object, Parameters<typeof sweep>[1], RegExp][] = [
      [{ ...wineKnn, trainer: 'knn-clasifier' }, {}, /knn-classifier/],
      [{ ...wineKnn, trainer: undefined }, {}, /needs a trainer/],
      [{ ...wineKnn, data: undefined }, {}, /needs a data set/],
      [{ ...wineKnn, objective: { metric: 'rmse' } }, {}, /accuracy, balancedAccuracy/],
      [
        { ...wineKnn, parameters: { neighbours: { type: 'int', min: 1, max: 3 } } },
        {},
        /trainer knn-classifier has/,
      ],
      [{ ...wineKnn, validation: { folds: 500 } }, {}, /fold/],
      [wineKnn, { folds: 1 }, /fold/],
      [wineKnn, { workers: 0 }, /workers/],
      [wineKnn, { parallel: 0 }, /parallel/],
      [wineKnn, { trials: 0 }, /trials/],
      [wineKnn, { data: join(directory, 'none.csv') }, /none\.csv/],
      [wineKnn, { target: 'cultivars' }, /cultivar/],
      [wineKnn, { trainer: './none.mjs' }, /none\.mjs/],
      [{ ...wineKnn, search: { warmStart: 'abcdef' } }, {}, /abcdef|no store/i],
    ]
    for (const [json, options, message] of cases) {
      const error = await sweep(json as never, { ...options, store }).then(
        () => null,
        (error: unknown) =>
          error as {
            code: string
            kind: string
            message: string
            problems: { path: string; message: string }[]
          },
      )
      expect(error, message.source).not.toBeNull()
      expect(error!.kind, message.source).toBe('request')
      expect(
        `${error!.message} ${error!.problems.map((problem) => `${problem.path} ${problem.message}`)}`,
      ).toMatch(message)
    }
    await expect(openStore(store).then((opened) => opened.sweeps())).rejects.toMatchObject({
      code: 'STORE_MISSING',
    })
  })
})

it('starts no more threads than can be at work, and says how many', async () => {
  const { file, store } = await sweepFile({ ...wineKnn, validation: { folds: 2 } })
  const threads: number[] = []
  const onEvent = (event: SweepEvent) => {
    if (event.type === 'started') threads.push(event.workers)
  }
  // Two folds of one trial, and a final model beside them.
  const result = await sweep(file, { store, workers: 200, trials: 1, onEvent })
  expect(threads).toEqual([3])
  expect(result.trials.finished).toBe(1)
  await expect(sweep(file, { store, workers: 257 })).rejects.toMatchObject({ code: 'USAGE' })
})
