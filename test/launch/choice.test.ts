/** The trainer as a parameter: what is refused before a sweep, what each trainer gets, and that all of it is as good a sweep as any. */
import { cpSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadModel, openStore, reproduceRun, resumeSweep, sweep } from '../../src/index.js'
import { checkSweepFile } from '../../src/launch/index.js'
import { specOf } from '../../src/launch/spec/version.js'
import type { ParentRun } from '../../src/tracking/index.js'
import { dataFile, essenceOf, sweepFile, temporaryDirectory } from './support.js'

const choice = {
  name: 'choice',
  data: { file: dataFile('wine.csv'), target: 'cultivar' },
  validation: { folds: 2 },
  search: {
    trials: 6,
    seed: 3,
    enqueue: [{ trainer: 'cart-classifier' }, { trainer: 'softmax-classifier' }],
  },
  parameters: {
    trainer: { type: 'categorical', values: ['knn-classifier', 'cart-classifier', 'softmax-classifier'] },
    k: { type: 'int', min: 1, max: 30, when: { trainer: ['knn-classifier'] } },
    'cart-classifier.maxDepth': { type: 'int', min: 2, max: 8 },
    'cart-classifier.minNumSamples': 4,
    l2: { type: 'float', min: 1e-5, max: 1, scale: 'log', when: { trainer: ['softmax-classifier'] } },
    scaling: { type: 'categorical', values: ['none', 'standard'] },
  },
} as const

async function refusal(parameters: object, rest: object = {}) {
  const made = await sweepFile({ ...choice, search: { trials: 4 }, ...rest, parameters })
  const error = await checkSweepFile(made.file).then(
    () => null,
    (caught) => caught,
  )
  return error === null
    ? 'taken'
    : [
        error.message,
        ...error.problems.map((one: { path: string; message: string }) => `${one.path}: ${one.message}`),
      ].join('\n')
}

const trainer = choice.parameters.trainer

describe('what is refused of a sweep whose trainer is a parameter', () => {
  it('a parameter that comes to a trainer without it: the remedy names the trainers that have it', async () => {
    expect(await refusal({ trainer, k: { type: 'int', min: 1, max: 9 } })).toContain(
      'parameters.k: every trainer that a parameter can come to must have a hyperparameter of its name (cart-classifier, softmax-classifier have no "k"); say for which trainers it is: "when": {"trainer": ["knn-classifier"]}',
    )
  })

  it('a name that no trainer has, and one of a trainer of its own, with the nearest right one', async () => {
    const told = await refusal({ trainer, depht: 3, 'cart-classifier.maxDepht': 3 })
    expect(told).toContain('leave it out, or look at its spelling')
    expect(told).toContain(
      'parameters."cart-classifier.maxDepht": the trainer cart-classifier has no hyperparameter "maxDepht"',
    )
    expect(told).toContain('maxDepth')
  })

  it('values that one of the trainers would refuse', async () => {
    expect(await refusal({ trainer, 'knn-classifier.k': { type: 'int', min: 0, max: 9 } })).toContain(
      'parameters."knn-classifier.k": "k" is a whole number',
    )
  })

  it('two parameters for one hyperparameter', async () => {
    expect(
      await refusal({
        trainer,
        maxDepth: { type: 'int', min: 1, max: 3, when: { trainer: ['cart-classifier'] } },
        'cart-classifier.maxDepth': 3,
      }),
    ).toContain('are both "maxDepth" of cart-classifier')
  })

  it('a condition that contradicts the name, a condition on the trainer itself, and two tasks', async () => {
    const l2 = { type: 'float', min: 0.1, max: 1, when: { trainer: ['knn-classifier'] } }
    expect(await refusal({ trainer, 'softmax-classifier.l2': l2 })).toContain(
      '"softmax-classifier.l2" belongs to softmax-classifier alone',
    )
    expect(
      await refusal({
        trainer: { ...trainer, when: { scaling: ['none'] } },
        scaling: choice.parameters.scaling,
      }),
    ).toContain('every trial has a trainer')
    expect(
      await refusal({ trainer: { type: 'categorical', values: ['knn-classifier', 'cart-regressor'] } }),
    ).toContain('knn-classifier is for classification, cart-regressor for regression')
  })

  it('a trainer beside the parameter, a name that there is not, and weights that one of them does not heed', async () => {
    expect(await refusal({ trainer }, { trainer: 'cart-classifier' })).toContain(
      'a sweep has one trainer, or chooses one by its parameter "trainer"',
    )
    expect(await refusal({ trainer: { type: 'categorical', values: ['knn-clasifier'] } })).toContain(
      'there is no built-in trainer "knn-clasifier"',
    )
  })

  it('a metric of probabilities where one of the trainers has none', async () => {
    const values = ['knn-classifier', 'svm-classifier']
    const parameters = { trainer: { type: 'categorical', values } }
    const objective = { metric: 'logLoss' }
    expect(await refusal(parameters, { objective })).toContain('models of svm-classifier have some only')
    expect(await refusal({ ...parameters, 'svm-classifier.probabilities': true }, { objective })).toBe(
      'taken',
    )
  })
})

describe('a sweep whose trainer is a parameter', () => {
  it('gives each trainer its own params, the same with 1 and 2 workers; its models name their trainer; it reproduces', async () => {
    const results = []
    for (const workers of [1, 2]) {
      const store = join(await temporaryDirectory(), 'runs')
      const result = await sweep(choice, { store, workers, keepModels: 'all' })
      expect(result.trials).toEqual({ finished: 6, pruned: 0, failed: 0 })
      results.push({ store, run: result.run, ...(await essenceOf(store, result.run)) })
    }
    const [{ store, run, ...essence }, other] = results
    expect({ models: other.models, trials: other.trials }).toEqual(essence)
    const opened = await openStore(store)
    const trials = await opened.trials(run)
    expect(trials[0].params).toMatchObject({ trainer: 'cart-classifier', 'cart-classifier.minNumSamples': 4 })
    for (const { params, trial } of trials) {
      const model = JSON.parse(essence.models[trial])
      expect(model.trainer).toEqual({ kind: 'built-in', name: params.trainer })
      const loaded = await loadModel(model)
      expect(loaded.signature.task).toBe('classification')
    }
    const parent = (await opened.run(run)) as ParentRun
    expect(Object.keys(specOf(parent).defaults).sort()).toEqual([...trainer.values].sort())
    expect((await reproduceRun(run, { store })).differences).toEqual([])
  })

  it('a trainer that is chosen trains as it does alone', async () => {
    const store = join(await temporaryDirectory(), 'runs')
    const parameters = {
      trainer: { type: 'categorical', values: ['cart-classifier'] },
      'cart-classifier.maxDepth': 3,
    } as const
    const alone = { trainer: 'cart-classifier', parameters: { maxDepth: 3 } } as const
    const rest = { data: choice.data, validation: choice.validation, search: { trials: 1, seed: 9 } }
    const first = await sweep({ ...rest, parameters }, { store })
    const second = await sweep({ ...rest, ...alone }, { store })
    expect(first.best!.value).toBe(second.best!.value)
  })

  it('has modules among its trainers, which are known again by their digests where it goes on', async () => {
    const directory = await temporaryDirectory()
    const module = (constant: string) => `
      export default {
        name: 'constant', task: 'classification', description: '', hyperparameters: [
          { name: 'which', description: '', type: 'int', default: 0, min: 0, max: 2 },
        ],
        fit: (data, { which }) => ({
          predict: (table) => Array.from({ length: table.rows }, () => data.target.classes[which]),
          toJSON: () => ({ label: data.target.classes[which] }), // ${constant}
        }),
        load: ({ label }) => ({ predict: (t) => Array.from({ length: t.rows }, () => label), toJSON: () => ({ label }) }),
      }`
    writeFileSync(join(directory, 'constant.mjs'), module('one'))
    cpSync(dataFile('wine.csv'), join(directory, 'wine.csv'))
    const file = join(directory, 'sweep.json')
    writeFileSync(
      file,
      JSON.stringify({
        ...choice,
        data: { file: 'wine.csv', target: 'cultivar' },
        search: { trials: 4, seed: 1, enqueue: [{ trainer: './constant.mjs', './constant.mjs.which': 1 }] },
        parameters: {
          trainer: { type: 'categorical', values: ['./constant.mjs', 'knn-classifier'] },
          './constant.mjs.which': { type: 'int', min: 0, max: 2 },
          'knn-classifier.k': { type: 'int', min: 1, max: 9 },
        },
      }),
    )
    const store = join(directory, 'runs')
    const result = await sweep(file, { store, keepModels: 'all' })
    expect(result.trials.finished).toBe(4)
    const opened = await openStore(store)
    const [first] = await opened.trials(result.run)
    const model = await opened.loadModel(first.id)
    expect(model.trainer).toEqual({ kind: 'module', file: join(directory, 'constant.mjs') })
    expect(Object.keys(model.signature.columns).length).toBe(13)

    // Elsewhere: the module is found beside the store, and is the same one.
    const elsewhere = join(await temporaryDirectory(), 'moved')
    renameSync(directory, elsewhere)
    const moved = await reproduceRun(result.run, { store: join(elsewhere, 'runs') })
    expect(moved.differences).toEqual([])
    renameSync(elsewhere, directory)

    writeFileSync(join(directory, 'constant.mjs'), module('two'))
    const warnings: string[] = []
    const more = await resumeSweep(result.run, {
      store,
      trials: 5,
      onEvent: (event) => {
        if (event.type === 'warning') warnings.push(event.message)
      },
    })
    expect(more.trials.finished).toBe(5)
    expect(warnings.join()).toContain('constant.mjs has changed')
  })

  it('starts from what another one knows that shares trainers with it', async () => {
    const store = join(await temporaryDirectory(), 'runs')
    const first = await sweep(choice, { store })
    const values = ['knn-classifier', 'cart-classifier', 'forest-classifier']
    const { l2: _, ...parameters } = choice.parameters
    const notes: string[] = []
    const second = await sweep(
      {
        ...choice,
        search: { trials: 1, seed: 4, warmStart: first.run },
        parameters: { ...parameters, trainer: { type: 'categorical', values } },
      },
      { store, onEvent: (event) => event.type === 'note' && notes.push(event.message) },
    )
    expect(second.trials.finished).toBe(1)
    expect(notes.join()).toContain('lie outside the space')
  })
})
