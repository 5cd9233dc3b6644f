/** A live server on a store, and a visitor who came by its link: what a browser does, without one. */
import { request } from 'node:http'
import { afterEach } from 'vitest'
import type { LiveEvent } from '../../src/dashboard/data/index.js'
import { type Dashboard, type DashboardOptions, startDashboard } from '../../src/dashboard/server/index.js'

const started: Dashboard[] = []

afterEach(async () => {
  for (const one of started.splice(0)) await one.close()
})

export interface Visitor {
  readonly dashboard: Dashboard
  /** `http://127.0.0.1:PORT` */
  readonly base: string
  readonly cookie: string
  get(path: string, headers?: Record<string, string>): Promise<Response>
  json<T>(path: string): Promise<T>
  post(path: string, body: string, headers?: Record<string, string>): Promise<Response>
}

/** Ends with the test. */
export async function serve(store: string, options: Partial<DashboardOptions> = {}): Promise<Dashboard> {
  const dashboard = await startUsual(store, options)
  started.push(dashboard)
  return dashboard
}

/** The same, for whoever ends it. */
export function startUsual(store: string, options: Partial<DashboardOptions> = {}): Promise<Dashboard> {
  return startDashboard({
    store,
    host: '127.0.0.1',
    port: 0,
    readOnly: false,
    called: 'espalier',
    storeArgument: '',
    onWarning: () => {},
    ...options,
  })
}

export async function visit(store: string, options: Partial<DashboardOptions> = {}): Promise<Visitor> {
  const dashboard = await serve(store, options)
  const base = `http://127.0.0.1:${dashboard.port}`
  const entered = await fetch(dashboard.link, { redirect: 'manual' })
  const cookie = entered.headers.get('set-cookie')!.split(';', 1)[0]
  const get: Visitor['get'] = (path, headers = {}) =>
    fetch(`${base}${path}`, { headers: { cookie, ...headers } })
  return {
    dashboard,
    base,
    cookie,
    get,
    json: async <T>(path: string) => (await (await get(path)).json()) as T,
    post: (path, body, headers = {}) =>
      fetch(`${base}${path}`, {
        method: 'POST',
        body,
        headers: { cookie, 'content-type': 'application/json', ...headers },
      }),
  }
}

/** A request with any headers: fetch sets some of them itself. */
export function raw(
  { base }: Pick<Visitor, 'base'>,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(`${base}${path}`, { headers }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode!, body }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

export interface Heard {
  readonly id: string
  readonly event: LiveEvent
}

/** Listens to a stream until `enough` says so, or the signal aborts; gives what was heard. */
export async function listen(
  visitor: Visitor,
  path: string,
  enough: (heard: readonly Heard[]) => boolean,
  headers: Record<string, string> = {},
): Promise<Heard[]> {
  const stop = new AbortController()
  const response = await fetch(`${visitor.base}${path}`, {
    headers: { cookie: visitor.cookie, ...headers },
    signal: stop.signal,
  })
  const heard: Heard[] = []
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const parts = text.split('\n\n')
    text = parts.pop()!
    for (const part of parts) {
      const [, id] = /^id: (.*)$/m.exec(part) ?? []
      const [, data] = /^data: (.*)$/m.exec(part) ?? []
      if (data !== undefined) heard.push({ id, event: JSON.parse(data) })
    }
    if (enough(heard)) break
  }
  stop.abort()
  return heard
}
