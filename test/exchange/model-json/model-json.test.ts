/** The JSON format: canonical, described by its schema, and read again. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { exportModelFile } from '../../../src/exchange/index.js'
import { modelSchemaId } from '../../../src/exchange/model-json/index.js'
import { describedTrainers, modelFile, modelSchema } from '../../../src/exchange/model-json/schema.js'
import { trainerNames } from '../../../src/training/index.js'
import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/values.js'
import { askedOf, cases } from '../python/cases.js'
import { fitted, ownAnswers, randomData, randomRows } from '../python/support.js'

async function written(json: JsonValue): Promise<string> {
  const { files, isFolder, warnings } = await exportModelFile(json, 'json')
  expect({ isFolder, warnings, names: [...files.keys()] }).toEqual({
    isFolder: false,
    warnings: [],
    names: ['model.json'],
  })
  return files.get('model.json') as string
}

/** Every way to leave out an entry, one at a time; without those that need not be there. */
function broken(json: JsonValue, optional: ReadonlySet<string>): JsonObject[] {
  const found: JsonObject[] = []
  const visit = (node: JsonValue, put: (changed: JsonValue) => JsonValue) => {
    if (Array.isArray(node)) {
      if (node.length > 0) visit(node[0], (changed) => put([changed, ...node.slice(1)]))
      return
    }
    if (!isJsonObject(node)) return
    for (const [name, value] of Object.entries(node as JsonObject)) {
      const { [name]: _, ...others } = node as JsonObject
      if (!optional.has(name)) found.push(put(others) as JsonObject)
      found.push(put({ ...others, [name]: { other: 1 } }) as JsonObject)
      visit(value, (changed) => put({ ...others, [name]: changed }))
    }
    found.push(put({ ...(node as JsonObject), unheardOf: 1 }) as JsonObject)
  }
  visit(json, (changed) => changed)
  return found
}

/** `engine` tells two kinds of states apart, and a state of the one kind is none of the other. */
const optional = new Set(['$schema', 'as', 'importances', 'threshold', 'calibration', 'engine', 'votes'])

describe('--format json', () => {
  it('describes the models of every trainer, and nothing that is broken', async () => {
    expect([...describedTrainers].sort()).toEqual([...trainerNames()].sort())
    const tried = new Set<string>()
    for (const [i, one] of cases.entries()) {
      const { json } = await askedOf(one, i, 40)
      const model = JSON.parse(await written(json))
      expect.soft(modelFile.safeParse(model).error, JSON.stringify(one)).toBeUndefined()
      // Once for each form of a state.
      const form = `${one.trainer} ${JSON.stringify(Object.keys(model.state.learned))}`
      if (tried.has(form)) continue
      tried.add(form)
      const accepted = broken(model, optional).filter((changed) => modelFile.safeParse(changed).success)
      expect
        .soft(
          accepted.map((changed) => Object.keys(changed)),
          form,
        )
        .toEqual([])
    }
  })

  it('is the same bytes for the same model, whatever the order of its keys, and predicts the same', async () => {
    const shape = { rows: 60, seed: 1, target: 'classes', classes: 2 } as const
    const member = await fitted('forest-classifier', randomData(shape), { trees: 3, calibration: 'sigmoid' })
    const { trainer, state, signature } = member
    const json = {
      state: { members: [{ state, trainer, weight: 2 }] },
      trainer: { kind: 'ensemble' },
      signature,
      version: 1,
      format: 'espalier-model',
      threshold: { value: 0.4, metric: 'f1', positive: 'class 1' },
    }
    const text = await written(json)
    const turned = (value: JsonValue): JsonValue =>
      Array.isArray(value)
        ? value.map(turned)
        : isJsonObject(value)
          ? Object.fromEntries(
              Object.entries(value as JsonObject)
                .reverse()
                .map(([name, one]) => [name, turned(one)]),
            )
          : value
    expect(await written(turned(json))).toBe(text)
    const read = JSON.parse(text)
    expect(read.$schema).toBe(modelSchemaId)
    expect(await written(read)).toBe(text)
    expect(modelFile.safeParse(read).success).toBe(true)
    const rows = randomRows({ ...shape, seed: 2 })
    expect(await ownAnswers({ json: read, rows })).toEqual(await ownAnswers({ json, rows }))
  })

  it('refuses what is no model, and a model of code', async () => {
    await expect(exportModelFile({ format: 'other' }, 'json')).rejects.toMatchObject({
      code: 'MODEL_INVALID',
    })
    const json = await fitted('linear-regressor', randomData({ rows: 30, seed: 1, target: 'numbers' }), {})
    const own = { ...json, trainer: { kind: 'module', file: '/somewhere/trainer.js' } }
    await expect(exportModelFile(own, 'json')).rejects.toMatchObject({ code: 'USAGE' })
  })
})

describe('the JSON Schema', () => {
  const file = new URL('../../../docs/model.schema.json', import.meta.url)

  it('in docs is the one that is made of the shapes', () => {
    expect(
      JSON.parse(readFileSync(file, 'utf8')),
      'docs/model.schema.json is out of date: run `npm run docs`',
    ).toEqual(modelSchema())
  })

  it('has an entry for every trainer, and refers to nothing that it does not define', () => {
    const text = readFileSync(file, 'utf8')
    for (const name of describedTrainers) expect(text).toContain(`"${name}"`)
    const { definitions } = JSON.parse(text)
    const referred = new Set(
      Array.from(text.matchAll(/"\$ref": "#\/definitions\/([\w-]+)"/g), ([, name]) => name),
    )
    expect(referred.size).toBeGreaterThan(10)
    expect([...referred].sort()).toEqual(Object.keys(definitions).sort())
  })
})
