/** Every form in which MLflow's clients write rows is answered with the model's predictions; what is wrong with it is told with column and row. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { csvText } from '../../../src/csv-cell.js'
import { serveModel } from '../../../src/exchange/serve/index.js'
import type { Row } from '../../../src/index.js'
import { dataFile, temporaryDirectory } from '../../launch/support.js'
import { ask, keptModel, penguins, served } from './served.js'

const kept = await keptModel(penguins)
const warnings: string[] = []
const server = await serveModel({ ...kept, port: 0, onWarning: (warning) => warnings.push(warning) })
afterAll(() => server.close())
const columns = kept.model.signature.columns.map(({ name }) => name)
const rows: Row[] = [
  {
    island: 'Torgersen',
    beak_length_mm: 39.1,
    beak_depth_mm: 18.7,
    flipper_length_mm: 181,
    body_mass_g: 3750,
    sex: 'MALE',
  },
  {
    island: 'Biscoe',
    beak_length_mm: 46.1,
    beak_depth_mm: 13.2,
    flipper_length_mm: 211,
    body_mass_g: 4500,
    sex: null,
  },
  {
    island: 'Dream',
    beak_length_mm: null,
    beak_depth_mm: null,
    flipper_length_mm: 195,
    body_mass_g: 3700,
    sex: 'FEMALE',
  },
]
const data = rows.map((row) => columns.map((name) => row[name]))
const predictions = kept.model.predict(rows)
const byColumn = Object.fromEntries(columns.map((name) => [name, rows.map((row) => row[name])]))

test('rows of the test are told apart by the model', () => {
  expect(new Set(predictions).size).toBeGreaterThan(1)
})

test.each([
  ['dataframe_split', { dataframe_split: { columns, data } }],
  ['dataframe_split with an index', { dataframe_split: { columns, data, index: [7, 8, 9] } }],
  [
    'dataframe_split in another order',
    { dataframe_split: { columns: [...columns].reverse(), data: data.map((row) => [...row].reverse()) } },
  ],
  ['dataframe_records', { dataframe_records: rows }],
  ['instances', { instances: rows }],
  ['instances by column', { instances: byColumn }],
  ['inputs by column', { inputs: byColumn }],
  ['inputs as records', { inputs: rows }],
  ['without probabilities', { inputs: rows, params: { probabilities: false } }],
  ['params that are null', { inputs: rows, params: null }],
])('%s', async (_, body) => {
  const { status, json, headers } = await ask(server, body)
  expect(json).toEqual({ predictions })
  expect(status).toBe(200)
  expect(headers.get('content-type')).toBe('application/json')
})

test('one row by its columns', async () => {
  expect((await ask(server, { inputs: rows[1] })).json).toEqual({ predictions: [predictions[1]] })
})

test('numbers, missing ones among them, as Python writes them', async () => {
  const body = JSON.stringify({ dataframe_split: { columns, data } }).replaceAll('null', 'NaN')
  expect(body).toContain('NaN')
  const { json, headers } = await ask(server, body)
  expect(json).toEqual({ predictions })
  // They are missing, and no other value or text.
  expect(headers.get('espalier-warnings')).toBeNull()
})

test('NaN within a text is text', async () => {
  const [row] = rows
  const body = JSON.stringify({
    inputs: [
      { ...row, island: 'NaN \\" NaN' },
      { ...row, beak_depth_mm: 'X' },
    ],
  })
  const { status, json } = await ask(server, body.replace('"X"', 'NaN'))
  expect(status).toBe(200)
  expect(json.predictions).toEqual(
    kept.model.predict([
      { ...row, island: 'NaN \\" NaN' },
      { ...row, beak_depth_mm: null },
    ]),
  )
})

test('CSV with a header', async () => {
  const csv = csvText([columns, ...data.map((row) => row.map((cell) => cell ?? ''))])
  expect((await ask(server, csv, 'text/csv')).json).toEqual({ predictions })
  expect((await ask(server, csv, 'text/csv; charset=UTF-8')).json).toEqual({ predictions })
})

test('probabilities, where the model has them', async () => {
  const { json } = await ask(server, { inputs: rows, params: { probabilities: true } })
  expect(json).toEqual({ predictions: kept.model.predictProbability!(rows) })
  const numbers = await keptModel({
    trainer: 'cart-regressor',
    data: { file: dataFile('diabetes.csv'), target: 'progression' },
    parameters: { maxDepth: { type: 'int', min: 3, max: 5 } },
  })
  const regressor = await served(numbers)
  const row = Object.fromEntries(numbers.model.signature.columns.map(({ name }) => [name, 0.01]))
  expect((await ask(regressor, { inputs: row })).json).toEqual({ predictions: numbers.model.predict([row]) })
  const refused = await ask(regressor, { inputs: row, params: { probabilities: true } })
  expect(refused.status).toBe(400)
  expect(refused.json.message).toContain('no probabilities')
})

test('a model of one column takes a list of its values', async () => {
  const directory = await temporaryDirectory()
  const cells = Array.from({ length: 40 }, (_, i) => [i, i < 20 ? 'low' : 'high'])
  await writeFile(join(directory, 'one.csv'), csvText([['size', 'is'], ...cells]))
  const one = await keptModel({
    trainer: 'cart-classifier',
    data: { file: join(directory, 'one.csv'), target: 'is' },
    parameters: { maxDepth: { type: 'int', min: 3, max: 5 } },
  })
  const predictions = one.model.predict([{ size: 1 }, { size: 35 }])
  expect(predictions).toEqual(['low', 'high'])
  const server = await served(one)
  for (const field of ['inputs', 'instances'])
    expect((await ask(server, { [field]: [1, 35] })).json).toEqual({ predictions })
})

test('no rows have no predictions', async () => {
  expect((await ask(server, { dataframe_records: [] })).json).toEqual({ predictions: [] })
  expect((await ask(server, { dataframe_split: { columns, data: [] } })).json).toEqual({ predictions: [] })
})

test('what the model does not know is told beside the answer', async () => {
  warnings.splice(0)
  const strange = { ...rows[0], island: 'Ĭsle', extra: 1 }
  for (let times = 0; times < 2; times++) {
    const { status, headers } = await ask(server, { inputs: [strange] })
    expect(status).toBe(200)
    expect(JSON.parse(headers.get('espalier-warnings')!)).toEqual([
      'the model does not use "extra"',
      'column "island" has categories the model does not know: "Ĭsle"',
    ])
  }
  expect(warnings).toHaveLength(2)
})

const [row] = rows
test.each<[string, string | object, RegExp]>([
  ['no JSON', '{', /^the body must be JSON/],
  ['no text', '', /^the body must be JSON/],
  ['a list', [row], /^the body is a JSON object with one of "dataframe_split".*got a list of 1/],
  ['nothing that is asked', {}, /exactly one of .*got none\)/],
  ['an older body', { columns, data }, /exactly one of .*got none, but "columns"/],
  ['two forms', { inputs: [row], instances: [row] }, /exactly one of .*got "instances", "inputs"/],
  ['a further field', { inputs: [row], param: {} }, /nothing else \(got "param"\); did you mean "params"/],
  [
    'other params',
    { inputs: [row], params: { probability: true } },
    /got "probability"\); did you mean "probabilities"/,
  ],
  ['params that are none', { inputs: [row], params: 3 }, /"params" is an object \(got 3\)/],
  ['a param that is none', { inputs: [row], params: { probabilities: 1 } }, /true or false \(got 1\)/],
  ['a split that is none', { dataframe_split: [row] }, /"dataframe_split" is an object/],
  ['a split of records', { dataframe_split: { columns, data, orient: 1 } }, /got "orient" too/],
  ['no columns', { dataframe_split: { data } }, /columns" is a list of the columns' names \(got nothing\)/],
  ['a column twice', { dataframe_split: { columns: ['a', 'b', 'a'], data: [] } }, /has "a" twice/],
  [
    'a short row',
    { dataframe_split: { columns, data: [data[0], data[1].slice(1)] } },
    /^row 1: .*list of 6 cells.*got 5/,
  ],
  ['an index that is short', { dataframe_split: { columns, data, index: [1] } }, /3 rows, got 1 labels/],
  ['rows without names', { instances: data }, /^row 0: .*columns go by their names \(got a list of 6\)/],
  ['records that are none', { dataframe_records: { a: [1] } }, /"dataframe_records" is a list of rows/],
  [
    'columns of other lengths',
    { inputs: { ...byColumn, sex: ['MALE'] } },
    /^column "sex": .*"island" has 3, this one 1/,
  ],
  [
    'values beside lists',
    { inputs: { ...byColumn, sex: 'MALE' } },
    /^column "sex": .*got "MALE" beside lists/,
  ],
  [
    'a column too few',
    { inputs: [{ ...row, sex: undefined }] },
    /fitted on the column "sex", and it is missing/,
  ],
  [
    'a text for a number',
    { inputs: [row, { ...row, body_mass_g: 'big' }] },
    /^row 1, column "body_mass_g": this column holds numbers, and "big" is none/,
  ],
  ['a truth value for a number', { inputs: [{ ...row, body_mass_g: true }] }, /^row 0, column "body_mass_g"/],
  [
    'a list for a text',
    { inputs: [row, { ...row, island: ['Dream'] }] },
    /^row 1, column "island": a cell is .*got a list of 1/,
  ],
  [
    'an object for a number',
    { dataframe_split: { columns, data: [[{}, 1, 1, 1, 1, 'x']] } },
    /^row 0, column "island": .*got an object/,
  ],
  [
    'an infinite number',
    `{"inputs": [{"island": "Dream", "beak_length_mm": -Infinity}]}`,
    /^row 0, column "beak_length_mm": a cell is a finite number.*got -Infinity/,
  ],
])('400: %s', async (_, body, message) => {
  const { status, json } = await ask(server, body)
  expect(json).toMatchObject({ error_code: 'BAD_REQUEST', message: expect.stringMatching(message) })
  expect(status).toBe(400)
})

test('several mistakes are told at once', async () => {
  const { json } = await ask(server, {
    inputs: [row, { ...row, body_mass_g: 'big' }, { ...row, beak_length_mm: 'x' }],
  })
  expect(json.problems.map(({ path }: { path: string }) => path)).toEqual([
    'row 2, column "beak_length_mm"',
    'row 1, column "body_mass_g"',
  ])
})

test('400: what is no UTF-8', async () => {
  const { status, json } = await ask(server, Uint8Array.of(123, 0xff, 125))
  expect(status).toBe(400)
  expect(json.message).toContain('UTF-8')
})

test.each([
  [
    `${columns.join()}\nDream,a,1,1,1,MALE\n`,
    /the body line 2, column "beak_length_mm": this column holds numbers, and "a" is none/,
  ],
  [`${columns.slice(1).join()}\n1,1,1,1,MALE\n`, /fitted on the column "island", and it is missing/],
  [`${columns.join()}\nDream,1,1,1,1,MALE\nDream,1\n`, /the body line 3: every row has as many cells/],
  [`${columns.join(';')}\nDream;1;1;1;1;MALE\n`, /fitted on the column "island", and it is missing/],
  ['', /empty/],
])('400: CSV %j', async (csv, message) => {
  const { status, json } = await ask(server, csv, 'text/csv')
  expect(json.message).toMatch(message)
  expect(status).toBe(400)
})
