/**
 * Sweeps of every trainer, recorded before trainers had engines and sweeps their defaults: their models load and answer the same,
 * and a sweep is trained again to the same bits.
 */
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadModel, openStore, reproduceRun, resumeSweep } from '../../src/index.js'
import { temporaryDirectory } from '../temporary.js'

const fixture = fileURLToPath(new URL('../fixtures/store-v2', import.meta.url))
const trainers = [
  ...['cart', 'knn', 'svm', 'boosted-trees', 'forest', 'softmax', 'perceptron'].map(
    (one) => `${one}-classifier`,
  ),
  ...['cart', 'svm', 'boosted-trees', 'forest', 'linear', 'perceptron'].map((one) => `${one}-regressor`),
]
const isRegressor = (trainer: string) => trainer.endsWith('-regressor')

let directory: string
let store: string
let expected: Record<
  string,
  { sweep: string; run: string; value: number; predictions: unknown; probabilities: unknown }
>
let rows: Record<'classification' | 'regression', Record<string, number>[]>

beforeAll(async () => {
  directory = join(await temporaryDirectory(), 'ada')
  await cp(fixture, directory, { recursive: true })
  store = join(directory, 'runs')
  const read = async (name: string) => JSON.parse(await readFile(join(directory, name), 'utf8'))
  expected = await read('expected.json')
  rows = await read('rows.json')
})

describe.each(trainers)('%s', (trainer) => {
  const data = () => join(directory, isRegressor(trainer) ? 'diabetes.csv' : 'iris.csv')

  it('answers as it did', async () => {
    const { run, value, predictions, probabilities } = expected[trainer]
    const opened = await openStore(store)
    expect((await opened.run(run)).id).toBe(run)
    const best = await opened.bestRun({ experiment: trainer })
    expect([best.id, best.value]).toEqual([run, value])
    const json = JSON.parse(new TextDecoder().decode(await opened.readArtifact(run, 'model.json')))
    const model = await loadModel(json)
    const asked = rows[isRegressor(trainer) ? 'regression' : 'classification']
    expect(model.predict(asked)).toEqual(predictions)
    expect(model.predictProbability?.(asked) ?? null).toEqual(probabilities)
  })

  it('is trained again to the same bits', async () => {
    const { sweep } = expected[trainer]
    const { equal, compared, differences } = await reproduceRun(sweep, { store, workers: 1, data: data() })
    expect(differences).toEqual([])
    expect(equal).toBe(true)
    expect(compared).toBeGreaterThan(20)
  })

  it('goes on with the trainer as it was', async () => {
    const { sweep } = expected[trainer]
    const result = await resumeSweep(sweep, { store, workers: 1, data: data(), trials: 5 })
    expect(result).toMatchObject({ status: 'finished', trials: { finished: 5, failed: 0 } })
    const again = await reproduceRun(result.best!.run, { store, workers: 1, data: data() })
    expect(again.differences).toEqual([])
  })
})
