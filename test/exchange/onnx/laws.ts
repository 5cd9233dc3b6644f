/** The laws of models in ONNX: in onnxruntime they answer as in Espalier. Data and rows are made from seeds. */
import { expect } from 'vitest'
import type { Dataset, Target } from '../../../src/data/index.js'
import { type Row, type Signature, signatureOf, tableFromRows } from '../../../src/data/index.js'
import { exportModelFile } from '../../../src/exchange/export/index.js'
import { type RandomStream, randomStream } from '../../../src/numeric/index.js'
import { loadModel, openTrainer, saveModel } from '../../../src/training/index.js'
import type { JsonObject, Params } from '../../../src/values.js'
import { context } from '../../laws/trainer.js'
import { type Fed, type Found, run } from './run.js'

const islands = ['Biscoe', 'Dream', 'Torgersen', 'Ĭsle ☃', 'a', '1']
const many = Array.from({ length: 30 }, (_, i) => `k${i}`)

/** Columns of all kinds; a twelfth of the cells is missing. */
function randomRow(random: RandomStream): Row {
  const cell = (value: Row[string]) => (random.integer(12) === 0 ? null : value)
  const day = (random.integer(40_000) - 10_000) * 86_400_000 + random.integer(4) * 21_600_000
  return {
    length: cell(random.normal()),
    count: cell(random.integer(6)),
    'big one': cell(1e4 * random.normal()),
    ripe: cell(random.integer(2) === 1),
    on: cell(new Date(day).toISOString()),
    island: cell(islands[random.integer(4)]),
    code: cell(many[random.integer(20)]),
  }
}

const extremes = [1e300, -1e300, -0, 0, 5e-324, -5e-324, Number.MAX_VALUE, 2.2250738585072014e-308, 0.1 + 0.2]
const mild = [1e6, -1e6, -0, 0, 5e-324, -5e-324, 0.1 + 0.2]

/** Rows that training did not see: texts that are unknown, everything missing, numbers far away. */
export function askedRows(seed: number, count: number, isExtreme = true): Row[] {
  const random = randomStream(seed, 'asked')
  const far = isExtreme ? extremes : mild
  return Array.from({ length: count }, (_, i) => {
    const row: Record<string, Row[string]> = { ...randomRow(random) }
    if (i === 0) return Object.fromEntries(Object.keys(row).map((name) => [name, null]))
    if (random.integer(3) === 0) row['big one'] = far[random.integer(far.length)]
    if (random.integer(4) === 0) row.length = far[random.integer(far.length)]
    if (random.integer(4) === 0)
      row.island = ['', 'NA', 'unheard of', 'Dream', '?', 'dream'][random.integer(6)]
    if (random.integer(4) === 0)
      row.code = ['new', 'k29', 'NaN', 'x'.repeat(40), '🐧', 'é'][random.integer(6)]
    if (random.integer(6) === 0)
      row.on = ['1600-02-29', '2000-02-29', '1900-03-01', '9999-12-31', '1969-12-31T23:59:59.999Z'][
        random.integer(5)
      ]
    return row
  })
}

/** `seed`, `classes`: 0 for numbers. */
export function randomData(seed: number, rows: number, classes: number): Dataset {
  const random = randomStream(seed, 'data')
  const given = Array.from({ length: rows }, () => randomRow(random))
  const signature: Signature = {
    columns: [
      { name: 'length', kind: 'number' },
      { name: 'count', kind: 'number' },
      { name: 'big one', kind: 'number' },
      { name: 'ripe', kind: 'number', as: 'boolean' },
      { name: 'on', kind: 'number', as: 'date' },
      { name: 'island', kind: 'text', categories: [] },
      { name: 'code', kind: 'text', categories: [] },
    ],
    task: classes === 0 ? 'regression' : 'classification',
    target: 'y',
    classes: classes === 0 ? null : Array.from({ length: classes }, (_, c) => `class ${c}`),
  }
  const scores = given.map(
    (row) =>
      Number(row.length ?? 0.3) +
      Number(row.count ?? 2) / 3 +
      islands.indexOf(String(row.island)) / 2 +
      random.normal() / 2,
  )
  const edges = [...scores].sort((a, b) => a - b)
  const target: Target =
    signature.classes === null
      ? { kind: 'numbers', name: 'y', values: Float64Array.from(scores, (score) => 100 * score) }
      : {
          kind: 'classes',
          name: 'y',
          classes: signature.classes,
          codes: Int32Array.from(scores, (score) => Math.floor((edges.indexOf(score) * classes) / rows)),
        }
  return { ...tableFromRows(given, signature).table, target }
}

/** A model file of a built-in trainer that was fitted on these rows. */
export async function fittedFile(trainer: string, data: Dataset, params: Params): Promise<JsonObject> {
  const opened = await openTrainer({ kind: 'built-in', name: trainer })
  if (opened.kind !== 'trainer') throw new Error('not a trainer')
  const model = await opened.trainer.fit(data, params, context())
  const file = saveModel({ kind: 'built-in', name: trainer }, signatureOf(data), model.toJSON())
  return JSON.parse(JSON.stringify(file))
}

/** Rows as a model in ONNX takes them. */
export function feedsOf(rows: readonly Row[], signature: Signature): Record<string, Fed> {
  const { table } = tableFromRows(rows, signature)
  const dims = [rows.length, 1]
  return Object.fromEntries(
    table.columns.map((column): [string, Fed] => [
      column.name,
      column.kind === 'number'
        ? { type: 'float64', data: Float64Array.from(table.index, (row) => column.values[row]), dims }
        : { type: 'string', data: rows.map((row) => String(row[column.name] ?? '')), dims },
    ]),
  )
}

export interface Compared {
  /** How far probabilities and numbers may be from ours, relatively; 0: equal to the last bit. */
  readonly within: number
  readonly opset?: number
}

/** A model file's answers to rows, by Espalier and by onnxruntime. */
export async function expectSame(
  file: JsonObject,
  rows: readonly Row[],
  { within, opset }: Compared,
  runs: (bytes: Uint8Array, feeds: Record<string, Fed>) => Promise<Found> = run,
): Promise<readonly string[]> {
  const { files, warnings } = await exportModelFile(file, 'onnx', { ...(opset !== undefined && { opset }) })
  const model = await loadModel(file)
  const found = await runs(files.get('model.onnx') as Uint8Array, feedsOf(rows, model.signature))
  const ours = model.predict(rows)
  const { classes } = model.signature
  if (classes === null) {
    expect(found.variable.dims).toEqual([rows.length, 1])
    sameNumbers(Array.from(found.variable.data as ArrayLike<number>), ours as number[], within, rows)
    return warnings
  }
  const shares = model.predictProbability?.(rows).map((row) => classes.map((name) => row[name]))
  expect(found.probabilities === undefined).toBe(shares === undefined)
  if (shares !== undefined) {
    expect(found.probabilities.dims).toEqual([rows.length, classes.length])
    const given = Array.from(found.probabilities.data as ArrayLike<number>)
    sameNumbers(given, shares.flat(), within, rows, classes.length)
  }
  expect(found.label.dims).toEqual([rows.length])
  expect(Array.from(found.label.data)).toEqual(ours)
  return warnings
}

function sameNumbers(
  found: readonly number[],
  ours: readonly number[],
  within: number,
  rows: readonly Row[],
  width = 1,
): void {
  expect(found.length).toBe(ours.length)
  const far = found.findIndex((value, i) =>
    within === 0 ? !Object.is(value, ours[i]) : !(Math.abs(value - ours[i]) <= within * Math.abs(ours[i])),
  )
  if (far === -1) return
  const row = JSON.stringify(rows[Math.floor(far / width)])
  expect.fail(`onnxruntime answers ${found[far]}, Espalier ${ours[far]} (column ${far % width}) to ${row}`)
}

export interface ModelCase {
  readonly trainer: string
  readonly params: Params
  readonly within: number
  /** Whether it is asked for numbers of 1e300, whose sums and products may not be those of another order. */
  readonly isExtreme: boolean
}

const exact = (trainer: string, params: Params = {}): ModelCase => ({
  trainer,
  params,
  within: 0,
  isExtreme: true,
})
/** Exact as long as nothing overflows. */
const exactSums = (trainer: string, params: Params = {}): ModelCase => ({
  ...exact(trainer, params),
  isExtreme: false,
})
const near = (trainer: string, params: Params = {}): ModelCase => ({
  trainer,
  params,
  within: 1e-12,
  isExtreme: false,
})
const filled = { imputation: 'mean', encoding: 'one-hot' }

/** Each built-in trainer with each of its engines, and what its predictions depend on. */
export const modelCases: readonly ModelCase[] = [
  exact('cart-classifier'),
  exact('cart-classifier', { encoding: 'one-hot', maxDepth: 3, calibration: 'isotonic' }),
  exact('cart-classifier', { engine: 'ml-cart', ...filled }),
  exact('cart-regressor'),
  exact('cart-regressor', { engine: 'ml-cart', ...filled }),
  exact('forest-classifier', { trees: 12 }),
  exact('forest-classifier', { trees: 6, engine: 'ml-random-forest', ...filled }),
  exact('forest-classifier', { trees: 7, calibration: 'sigmoid' }),
  exact('forest-regressor', { trees: 9 }),
  exact('forest-regressor', { trees: 5, engine: 'ml-random-forest', ...filled }),
  exact('extra-trees-classifier', { trees: 8 }),
  exact('extra-trees-regressor', { trees: 8 }),
  exact('boosted-trees-classifier', { rounds: 12, minSamplesLeaf: 5 }),
  exact('boosted-trees-classifier', { rounds: 8, engine: 'ml-xgboost', ...filled }),
  exact('boosted-trees-regressor', { rounds: 12, minSamplesLeaf: 5 }),
  exact('boosted-trees-regressor', { rounds: 12, minSamplesLeaf: 5, loss: 'absoluteError' }),
  exact('boosted-trees-regressor', { rounds: 8, engine: 'ml-xgboost', ...filled }),
  ...(['euclidean', 'manhattan', 'chebyshev', 'cosine'] as const).flatMap((distance, i) => [
    exact('knn-classifier', { distance, k: 3 + i, weights: i % 2 === 0 ? 'uniform' : 'distance' }),
    exact('knn-regressor', { distance, k: 3 + i, weights: i % 2 === 0 ? 'distance' : 'uniform' }),
  ]),
  // Beside 1e300 all rows are equally far away: which of them ml-knn takes only its tree knows.
  exactSums('knn-classifier', { engine: 'ml-knn', k: 4 }),
  exactSums('knn-classifier', { engine: 'ml-knn', k: 4, weights: 'distance', distance: 'manhattan' }),
  exactSums('linear-regressor'),
  exactSums('softmax-classifier'),
  exactSums('softmax-classifier', { calibration: 'isotonic' }),
  exactSums('perceptron-classifier', { epochs: 5, units: 12 }),
  exactSums('perceptron-classifier', { epochs: 5, units: 6, layers: 2, activation: 'tanh' }),
  exactSums('perceptron-regressor', { epochs: 5, units: 12 }),
  exactSums('perceptron-regressor', { epochs: 5, units: 6, layers: 2, activation: 'tanh' }),
  ...(['rbf', 'linear', 'polynomial', 'sigmoid'] as const).flatMap((kernel, i) => [
    exact('svm-classifier', { kernel, probabilities: i % 2 === 0 }),
    (kernel === 'polynomial' ? near : exactSums)('svm-classifier', {
      kernel,
      engine: 'libsvm',
      probabilities: i % 2 === 1,
    }),
    i % 2 === 0
      ? exact('svm-regressor', { kernel })
      : exactSums('svm-regressor', { kernel, engine: 'libsvm' }),
  ]),
]
