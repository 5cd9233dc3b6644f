/**
 * A model over HTTP, by the interface of MLflow's scoring server: POST /invocations, GET /ping, /health and /version. The model answers from
 * a thread of its own; here bytes are taken in and given out, within limits.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import { describeError } from '../../errors.js'
import { answersTo, hostInLink, listen, loopback, nameIn } from '../../listening.js'
import type { BodyFormat, ModelFacts } from './messages.js'
import { ModelThread } from './model-thread.js'
import { Refusal, type RefusedStatus } from './refusal.js'

export interface ServeOptions {
  /** Directory of the store. */
  readonly store: string
  /** The run whose model it is: a trial, or a sweep for its ensemble. */
  readonly run: string
  /** Whether a trainer module that the record names may be imported, and where it is: as `openModel` takes them. */
  readonly importModule?: boolean
  readonly module?: string
  readonly host?: string
  /** 0: any that is free. */
  readonly port?: number
  /** Rows that are predicted at once; 100,000 unless stated. */
  readonly mostRows?: number
  /** Bytes of a body; 64 MiB unless stated. */
  readonly mostBytes?: number
  /** ms in which a request is answered, once it has come in; 60,000 unless stated. */
  readonly timeLimit?: number
  /** ms in which a request has to come in; 30,000 unless stated. */
  readonly bodyTimeLimit?: number
  /** Told once each: what rows had that the model does not know, what its module prints. */
  readonly onWarning?: (message: string) => void
}

export interface ServedModel {
  /** `http://127.0.0.1:5000` */
  readonly url: string
  readonly host: string
  readonly port: number
  readonly model: ModelFacts
  /** Takes no further requests, and answers those that are there, unless it is aborted. */
  close(signal?: AbortSignal): Promise<void>
}

/** MLflow's. */
export const usualPort = 5000
const usualHost = '127.0.0.1'
const usualRows = 100_000
const usualBytes = 64 * 1024 * 1024
const usualTimeLimit = 60_000
const usualBodyTimeLimit = 30_000
/** ms in which the lines before the body have to come in. */
const headLimit = 10_000
/** ms that a connection is kept for another request: longer than proxies keep theirs. */
const keptFor = 75_000
/** Bodies that may be held at the same time: as many bytes as so many of the longest. */
const mostBodies = 4
const mostWaiting = 1000
const mostConnections = 2000
/** ms that requests have to be answered once the server is to end. */
const closeLimit = 10_000

const mediaTypes: Readonly<Record<string, BodyFormat>> = {
  'application/json': 'json',
  'text/csv': 'csv',
  'application/vnd.apache.parquet': 'parquet',
}
const pathsAsked = ['/ping', '/health', '/version']

/**
 * Serves the model of a run.
 * @throws EspalierError where it cannot be loaded, or USAGE where the server cannot listen there.
 */
export async function serveModel(options: ServeOptions): Promise<ServedModel> {
  const { host = usualHost, port = usualPort, mostBytes = usualBytes, onWarning = () => {} } = options
  const { mostRows = usualRows, timeLimit = usualTimeLimit, bodyTimeLimit = usualBodyTimeLimit } = options
  const tell = once(onWarning)
  const { store, run, importModule, module } = options
  const thread = new ModelThread({ store, run, importModule, module, mostRows, timeLimit, onSaid: tell })
  const model = await thread.start()
  const served: Served = { thread, host, mostBytes, tell, held: { bytes: 0, requests: 0 } }
  const server = createServer(
    {
      requestTimeout: bodyTimeLimit,
      headersTimeout: Math.min(headLimit, bodyTimeLimit),
      keepAliveTimeout: keptFor,
      connectionsCheckingInterval: Math.min(1000, bodyTimeLimit),
    },
    (request, response) => {
      response.on('error', () => {})
      answer(served, request, response).catch((error) => sendRefusal(response, error))
    },
  )
  server.maxConnections = mostConnections
  // An answer that nobody takes, too.
  server.setTimeout(timeLimit + bodyTimeLimit)
  server.on('clientError', refuseBroken)
  let bound: number
  try {
    bound = await listen(server, 'the server', host, [port])
  } catch (error) {
    await thread.close()
    throw error
  }
  return {
    url: `http://${hostInLink(host)}:${bound}`,
    host,
    port: bound,
    model,
    async close(signal) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      const cut = () => server.closeAllConnections()
      const limit = setTimeout(cut, closeLimit)
      // A connection that is kept alive is idle as soon as its request is answered.
      const idle = setInterval(() => server.closeIdleConnections(), 50)
      if (signal?.aborted) cut()
      signal?.addEventListener('abort', cut)
      await closed
      clearTimeout(limit)
      clearInterval(idle)
      signal?.removeEventListener('abort', cut)
      await thread.close()
    },
  }
}

interface Served {
  readonly thread: ModelThread
  readonly host: string
  readonly mostBytes: number
  readonly tell: (message: string) => void
  /** Of requests that are not answered yet. */
  readonly held: { bytes: number; requests: number }
}

async function answer(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  checkHost(served.host, request)
  const path = (request.url ?? '/').split('?', 1)[0]
  if (pathsAsked.includes(path)) {
    checkMethod(request, path, ['GET', 'HEAD'])
    send(response, 200, path === '/version' ? version() : '\n', {
      'content-type': path === '/version' ? 'text/plain; charset=utf-8' : 'application/json',
    })
    return
  }
  if (path !== '/invocations')
    throw new Refusal(
      404,
      `there is nothing at ${JSON.stringify(path.slice(0, 200))}; a model is asked by POST /invocations, and GET /ping, /health and /version tell of the server`,
    )
  checkMethod(request, path, ['POST'])
  await answerInvocation(served, request, response)
}

async function answerInvocation(
  { thread, mostBytes, tell, held }: Served,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const format = formatOf(request)
  if (held.requests >= mostWaiting || held.bytes >= mostBodies * mostBytes) throw busy()
  const gone = new AbortController()
  response.on('close', () => {
    if (!response.writableFinished) gone.abort()
  })
  let taken = 0
  held.requests++
  try {
    const body = await readBody(request, mostBytes, (bytes) => {
      taken += bytes
      held.bytes += bytes
      if (held.bytes > mostBodies * mostBytes) throw busy()
    })
    const reply = await thread.ask({ format, body }, gone.signal)
    for (const warning of reply.warnings) tell(warning)
    send(response, reply.status, reply.body, {
      'content-type': 'application/json',
      ...warningHeader(reply.warnings),
    })
  } finally {
    held.requests--
    held.bytes -= taken
  }
}

/** A body in an array of its own, which can be handed to a thread. */
async function readBody(
  request: IncomingMessage,
  most: number,
  onTaken: (bytes: number) => void,
): Promise<Uint8Array> {
  const tooLong = () =>
    new Refusal(
      413,
      `a body has at most ${most} bytes (this one has ${request.headers['content-length'] ?? 'more'}); send its rows in several requests, or start the server with a higher --max-body`,
    )
  if (Number(request.headers['content-length']) > most) throw tooLong()
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length > most) throw tooLong()
    onTaken(part.length)
    parts.push(part)
  }
  const body = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    body.set(part, at)
    at += part.length
  }
  return body
}

/**
 * A page of another site can lead a name of its own to this machine (DNS rebinding); what listens for this machine alone answers to its own
 * names. One that listens for others may have any: of a service, of a proxy.
 */
function checkHost(host: string, { headers }: IncomingMessage): void {
  if (!loopback.includes(host)) return
  const name = nameIn(headers.host)
  if (name !== null && answersTo(host, name)) return
  throw new Refusal(
    421,
    `this server answers to localhost and its own address (got ${JSON.stringify(headers.host ?? '').slice(0, 200)}); start it with --host where others are to reach it`,
  )
}

function checkMethod({ method }: IncomingMessage, path: string, accepted: readonly string[]): void {
  if (accepted.includes(method!)) return
  throw new Refusal(405, `${path} is asked by ${accepted[0]} (got ${method})`, {
    headers: { allow: accepted.join(', ') },
  })
}

function formatOf({ headers }: IncomingMessage): BodyFormat {
  const [type, ...parameters] = (headers['content-type'] ?? '').split(';').map((one) => one.trim())
  const format = Object.hasOwn(mediaTypes, type.toLowerCase()) ? mediaTypes[type.toLowerCase()] : undefined
  if (format === undefined)
    throw new Refusal(
      415,
      `a body is of the media type ${Object.keys(mediaTypes).join(', ')} (got ${type === '' ? 'none' : JSON.stringify(type.slice(0, 200))}); say it in the header content-type`,
    )
  for (const parameter of parameters)
    if (parameter !== '' && !/^charset="?utf-8"?$/i.test(parameter))
      throw new Refusal(
        415,
        `a body is in UTF-8 (got ${JSON.stringify(parameter.slice(0, 200))} in its media type)`,
      )
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity')
    throw new Refusal(
      415,
      `a body is sent as it is (got the content-encoding ${JSON.stringify(encoding.slice(0, 200))})`,
    )
  return format
}

function busy(): Refusal {
  return new Refusal(503, 'too many requests wait to be answered; send this one again later', {
    headers: { 'retry-after': '1' },
  })
}

/** What rows have that the model does not know, as JSON in ASCII, as far as it has room. */
function warningHeader(warnings: readonly string[]): Record<string, string> {
  if (warnings.length === 0) return {}
  const shown = warnings.slice(0, 10).map((warning) => warning.slice(0, 500))
  const text = JSON.stringify(shown).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return { 'espalier-warnings': text }
}

function send(
  response: ServerResponse,
  status: number,
  body: Uint8Array | string,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, {
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ...headers,
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}

function sendRefusal(response: ServerResponse, thrown: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const refusal = thrown instanceof Refusal ? thrown : new Refusal(500, describeError(thrown).message)
  const { status, document, headers } = refusal
  // What is left of a body that was not read is not waited for.
  const isRead = response.req.readableEnded || response.req.complete
  send(response, status, JSON.stringify(document), {
    'content-type': 'application/json',
    ...headers,
    ...(!isRead && { connection: 'close' }),
  })
}

/** What is no request, or came too slowly. */
function refuseBroken(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const [status, reason, message]: [RefusedStatus, string, string] =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? [408, 'Request Timeout', 'a request comes in within its time; send it at once']
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? [431, 'Request Header Fields Too Large', 'the headers of a request have at most 16 KB']
        : [400, 'Bad Request', 'this is no request of HTTP']
  const body = JSON.stringify(new Refusal(status, message).document)
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

/** Tells each message once, and of many different ones the first. */
function once(tell: (message: string) => void): (message: string) => void {
  const told = new Set<string>()
  return (message) => {
    if (told.size >= 1000 || told.has(message)) return
    told.add(message)
    tell(message)
  }
}

let known: string | undefined

/** Of Espalier. */
function version(): string {
  known ??= createRequire(import.meta.url)('espalier/package.json').version as string
  return known
}
