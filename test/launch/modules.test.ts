/** Trainers and objectives of one's own, in modules: the same laws as those that ship with Espalier. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openStore, reproduceRun, type SweepEvent, sweep } from '../../src/index.js'
import { checkParams, FitFailure, openTrainer, type Trainer, withDefaults } from '../../src/training/index.js'
import { trainerLaws } from '../laws/trainer.js'
import { exampleData } from '../training/support.js'
import { dataFile, essenceOf, temporaryDirectory } from './support.js'

const module = (name: string) => fileURLToPath(new URL(`modules/${name}`, import.meta.url))
const freshStore = async () => join(await temporaryDirectory(), 'runs')
const x = { type: 'float', min: 0, max: 1 } as const

const opening = openTrainer({ kind: 'module', file: module('ridge.ts') })

async function ridge(): Promise<Trainer> {
  const opened = await opening
  if (opened.kind !== 'trainer') throw new Error('ridge.ts is a trainer')
  const { trainer } = opened
  // As a fit calls it: params checked and completed by its description.
  return {
    ...trainer,
    fit(data, params, context) {
      const [refused] = checkParams(trainer, params)
      if (refused) throw new FitFailure('PARAMS_REFUSED', refused.message)
      return trainer.fit(data, withDefaults(trainer, params), context)
    },
  }
}

trainerLaws('a trainer in a TypeScript module', ridge, () => exampleData('diabetes', 'progression'), {})

const regression = {
  name: 'ridge',
  trainer: module('ridge.ts'),
  data: { file: dataFile('diabetes.csv'), target: 'progression' },
  validation: { folds: 3 },
  search: { algorithm: 'sobol', trials: 3, seed: 2 },
  parameters: {
    rate: { type: 'float', min: 0.001, max: 0.3, scale: 'log' },
    penalty: { type: 'float', min: 0.001, max: 1, scale: 'log' },
  },
} as const

describe('a trainer in a TypeScript module', () => {
  it('trains in the worker threads: steps reported, models kept that predict, the same for 1 and 2 workers', async () => {
    const results = []
    for (const workers of [1, 2]) {
      const store = await freshStore()
      const result = await sweep(regression, { store, workers })
      expect(result.trials).toMatchObject({ finished: 3, failed: 0 })
      results.push({ store, run: result.run, ...(await essenceOf(store, result.run)) })
    }
    const [{ store, run, ...essence }, other] = results
    expect({ models: other.models, trials: other.trials }).toEqual(essence)
    expect(essence.trials[0].history['trainingRmse/fold2'].steps.length).toBe(15)
    const opened = await openStore(store)
    const best = await opened.bestRun()
    expect(best.value).toBeLessThan(65)
    const model = await best.loadModel()
    const sample = JSON.parse(
      new TextDecoder().decode(await opened.readArtifact(best.id, 'sample-input.json')),
    )
    for (const answer of model.predict(sample)) expect(answer).toBeGreaterThan(0)
    expect(await reproduceRun(best.id, { store })).toMatchObject({ equal: true, changes: [] })
    expect(run).not.toBe(other.run)
  })
})

it('a trainer logs into a file of its trial, fold by fold', async () => {
  const store = await freshStore()
  const definition = {
    trainer: 'knn-classifier',
    data: { file: dataFile('iris.csv'), target: 'species' },
    validation: { folds: 2 },
    parameters: { k: { type: 'int', min: 90, max: 91 } },
  } as const
  const result = await sweep({ ...definition, search: { trials: 1 } }, { store, workers: 2 })
  const log = new TextDecoder().decode(
    await (await openStore(store)).readArtifact(result.best!.run, 'log.txt'),
  )
  expect(log).toMatch(/^fold 0: k = 9\d is more than the 75 training rows.*\nfold 1: k = .*\n$/)
})

describe('an objective in a TypeScript module', () => {
  const definition = {
    name: 'halving',
    trainer: module('halving.ts'),
    objective: { metric: 'error', direction: 'minimize' },
    parameters: { x },
  } as const

  it('reports its steps, is stopped early by the answers, and leaves files', async () => {
    const store = await freshStore()
    const search = { algorithm: 'random', trials: 20, seed: 4, pruner: 'median' } as const
    const result = await sweep({ ...definition, search }, { store, workers: 2 })
    expect(result.trials.failed).toBe(0)
    expect(result.trials.pruned).toBeGreaterThan(0)
    const opened = await openStore(store)
    for (const { id, status, history, artifacts, params } of await opened.trials(result.run)) {
      if (status === 'pruned') expect(history.error.steps.length).toBeLessThan(6)
      else expect(history.error.steps).toEqual([0, 1, 2, 3, 4, 5])
      if (status !== 'finished') continue
      expect(artifacts.map(({ name }) => name)).toEqual(['notes/trial.txt'])
      const notes = new TextDecoder().decode(await opened.readArtifact(id, 'notes/trial.txt'))
      expect(notes).toBe(`x = ${params.x}\n`)
    }
  })

  it('leaves the files that its sweep has room for, and a warning about the others', async () => {
    const directory = await temporaryDirectory()
    const trainer = join(directory, 'leaves.mjs')
    writeFileSync(
      trainer,
      `export default { name: 'leaves', objective(_, { artifact }) {
        for (const [name, bytes] of [['fits', 600_000], ['does-not', 600_000]]) artifact(name, new Uint8Array(bytes)); return 1 } }`,
    )
    const store = join(directory, 'runs')
    const warnings: string[] = []
    const definition = {
      trainer,
      search: { trials: 1 },
      limits: { artifactsMB: 1 },
      parameters: { x },
    } as const
    const onEvent = (event: SweepEvent) => event.type === 'warning' && warnings.push(event.message)
    const { run, trials } = await sweep(definition, { store, workers: 1, onEvent })
    expect(trials).toMatchObject({ finished: 1, failed: 0 })
    const [{ artifacts }] = await (await openStore(store)).trials(run)
    expect(artifacts.map(({ name }) => name)).toEqual(['fits'])
    expect(warnings.join()).toMatch(/may take 1 MB \(with "does-not" they take more\)/)
  })

  it('logs and prints into a file of its trial, also where it fails', async () => {
    const directory = await temporaryDirectory()
    const trainer = join(directory, 'talks.mjs')
    writeFileSync(
      trainer,
      `export default { name: 'talks', objective({ fails }, context) {
        console.log('printed'); context.log('logged'); if (fails) throw new Error('no'); return 1 } }`,
    )
    const parameters = { fails: { type: 'categorical', values: [false, true] } } as const
    const store = join(directory, 'runs')
    const result = await sweep(
      { trainer, search: { algorithm: 'grid', trials: 2 }, parameters },
      { store, workers: 1 },
    )
    const opened = await openStore(store)
    const trials = await opened.trials(result.run)
    expect(trials.map(({ status }) => status)).toEqual(['finished', 'failed'])
    for (const { id } of trials) {
      const log = new TextDecoder().decode(await opened.readArtifact(id, 'log.txt'))
      expect(log.trimEnd().split('\n').sort()).toEqual(['logged', 'printed'])
    }
  })

  it('is asked to stop by its signal', async () => {
    const directory = await temporaryDirectory()
    const kill = new AbortController()
    const stopped = join(directory, 'stopped-')
    const result = await sweep(
      { ...definition, search: { trials: 2, parallel: 1 }, parameters: { x, wait: 60_000, stopped } },
      {
        store: join(directory, 'runs'),
        workers: 1,
        killSignal: kill.signal,
        onEvent: ({ type }) => {
          if (type !== 'trial-started') return
          const running = setInterval(() => {
            if (!existsSync(`${stopped}0`)) return
            clearInterval(running)
            kill.abort()
          }, 20)
        },
      },
    )
    expect(result.status).toBe('interrupted')
    expect(readFileSync(`${stopped}0`, 'utf8')).toBe('asked to stop')
  })
})

describe('a broken module', () => {
  it.each([
    [
      'throws.ts',
      'const a: number = 1\nthrow new Error("no licence")',
      /throws\.ts throws while it is imported: no licence/,
    ],
    ['syntax.ts', 'export default { name: string = }', /syntax\.ts throws while it is imported/],
    ['empty.js', '', /the default export of empty\.js must be a trainer .* or an objective .*it has none/],
    [
      'half.mjs',
      'export default { name: "half", task: "regression", fit() {} }',
      /half\.mjs is no trainer: "load" must be a function/,
    ],
    [
      'waits.mjs',
      'export default { name: "waits", objective: 5 }',
      /waits\.mjs is no objective: "objective" must be a function/,
    ],
    ['exits.mjs', 'process.exit(0)', /must not end its process while it is imported \(exits\.mjs/],
    ['misses.ts', 'import "./nowhere.js"', /misses\.ts throws while it is imported: Cannot find module/],
  ])('%s is one clear error before anything is recorded', async (name, text, message) => {
    const directory = await temporaryDirectory()
    const store = join(directory, 'runs')
    writeFileSync(join(directory, name), text)
    const error = await sweep({ trainer: join(directory, name), parameters: { x } }, { store }).then(
      () => null,
      (error) => error,
    )
    expect([error.code, error.kind]).toEqual(['TRAINER_INVALID', 'request'])
    expect(error.message).toMatch(message)
    await expect(openStore(store).then((opened) => opened.sweeps())).rejects.toMatchObject({
      code: 'STORE_MISSING',
    })
  })
})
