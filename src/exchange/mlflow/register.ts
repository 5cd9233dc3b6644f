/** Models of runs in MLflow's registry: the run and its model are sent first, where the server lacks them. */
import { setTimeout as wait } from 'node:timers/promises'
import { EspalierError } from '../../errors.js'
import { readModelOf } from '../../launch/index.js'
import type { Run, RunStore } from '../../tracking/index.js'
import { isJsonObject, type JsonObject } from '../../values.js'
import { readModelFile } from '../model-file/read.js'
import { serverAddress } from './address.js'
import { type ClientOptions, type MlflowClient, MlflowRefusal, openClient } from './client.js'
import { readCursor } from './cursor.js'
import { logModel } from './logged-model.js'
import { serverTags } from './page.js'
import { syncMlflow } from './sync.js'

export interface RegisterOptions extends ClientOptions {
  /** The registered model, which is made where there is none. */
  readonly name: string
  readonly alias?: string
  /** A version of its own, although the model has one already. */
  readonly newVersion?: boolean
  /** Told once of each thing that the server has otherwise than the record. */
  readonly onWarning?: (warning: string) => void
}

export interface Registered {
  readonly name: string
  readonly version: string
  readonly alias: string | null
  /** `models:/wine@champion`, or by the version without an alias. */
  readonly uri: string
  /** Whether this version was made now. */
  readonly isNew: boolean
  readonly modelId: string
  /** The server's id of the run. */
  readonly mlflowRun: string
  /** The servers' URLs, without user and password. */
  readonly server: string
  readonly registry: string
}

/** ms between two looks whether a version is ready, and until when it has to be. */
const lookEvery = 300
const readyWithin = 300_000

/**
 * Registers the model of a trial, or the ensemble of a sweep.
 * @throws EspalierError MODEL_MISSING, MODEL_INVALID; USAGE where its trainer does not ship with Espalier; MLFLOW_UNREACHABLE, MLFLOW_REFUSED.
 */
export async function registerModel(
  store: RunStore,
  id: string,
  options: RegisterOptions,
): Promise<Registered> {
  const { name, alias = null, newVersion = false, onWarning = () => {}, env = process.env } = options
  checkName(name)
  const { run, json, sampleInput } = await readModelOf(store, id)
  // Before anything is sent.
  await readModelFile(json)
  const client = await openClient(options)
  const registry = env.MLFLOW_REGISTRY_URI?.trim()
    ? await openClient({ ...options, url: env.MLFLOW_REGISTRY_URI })
    : client
  try {
    const runId = await mirrored(store, run, client, options, onWarning)
    const experimentId = await experimentOf(client, runId)
    const logged = await logModel(client, { experimentId, runId, run, modelJson: json, sampleInput })
    for (const warning of logged.warnings) onWarning(warning)
    const { modelId } = logged
    await makeModel(registry, name)
    const known = newVersion ? null : await versionOf(registry, name, modelId)
    const version = known ?? (await makeVersion(registry, { name, modelId, runId, run }))
    await ready(registry, name, version, options.signal)
    if (alias !== null) await registry.request('POST', 'registered-models/alias', { name, alias, version })
    return {
      name,
      version,
      alias,
      uri: alias === null ? `models:/${name}/${version}` : `models:/${name}@${alias}`,
      isNew: known === null,
      modelId,
      mlflowRun: runId,
      server: client.server.name,
      registry: registry.server.name,
    }
  } finally {
    await client.close()
    if (registry !== client) await registry.close()
  }
}

/** As MLflow has it: else a server would refuse it once all else is sent. */
function checkName(name: string): void {
  if (name.trim() === '' || /[/:]/.test(name))
    throw new EspalierError(
      'USAGE',
      `a registered model has a name without "/" and ":" (got ${JSON.stringify(name)}); name it so: --name wine`,
    )
}

/** The server's id of the run, which is sent with its sweep where the server does not have it as it is on record. */
async function mirrored(
  store: RunStore,
  run: Run,
  client: MlflowClient,
  options: RegisterOptions,
  onWarning: (warning: string) => void,
): Promise<string> {
  const [sweep, key] = run.kind === 'sweep' ? [run.id, 'sweep'] : [run.parent, String(run.trial)]
  const {
    sweeps: [synced],
  } = await syncMlflow(store, [sweep], options)
  for (const warning of synced.warnings) onWarning(warning)
  const cursor = await readCursor(store.mirrorsOf(sweep), serverAddress(options.url, options.env))
  const there = cursor?.runs[key]?.id
  const problem = synced.problems.find((one) => one.run === run.id) ?? synced.problems[0]
  if (there === undefined)
    throw new EspalierError(
      problem?.code ?? 'MLFLOW_REFUSED',
      problem?.message ?? `run ${run.id} could not be sent to ${client.server.name}`,
    )
  for (const { run: about, message } of synced.problems)
    onWarning(`${about === null ? `sweep ${sweep}` : `run ${about}`}: ${message}`)
  return there
}

async function experimentOf(client: MlflowClient, runId: string): Promise<string> {
  const { run } = await client.request('GET', 'runs/get', { run_id: runId })
  const info = isJsonObject(run) && isJsonObject(run.info) ? run.info : {}
  return String(info.experiment_id)
}

async function makeModel(client: MlflowClient, name: string): Promise<void> {
  try {
    await client.request('POST', 'registered-models/create', { name })
  } catch (error) {
    if (!(error instanceof MlflowRefusal) || error.mlflowCode !== 'RESOURCE_ALREADY_EXISTS') throw error
  }
}

/** The latest version of this logged model that came to be; null where there is none. */
async function versionOf(client: MlflowClient, name: string, modelId: string): Promise<string | null> {
  let token: string | undefined
  let latest = 0
  const quoted = name.includes("'") ? `"${name}"` : `'${name}'`
  do {
    const page = await client.request('GET', 'model-versions/search', {
      filter: `name = ${quoted}`,
      max_results: 1000,
      ...(token !== undefined && { page_token: token }),
    })
    for (const one of (page.model_versions ?? []) as JsonObject[])
      if (one.source === sourceOf(modelId) && one.status !== 'FAILED_REGISTRATION')
        latest = Math.max(latest, Number(one.version))
    const next = page.next_page_token
    token = typeof next === 'string' && next !== '' ? next : undefined
  } while (token !== undefined)
  return latest === 0 ? null : String(latest)
}

function sourceOf(modelId: string): string {
  return `models:/${modelId}`
}

async function makeVersion(
  client: MlflowClient,
  { name, modelId, runId, run }: { name: string; modelId: string; runId: string; run: Run },
): Promise<string> {
  const { model_version: made } = await client.request(
    'POST',
    'model-versions/create',
    {
      name,
      source: sourceOf(modelId),
      run_id: runId,
      model_id: modelId,
      tags: [
        { key: serverTags.run, value: run.id },
        { key: serverTags.sweep, value: run.kind === 'sweep' ? run.id : run.parent },
      ],
    },
    // Asked twice, it would make two.
    { once: true },
  )
  return String((made as JsonObject).version)
}

async function ready(
  client: MlflowClient,
  name: string,
  version: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const began = performance.now(); ; ) {
    const { model_version: found } = await client.request('GET', 'model-versions/get', { name, version })
    const { status, status_message: said } = found as JsonObject
    if (status === 'READY') return
    if (status === 'FAILED_REGISTRATION')
      throw new EspalierError(
        'MLFLOW_REFUSED',
        `version ${version} of "${name}" could not be registered on ${client.server.name}: ${String(said ?? 'it does not say why')}`,
      )
    if (performance.now() - began > readyWithin)
      throw new EspalierError(
        'MLFLOW_UNREACHABLE',
        `version ${version} of "${name}" is not ready on ${client.server.name} after ${readyWithin / 60_000} minutes (it is ${String(status)}); the same command looks again`,
      )
    await wait(lookEvery, undefined, { signal })
  }
}
