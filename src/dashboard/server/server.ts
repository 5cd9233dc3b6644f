/** The live page: a server of its own process, beside whatever sweeps run. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EspalierError } from '../../errors.js'
import { openStore } from '../../tracking/index.js'
import type { PageFacts } from '../data/index.js'
import { Hub } from '../gather/hub.js'
import { programVersion } from '../gather/version.js'
import { isPageFile, pageFileType, readPageFile } from '../page-files.js'
import { head, notFound, Refusal, sendBytes, sendError } from './answers.js'
import { Guard } from './guard.js'
import { Insights } from './insights.js'
import { answerApi, type Served } from './routes.js'

export interface DashboardOptions {
  /** Directory of the store; it need not exist yet. */
  readonly store: string
  readonly host: string
  /** 0: any that is free; null: the usual one, or one of those after it. */
  readonly port: number | null
  readonly readOnly: boolean
  /** How the program is called, and ` --store DIR` where it needs that: for commands to copy. */
  readonly called: string
  readonly storeArgument: string
  /** Told of what could not be read. */
  readonly onWarning: (message: string) => void
}

export interface Dashboard {
  /** The link, with its token. */
  readonly link: string
  readonly port: number
  close(): Promise<void>
}

/** The port that is tried first where none is stated, and how many after it. */
export const usualPort = 4780
const portsTried = 20
/** Bytes of an address: it may name thousands of trials. */
const longestHead = 1 << 20
/** ms in which an answer has to be taken. */
const patience = 120_000

/** Starts to serve. @throws USAGE where it cannot listen there. */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const store = await openStore(options.store, { onWarning: options.onWarning })
  const guard = new Guard(options.host)
  const insights = new Insights(store.directory)
  const hub = new Hub(store, options.onWarning)
  const { readOnly, called, storeArgument } = options
  const facts: PageFacts = {
    version: programVersion(),
    store: store.directory,
    readOnly,
    called,
    storeArgument,
  }
  const served: Served = { store, hub, insights, facts }
  const server = createServer({ maxHeaderSize: longestHead }, (request, response) => {
    response.on('error', () => {})
    answer(guard, served, request, response).catch((error) => sendError(response, error))
  })
  server.setTimeout(patience)
  const port = await listen(server, options.host, options.port)
  return {
    link: `http://${nameFor(options.host)}:${port}/?token=${guard.token}`,
    port,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await insights.close()
    },
  }
}

async function answer(
  guard: Guard,
  served: Served,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  guard.checkHost(request)
  const { pathname, searchParams: query } = addressOf(request)
  if (pathname.startsWith('/api/')) {
    guard.checkOrigin(request)
    guard.checkSession(request)
    await answerApi(served, { request, response, query }, pathname.slice('/api/'.length))
    return
  }
  if (request.method !== 'GET' && request.method !== 'HEAD')
    throw new Refusal(405, 'METHOD_REFUSED', `The page is asked for by GET (got ${request.method}).`)
  const token = query.get('token')
  if (pathname === '/' && token !== null) {
    enter(guard, token, request, response)
    return
  }
  const name = pathname === '/' ? 'index.html' : pathname.slice(1)
  if (!isPageFile(name)) throw notFound('There is nothing at this address; the page is at /.')
  sendBytes(response, await readPageFile(name), { 'content-type': pageFileType(name) })
}

/** The token is changed for a cookie, and taken out of the address. */
function enter(guard: Guard, token: string, request: IncomingMessage, response: ServerResponse): void {
  if (!guard.isToken(token))
    throw new Refusal(
      403,
      'TOKEN_WRONG',
      'This link is of another start of the dashboard; open the one that was printed last.',
    )
  head(response, 303, { location: '/', 'set-cookie': guard.cookie(request), 'content-length': 0 })
  response.end()
}

function addressOf({ url = '/' }: IncomingMessage): URL {
  try {
    return new URL(url, 'http://localhost')
  } catch {
    throw notFound('There is nothing at this address; the page is at /.')
  }
}

async function listen(server: Server, host: string, port: number | null): Promise<number> {
  const tried = port === null ? Array.from({ length: portsTried }, (_, i) => usualPort + i) : [port]
  for (const one of port === null ? [...tried, 0] : tried) {
    try {
      await listenAt(server, host, one)
      return (server.address() as AddressInfo).port
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'EADDRINUSE' && port === null) continue
      throw new EspalierError(
        'USAGE',
        `the dashboard cannot listen at ${host}:${one}: ${whyNot(code, message)}`,
        {
          cause: error,
        },
      )
    }
  }
  throw new EspalierError('USAGE', `the dashboard finds no free port at ${host}; state one: --port N`)
}

function listenAt(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function whyNot(code: string | undefined, message: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'another program listens there; state another port, or 0 for any that is free'
    case 'EACCES':
      return 'this user may not; state a port above 1023'
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'this machine has no such address; leave --host out for this machine alone'
    default:
      return message
  }
}

/** As it stands in a link: an address of everywhere is none to go to. */
function nameFor(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
