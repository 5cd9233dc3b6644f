import { describe, expect, it } from 'vitest'
import { readTable, sampleInput, signatureOf } from '../../src/data/index.js'
import {
  loadModel,
  openTrainer,
  performFit,
  saveModel,
  type Trainer,
  type TrainerReference,
} from '../../src/training/index.js'
import type { JsonObject, Params } from '../../src/values.js'
import { example, exampleData, rejection, temporaryFile } from './support.js'

async function penguinsModel(params: Params = {}): Promise<JsonObject> {
  const reference = { kind: 'built-in', name: 'cart-classifier' } as const
  const data = await exampleData('penguins', 'species')
  const plan = { trainer: reference, data, resampling: null, seed: 1, objectiveMetric: 'accuracy' }
  const job = { trial: 0, attempt: 0, part: { kind: 'final' } as const, params }
  const { model } = await performFit(plan, await openTrainer(reference), job)
  return JSON.parse(JSON.stringify(model))
}

/** Its trees name right children and hold shares of classes. */
const mlCart: Params = { engine: 'ml-cart', imputation: 'mean', encoding: 'one-hot' }

/** What is tampered with. */
interface Opened {
  // biome-ignore lint/suspicious/noExplicitAny: what is written into a file may be anything.
  state: any
  // biome-ignore lint/suspicious/noExplicitAny: the same.
  signature: any
}

function never(): never {
  throw new TypeError('never')
}

describe('a model file', () => {
  it('predicts rows as people write them, and a file, the same', async () => {
    const model = await loadModel(await penguinsModel())
    const data = await exampleData('penguins', 'species')
    const { table } = await readTable(example('penguins'), model.signature)
    const rows = sampleInput(data, data.rows)
    expect(model.predict(rows)).toEqual(model.predictTable({ table }))
    expect(model.predict(rows).slice(0, 3)).toEqual(['Adelie', 'Adelie', 'Adelie'])
    expect(model.predictProbability!(rows)).toEqual(model.predictProbabilityTable!({ table }))
    const [first] = model.predictProbability!(rows)
    expect(Object.keys(first)).toEqual(['Adelie', 'Chinstrap', 'Gentoo'])
    expect(model.predict([])).toEqual([])
    expect(model.predictProbability!([])).toEqual([])
  })

  it('bears unknown categories and missing values, and refuses missing columns', async () => {
    const model = await loadModel(await penguinsModel())
    const row = {
      ...sampleInput(await exampleData('penguins', 'species'), 1)[0],
      island: 'Atlantis',
      sex: null,
    }
    expect(model.predict([row])).toEqual(['Adelie'])
    expect(() => model.predict([{ island: 'Dream' }])).toThrow('fitted on the column "beak_length_mm"')
  })

  it('of a module is loaded only where that is allowed', async () => {
    const data = await exampleData('iris', 'species')
    const file = temporaryFile(
      'first.mjs',
      `const model = (label) => ({ predict: (table) => new Array(table.rows).fill(label), toJSON: () => label })
       export default { name: 'first', task: 'classification', description: '', hyperparameters: [], fit: () => model('setosa'), load: model }`,
    )
    const json = saveModel({ kind: 'module', file }, signatureOf(data), 'setosa')
    const refused = await rejection(loadModel(json))
    expect([refused.code, refused.message.includes('importModule: true')]).toEqual(['MODEL_INVALID', true])
    const row = sampleInput(data, 1)
    expect((await loadModel(json, { importModule: true })).predict(row)).toEqual(['setosa'])
    const opened = await openTrainer({ kind: 'module', file })
    if (opened.kind !== 'trainer') throw new Error('a trainer expected')
    const inCode: TrainerReference = { kind: 'function', name: 'first' }
    const other = saveModel(inCode, signatureOf(data), 'setosa')
    expect((await rejection(loadModel(other))).message).toContain('passed in code')
    expect((await loadModel(other, { trainer: opened.trainer })).predict(row)).toEqual(['setosa'])
  })

  it.each([
    ['no object', 7, /"format": "espalier-model" \(got none\)/],
    ['another file', { format: 'onnx' }, /\(got "onnx"\)/],
    ['a newer version', { format: 'espalier-model', version: 2 }, /version 1 \(got 2\)/],
    ['no trainer', { format: 'espalier-model', version: 1 }, /names no trainer/],
    [
      'no signature',
      { format: 'espalier-model', version: 1, trainer: { kind: 'function', name: 'x' } },
      /no signature/,
    ],
  ])('is refused where it is %s', async (_, json, message) => {
    const error = await rejection(loadModel(json))
    expect(error.code).toBe('MODEL_INVALID')
    expect(error.message).toMatch(message)
  })

  it('is refused where its state is none of its trainer', async () => {
    const json = { ...(await penguinsModel()), state: { something: 'else' } }
    expect((await rejection(loadModel(json))).message).toBe(
      'state.preprocessing must be an object (got null); the model file is not as it was written',
    )
  })

  it('is refused where its tree has a circle', async () => {
    const json = await penguinsModel(mlCart)
    const { learned } = json.state as unknown as { learned: { right: number[]; column: number[] } }
    learned.right[learned.column.findIndex((column) => column >= 0)] = 0
    expect((await rejection(loadModel(json))).message).toContain(
      'state.learned.right[0] must be the node behind the left part of the tree (got 0)',
    )
  })

  it.each<[what: string, tamper: (json: Opened) => void, message: string]>([
    [
      'a number for a list',
      ({ state }) => (state.learned.column = { length: 1e9 }),
      'state.learned.column must be a list (got an object)',
    ],
    [
      'a column of nobody',
      ({ state }) => (state.learned.column[0] = 1e9),
      'state.learned.column[0] must be a whole number from -1 to',
    ],
    [
      'a hole in a list',
      ({ state }) => (state.learned.threshold[0] = null),
      'state.learned.threshold[0] must be a finite number (got null)',
    ],
    [
      'shares above 1',
      ({ state }) => (state.learned.leaves[0] = [1, 1, 1]),
      'state.learned.leaves[0] must be shares that sum to 1 (got 3)',
    ],
    [
      'a format of dates that is none',
      ({ signature }) => Object.assign(signature, { dateFormat: { day: 'DD.MM.YYYY', end: 'DD' } }),
      'signature.dateFormat must be a date format, or one for each column',
    ],
    [
      'a number for a format of dates',
      ({ signature }) => Object.assign(signature, { dateFormat: { day: 7 } }),
      'signature.dateFormat.day must be a text (got 7)',
    ],
    [
      'units that are none',
      ({ signature }) => Object.assign(signature, { units: '%' }),
      'signature.units must be a list',
    ],
    [
      'other classes',
      ({ signature }) => signature.classes.reverse(),
      "state.classes must be the signature's classes",
    ],
    [
      'other columns',
      ({ signature }) => (signature.columns[1].name = 'z'),
      `state.preprocessing.columns[1].name must be the signature's "z"`,
    ],
    [
      'another kind',
      ({ signature }) => (signature.columns[1] = { name: 'beak_length_mm', kind: 'text', categories: [] }),
      `must be one for the signature's text`,
    ],
    [
      'a target of numbers',
      ({ signature }) => Object.assign(signature, { task: 'regression', classes: null }),
      `signature.task must be cart-classifier's, "classification"`,
    ],
    [
      'a class twice',
      ({ state }) => (state.seen = [0, 0, 1]),
      'state.seen must be a list of classes in their order',
    ],
  ])('is refused where it has %s, with what was found where', async (_, tamper, message) => {
    const json = await penguinsModel(mlCart)
    tamper(json as unknown as Opened)
    const error = await rejection(loadModel(json))
    expect([error.code, error.message]).toEqual(['MODEL_INVALID', expect.stringContaining(message)])
  })

  it('does not answer with what is no class and no finite number', async () => {
    const data = await exampleData('diabetes', 'progression')
    const answers: unknown[] = [1, Number.NaN]
    const trainer: Trainer = {
      ...{ name: 'nan', task: 'regression' as const, description: '', hyperparameters: [] },
      fit: () => never(),
      load: () => ({ predict: () => answers.splice(0, 1) as unknown as Float64Array, toJSON: () => 0 }),
    }
    const json = saveModel({ kind: 'function', name: 'nan' }, signatureOf(data), 0)
    const model = await loadModel(json, { trainer })
    const row = sampleInput(data, 1)
    expect(model.predict(row)).toEqual([1])
    expect(() => model.predict(row)).toThrow('(this one gave NaN for row 0)')
    expect(() => model.predict(row)).toThrow('(this one gave 0 answers for 1 rows)')
    const thrower = { ...trainer, load: () => never() }
    const error = await rejection(loadModel(json, { trainer: thrower }))
    expect([error.code, error.message]).toEqual([
      'MODEL_INVALID',
      expect.stringContaining('nan cannot load this one: never'),
    ])
  })
})
