/** The model of a run as a logged model of an MLflow server, in MLflow's own layout; once for each run of the server and state of the model. */
import { createHash } from 'node:crypto'
import type { Row } from '../../data/index.js'
import { EspalierError } from '../../errors.js'
import type { Run } from '../../tracking/index.js'
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue, textOf } from '../../values.js'
import { readModelFile } from '../model-file/read.js'
import { type MlflowClient, MlflowRefusal } from './client.js'
import { cutTo, serverNames } from './limits.js'
import { modelFolder } from './model-folder.js'
import { serverTags } from './page.js'

export interface ModelToLog {
  /** The server's ids of the experiment and of the run. */
  readonly experimentId: string
  readonly runId: string
  /** Ours: a trial, or a sweep for its ensemble. */
  readonly run: Run
  /** The file of its model. */
  readonly modelJson: JsonValue
  readonly sampleInput: readonly Row[] | null
}

export interface LoggedModel {
  readonly modelId: string
  /** By which `mlflow.pyfunc.load_model("runs:/<run>/<name>")` finds it. */
  readonly name: string
  /** What is lost, or computed otherwise, in plain words; empty where it was there already. */
  readonly warnings: readonly string[]
}

/** Of the model's file: another model of the same run is logged anew. */
const digestTag = 'espalier.modelDigest'
/** Of a param; the run has it whole. */
const longestParam = 500

/**
 * Logs the model of a run, unless the server has it.
 * @throws EspalierError USAGE where a trainer that does not ship with Espalier made it, and what the client throws.
 */
export async function logModel(client: MlflowClient, given: ModelToLog): Promise<LoggedModel> {
  const { experimentId, runId, run } = given
  const name = run.kind === 'sweep' ? 'ensemble' : 'model'
  const digest = createHash('sha256').update(canonicalJson(given.modelJson)!).digest('hex').slice(0, 32)
  const known = await knownModels(client, experimentId, runId, run.id, digest)
  const ready = known.find(({ status }) => status === 'LOGGED_MODEL_READY')
  if (ready !== undefined) {
    await addOutput(client, runId, ready.modelId)
    return { modelId: ready.modelId, name, warnings: [] }
  }
  // Before anything is made on the server: it may be none that can be exported.
  const model = await readModelFile(given.modelJson)
  const made = known[0] ?? (await create(client, given, name, digest))
  const { modelId, artifactUri } = made
  const folder = await modelFolder(
    model,
    { sampleInput: given.sampleInput },
    { modelId, runId, createdAt: run.ended ?? run.started },
  )
  try {
    for (const [path, content] of folder.files)
      await client.uploadArtifact(artifactUri, path, content, { model_id: modelId })
  } catch (error) {
    // It stays unfinished, and the next time goes on with it.
    await setStatus(client, modelId, 'LOGGED_MODEL_UPLOAD_FAILED').catch(() => {})
    throw error
  }
  await setStatus(client, modelId, 'LOGGED_MODEL_READY')
  await addOutput(client, runId, modelId)
  return { modelId, name, warnings: folder.warnings }
}

/** MLflow 2 has no such path, though its runs were there a moment ago. */
function isOlder(error: unknown): boolean {
  return error instanceof MlflowRefusal && error.status === 404 && error.mlflowCode === null
}

function olderServer(client: MlflowClient, cause: unknown): EspalierError {
  return new EspalierError(
    'MLFLOW_REFUSED',
    `logged models need a server of MLflow 3, and ${client.server.name} knows nothing of them; update it, and sync again`,
    { cause },
  )
}

interface Known {
  readonly modelId: string
  readonly artifactUri: string
  readonly status: string
}

/** Models that were logged for this run of the server, of the same file; unfinished ones too. */
async function knownModels(
  client: MlflowClient,
  experimentId: string,
  runId: string,
  run: string,
  digest: string,
): Promise<Known[]> {
  const found: Known[] = []
  let token: string | undefined
  do {
    const page = await client
      .request('POST', 'logged-models/search', {
        experiment_ids: [experimentId],
        filter: `tags.\`${serverTags.run}\` = '${run}' AND tags.\`${digestTag}\` = '${digest}'`,
        max_results: 50,
        ...(token !== undefined && { page_token: token }),
      })
      .catch((error: unknown) => {
        throw isOlder(error) ? olderServer(client, error) : error
      })
    for (const json of (page.models ?? []) as JsonObject[]) {
      const info = isJsonObject(json.info) ? json.info : {}
      if (info.source_run_id === runId) found.push(knownOf(client, json))
    }
    const next = page.next_page_token
    token = typeof next === 'string' && next !== '' ? next : undefined
  } while (token !== undefined)
  return found
}

function knownOf(client: MlflowClient, json: JsonValue | undefined): Known {
  const info = isJsonObject(json) && isJsonObject(json.info) ? json.info : {}
  const { model_id: modelId, artifact_uri: artifactUri, status } = info
  if (typeof modelId !== 'string' || typeof artifactUri !== 'string')
    throw new EspalierError(
      'MLFLOW_REFUSED',
      `a server of MLflow 3 tells the id of a logged model, but ${client.server.name} did not; update it`,
    )
  return { modelId, artifactUri, status: String(status) }
}

async function create(
  client: MlflowClient,
  { experimentId, runId, run }: ModelToLog,
  name: string,
  digest: string,
): Promise<Known> {
  const params = run.kind === 'sweep' ? {} : run.params
  const names = serverNames(Object.keys(params))
  const tags = {
    [serverTags.run]: run.id,
    [serverTags.sweep]: run.kind === 'sweep' ? run.id : run.parent,
    [digestTag]: digest,
  }
  const { model } = await client.request('POST', 'logged-models', {
    experiment_id: experimentId,
    name,
    model_type: 'espalier',
    source_run_id: runId,
    params: Object.entries(params).map(([key, value]) => ({
      key: names.get(key)!,
      value: cutTo(textOf(value), longestParam),
    })),
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  })
  return knownOf(client, model)
}

function setStatus(client: MlflowClient, modelId: string, status: string): Promise<JsonObject> {
  return client.request('PATCH', `logged-models/${encodeURIComponent(modelId)}`, {
    model_id: modelId,
    status,
  })
}

/** Names it among the outputs of the run, which a server takes once. */
async function addOutput(client: MlflowClient, runId: string, modelId: string): Promise<void> {
  if (await isOutput(client, runId, modelId)) return
  try {
    await client.request('POST', 'runs/outputs', {
      run_id: runId,
      models: [{ model_id: modelId, step: '0' }],
    })
  } catch (error) {
    // A request whose answer was lost is sent again.
    if (!(error instanceof MlflowRefusal) || !(await isOutput(client, runId, modelId))) throw error
  }
}

async function isOutput(client: MlflowClient, runId: string, modelId: string): Promise<boolean> {
  const { run } = await client.request('GET', 'runs/get', { run_id: runId })
  const outputs = isJsonObject(run) && isJsonObject(run.outputs) ? run.outputs.model_outputs : []
  return Array.isArray(outputs) && outputs.some((one) => isJsonObject(one) && one.model_id === modelId)
}
