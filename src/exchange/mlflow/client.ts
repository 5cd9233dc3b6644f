/**
 * What Espalier asks of an MLflow tracking server over its REST interface. User, password or token, certificates, proxies, time limits
 * and tries are those of MLflow's own environment variables. What is secret is in no message.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { EspalierError } from '../../errors.js'
import { plain } from '../../shown.js'
import { isJsonObject, type JsonObject, type JsonValue } from '../../values.js'
import { basic, type ServerAddress, serverAddress } from './address.js'
import { fileCredentials } from './credentials.js'
import { openTransport, usualRemedy } from './transport.js'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

export interface MlflowClient {
  readonly server: ServerAddress
  /**
   * Asks something of /api/2.0/mlflow/…: `runs/create`. The entries of `body` are the query where the method is GET.
   * `once`: it is tried once, as what must not be done twice.
   * @throws MlflowRefusal, or EspalierError MLFLOW_UNREACHABLE when all tries are used up.
   */
  request(
    method: Method,
    path: string,
    body?: JsonObject,
    options?: { readonly once?: boolean },
  ): Promise<JsonObject>
  /**
   * Writes a file below `artifactUri`, which is that of a run or of a logged model, over one that is there.
   * `owner`: whose that is, where the server has to be asked for a place to write to.
   * @throws as `request`; ArtifactsClosed where the server takes no files.
   */
  uploadArtifact(
    artifactUri: string,
    path: string,
    content: Uint8Array | string,
    owner?: { readonly run_id: string } | { readonly model_id: string },
  ): Promise<void>
  close(): Promise<void>
}

export interface ClientOptions {
  /** MLFLOW_TRACKING_URI unless given. */
  readonly url?: string
  readonly env?: NodeJS.ProcessEnv
  /** Tries after the first one; MLFLOW_HTTP_REQUEST_MAX_RETRIES, else 4. */
  readonly retries?: number
  /** ms before the first of those; each further one waits twice as long, and no longer than 20 s. 300 unless given. */
  readonly pause?: number
  /** ms that an answer may take; MLFLOW_HTTP_REQUEST_TIMEOUT (in seconds), else 120 s. */
  readonly timeout?: number
  readonly signal?: AbortSignal
}

/** The server does not take what was sent, and would not the next time. */
export class MlflowRefusal extends EspalierError {
  readonly status: number
  /** `RESOURCE_DOES_NOT_EXIST`, …; null where MLflow did not say. */
  readonly mlflowCode: string | null
  /** What MLflow said. */
  readonly said: string

  constructor(server: string, what: string, status: number, mlflowCode: string | null, said: string) {
    // MLflow itself says what it lacks; another program there knows nothing of its paths.
    const isOther = status === 404 && mlflowCode === null
    // As an unknown host name is refused by a check that stands before all rights.
    const isHost = status === 403 && /\bhost\b/i.test(said)
    const remedy = isOther
      ? '; check its URL, and what stands before it'
      : isHost
        ? '; have whoever runs it add this host name: mlflow server --allowed-hosts'
        : (remedies[status] ?? '')
    const code = mlflowCode === null ? `status ${status}` : mlflowCode
    super('MLFLOW_REFUSED', `${server} did not take ${what}: ${code}: ${plain(said).slice(0, 500)}${remedy}`)
    this.status = status
    this.mlflowCode = mlflowCode
    this.said = said
  }
}

const remedies: Readonly<Record<number, string>> = {
  401: '; name who you are, or check what you named: MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, or ~/.mlflow/credentials',
  403: '; ask whoever runs the server for the right to write there (EDIT), or name another experiment or model',
}

/** The server keeps its runs, and takes no files. */
export class ArtifactsClosed extends EspalierError {
  constructor(server: string, why: string, more = '') {
    super(
      'MLFLOW_REFUSED',
      `${server} takes no artifacts (${why}); start it so that it does: mlflow server --serve-artifacts${more}`,
    )
  }
}

/** MLflow says these too of what may be asked again. */
const passing = new Set([408, 429, 500, 502, 503, 504])
/** Answers with such a status that stay the same however often they are asked for. */
const permanentCodes = new Set(['INVALID_STATE', 'INVALID_PARAMETER_VALUE', 'NOT_IMPLEMENTED'])
const longestPause = 20_000

interface Answer {
  readonly status: number
  readonly text: string
  /** ms until it should be asked again, as it says. */
  readonly after: number | null
}

/** @throws EspalierError USAGE for what is no server; FILE_NOT_READABLE for certificates that cannot be read. */
export async function openClient(options: ClientOptions = {}): Promise<MlflowClient> {
  const { env = process.env, signal } = options
  const server = serverAddress(options.url, env)
  const authorization = server.authorization ?? (await authorizationOf(env))
  const timeout = options.timeout ?? 1000 * numberOf(env, 'MLFLOW_HTTP_REQUEST_TIMEOUT', 120)
  const retries = options.retries ?? numberOf(env, 'MLFLOW_HTTP_REQUEST_MAX_RETRIES', 4)
  const pause = options.pause ?? 300
  const { request: send } = await import('undici')
  const transport = await openTransport(server, env, timeout)

  async function once(
    method: Dispatcher.HttpMethod,
    url: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array | string | undefined,
  ): Promise<Answer> {
    const dispatcher = await transport.dispatcherFor(url)
    const limits = { headersTimeout: timeout, bodyTimeout: timeout }
    const answer = await send(url, { method, headers, body, dispatcher, signal, ...limits })
    const text = await answer.body.text()
    return { status: answer.statusCode, text, after: afterMs(answer.headers['retry-after']) }
  }

  /** Asks until there is an answer that stays. */
  async function persist(
    what: string,
    url: string,
    ask: () => Promise<Answer>,
    most = retries,
  ): Promise<Answer> {
    for (let tries = 0; ; tries++) {
      let after: number | null = null
      try {
        const answer = await ask()
        if (!isPassing(answer)) return answer
        if (tries >= most) {
          const { code, said } = saidBy(answer)
          throw unreachable(server, `${what}: status ${answer.status}: ${code ?? plain(said).slice(0, 200)}`)
        }
        after = answer.after
      } catch (error) {
        if (error instanceof EspalierError) throw error
        if (signal?.aborted) throw unreachable(server, `${what} was broken off`, error)
        const { why, remedy, lasts } = transport.explain(error, url)
        if (tries >= most || lasts) throw unreachable(server, why, error, remedy)
      }
      const usual = Math.min(longestPause, pause * doubled(tries))
      await wait(after === null ? usual : Math.min(after, 3 * longestPause), undefined, { signal }).catch(
        () => {
          throw unreachable(server, `${what} was broken off`)
        },
      )
    }
  }

  const headers = { ...(authorization !== null && { authorization }), 'user-agent': 'espalier' }

  return {
    server,
    async request(method, path, body, { once: isOnce = false } = {}) {
      const isQuery = method === 'GET'
      const query = isQuery && body !== undefined ? `?${queryOf(body)}` : ''
      const url = `${server.base}/api/2.0/mlflow/${path}${query}`
      const text = isQuery ? undefined : JSON.stringify(body ?? {})
      const typed = text === undefined ? headers : { ...headers, 'content-type': 'application/json' }
      const answer = await persist(path, url, () => once(method, url, typed, text), isOnce ? 0 : retries)
      if (answer.status >= 200 && answer.status < 300) return jsonOf(server, path, answer.text)
      const { code, said } = saidBy(answer)
      throw new MlflowRefusal(server.name, path, answer.status, code, said)
    },
    async uploadArtifact(artifactUri, path, content, owner) {
      const segments = path.split('/').map(encodeURIComponent).join('/')
      const proxied = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.*)$/.exec(artifactUri)
      let target: string
      let more: Record<string, string> = { ...headers }
      if (proxied !== null) {
        const root = proxied[1].replace(/\/+$/, '')
        target = `${server.base}/api/2.0/mlflow-artifacts/artifacts/${root}/${segments}`
      } else {
        const place = await presigned(artifactUri, path, owner)
        target = place.url
        more = place.headers
      }
      const answer = await persist(`the artifact ${path}`, target, () =>
        once('PUT', target, { ...more, 'content-type': 'application/octet-stream' }, content),
      )
      if (answer.status >= 200 && answer.status < 300) return
      if (isClosed(answer)) throw new ArtifactsClosed(server.name, 'it runs with --no-serve-artifacts')
      const { code, said } = saidBy(answer)
      throw new MlflowRefusal(server.name, `the artifact ${path}`, answer.status, code, said)
    },
    async close() {
      await transport.close()
    },
  }

  /** Where a store in a cloud takes one file. */
  async function presigned(
    artifactUri: string,
    path: string,
    owner: JsonObject | undefined,
  ): Promise<{ url: string; headers: Record<string, string> }> {
    const scheme = /^[\w+-]+(?=:)/.exec(artifactUri)?.[0] ?? 'file'
    // An experiment keeps the place that it was made with.
    const kept = ', which holds for experiments that are made from then on'
    const closed = (signed: string, more = '') =>
      new ArtifactsClosed(
        server.name,
        scheme === 'file'
          ? 'they would go to a folder of its own machine'
          : `they would go to ${scheme}:, past it, and ${signed}`,
        kept + more,
      )
    if (scheme === 'file' || owner === undefined) throw closed('nobody signs that')
    const asked = `${server.base}/api/2.0/mlflow/artifacts/presigned-upload-url`
    const answer = await persist('artifacts/presigned-upload-url', asked, () =>
      once(
        'POST',
        asked,
        { ...headers, 'content-type': 'application/json' },
        JSON.stringify({ ...owner, path }),
      ),
    )
    const { said } = saidBy(answer)
    if (answer.status === 404)
      throw closed('it is too old to sign uploads there', '; or update it, as a newer MLflow signs them')
    if (answer.status < 200 || answer.status >= 300)
      throw closed(`it signs no upload there: ${plain(said).slice(0, 200)}`)
    const { presigned_url: url, headers: wanted } = jsonOf(server, 'presigned-upload-url', answer.text)
    if (typeof url !== 'string') throw closed('it signs no upload there')
    const entries = isJsonObject(wanted) ? Object.entries(wanted) : []
    return { url, headers: Object.fromEntries(entries.map(([name, value]) => [name, String(value)])) }
  }
}

function isPassing(answer: Answer): boolean {
  return passing.has(answer.status) && !isClosed(answer) && !permanentCodes.has(saidBy(answer).code ?? '')
}

/** What a server with --no-serve-artifacts answers: as if it were about to. */
function isClosed({ status, text }: Answer): boolean {
  return status === 503 && /artifact/i.test(text) && /disabled|serve-artifacts/i.test(text)
}

/** 2 multiplied with itself so many times. */
function doubled(times: number): number {
  return 1 << Math.min(times, 20)
}

function saidBy({ text }: Answer): { code: string | null; said: string } {
  try {
    const { error_code: code, message } = JSON.parse(text) as { error_code?: unknown; message?: unknown }
    return {
      code: typeof code === 'string' ? code : null,
      said: typeof message === 'string' ? message : text,
    }
  } catch {
    return { code: null, said: text.replace(/<[^>]*>/g, ' ') }
  }
}

function jsonOf(server: ServerAddress, path: string, text: string): JsonObject {
  try {
    const json: unknown = JSON.parse(text === '' ? '{}' : text)
    if (isJsonObject(json)) return json as JsonObject
  } catch {}
  throw new EspalierError(
    'MLFLOW_REFUSED',
    `an MLflow server answers with JSON, but ${server.name} answered ${path} with ${JSON.stringify(plain(text).slice(0, 80))}; check its URL, and what stands before it`,
  )
}

function queryOf(body: JsonObject): URLSearchParams {
  const entries = Object.entries(body).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one: JsonValue): [string, string] => [name, String(one)]),
  )
  return new URLSearchParams(entries)
}

function unreachable(
  { name }: ServerAddress,
  why: string,
  cause?: unknown,
  remedy = usualRemedy,
): EspalierError {
  return new EspalierError(
    'MLFLOW_UNREACHABLE',
    `the MLflow server ${name} does not answer as one (${why}); ${remedy}`,
    { cause },
  )
}

/** Seconds, or a date. */
function afterMs(header: string | string[] | undefined): number | null {
  const text = Array.isArray(header) ? header[0] : header
  if (text === undefined) return null
  const ms = /^\d+$/.test(text) ? 1000 * Number(text) : Date.parse(text) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : null
}

async function authorizationOf(env: NodeJS.ProcessEnv): Promise<string | null> {
  const token = env.MLFLOW_TRACKING_TOKEN
  const file = await fileCredentials(env)
  const user = env.MLFLOW_TRACKING_USERNAME || file.user
  const password = env.MLFLOW_TRACKING_PASSWORD || file.password
  // One without the other is nobody to MLflow's client, which takes the token then.
  if (user && (password || !token)) return basic(user, password ?? '')
  return token ? `Bearer ${token}` : null
}

function numberOf(env: NodeJS.ProcessEnv, name: string, usual: number): number {
  const text = env[name]
  if (text === undefined || text.trim() === '') return usual
  const number = Number(text)
  if (Number.isFinite(number) && number >= 0) return number
  throw new EspalierError(
    'USAGE',
    `${name} must be a number, 0 or more (got ${JSON.stringify(text)}); set it so`,
  )
}
