/** The average of the best trials: the same however the sweep ran, and a model like any other. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadModel, openStore, reproduceRun, resumeSweep, type SweepOptions, sweep } from '../../src/index.js'
import type { JsonObject } from '../../src/values.js'
import { dataFile, temporaryDirectory } from '../launch/support.js'

const choice = {
  name: 'ensemble',
  data: { file: dataFile('wine.csv'), target: 'cultivar' },
  validation: { folds: 2, holdout: 0.2 },
  search: { trials: 6, seed: 3 },
  parameters: {
    trainer: { type: 'categorical', values: ['knn-classifier', 'cart-classifier', 'softmax-classifier'] },
    'knn-classifier.k': { type: 'int', min: 1, max: 30 },
    'cart-classifier.maxDepth': { type: 'int', min: 1, max: 4 },
    'softmax-classifier.l2': { type: 'float', min: 1e-3, max: 10, scale: 'log' },
  },
} as const

async function ran(definition: Parameters<typeof sweep>[0], options: SweepOptions = {}) {
  const store = join(await temporaryDirectory(), 'runs')
  const result = await sweep(definition as typeof choice, { store, ensemble: 6, ...options })
  const opened = await openStore(store)
  const file = opened.artifactPath(result.run, 'ensemble.json')
  return { store, result, opened, text: await readFile(file, 'utf8') }
}

describe('the ensemble of a sweep', () => {
  it('is the same with 1 and 2 workers, and where the sweep was interrupted', async () => {
    const one = await ran(choice, { workers: 1 })
    const { members, value, estimate, holdout } = one.result.ensemble!
    expect(members.reduce((sum, { weight }) => sum + weight, 0)).toBeLessThanOrEqual(6)
    expect(value).toBeGreaterThanOrEqual(one.result.best!.value)
    expect(estimate).toBeGreaterThan(0.8)
    expect(holdout!.accuracy).toBeGreaterThan(0.8)
    const metrics = (await one.opened.run(one.result.run)).metrics
    expect(metrics).toMatchObject({ ensembleAccuracy: value, ensembleEstimateAccuracy: estimate })

    const stop = new AbortController()
    const store = join(await temporaryDirectory(), 'runs')
    const begun = await sweep(choice, {
      store,
      ensemble: 6,
      workers: 2,
      signal: stop.signal,
      onEvent: (event) => event.type === 'trial-ended' && event.trial === 1 && stop.abort(),
    })
    expect([begun.status, begun.ensemble]).toEqual(['interrupted', null])
    const whole = await resumeSweep(begun.run, { store })
    expect(whole.ensemble!.members.map(({ trial, weight }) => [trial, weight])).toEqual(
      members.map(({ trial, weight }) => [trial, weight]),
    )
    const opened = await openStore(store)
    expect(await readFile(opened.artifactPath(begun.run, 'ensemble.json'), 'utf8')).toBe(one.text)
  })

  it('is made again where the sweep is reproduced', async () => {
    const { result, store } = await ran(choice)
    const { differences, subjects } = await reproduceRun(result.run, { store })
    expect(differences).toEqual([])
    const without = await sweep(choice, { store: `${store}-other` })
    const others = await reproduceRun(without.run, { store: `${store}-other` })
    const names = new Set(others.subjects.map(({ what }) => what))
    expect(subjects.filter(({ what }) => !names.has(what))).toEqual(
      ['ensemble.json', 'ensembleAccuracy', 'ensembleEstimateAccuracy', 'ensembleHoldoutAccuracy'].map(
        (what) => ({ what, times: 1 }),
      ),
    )
  })

  it('predicts the mean of its members, from its file too', async () => {
    const { opened, result, text } = await ran(choice, { keepModels: 'all' })
    const rows = (await readFile(dataFile('wine.csv'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => line.split(','))
    const names = rows[0]
    const table = rows
      .slice(1, 40)
      .map((cells) => Object.fromEntries(cells.map((cell, j) => [names[j], cell])))
    const ensemble = await opened.loadModel(result.run)
    const again = await loadModel(JSON.parse(text))
    expect(again.predictProbability!(table)).toEqual(ensemble.predictProbability!(table))
    const { members } = result.ensemble!
    const models = await Promise.all(members.map(({ run }) => opened.loadModel(run)))
    const total = members.reduce((sum, { weight }) => sum + weight, 0)
    const own = models.map((model) => model.predictProbability!(table))
    ensemble.predictProbability!(table).forEach((row, i) => {
      for (const [name, probability] of Object.entries(row)) {
        const mean = members.reduce((sum, { weight }, k) => sum + (weight * own[k][i][name]) / total, 0)
        expect(probability).toBeCloseTo(mean, 12)
      }
      const best = Object.entries(row).sort((a, b) => b[1] - a[1])[0][0]
      expect(ensemble.predict(table)[i]).toBe(best)
    })
  })

  it('averages numbers, and votes where a method has no probabilities', async () => {
    const { result } = await ran({
      name: 'numbers',
      data: { file: dataFile('diabetes.csv'), target: 'progression' },
      validation: { folds: 3 },
      search: { trials: 5, seed: 1 },
      parameters: {
        trainer: { type: 'categorical', values: ['linear-regressor', 'cart-regressor'] },
        'linear-regressor.l2': { type: 'float', min: 1e-3, max: 10, scale: 'log' },
        'cart-regressor.maxDepth': { type: 'int', min: 1, max: 4 },
      },
    } as never)
    expect(result.ensemble!.value).toBeLessThanOrEqual(result.best!.value)
    const votes = await ran({
      name: 'votes',
      trainer: 'svm-classifier',
      data: { file: dataFile('iris.csv'), target: 'species' },
      validation: { folds: 3 },
      search: { trials: 4, seed: 1 },
      parameters: { cost: { type: 'float', min: 0.01, max: 10, scale: 'log' } },
    } as never)
    const model = await votes.opened.loadModel(votes.result.run)
    expect(model.predictProbability).toBe(undefined)
    expect(model.trainer).toEqual({ kind: 'ensemble' })
  })

  it('is refused where there is nothing to average, and of files that are none', async () => {
    const parameters = { x: { type: 'float', min: 0, max: 1 } } as const
    await expect(sweep({ parameters }, { run: ({ x }) => x, ensemble: 3 })).rejects.toThrow(
      'leave --ensemble out',
    )
    const { text } = await ran(choice)
    const changed = (change: (model: { state: { members: JsonObject[] } }) => void) => {
      const model = JSON.parse(text)
      change(model)
      return loadModel(model)
    }
    const refused = [
      changed(({ state }) => state.members.splice(0)),
      changed(({ state }) => Object.assign(state.members[0], { weight: 1e9 })),
      changed(({ state }) => Object.assign(state.members[0], { weight: -1 })),
      changed(({ state }) => Object.assign(state.members[0], { trainer: { kind: 'ensemble' } })),
      changed(({ state }) =>
        Object.assign(state.members[0], { trainer: { kind: 'module', file: '/x.mjs' } }),
      ),
      changed(({ state }) =>
        Object.assign(state.members[0], { trainer: { kind: 'built-in', name: 'linear-regressor' } }),
      ),
      changed(({ state }) => Object.assign(state.members[0], { state: {} })),
      changed((model) => Object.assign(model, { state: { members: 3 } })),
    ]
    for (const one of refused) await expect(one).rejects.toMatchObject({ code: 'MODEL_INVALID' })
  })
})
