/** Folders in MLflow's layout: what is in them, and that they are the same for the same model. That MLflow takes them: test/long. */
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { modelFolder } from '../../../src/exchange/mlflow/model-folder.js'
import { readModelFile } from '../../../src/exchange/model-file/read.js'
import { exportModel, type JsonValue, openStore } from '../../../src/index.js'
import { dataFile } from '../../launch/support.js'
import { keptModel, penguins } from '../serve/served.js'

const kept = await keptModel(penguins)
const run = await (await openStore(kept.store)).bestRun()
const folder = await exportModel(run, 'mlflow')
const text = (name: string) => String(folder.files.get(name))

test('it has what MLflow reads, and names nothing that is not there', () => {
  expect([...folder.files.keys()].sort()).toEqual([
    'MLmodel',
    'code/espalier_mlflow_1.py',
    'conda.yaml',
    'input_example.json',
    'model.onnx',
    'model.py',
    'python_env.yaml',
    'requirements.txt',
    'serving_input_example.json',
  ])
  expect(folder.isFolder).toBe(true)
  const { flavors, saved_input_example_info: example } = parse(text('MLmodel'))
  const { python_function: python, onnx } = flavors
  for (const name of [
    python.data,
    python.env.conda,
    python.env.virtualenv,
    onnx.data,
    example.artifact_path,
    example.serving_input_path,
  ])
    expect(folder.files.has(name)).toBe(true)
  expect(folder.files.has(`${python.code}/${python.loader_module}.py`)).toBe(true)
  // A version is a text: 3.1 would be another one than 3.10.
  expect(python.python_version).toBeTypeOf('string')
  expect(parse(text('python_env.yaml')).python).toBeTypeOf('string')
})

test('its signature has the columns in their order, and the probabilities as a param', () => {
  const { inputs, outputs, params } = parse(text('MLmodel')).signature
  expect(JSON.parse(inputs)).toEqual(
    kept.model.signature.columns.map(({ name, kind }) => ({
      type: kind === 'text' ? 'string' : 'double',
      name,
      required: true,
    })),
  )
  expect(JSON.parse(outputs)).toEqual([{ type: 'string', required: true }])
  expect(JSON.parse(params)).toEqual([
    { name: 'probabilities', default: false, shape: null, type: 'boolean' },
  ])
})

test('its example is the first rows of the data, as MLflow keeps and sends a DataFrame', async () => {
  const { sampleInput } = await run.readModel()
  const example = JSON.parse(text('input_example.json'))
  expect(example.columns).toEqual(kept.model.signature.columns.map(({ name }) => name))
  expect(
    example.data.map((row: JsonValue[]) =>
      Object.fromEntries(row.map((cell, i) => [example.columns[i], cell])),
    ),
  ).toEqual(sampleInput)
  expect(example.data.flat()).toContain(null)
  expect(JSON.parse(text('serving_input_example.json'))).toEqual({ dataframe_split: example })
})

test('the same model gives the same bytes, another one another id', async () => {
  expect(await exportModel(run, 'mlflow')).toEqual(folder)
  const other = await keptModel({
    ...penguins,
    search: { algorithm: 'random', trials: 1, seed: 4 },
    parameters: { maxDepth: { type: 'int', min: 1, max: 2 } },
  })
  const another = await exportModel(await (await openStore(other.store)).bestRun(), 'mlflow')
  const idOf = (files: ReadonlyMap<string, Uint8Array | string>) =>
    parse(String(files.get('MLmodel'))).model_uuid
  expect(idOf(folder.files)).toMatch(/^[0-9a-f]{32}$/)
  expect(idOf(another.files)).not.toBe(idOf(folder.files))
})

test('where it is logged is said in the MLmodel alone', async () => {
  const { json, sampleInput } = await run.readModel()
  const logged = await modelFolder(
    await readModelFile(json),
    { sampleInput },
    { modelId: 'm-1', runId: 'r1', createdAt: '2026-01-02T03:04:05.678Z' },
  )
  const different = [...logged.files].filter(
    ([name, content]) => String(content) !== String(folder.files.get(name)),
  )
  expect(different.map(([name]) => name)).toEqual(['MLmodel'])
  expect(parse(String(logged.files.get('MLmodel')))).toEqual({
    ...parse(text('MLmodel')),
    model_id: 'm-1',
    run_id: 'r1',
    utc_time_created: '2026-01-02 03:04:05.678',
  })
})

test('numbers are predicted without a param; without rows there is no example', async () => {
  const numbers = await keptModel({
    trainer: 'cart-regressor',
    data: { file: dataFile('diabetes.csv'), target: 'progression' },
    parameters: { maxDepth: { type: 'int', min: 3, max: 5 } },
  })
  const { json } = await (await openStore(numbers.store)).readModel(numbers.run)
  const { files } = await modelFolder(await readModelFile(json), {})
  const document = parse(String(files.get('MLmodel')))
  expect(JSON.parse(document.signature.outputs)).toEqual([{ type: 'double', required: true }])
  expect(document.signature.params).toBeNull()
  expect(document.saved_input_example_info).toBeUndefined()
  expect(files.has('input_example.json')).toBe(false)
})

test('what MLflow refuses that Espalier takes is told', async () => {
  const { json } = await run.readModel()
  const model = await readModelFile(json)
  const withKinds = {
    ...model,
    signature: {
      ...model.signature,
      columns: model.signature.columns.map((column) =>
        column.name === 'beak_length_mm'
          ? { name: column.name, kind: 'number' as const, as: 'boolean' as const }
          : column.name === 'beak_depth_mm'
            ? { name: column.name, kind: 'number' as const, as: 'date' as const }
            : column,
      ),
    },
  }
  const row = { flipper_length_mm: 181, body_mass_g: 3750.5 }
  const { warnings, files } = await modelFolder(withKinds, { sampleInput: [row] })
  expect(warnings).toContainEqual(
    expect.stringMatching(/^numbers are .*int64 \(as "flipper_length_mm" may be read\)/),
  )
  expect(warnings).toContainEqual(expect.stringMatching(/^dates \("beak_depth_mm"\)/))
  expect(warnings).toContainEqual(expect.stringMatching(/^truth values \("beak_length_mm"\)/))
  const types = new Map(
    JSON.parse(parse(String(files.get('MLmodel'))).signature.inputs).map(
      ({ name, type }: { name: string; type: string }) => [name, type],
    ),
  )
  expect([types.get('beak_length_mm'), types.get('beak_depth_mm')]).toEqual(['any', 'string'])
})
