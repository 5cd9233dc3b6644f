/** The server: its addresses, its limits, many requests at once, and its end. */

import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import packageJson from '../../../package.json' with { type: 'json' }
import { serveModel } from '../../../src/exchange/serve/index.js'
import { dataFile, temporaryDirectory } from '../../launch/support.js'
import { ask, exchanged, keptModel, penguins, served } from './served.js'

const kept = await keptModel(penguins)
const row = {
  island: 'Dream',
  beak_length_mm: 40,
  beak_depth_mm: 18,
  flipper_length_mm: 190,
  body_mass_g: 3700,
  sex: 'MALE',
}
const predictions = kept.model.predict([row])

/** Answers after so many ms; hangs or ends its thread where it is told to. Its thread is blocked meanwhile. */
const slowTrainer = `
const wait = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
const model = () => ({
  predict(table) {
    const [first] = table.columns[0].values
    console.log('asked', first)
    if (first === -1) process.exit(7)
    if (first === -2) throw new Error('no such number')
    wait(first)
    return new Float64Array(table.rows).fill(first)
  },
  toJSON: () => ({}),
})
export default {
  name: 'slow', task: 'regression', hyperparameters: [{ name: 'shift', type: 'float', min: 0, max: 1, default: 0, description: '' }],
  fit: () => model(),
  load: model,
}
`

async function slowModel() {
  const directory = await temporaryDirectory()
  await writeFile(join(directory, 'slow.mjs'), slowTrainer)
  return keptModel({
    trainer: join(directory, 'slow.mjs'),
    data: { file: dataFile('diabetes.csv'), target: 'progression' },
    parameters: { shift: { type: 'float', min: 0, max: 1 } },
  })
}
const slow = await slowModel()
const slowRow = (ms: number) => ({
  inputs: Object.fromEntries(slow.model.signature.columns.map(({ name }, i) => [name, i === 0 ? ms : 0])),
})

test.each(['/ping', '/health'])('GET %s says that it is there', async (path) => {
  const { url } = await served(kept)
  const answer = await fetch(url + path)
  expect(answer.status).toBe(200)
  expect(await answer.text()).toBe('\n')
  expect((await fetch(url + path, { method: 'HEAD' })).status).toBe(200)
})

test('GET /version is that of Espalier', async () => {
  const { url } = await served(kept)
  expect(await (await fetch(`${url}/version`)).text()).toBe(packageJson.version)
})

test('404, 405 and 415, in the shape of MLflow', async () => {
  const { url } = await served(kept)
  const post = (headers: Record<string, string>) =>
    fetch(`${url}/invocations`, { method: 'POST', body: '{}', headers })
  const answers: [Promise<Response>, number, string][] = [
    [fetch(`${url}/`), 404, 'ENDPOINT_NOT_FOUND'],
    [fetch(`${url}/invocations/x`, { method: 'POST', body: '{}' }), 404, 'ENDPOINT_NOT_FOUND'],
    [fetch(`${url}/invocations`), 405, 'BAD_REQUEST'],
    [fetch(`${url}/ping`, { method: 'POST', body: '' }), 405, 'BAD_REQUEST'],
    [post({ 'content-type': 'text/plain' }), 415, 'BAD_REQUEST'],
    [post({ 'content-type': 'application/json; charset=latin1' }), 415, 'BAD_REQUEST'],
    [post({ 'content-type': 'application/json; x=y' }), 415, 'BAD_REQUEST'],
    [post({ 'content-type': 'application/json', 'content-encoding': 'gzip' }), 415, 'BAD_REQUEST'],
  ]
  for (const [asked, status, code] of answers) {
    const answer = await asked
    const { error_code: said } = (await answer.json()) as { error_code: string }
    expect([answer.status, said]).toEqual([status, code])
  }
  expect((await fetch(`${url}/invocations`)).headers.get('allow')).toBe('POST')
})

test('what listens for this machine alone answers to its own names', async () => {
  const { port } = await served(kept)
  const asked = (host: string) =>
    new Promise<number>((resolve, reject) => {
      request({ port, path: '/ping', headers: { host } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode!)
      })
        .on('error', reject)
        .end()
    })
  expect(await asked(`localhost:${port}`)).toBe(200)
  expect(await asked('127.0.0.1')).toBe(200)
  expect(await asked('evil.example')).toBe(421)
})

test('413: too many bytes, and too many rows', async () => {
  const server = await served(kept, { mostBytes: 500, mostRows: 2 })
  const many = await ask(server, { inputs: [row, row, row] })
  expect([many.status, many.json.error_code]).toEqual([413, 'RESOURCE_LIMIT_EXCEEDED'])
  expect(many.json.message).toContain('at most 2 rows')
  const csv = `${Object.keys(row).join()}\n${`${Object.values(row).join()}\n`.repeat(3)}`
  expect((await ask(server, csv, 'text/csv')).status).toBe(413)
  const long = await ask(server, { inputs: [{ ...row, island: 'x'.repeat(500) }] })
  expect(long.status).toBe(413)
  expect(long.json.message).toContain('at most 500 bytes')
  // Without a length that is told beforehand.
  const parts = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(' '.repeat(600)))
      controller.close()
    },
  })
  const streamed = await fetch(`${server.url}/invocations`, {
    method: 'POST',
    body: parts,
    headers: { 'content-type': 'application/json' },
    duplex: 'half',
  } as RequestInit)
  expect(streamed.status).toBe(413)
  expect((await ask(server, { inputs: [row, row] })).status).toBe(200)
})

test('a request that does not come in has its time, and what is none is told so', async () => {
  const server = await served(kept, { bodyTimeLimit: 300 })
  const head = 'POST /invocations HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n'
  for (const begun of ['POST /invoc', head, `${head}content-length: 100\r\n\r\n{`]) {
    const { text } = await exchanged(server, begun)
    expect(text).toMatch(/^HTTP\/1.1 408 /)
    expect(JSON.parse(text.split('\r\n\r\n')[1]).error_code).toBe('BAD_REQUEST')
  }
  expect((await exchanged(server, 'hello\r\n\r\n')).text).toMatch(/^HTTP\/1.1 400 /)
  expect((await exchanged(server, `GET /ping HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).text).toMatch(
    /^HTTP\/1.1 431 /,
  )
})

test('504: an answer that takes too long; the model is loaded anew, and what waits is answered', async () => {
  const said: string[] = []
  const server = await served(slow, {
    timeLimit: 4000,
    importModule: true,
    onWarning: (text) => said.push(text),
  })
  const late = ask(server, slowRow(60_000))
  const early = await new Promise<typeof late>((resolve) =>
    setTimeout(() => resolve(ask(server, slowRow(1))), 700),
  )
  expect(early.json).toEqual({ predictions: [1] })
  expect([(await late).status, (await late).json.error_code]).toEqual([504, 'DEADLINE_EXCEEDED'])
  expect(said).toContain('asked 60000')
})

test('500: a model that ends its thread, or throws; it goes on', async () => {
  const server = await served(slow, { importModule: true })
  const ended = await ask(server, slowRow(-1))
  expect([ended.status, ended.json.error_code]).toEqual([500, 'INTERNAL_ERROR'])
  const thrown = await ask(server, slowRow(-2))
  expect([thrown.status, thrown.json.message]).toEqual([500, expect.stringContaining('no such number')])
  expect((await ask(server, slowRow(2))).json).toEqual({ predictions: [2] })
})

test('/ping is answered while the model is busy', async () => {
  const server = await served(slow, { importModule: true })
  let isDone = false
  const busy = ask(server, slowRow(1000)).then(() => {
    isDone = true
  })
  expect((await fetch(`${server.url}/ping`)).status).toBe(200)
  expect(isDone).toBe(false)
  await busy
})

test('requests at once each get their own answer', async () => {
  const server = await served(slow, { importModule: true })
  const asked = Array.from({ length: 40 }, (_, i) => i % 4)
  const answers = await Promise.all(asked.map((ms) => ask(server, slowRow(ms))))
  expect(answers.map(({ json }) => json.predictions)).toEqual(asked.map((ms) => [ms]))
})

test('503: more bytes than may be held at once', async () => {
  const server = await served(slow, { importModule: true, mostBytes: 150 })
  const answers = await Promise.all(Array.from({ length: 12 }, () => ask(server, slowRow(50))))
  const statuses = new Set(answers.map(({ status }) => status))
  expect(statuses).toEqual(new Set([200, 503]))
  const refused = answers.find(({ status }) => status === 503)!
  expect(refused.headers.get('retry-after')).toBe('1')
  expect(refused.json.error_code).toBe('TEMPORARILY_UNAVAILABLE')
  expect((await ask(server, slowRow(0))).status).toBe(200)
})

test('a request whose client has gone is not answered, and holds nothing up', async () => {
  const said: string[] = []
  const server = await served(slow, { importModule: true, onWarning: (text) => said.push(text) })
  const busy = ask(server, slowRow(700))
  const stop = new AbortController()
  const gone = fetch(`${server.url}/invocations`, {
    method: 'POST',
    body: JSON.stringify(slowRow(701)),
    headers: { 'content-type': 'application/json' },
    signal: stop.signal,
  })
  setTimeout(() => stop.abort(), 200)
  await expect(gone).rejects.toThrow()
  await busy
  expect((await ask(server, slowRow(3))).json).toEqual({ predictions: [3] })
  expect(said).toEqual(['asked 700', 'asked 3'])
})

test('its end lets requests be answered that are there, and takes no others', async () => {
  const server = await served(slow, { importModule: true })
  const answer = ask(server, slowRow(500))
  await new Promise((resolve) => setTimeout(resolve, 150))
  const closed = server.close()
  expect((await answer).json).toEqual({ predictions: [500] })
  await closed
  await expect(fetch(`${server.url}/ping`)).rejects.toThrow()
})

test('it does not begin where another listens, or without a model, or with a module that nobody vouches for', async () => {
  const { port } = await served(kept)
  await expect(served(kept, { port })).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining('another program listens there'),
  })
  await expect(served({ ...kept, run: 'ffff' })).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
  const state = process.env.XDG_STATE_HOME
  process.env.XDG_STATE_HOME = await temporaryDirectory()
  try {
    await expect(serveModel({ ...slow, port: 0 })).rejects.toMatchObject({ code: 'CODE_UNTRUSTED' })
  } finally {
    process.env.XDG_STATE_HOME = state
  }
})

test('it is asked by the model that the run kept', async () => {
  expect((await ask(await served(kept), { inputs: row })).json).toEqual({ predictions })
})
