/** How the server answers: with what headers, and what of errors. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describeError, isEspalierError } from '../../errors.js'
import type { ApiError } from '../data/index.js'

/** What is refused, with the status that says how. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export const notFound = (what: string) => new Refusal(404, 'NOT_FOUND', what)

const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Of every answer: nothing is kept by caches, guessed at, framed, or told to others. */
const always: Readonly<Record<string, string>> = {
  'content-security-policy': pagePolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

export function head(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string | number>>,
): void {
  response.writeHead(status, { ...always, ...headers })
}

export function sendBytes(
  response: ServerResponse,
  bytes: Uint8Array,
  headers: Readonly<Record<string, string>>,
): void {
  head(response, 200, { ...headers, 'content-length': bytes.length })
  response.end(bytes)
}

export function sendJson(response: ServerResponse, document: unknown, status = 200): void {
  const bytes = Buffer.from(JSON.stringify(document))
  head(response, status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': bytes.length,
  })
  response.end(bytes)
}

/** Says what went wrong, unless part of an answer has gone out already: then it is cut off. */
export function sendError(response: ServerResponse, thrown: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const { status, code, message } =
    thrown instanceof Refusal ? thrown : { status: statusOf(thrown), ...describeError(thrown) }
  sendJson(response, { error: { code, message } } satisfies ApiError, status)
}

function statusOf(thrown: unknown): number {
  if (!isEspalierError(thrown)) return 500
  if (thrown.code === 'RUN_UNKNOWN' || thrown.code === 'RUN_NONE' || thrown.code === 'STORE_MISSING')
    return 404
  if (thrown.code === 'SWEEP_LOCKED') return 409
  return thrown.kind === 'request' ? 400 : 500
}

/** Bytes of what is sent to the server. */
const longestBody = 1 << 20

/** The JSON that a request brings. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type']?.split(';', 1)[0].trim()
  if (type !== 'application/json')
    throw new Refusal(
      415,
      'JSON_INVALID',
      `What is sent here is application/json (got ${type ?? 'nothing'}).`,
    )
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length > longestBody)
      throw new Refusal(413, 'JSON_INVALID', `What is sent here has at most ${longestBody} bytes; send less.`)
    parts.push(part)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString())
  } catch {
    throw new Refusal(400, 'JSON_INVALID', 'What is sent here must be JSON, but cannot be read as such.')
  }
}
