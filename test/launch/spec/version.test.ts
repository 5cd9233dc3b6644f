/** Specs as every version of Espalier recorded them. */
import { expect, it } from 'vitest'
import { EspalierError } from '../../../src/index.js'
import { recordedSpec, specOf } from '../../../src/launch/spec/version.js'

/** As version 1 wrote it, before there were pruners and advice. */
const first = {
  name: 'height',
  description: null,
  source: '/home/ada/height.json',
  trainer: { kind: 'module', file: '/home/ada/height.mjs', digest: 'ab12' },
  data: null,
  objective: { metric: 'loss', direction: 'minimize' },
  validation: null,
  search: {
    algorithm: 'sobol',
    trials: 6,
    parallel: 4,
    seed: 0,
    enqueue: [],
    warmStart: null,
    replicates: 1,
    stopAt: null,
  },
  trials: 6,
  order: 'trial',
  retries: 0,
  trialTimeout: null,
  memoryLimit: null,
  keepModels: 'none',
  parameters: { x: { type: 'float', min: 0, max: 1 } },
}

it('are read as what they are today, and then recorded as that', () => {
  const today = {
    ...first,
    version: 4,
    sharedMemory: 256,
    budget: null,
    ensemble: null,
    defaults: {},
    metrics: [],
    threshold: null,
    resources: { devices: 0 },
    checkpoints: { keep: false, limitMB: 10_240 },
    retryTimeouts: true,
    bestAtTimeLimit: false,
    limits: { artifactsMB: 64 },
    search: { ...first.search, pruner: { name: 'none' }, advice: 'off' },
  }
  const read = specOf({ id: 'a1', spec: first })
  expect(read).toEqual(today)
  expect(specOf({ id: 'a1', spec: recordedSpec(read) })).toEqual(today)
})

it('say what they said: a step of versions adds only what was left unsaid', () => {
  const pruner = { name: 'folds', minFolds: 2 }
  const spec = { ...first, search: { ...first.search, pruner, advice: 'stop' } }
  expect(specOf({ id: 'a1', spec }).search).toMatchObject({ pruner, advice: 'stop' })
})

it('say that a warm start of old was to differ in nothing, and that texts like None made a column of texts', () => {
  const warmStart = { sweep: 'b2', trials: [] }
  const spec = { ...first, data: { file: 'x.csv' }, search: { ...first.search, warmStart } }
  expect(specOf({ id: 'a1', spec })).toMatchObject({
    data: { file: 'x.csv', looseMissing: false },
    search: { warmStart: { ...warmStart, despite: [] } },
  })
})

it('say that files were in UTF-8, with commas or tabs between cells and decimal points', () => {
  const data = { file: '/home/ada/x.tsv', testFile: '/home/ada/x.parquet', settings: {} }
  const read = (more: object) =>
    specOf({ id: 'a1', spec: { ...first, version: 2, data: { ...data, ...more } } }).data
  const tsv = { encoding: 'utf-8', separator: '\t', decimal: '.' }
  expect(read({})).toMatchObject({
    files: null,
    readings: [tsv, { encoding: null, separator: null, decimal: '.' }],
  })
  expect(read({ settings: { format: 'csv' }, testFile: null })?.readings).toEqual([
    { ...tsv, separator: ',' },
  ])
})

it('say what stood for hyperparameters of a built-in trainer when defaults went unsaid', () => {
  const trainer = { kind: 'built-in', name: 'knn-classifier' }
  const { defaults } = specOf({ id: 'a1', spec: { ...first, version: 2, trainer } })
  expect(defaults).toMatchObject({ 'knn-classifier': { k: 5, scaling: 'standard', imputation: 'mean' } })
  const said = { 'knn-classifier': { k: 7 } }
  expect(specOf({ id: 'a1', spec: { ...first, version: 3, trainer, defaults: said } }).defaults).toEqual(said)
})

it.each([
  ['of a newer version', { ...first, version: 5 }, 'STORE_VERSION'],
  ['of no version that there can be', { ...first, version: '2' }, 'STORE_VERSION'],
  ['that no Espalier wrote', { name: 'x' }, 'STORE_CORRUPT'],
])('are refused where one is %s', (_, spec, code) => {
  const caught = (() => {
    try {
      return specOf({ id: 'a1', spec })
    } catch (error) {
      return error
    }
  })()
  expect(caught).toBeInstanceOf(EspalierError)
  expect(caught).toMatchObject({ code })
})
