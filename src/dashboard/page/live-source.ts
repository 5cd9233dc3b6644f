/** Data from the server that the page came from (data/api.ts). */
import type { Insight, Surface } from '../../analysis/index.js'
import type { ChildRun } from '../../tracking/index.js'
import {
  type ActAnswer,
  type ApiError,
  decodeParcel,
  type PageFacts,
  type SweepHead,
  type SweepList,
  type TableDocument,
  type TrialSteps,
  TrialTable,
} from '../data/index.js'
import { browser } from './browser-surroundings.js'
import { followEvents } from './event-stream.js'
import type { Source } from './source.js'

export function liveSource(): Source {
  /** How far the list of all sweeps has come. */
  let list: string | null = null
  return {
    live: true,
    facts: () => asked<PageFacts>('/api/facts'),
    async sweeps() {
      const answer = await asked<SweepList>('/api/sweeps')
      list = answer.list
      return answer.sweeps
    },
    head: (sweep) => asked<SweepHead>(addressOf(sweep)),
    async table(sweep) {
      const response = await fetched(addressOf(sweep, 'table'))
      const { document, parts } = decodeParcel<TableDocument>(new Uint8Array(await response.arrayBuffer()))
      return { ...document, table: TrialTable.decode(parts[0]) }
    },
    leftOut: async () => null,
    insight: (sweep, metric) => asked<Insight>(addressOf(sweep, 'insight', { metric })),
    surface: (sweep, x, y, metric) => asked<Surface | null>(addressOf(sweep, 'surface', { x, y, metric })),
    steps: (sweep, trials) =>
      asked<readonly TrialSteps[]>(addressOf(sweep, 'steps', { trials: trials.join(',') })),
    trial: (sweep, trial) => asked<ChildRun>(addressOf(sweep, `trials/${trial}`)),
    artifact: artifactAddress,
    artifactText: async (run, name) => (await fetched(artifactAddress(run, name))).text(),
    watch(watched, listener, onConnection) {
      const address = (after: string | null) =>
        `/api/events${asQuery(
          after === null
            ? { list: list ?? undefined, sweep: watched?.sweep, place: watched?.place }
            : { after, sweep: watched?.sweep },
        )}`
      return followEvents(address, listener, onConnection, browser)
    },
    async act(sweep, act) {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify(act)
      const response = await fetched(addressOf(sweep, 'acts'), { method: 'POST', headers, body })
      return ((await response.json()) as ActAnswer).message
    },
  }
}

type Query = Readonly<Record<string, string | undefined>>

function addressOf(sweep: string, what = '', query: Query = {}): string {
  return `/api/sweeps/${encodeURIComponent(sweep)}${what === '' ? '' : `/${what}`}${asQuery(query)}`
}

function artifactAddress(run: string, name: string): string {
  return `/api/runs/${encodeURIComponent(run)}/artifacts/${name.split('/').map(encodeURIComponent).join('/')}`
}

function asQuery(query: Query): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}

async function asked<T>(address: string): Promise<T> {
  return (await fetched(address)).json()
}

/** @throws Error with what the server says of it. */
async function fetched(address: string, options?: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await fetch(address, options)
  } catch {
    throw new Error('The server does not answer. Is the command that printed the link still running?')
  }
  if (response.ok) return response
  if (response.status === 401)
    throw new Error('This page needs the link that the command printed: open it again from there.')
  throw new Error(await saidBy(response))
}

async function saidBy(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as ApiError
    return error.message
  } catch {
    return `The server answers with ${response.status} ${response.statusText}.`
  }
}
