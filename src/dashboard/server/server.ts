/** The live page: a server of its own process, beside whatever sweeps run. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { hostInLink, listen } from '../../listening.js'
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
  const ports =
    options.port === null
      ? [...Array.from({ length: portsTried }, (_, i) => usualPort + i), 0]
      : [options.port]
  const port = await listen(server, 'the dashboard', options.host, ports)
  return {
    link: `http://${hostInLink(options.host)}:${port}/?token=${guard.token}`,
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
