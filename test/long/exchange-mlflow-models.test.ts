/** Models on a real MLflow server and in its Python: loaded from a folder, a run, the registry; served by it and by Espalier. */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { csvText } from '../../src/csv-cell.js'
import { openClient } from '../../src/exchange/mlflow/client.js'
import { logModel } from '../../src/exchange/mlflow/logged-model.js'
import { registerModel } from '../../src/exchange/mlflow/register.js'
import { serveModel } from '../../src/exchange/serve/index.js'
import { exportModel, type LoadedModel, openStore, type Row, sweep } from '../../src/index.js'
import { openStore as openRecord } from '../../src/tracking/index.js'
import { dataFile } from '../launch/support.js'
import { temporaryFolder } from '../temporary.js'
import { able, type MlflowServer, mlflowServer, python, why } from './mlflow-server.js'

const environment = {
  ...process.env,
  PATH: `${dirname(python)}:${process.env.PATH}`,
  MLFLOW_DISABLE_TELEMETRY: 'true',
}

/** What a script prints, as JSON, while this process goes on; it is given `input` as JSON. */
async function ask<T>(script: string, input: unknown, env: Record<string, string> = {}): Promise<T> {
  const child = spawn(python, ['-c', script], { env: { ...environment, ...env } })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (part) => {
    out += part
  })
  child.stderr.setEncoding('utf8').on('data', (part) => {
    err += part
  })
  child.stdin.end(JSON.stringify(input))
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`Python failed:\n${err}`)
  return JSON.parse(out.trim().split('\n').at(-1)!) as T
}

/** Rows of a data file as people write them, and some that training did not see. */
function rowsOf(file: string, model: LoadedModel): Row[] {
  const [header, ...lines] = readFileSync(dataFile(file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(','))
  const kinds = new Map(model.signature.columns.map(({ name, kind }) => [name, kind]))
  const cell = (name: string, text: string) =>
    text === '' || text === 'NA' ? null : kinds.get(name) === 'text' ? text : Number(text)
  const rows = lines.map(
    (cells): Row =>
      Object.fromEntries(
        header.flatMap((name, i) => (kinds.has(name) ? [[name, cell(name, cells[i])]] : [])),
      ),
  )
  const strange = model.signature.columns.map(
    ({ name, kind }, i): Row => ({
      ...rows[i],
      [name]: kind === 'text' ? 'nowhere, "☃"' : -12345.678901234567,
    }),
  )
  const empty: Row = Object.fromEntries(model.signature.columns.map(({ name }) => [name, null]))
  const missing = model.signature.columns.map(({ name }, i): Row => ({ ...rows[i + 20], [name]: null }))
  return [...rows, ...strange, ...missing, empty]
}

interface Made {
  readonly name: string
  readonly store: string
  readonly run: string
  readonly model: LoadedModel
  readonly rows: Row[]
  readonly folder: string
}

async function made(
  name: string,
  file: string,
  target: string,
  trainer: string,
  parameters: object,
): Promise<Made> {
  const store = temporaryFolder()
  const result = await sweep(
    {
      name,
      trainer,
      data: { file: dataFile(file), target },
      validation: { folds: 2 },
      search: { algorithm: 'random', trials: 1, seed: 5 },
      parameters,
    } as never,
    { store },
  )
  const run = await (await openStore(store)).bestRun({ sweep: result.run })
  const model = await run.loadModel()
  const folder = join(temporaryFolder(), 'model')
  for (const [path, content] of (await exportModel(run, 'mlflow')).files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return { name, store, run: run.id, model, rows: rowsOf(file, model), folder }
}

const float = (min: number, max: number) => ({ type: 'float', min, max })
const cases: [string, string, string, string, object][] = [
  [
    'penguins-cart',
    'penguins.csv',
    'species',
    'cart-classifier',
    { maxDepth: { type: 'int', min: 3, max: 6 } },
  ],
  [
    'penguins-boosted',
    'penguins.csv',
    'species',
    'boosted-trees-classifier',
    { learningRate: float(0.1, 0.3) },
  ],
  ['wine-softmax', 'wine.csv', 'cultivar', 'softmax-classifier', { l2: float(0.01, 0.1) }],
  ['wine-knn', 'wine.csv', 'cultivar', 'knn-classifier', { k: { type: 'int', min: 3, max: 7 } }],
  [
    'diabetes-forest',
    'diabetes.csv',
    'progression',
    'forest-regressor',
    { trees: { type: 'int', min: 10, max: 20 } },
  ],
  ['diabetes-linear', 'diabetes.csv', 'progression', 'linear-regressor', { l2: float(0.01, 0.1) }],
]

/** Reads rows into a DataFrame with numbers as numbers, and tells what each model address predicts. */
const predicting = `
import json, sys, mlflow, numpy, pandas
given = json.load(sys.stdin)
answers = []
for uri in given["uris"]:
    model = mlflow.pyfunc.load_model(uri)
    schema = model.metadata.get_input_schema()
    frame = pandas.DataFrame(given["rows"])
    for spec in schema.inputs:
        if spec.type.name == "double":
            frame[spec.name] = frame[spec.name].astype(float)
        else:
            frame[spec.name] = frame[spec.name].astype(object)
    answers.append(model.predict(frame).tolist())
shares = model.predict(frame, params={"probabilities": True}).to_dict("records") if given["probabilities"] else None
print("\\n" + json.dumps({"answers": answers, "shares": shares}))
`

describe.skipIf(!able)(`models in MLflow${why}`, () => {
  let server: MlflowServer
  const models: Made[] = []
  beforeAll(async () => {
    const folder = temporaryFolder()
    server = await mlflowServer(folder)
    await server.start()
    for (const one of cases) models.push(await made(...one))
  })
  afterAll(() => server?.kill())

  test.each(cases.map(([name], i) => [name, i] as const))(
    '%s predicts to the last bit as ours: from a folder, a run, the logged model, the registry',
    async (name, i) => {
      const { store, run, model, rows, folder } = models[i]
      const registered = await registerModel(await openRecord(store), run, {
        name,
        alias: 'champion',
        url: server.url,
        env: {},
      })
      expect(registered).toMatchObject({ version: '1', isNew: true, uri: `models:/${name}@champion` })
      const uris = [
        folder,
        registered.uri,
        `models:/${name}/1`,
        `models:/${registered.modelId}`,
        `runs:/${registered.mlflowRun}/model`,
      ]
      const { answers, shares } = await ask<{ answers: unknown[][]; shares: unknown }>(
        predicting,
        { uris, rows, probabilities: model.predictProbability !== undefined },
        { MLFLOW_TRACKING_URI: server.url },
      )
      const ours = model.predict(rows)
      for (const [at, answer] of answers.entries()) expect([uris[at], answer]).toEqual([uris[at], ours])
      if (model.predictProbability !== undefined) expect(shares).toEqual(model.predictProbability(rows))
    },
  )

  test('what is registered again has its version; another one is made where it is asked for, and takes the alias', async () => {
    const [{ store, run }] = models
    const register = async (more: object) =>
      registerModel(await openRecord(store), run, { name: 'again', url: server.url, env: {}, ...more })
    const first = await register({ alias: 'champion' })
    expect(await register({ alias: 'champion' })).toEqual({ ...first, isNew: false })
    const second = await register({ alias: 'champion', newVersion: true })
    expect(second).toEqual({ ...first, version: '2', isNew: true })
    expect(await register({})).toMatchObject({
      version: '2',
      isNew: false,
      uri: 'models:/again/2',
      alias: null,
    })
    const there = await ask(
      `
import json, mlflow
client = mlflow.MlflowClient()
version = client.get_model_version_by_alias("again", "champion")
model = client.get_logged_model(version.source.removeprefix("models:/"))
run = client.get_run(version.run_id)
count = len(client.search_logged_models([run.info.experiment_id], filter_string="tags.\`espalier.run\` = '%s'" % version.tags["espalier.run"]))
outputs = [one.model_id for one in run.outputs.model_outputs]
print(json.dumps([version.version, version.status, model.status.value, model.source_run_id == version.run_id, count, outputs == [model.model_id], model.params, run.data.params]))
`,
      null,
      { MLFLOW_TRACKING_URI: server.url },
    )
    const params = { maxDepth: expect.stringMatching(/^\d$/) }
    expect(there).toEqual(['2', 'READY', 'READY', true, 1, true, params, params])
  })

  test('a model whose files came through in part is logged to its end the next time, once', async () => {
    const { store, run: id } = models[2]
    const record = await openRecord(store)
    const run = await record.run(id)
    const { json, sampleInput } = await (await openStore(store)).readModel(id)
    const client = await openClient({ url: server.url, env: {} })
    const { experiment_id: experimentId } = await client.request('POST', 'experiments/create', {
      name: 'broken off',
    })
    const created = await client.request('POST', 'runs/create', { experiment_id: experimentId })
    const runId = (created.run as { info: { run_id: string } }).info.run_id
    const given = { experimentId: String(experimentId), runId, run, modelJson: json, sampleInput }
    let left = 3
    const failing: typeof client = {
      ...client,
      uploadArtifact: async (...args) => {
        if (left-- === 0) throw new Error('broken off')
        await client.uploadArtifact(...args)
      },
    }
    await expect(logModel(failing, given)).rejects.toThrow('broken off')
    const { modelId } = await logModel(client, given)
    expect((await logModel(client, given)).modelId).toBe(modelId)
    const { models: found } = await client.request('POST', 'logged-models/search', {
      experiment_ids: [String(experimentId)],
    })
    expect(found).toEqual([
      expect.objectContaining({
        info: expect.objectContaining({ model_id: modelId, status: 'LOGGED_MODEL_READY' }),
      }),
    ])
    await client.close()
  })

  test('the flavor onnx is loaded by mlflow.onnx', async () => {
    const [{ folder, model }] = models
    const names = await ask<string[]>(
      'import json, sys, mlflow.onnx; print("\\n" + json.dumps([one.name for one in mlflow.onnx.load_model(json.load(sys.stdin)).graph.input]))',
      folder,
    )
    expect(names).toEqual(model.signature.columns.map(({ name }) => name))
  })

  test('`mlflow models serve` and `serve` answer the same to the same requests', async () => {
    const { store, run, folder, model, rows } = models[0]
    const ours = await serveModel({ store, run, port: 0 })
    const theirs = await servedByMlflow(folder)
    try {
      const names = model.signature.columns.map(({ name }) => name)
      const some = rows.filter((_, i) => i % 9 === 0)
      const data = some.map((row) => names.map((name) => row[name] ?? null))
      const split = { columns: names, data }
      // What MLflow's own reading of `inputs` makes of null in a column of texts is the text "None".
      const whole = some.filter((row) => names.every((name) => row[name] != null))
      const bodies: [string, object][] = [
        ['split', { dataframe_split: split }],
        ['records', { dataframe_records: some }],
        ['probabilities', { dataframe_split: split, params: { probabilities: true } }],
        ['inputs', { inputs: whole }],
        ['instances', { instances: whole }],
        [
          'inputs by column',
          { inputs: Object.fromEntries(names.map((name) => [name, whole.map((row) => row[name])])) },
        ],
      ]
      for (const [what, body] of bodies) {
        const [a, b] = await Promise.all(
          [ours.url, theirs.url].map((url) => invoked(url, JSON.stringify(body), 'application/json')),
        )
        expect([what, a]).toEqual([what, b])
        expect(a.status).toBe(200)
      }
      const csv = csvText([names, ...data.map((row) => row.map((cell) => cell ?? ''))])
      const [a, b] = await Promise.all([ours.url, theirs.url].map((url) => invoked(url, csv, 'text/csv')))
      expect(a).toEqual(b)
      for (const path of ['/ping', '/health'])
        expect(await (await fetch(ours.url + path)).text()).toBe(
          await (await fetch(theirs.url + path)).text(),
        )
      const broken = { dataframe_split: { columns: names.slice(1), data: data.map((row) => row.slice(1)) } }
      const refusals = await Promise.all(
        [ours.url, theirs.url].map((url) => invoked(url, JSON.stringify(broken), 'application/json')),
      )
      for (const { document } of refusals)
        expect(document).toMatchObject({
          error_code: expect.any(String),
          message: expect.stringContaining('island'),
        })
    } finally {
      await theirs.stop()
      await ours.close()
    }
  })

  test("MLflow's own client of scoring servers asks ours", async () => {
    const { store, run, model, rows } = models[0]
    const ours = await serveModel({ store, run, port: 0 })
    try {
      const script = `
import json, sys, pandas
from mlflow.pyfunc.scoring_server.client import ScoringServerClient
given = json.load(sys.stdin)
client = ScoringServerClient("127.0.0.1", given["port"])
client.wait_server_ready(timeout=10, scoring_server_proc=None)
frame = pandas.DataFrame(given["rows"])
plain = client.invoke(frame).get_predictions()
shares = client.invoke(frame, params={"probabilities": True}).get_predictions()
print("\\n" + json.dumps([plain.iloc[:, 0].tolist(), shares.to_dict("records")]))
`
      const [plain, shares] = await ask<[unknown, unknown]>(script, { port: ours.port, rows })
      expect(plain).toEqual(model.predict(rows))
      expect(shares).toEqual(model.predictProbability!(rows))
    } finally {
      await ours.close()
    }
  })
})

async function invoked(url: string, body: string, type: string) {
  const answer = await fetch(`${url}/invocations`, {
    method: 'POST',
    body,
    headers: { 'content-type': type },
  })
  return { status: answer.status, document: JSON.parse(await answer.text()) as unknown }
}

async function servedByMlflow(folder: string): Promise<{ url: string; stop(): Promise<void> }> {
  const free = createServer()
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve))
  const { port } = free.address() as AddressInfo
  await new Promise((resolve) => free.close(resolve))
  const args = [
    '-m',
    'mlflow',
    'models',
    'serve',
    '-m',
    folder,
    '--env-manager',
    'local',
    '-p',
    String(port),
    '-h',
    '127.0.0.1',
  ]
  const child = spawn(python, args, { env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      said += part
    })
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; (await fetch(`${url}/ping`).catch(() => null))?.ok !== true; tries++) {
    if (tries > 600 || child.exitCode !== null) throw new Error(`mlflow models serve did not begin:\n${said}`)
    await wait(200)
  }
  return {
    url,
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      process.kill(-child.pid!, 'SIGTERM')
      await gone
    },
  }
}
