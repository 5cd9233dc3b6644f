/** Whole sweep files: what is accepted, what is refused, and the JSON Schema that says the same to editors. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { EspalierError } from '../../src/errors.js'
import { parseSweepFile, sweepFileSchema } from '../../src/space/index.js'
import type { JsonObject } from '../../src/values.js'

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../search-spaces')
const readJson = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'))
const sweepsIn = (where: string) =>
  readdirSync(where).filter((name) => name.endsWith('.json') && name !== 'schema.json')
const examples = sweepsIn(folder)
const programs = sweepsIn(join(folder, 'programs'))

async function mistakes(file: unknown): Promise<string[]> {
  try {
    await parseSweepFile(file)
  } catch (error) {
    if (!(error instanceof EspalierError)) throw error
    return error.problems.map(({ path, message }) => `${path}: ${message}`)
  }
  return []
}

describe('a sweep file whose trainer is a parameter', () => {
  const trainer = { type: 'categorical', values: ['a', 'a.b', './c.mjs'] }
  const read = (parameters: object, inCode?: boolean) =>
    parseSweepFile({ parameters: { trainer, ...parameters } }, inCode)

  it('gives a parameter with the name of a trainer the condition that it is chosen: the longest name that fits', async () => {
    const x = { type: 'float', min: 0, max: 1 }
    const { space, choice } = await read({ 'a.x': x, 'a.b.x': 3, './c.mjs.x': x, y: 1 })
    expect(choice).toEqual(trainer.values)
    const conditions = Object.fromEntries(space.parameters.map(({ name, when }) => [name, when]))
    expect(conditions).toEqual({
      trainer: [],
      'a.x': [{ parent: 'trainer', values: ['a'] }],
      'a.b.x': [{ parent: 'trainer', values: ['a.b'] }],
      './c.mjs.x': [{ parent: 'trainer', values: ['./c.mjs'] }],
      y: [],
    })
  })

  it('leaves names as they are where the trainer is named, or passed in code', async () => {
    const { space } = await read({ 'a.x': 3 }, true)
    expect(space.parameters[1].when).toEqual([])
    const named = await parseSweepFile({ trainer: './d.mjs', parameters: { trainer, 'a.x': 3 } })
    expect([named.choice, named.space.parameters[1].when]).toEqual([null, []])
  })

  it('keeps the conditions beside it, and refuses one that contradicts it', async () => {
    const x = { type: 'float', min: 0, max: 1 }
    const { space } = await read({
      y: { type: 'categorical', values: [1, 2] },
      'a.x': { ...x, when: { y: [2] } },
    })
    expect(space.parameters[2].when).toEqual([
      { parent: 'y', values: [2] },
      { parent: 'trainer', values: ['a'] },
    ])
    expect(await mistakes({ parameters: { trainer, 'a.x': { ...x, when: { trainer: ['a.b'] } } } })).toEqual([
      expect.stringContaining('parameters."a.x".when.trainer: "a.x" belongs to a alone'),
    ])
    expect(await mistakes({ parameters: { trainer: { ...trainer, when: { y: [1] } }, y: 1 } })).toEqual([
      expect.stringContaining('must have no "when"'),
    ])
  })
})

describe('a sweep file', () => {
  it('comes back as it was written, with its space and without defaults', async () => {
    const written = {
      name: 'wine',
      search: { algorithm: 'grid', enqueue: [{ k: 3 }, {}] },
      parameters: { k: { type: 'int', min: 1, max: 9 }, epochs: 20 },
    }
    const { space, choice, ...file } = await parseSweepFile(written)
    expect(file).toEqual(written)
    expect(choice).toBe(null)
    expect(space.size).toBe(9)
    const bare = await parseSweepFile({ parameters: { k: 1 } })
    expect(Object.keys(bare).sort()).toEqual(['choice', 'parameters', 'space'])
  })

  it('is refused with every mistake, each in its place', async () => {
    const found = await mistakes({
      trainr: 'cart-classifier',
      name: '',
      data: { file: 'data/wine.csv', traget: 'cultivar' },
      objective: { metric: 3, direction: 'max' },
      validation: { folds: 1, stratified: 'yes', holdout: 1 },
      search: {
        algorithm: 'baysian',
        trials: 0,
        parallel: '4',
        seed: -1,
        replicates: 1.5,
        stopAt: null,
        warmStart: '',
        enqueue: [{ k: 50, kk: 1 }, 3, { k: [1] }],
      },
      parameters: { k: { type: 'int', min: 1, max: 40 }, rate: { type: 'float', min: 1, max: 0 } },
    })
    expect(found).toEqual(
      [
        'name: "name" must not be an empty text (got "")',
        'objective.metric: "metric" must be a text in quotes (got 3)',
        'objective.direction: "direction" must be "minimize" or "maximize" (got "max"); did you mean "maximize"?',
        'data.traget: there is no key "traget" here; did you mean "target"?',
        'validation.folds: "folds" must be at least 2 (got 1)',
        'validation.stratified: "stratified" must be true or false (got "yes"); write true',
        'validation.holdout: "holdout" must be less than 1 (got 1)',
        'search.algorithm: "algorithm" must be "grid", "random", "sobol" or "bayesian" (got "baysian"); did you mean "bayesian"?',
        'search.trials: "trials" must be at least 1 (got 0)',
        'search.parallel: "parallel" must be a number (got "4"); write 4 without quotes',
        'search.seed: "seed" must be at least 0 (got -1)',
        'search.enqueue[1]: every entry of "enqueue" must be an object in curly brackets (got 3)',
        'search.enqueue[2].k: "k" must be a whole number from 1 to 40 (got [1])',
        'search.warmStart: "warmStart" must be the id of a sweep, "latest", or an object like {"sweep": "3f2a", "despite": ["metric"]} (got "")',
        'search.replicates: "replicates" must be a whole number (got 1.5)',
        'search.stopAt: "stopAt" must be a number (got null); leave it out instead',
        'trainr: there is no key "trainr" here; did you mean "trainer"?',
        'parameters.rate: "max" must be greater than "min" (got min 1, max 0)',
        'search.enqueue[0].kk: no parameter has the name "kk"; did you mean "k"?',
        'search.enqueue[0].k: "k" must be a whole number from 1 to 40 (got 50)',
      ].sort(byOrderOf(found)),
    )
  })

  it('must be an object with parameters', async () => {
    expect(await mistakes([])).toEqual([': a sweep file must be an object in curly brackets (got [])'])
    expect(await mistakes(null)).toEqual([': a sweep file must be an object in curly brackets (got null)'])
    expect(await mistakes({})).toEqual([
      'parameters: "parameters" is required (the parameters by name: what the search may choose from)',
    ])
    expect(await mistakes({ params: { k: 1 } })).toEqual([
      'params: there is no key "params" here; did you mean "parameters"?',
    ])
  })
})

/** The order in which mistakes are told is zod's; what matters is that they are all there, and no others. */
function byOrderOf(found: readonly string[]) {
  return (a: string, b: string) => found.indexOf(a) - found.indexOf(b)
}

describe('the example sweeps', () => {
  it('are there', () => {
    expect(examples).toEqual([
      'breast-cancer-cart.json',
      'diabetes-cart.json',
      'digits-perceptron.json',
      'digits-svm.json',
      'iris-cart.json',
      'penguins-cart.json',
      'wine-knn.json',
    ])
    expect(programs).toEqual([
      'python-plain.json',
      'python-printed.json',
      'python-sklearn.json',
      'shell.json',
    ])
  })

  it.each(examples)('%s is valid and its data has the target column', async (name) => {
    const file = await parseSweepFile(readJson(name))
    expect(file.name).toBe(name.replace('.json', ''))
    expect(file.$schema).toBe('./schema.json')
    const header = readFileSync(join(folder, file.data!.file as string), 'utf8')
      .split('\n', 1)[0]
      .trim()
      .split(',')
    expect(header).toContain(file.data!.target)
    expect(file.search!.trials).toBeLessThanOrEqual(30)
    // Each can be run as a grid: every parameter has few enough values, or says how many.
    expect(Number.isFinite(file.space.gridSize)).toBe(true)
  })

  it.each(programs)('programs/%s is valid and names a program that is there', async (name) => {
    const file = await parseSweepFile(readJson(join('programs', name)))
    expect(file.name).toBe(name.replace('.json', ''))
    expect(file.$schema).toBe('../schema.json')
    expect(file.search!.trials).toBeLessThanOrEqual(30)
    const { command } = file.trainer as { command: string[] }
    expect(readdirSync(join(folder, 'programs'))).toContain(command[1])
  })
})

describe('the JSON Schema', () => {
  it('in search-spaces is the one the program generates', async () => {
    expect(
      readJson('schema.json'),
      'search-spaces/schema.json is out of date: run `espalier space schema > search-spaces/schema.json`',
    ).toEqual(await sweepFileSchema())
  })

  it('describes every key and knows every one the program knows', async () => {
    const schema = await sweepFileSchema()
    const undescribed: string[] = []
    const keys = new Set<string>()
    const walk = (node: unknown, path: string) => {
      if (typeof node !== 'object' || node === null) return
      const { properties } = node as { properties?: JsonObject }
      for (const [key, value] of Object.entries(properties ?? {})) {
        keys.add(key)
        const { description, const: fixed } = value as JsonObject
        if (description === undefined && fixed === undefined) undescribed.push(`${path}.${key}`)
      }
      for (const [key, value] of Object.entries(node)) walk(value, `${path}/${key}`)
    }
    walk(schema, '')
    expect(undescribed).toEqual([])
    for (const key of [
      'trainer',
      'target',
      'direction',
      'holdout',
      'warmStart',
      'when',
      'step',
      'grid',
      'default',
    ]) {
      expect(keys).toContain(key)
    }
  })
})
