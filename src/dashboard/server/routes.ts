/** What is asked of the server below `/api/` (data/api.ts), and who answers it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Insight, Surface } from '../../analysis/index.js'
import { judgingOf } from '../../launch/judging-record.js'
import { type Act, isRunId, type ParentRun, type RunStore } from '../../tracking/index.js'
import {
  type ActAnswer,
  encodeParcel,
  type PageFacts,
  type SweepHead,
  type TableDocument,
} from '../data/index.js'
import type { FollowedSweep } from '../gather/followed-sweep.js'
import { headOf } from '../gather/head.js'
import { type Hub, readId } from '../gather/hub.js'
import { searchedParameters } from '../gather/parameters.js'
import { notFound, Refusal, readJson, sendBytes, sendJson } from './answers.js'
import { artifactHeaders } from './artifacts.js'
import { EventStream } from './event-stream.js'
import type { Question } from './insight-messages.js'
import type { Insights } from './insights.js'

export interface Served {
  readonly store: RunStore
  readonly hub: Hub
  readonly insights: Insights
  readonly facts: PageFacts
}

interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
}

type Route = readonly [
  method: 'GET' | 'POST',
  path: RegExp,
  answer: (served: Served, asked: Asked, parts: readonly string[]) => Promise<unknown>,
]

/** What an answer resolves with is sent as JSON; undefined: it has been sent. */
const routes: readonly Route[] = [
  ['GET', /^facts$/, async ({ facts }) => facts],
  ['GET', /^sweeps$/, ({ hub }) => hub.list()],
  ['GET', /^sweeps\/([^/]+)$/, (served, _, [id]) => summary(served, id)],
  ['GET', /^sweeps\/([^/]+)\/table$/, sendTable],
  [
    'GET',
    /^sweeps\/([^/]+)\/insight$/,
    (served, { query }, [id]) =>
      analysed(served, { kind: 'insight', sweep: id, metric: query.get('metric') }),
  ],
  [
    'GET',
    /^sweeps\/([^/]+)\/surface$/,
    async (served, { query }, [id]) => {
      const [x, y] = [stated(query, 'x'), stated(query, 'y')]
      return analysed(served, { kind: 'surface', sweep: id, metric: query.get('metric'), x, y })
    },
  ],
  [
    'GET',
    /^sweeps\/([^/]+)\/steps$/,
    async (served, { query }, [id]) => {
      const trials = stated(query, 'trials').split(',').map(trialNumber)
      return (await known(served, id)).followed.steps(trials)
    },
  ],
  [
    'GET',
    /^sweeps\/([^/]+)\/trials\/([^/]+)$/,
    async (served, _, [id, trial]) => (await known(served, id)).followed.trial(trialNumber(trial)),
  ],
  ['POST', /^sweeps\/([^/]+)\/acts$/, act],
  ['GET', /^runs\/([^/]+)\/artifacts\/(.+)$/, sendArtifact],
  ['GET', /^events$/, openEvents],
]

/** Answers a request below `/api/`. Rejects with what is wrong with it. */
export async function answerApi(served: Served, asked: Asked, path: string): Promise<void> {
  const found = routes.filter(([, pattern]) => pattern.test(path))
  if (found.length === 0) throw notFound(`There is nothing at /api/${path}.`)
  const { method } = asked.request
  const route = found.find(([one]) => one === method)
  if (route === undefined)
    throw new Refusal(405, 'METHOD_REFUSED', `/api/${path} is asked by ${found[0][0]} (got ${method}).`)
  const [, pattern, answer] = route
  const parts = (pattern.exec(path) ?? []).slice(1).map(decoded)
  const document = await answer(served, asked, parts)
  if (document !== undefined) sendJson(asked.response, document)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw notFound('An address is written in UTF-8.')
  }
}

function stated(query: URLSearchParams, name: string): string {
  const value = query.get(name)
  if (value !== null && value !== '') return value
  throw new Refusal(400, 'USAGE', `This address needs "${name}".`)
}

function trialNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new Refusal(
    400,
    'USAGE',
    `A trial is meant by its number (got ${JSON.stringify(text.slice(0, 80))}).`,
  )
}

function mustBeId(id: string, what: string): void {
  if (!isRunId(id)) throw notFound(`${what} is meant by its id (got ${JSON.stringify(id.slice(0, 80))}).`)
}

/** A sweep as it is at a look of this moment. */
async function known({ hub }: Served, id: string): Promise<{ followed: FollowedSweep; head: SweepHead }> {
  mustBeId(id, 'A sweep')
  const followed = hub.sweep(id)
  await followed.after(() => {})
  const { head } = followed
  if (head === null) throw notFound(`There is no sweep ${id} in this store.`)
  return { followed, head }
}

/** From its summary where its trials have not been read yet. */
async function summary({ store, hub }: Served, id: string): Promise<SweepHead> {
  mustBeId(id, 'A sweep')
  const { head } = hub.sweep(id)
  if (head !== null) return head
  const run = (await store.run(id)) as ParentRun
  return headOf(run, searchedParameters(run.spec), null, await judgingOf(store, run), [])
}

/** What the record tells, as of a look of this moment: the table is read before the next one. */
async function analysed(served: Served, question: Question): Promise<Insight | Surface | null> {
  const id = question.sweep
  const { followed } = await known(served, id)
  const { answer } = await followed.after(() => {
    const { place, known: now } = followed
    if (now === null) throw notFound(`There is no sweep ${id} in this store.`)
    const { run, judging, searched, trials } = now
    const contents = () => ({ run, judging, table: searched.alike ? null : trials.table.encode() })
    return { answer: served.insights.ask(question, { id, place, contents }) }
  })
  return answer
}

/** The table that was sent last, for those who come for the same. */
let lastTable: { readonly key: string; readonly bytes: WeakRef<Uint8Array> } | null = null

async function sendTable(served: Served, { response }: Asked, [id]: readonly string[]): Promise<void> {
  const { followed } = await known(served, id)
  const bytes = await followed.after(() => {
    const { place, head, known: now } = followed
    if (now === null || head === null) throw notFound(`There is no sweep ${id} in this store.`)
    const key = `${id} ${place} ${head.entry.status}`
    const before = lastTable?.key === key ? lastTable.bytes.deref() : undefined
    if (before !== undefined) return before
    const made = encodeParcel({ head, place } satisfies TableDocument, [now.trials.table.encode()])
    lastTable = { key, bytes: new WeakRef(made) }
    return made
  })
  sendBytes(response, bytes, { 'content-type': 'application/octet-stream' })
}

async function sendArtifact(
  { store }: Served,
  { response, query }: Asked,
  [run, name]: readonly string[],
): Promise<void> {
  mustBeId(run, 'A run')
  const bytes = await store.readArtifact(run, name)
  sendBytes(response, bytes, artifactHeaders(name, query.has('download')))
}

async function openEvents({ hub }: Served, { request, response, query }: Asked): Promise<void> {
  const sweep = query.get('sweep')
  if (sweep !== null) mustBeId(sweep, 'A sweep')
  const after = request.headers['last-event-id'] ?? query.get('after')
  const since =
    typeof after === 'string'
      ? readId(after)
      : { list: query.get('list') ?? '', place: query.get('place') ?? '' }
  const stream = new EventStream(response)
  const stop = await hub.connect(stream, { ...since, sweep })
  if (response.destroyed) stop()
  else response.on('close', stop)
}

async function act(
  { store, hub, facts }: Served,
  { request, response }: Asked,
  [id]: readonly string[],
): Promise<ActAnswer> {
  if (facts.readOnly)
    throw new Refusal(
      403,
      'READ_ONLY',
      'This page only shows; start the dashboard without --read-only to act.',
    )
  mustBeId(id, 'A sweep')
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  // Checked where it is taken up: any text may come from anywhere.
  const { outcome, message } = await store.ask(id, (await readJson(request)) as Act, { signal: gone.signal })
  await hub.look()
  return { outcome, message }
}
