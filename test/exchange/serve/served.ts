/** Models that are served, and what asks them. */
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { type ServedModel, type ServeOptions, serveModel } from '../../../src/exchange/serve/index.js'
import { type LoadedModel, openStore, sweep } from '../../../src/index.js'
import { dataFile, temporaryDirectory } from '../../launch/support.js'

const started: ServedModel[] = []

afterEach(async () => {
  for (const one of started.splice(0)) await one.close(AbortSignal.abort())
})

/** A store with a model. */
export interface Kept {
  readonly store: string
  readonly run: string
  readonly model: LoadedModel
}

export async function keptModel(definition: object): Promise<Kept> {
  const store = join(await temporaryDirectory(), 'runs')
  const result = await sweep(
    { validation: { folds: 2 }, search: { algorithm: 'random', trials: 1, seed: 3 }, ...definition } as never,
    { store },
  )
  const opened = await openStore(store)
  const best = await opened.bestRun({ sweep: result.run })
  return { store, run: best.id, model: await best.loadModel({ importModule: true }) }
}

export const penguins = {
  trainer: 'cart-classifier',
  data: { file: dataFile('penguins.csv'), target: 'species' },
  parameters: { maxDepth: { type: 'int', min: 3, max: 5 } },
}

/** Ends with the test. */
export async function served(
  { store, run }: Pick<Kept, 'store' | 'run'>,
  options: Partial<ServeOptions> = {},
): Promise<ServedModel> {
  const one = await serveModel({ store, run, port: 0, ...options })
  started.push(one)
  return one
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a document whose shape the test goes on to check.
  readonly json: any
}

export async function ask(
  { url }: ServedModel,
  body: string | object | Uint8Array<ArrayBuffer>,
  type = 'application/json',
): Promise<Answered> {
  const isText = typeof body === 'string' || body instanceof Uint8Array
  const answer = await fetch(`${url}/invocations`, {
    method: 'POST',
    body: isText ? body : JSON.stringify(body),
    headers: type === '' ? {} : { 'content-type': type },
  })
  return { status: answer.status, headers: answer.headers, json: await answer.json() }
}

/** What is answered to bytes that are written to a connection, until the server ends it. */
export function exchanged(
  { port }: ServedModel,
  text: string,
): Promise<{ readonly text: string; readonly ms: number }> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    let answered = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.setEncoding('utf8').on('data', (part: string) => {
      answered += part
    })
    socket.on('error', reject)
    socket.on('close', () => resolve({ text: answered, ms: performance.now() - began }))
  })
}
