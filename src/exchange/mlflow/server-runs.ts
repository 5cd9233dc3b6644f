/** Experiments and runs of a server: found before they are made, so that each is there once. */
import { EspalierError, isEspalierError } from '../../errors.js'
import { isJsonObject, type JsonObject } from '../../values.js'
import { type MlflowClient, MlflowRefusal } from './client.js'
import { cutTo, longest } from './limits.js'
import { type Page, serverTags } from './page.js'

/** A run as the server has it. */
export interface ServerRun {
  readonly id: string
  /** ms since 1970. */
  readonly started: number
  readonly isDeleted: boolean
  readonly artifactUri: string
  readonly status: string
  /** The latest of each key. */
  readonly metrics: ReadonlyMap<
    string,
    { readonly value: number; readonly step: number; readonly timestamp: number }
  >
  readonly params: ReadonlyMap<string, string>
  readonly tags: ReadonlyMap<string, string>
}

/**
 * The id of an experiment, which is made where there is none.
 * @param known the id that it had.
 * @throws MLFLOW_REFUSED where it is deleted there.
 */
export async function experimentNamed(client: MlflowClient, given: string, known?: string): Promise<string> {
  const name = cutTo(given, longest.experiment)
  const found =
    (known === undefined
      ? null
      : await orNull(client.request('GET', 'experiments/get', { experiment_id: known }))) ??
    (await orNull(client.request('GET', 'experiments/get-by-name', { experiment_name: name })))
  if (found === null) {
    try {
      const made = await client.request('POST', 'experiments/create', { name })
      return String(made.experiment_id)
    } catch (error) {
      // Made by somebody else in this moment, or by a request whose answer was lost.
      if (!(error instanceof MlflowRefusal) || error.mlflowCode !== 'RESOURCE_ALREADY_EXISTS') throw error
      return experimentNamed(client, given)
    }
  }
  const { experiment_id: id, lifecycle_stage: stage } = found.experiment as JsonObject
  if (stage === 'deleted')
    throw new EspalierError(
      'MLFLOW_REFUSED',
      `runs go into an experiment that is there, and "${name}" is deleted on ${client.server.name}; restore it (mlflow experiments restore -x ${id}), or delete it for good (mlflow gc --experiment-ids ${id})`,
    )
  return String(id)
}

async function orNull(asked: Promise<JsonObject>): Promise<JsonObject | null> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof MlflowRefusal && error.mlflowCode === 'RESOURCE_DOES_NOT_EXIST') return null
    throw error
  }
}

/**
 * All runs of the server that were made for runs of ours, by our ids; those that others took the place of are left out. The first made
 * comes first.
 */
export async function runsTagged(
  client: MlflowClient,
  experimentId: string,
  tag: string,
  value: string,
): Promise<Map<string, ServerRun[]>> {
  const found = new Map<string, ServerRun[]>()
  let token: string | undefined
  do {
    const page = await client.request('POST', 'runs/search', {
      experiment_ids: [experimentId],
      filter: `tags.\`${tag}\` = '${value}'`,
      run_view_type: 'ALL',
      max_results: 1000,
      order_by: ['attributes.start_time ASC'],
      ...(token !== undefined && { page_token: token }),
    })
    for (const json of (page.runs ?? []) as JsonObject[]) {
      const run = serverRun(json)
      const ours = run.tags.get(serverTags.run)
      if (ours === undefined || run.tags.get(serverTags.role) === 'replaced') continue
      found.set(ours, [...(found.get(ours) ?? []), run])
    }
    token =
      typeof page.next_page_token === 'string' && page.next_page_token !== ''
        ? page.next_page_token
        : undefined
  } while (token !== undefined)
  return found
}

/** A run whole. */
export async function readRun(client: MlflowClient, id: string): Promise<ServerRun> {
  return serverRun((await client.request('GET', 'runs/get', { run_id: id })).run as JsonObject)
}

function serverRun(json: JsonObject): ServerRun {
  const { info, data } = json as unknown as {
    info: {
      run_id: string
      start_time?: number
      lifecycle_stage: string
      artifact_uri: string
      status: string
    }
    data?: {
      metrics?: { key: string; value: number | string; step?: number | string; timestamp: number | string }[]
      params?: { key: string; value: string }[]
      tags?: { key: string; value: string }[]
    }
  }
  if (!isJsonObject(info) || typeof info.run_id !== 'string')
    throw new EspalierError(
      'MLFLOW_REFUSED',
      'an MLflow server tells the id of a run, but this one did not; check its URL',
    )
  return {
    id: info.run_id,
    started: Number(info.start_time ?? 0),
    isDeleted: info.lifecycle_stage === 'deleted',
    artifactUri: info.artifact_uri,
    status: info.status,
    metrics: new Map(
      (data?.metrics ?? []).map(({ key, value, step, timestamp }) => [
        key,
        { value: Number(value), step: Number(step ?? 0), timestamp: Number(timestamp) },
      ]),
    ),
    params: new Map((data?.params ?? []).map(({ key, value }) => [key, value])),
    tags: new Map((data?.tags ?? []).map(({ key, value }) => [key, value])),
  }
}

/** All values of a metric. */
export async function historyOn(
  client: MlflowClient,
  id: string,
  key: string,
): Promise<{ value: number; step: number; timestamp: number }[]> {
  const rows: { value: number; step: number; timestamp: number }[] = []
  let token: string | undefined
  do {
    const page = await client.request('GET', 'metrics/get-history', {
      run_id: id,
      metric_key: key,
      max_results: 20_000,
      ...(token !== undefined && { page_token: token }),
    })
    for (const { value, step, timestamp } of (page.metrics ?? []) as JsonObject[])
      rows.push({ value: Number(value), step: Number(step ?? 0), timestamp: Number(timestamp) })
    token =
      typeof page.next_page_token === 'string' && page.next_page_token !== ''
        ? page.next_page_token
        : undefined
  } while (token !== undefined)
  return rows
}

/** Tries of a request that makes something, each after a look whether the one before did. */
const mostTries = 3

/** Makes the run of a page. Where the answer is lost, the server is asked whether it has it. */
export async function createRun(client: MlflowClient, experimentId: string, page: Page): Promise<ServerRun> {
  const body = {
    experiment_id: experimentId,
    run_name: page.name,
    start_time: page.started,
    ...(page.tags['mlflow.user'] !== undefined && { user_id: page.tags['mlflow.user'] }),
    tags: Object.entries(page.tags).map(([key, value]) => ({ key, value })),
  }
  for (let tries = 1; ; tries++) {
    try {
      return serverRun((await client.request('POST', 'runs/create', body, { once: true })).run as JsonObject)
    } catch (error) {
      if (!isEspalierError(error) || error.code !== 'MLFLOW_UNREACHABLE' || tries >= mostTries) throw error
    }
    const [made] = (await runsTagged(client, experimentId, serverTags.run, page.run)).get(page.run) ?? []
    if (made !== undefined && !made.isDeleted) return made
  }
}

/** Takes a run out. `replaced`: another one takes its place, and it is not looked for any more. */
export async function retireRun(client: MlflowClient, id: string, replaced: boolean): Promise<void> {
  try {
    if (replaced)
      await client.request('POST', 'runs/set-tag', { run_id: id, key: serverTags.role, value: 'replaced' })
    await client.request('POST', 'runs/delete', { run_id: id })
  } catch (error) {
    // It is gone, or deleted already: then its tags cannot be set any more.
    const isThere =
      error instanceof MlflowRefusal &&
      !/RESOURCE_DOES_NOT_EXIST|INVALID_PARAMETER_VALUE/.test(error.mlflowCode ?? '')
    if (isThere || !(error instanceof MlflowRefusal)) throw error
  }
}
