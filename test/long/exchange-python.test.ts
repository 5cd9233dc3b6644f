/** Exported models in every Python from 3.8 on that is here: larger data, real data sets, and a million inputs of each function. */
import { describe, expect, it } from 'vitest'
import { type Dataset, type Row, rowsAsWritten, selectRows } from '../../src/data/index.js'
import type { Params } from '../../src/values.js'
import { askedOf, cases } from '../exchange/python/cases.js'
import { functionInputs, functions, wrongInputs } from '../exchange/python/functions.js'
import { type Answers, type Asked, fitted, ownAnswers, pythonAnswers } from '../exchange/python/support.js'
import { findPythons } from '../training/command/pythons.js'
import { exampleData } from '../training/support.js'

const pythons = findPythons().map((one) => ({
  ...one,
  is: one.program === null ? 'which is not on this machine' : 'here',
}))
const newest = pythons.filter(({ program }) => program !== null).at(-1)?.program ?? null

const everySecond = (data: Dataset, odd: 0 | 1): Dataset =>
  selectRows(
    data,
    Int32Array.from({ length: (data.rows - odd + 1) >> 1 }, (_, i) => 2 * i + odd),
  )

/** Models of the example data sets, asked for the rows that they were not fitted on. */
async function realModels(): Promise<Asked[]> {
  const trainers: readonly (readonly [string, Params])[] = [
    ['forest', { trees: 30 }],
    ['extra-trees', { trees: 30 }],
    ['boosted-trees', { rounds: 30 }],
    ['boosted-trees', { rounds: 10, engine: 'ml-xgboost', imputation: 'mean', encoding: 'one-hot' }],
    ['knn', { k: 7, weights: 'distance' }],
    ['perceptron', { epochs: 10, activation: 'tanh' }],
    ['svm', {}],
    ['svm', { engine: 'libsvm' }],
  ]
  const sets: readonly (readonly [string, string, string])[] = [
    ['iris', 'species', 'classifier'],
    ['wine', 'cultivar', 'classifier'],
    ['penguins', 'species', 'classifier'],
    ['breast-cancer', 'diagnosis', 'classifier'],
    ['diabetes', 'progression', 'regressor'],
  ]
  const models: Asked[] = []
  for (const [name, target, kind] of sets) {
    const data = await exampleData(name, target)
    const rows: Row[] = rowsAsWritten(everySecond(data, 1))
    for (const [trainer, params] of trainers)
      models.push({ json: await fitted(`${trainer}-${kind}`, everySecond(data, 0), params), rows })
  }
  return models
}

let models: Promise<{ asked: Asked[]; ours: Answers[] }> | null = null

function everyModel() {
  models ??= (async () => {
    const asked = await realModels()
    for (const seed of [1, 2, 3])
      for (const [i, one] of cases.entries()) asked.push(await askedOf(one, 1000 * seed + i, 200))
    return { asked, ours: await Promise.all(asked.map(ownAnswers)) }
  })()
  return models
}

describe.each(pythons)('Python $version, $is,', ({ program }) => {
  it.skipIf(program === null)('predicts what we predict, to the last bit, and warns of nothing', async () => {
    const { asked, ours } = await everyModel()
    const theirs = await pythonAnswers(program!, asked, ['-W', 'error'])
    expect(theirs.filter(({ error }) => error !== undefined)).toEqual([])
    theirs.forEach((answers, i) => {
      expect.soft(answers, `${i}`).toEqual(ours[i])
    })
  })
})

describe('a million inputs', () => {
  it.skipIf(newest === null).each(functions)('%s', (name) => {
    expect(wrongInputs(newest!, name, functionInputs(7, 50_000))).toEqual([])
  })
})
