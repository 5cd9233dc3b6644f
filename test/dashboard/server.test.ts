/** The live server by what it lets in, and what it answers: asked by HTTP, on real stores. */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import {
  decodeParcel,
  type PageFacts,
  type SweepHead,
  type SweepList,
  type TableDocument,
  type TrialSteps,
  TrialTable,
} from '../../src/dashboard/data/index.js'
import { searchedParameters } from '../../src/dashboard/gather/parameters.js'
import { tableOf } from '../../src/dashboard/gather/rows.js'
import { importance } from '../../src/launch/insight.js'
import { type ChildRun, openStore, type ParentRun } from '../../src/tracking/index.js'
import { temporaryFolder } from '../temporary.js'
import { raw, serve, visit } from './served.js'
import { makeSweep } from './sweeps.js'

const store = temporaryFolder()
const made = await makeSweep(store, { trials: 30, name: 'thirty' })
const hostile = await makeSweep(store, { trials: 12, hostile: true })
const sweepPath = `/api/sweeps/${made.id}`

test('the link is changed for a cookie that scripts cannot read and other sites cannot send, and for an address without it', async () => {
  const { link, port } = await serve(store)
  const answer = await fetch(link, { redirect: 'manual' })
  expect(answer.status).toBe(303)
  expect(answer.headers.get('location')).toBe('/')
  expect(answer.headers.get('set-cookie')).toMatch(
    new RegExp(`^espalier-${port}=[\\w-]{32}; HttpOnly; SameSite=Strict; Path=/$`),
  )
  expect(answer.headers.get('set-cookie')).not.toContain(new URL(link).searchParams.get('token'))
})

test('nothing of a store is told without the cookie, with another one, or by a link of another start', async () => {
  const visitor = await visit(store)
  const { base, cookie } = visitor
  const other = await visit(store)
  const paths = [
    'facts',
    'sweeps',
    `sweeps/${made.id}/table`,
    'events',
    'nothing',
    `runs/${made.id}/artifacts/x`,
  ]
  for (const path of paths) {
    for (const wrong of [undefined, `${cookie}x`, `${cookie.split('=')[0]}=`, other.cookie]) {
      const answer = await fetch(`${base}/api/${path}`, {
        headers: wrong === undefined ? {} : { cookie: wrong },
      })
      expect(answer.status).toBe(401)
      expect(await answer.json()).toEqual({ error: { code: 'TOKEN_MISSING', message: expect.any(String) } })
    }
  }
  expect(
    (await fetch(`${base}/?token=${new URL(other.dashboard.link).searchParams.get('token')}`)).status,
  ).toBe(403)
  expect((await visitor.get('/api/facts')).status).toBe(200)
})

test('it answers to its own names only, as a name of a stranger can lead to it', async () => {
  const visitor = await visit(store)
  const { cookie, dashboard } = visitor
  const asked = async (host: string, path = '/api/facts') =>
    (await raw(visitor, path, { host, cookie })).status
  for (const host of [
    'evil.example',
    `evil.example:${dashboard.port}`,
    '127.0.0.1.evil.example',
    '192.168.0.7',
  ])
    for (const path of ['/', '/api/facts', '/page.js', `/?token=x`]) expect(await asked(host, path)).toBe(421)
  for (const host of ['localhost', `LOCALHOST:${dashboard.port}`, '127.0.0.1:8080', '[::1]:1'])
    expect(await asked(host)).toBe(200)
})

test('an address of everywhere answers to addresses and the name of the machine, a stated host to itself', async () => {
  const everywhere = await visit(store, { host: '0.0.0.0' })
  const asked = async (visitor: typeof everywhere, host: string) =>
    (await raw(visitor, '/api/facts', { host, cookie: visitor.cookie })).status
  expect(await asked(everywhere, '192.168.0.7:80')).toBe(200)
  expect(await asked(everywhere, 'evil.example')).toBe(421)
  expect(everywhere.dashboard.link).toMatch(/^http:\/\/localhost:/)
  const named = await visit(store, { host: 'localhost' })
  expect(await asked(named, '192.168.0.7')).toBe(421)
})

test('a page of another site is refused, whatever cookie its browser sends along', async () => {
  const visitor = await visit(store)
  const { get, post, base } = visitor
  for (const path of ['/api/facts', '/api/events', `${sweepPath}/table`]) {
    expect((await get(path, { origin: 'http://evil.example' })).status).toBe(403)
    expect((await get(path, { origin: 'null' })).status).toBe(403)
    for (const site of ['cross-site', 'same-site'])
      expect((await raw(visitor, path, { cookie: visitor.cookie, 'sec-fetch-site': site })).status).toBe(403)
  }
  expect((await post(`${sweepPath}/acts`, '{"kind":"stop"}', { origin: 'http://localhost:1' })).status).toBe(
    403,
  )
  expect((await get('/api/facts', { origin: base })).status).toBe(200)
})

test('whatever is answered, the browser is told to keep, guess, frame and run nothing', async () => {
  const { get } = await visit(store)
  const answers = await Promise.all(
    ['/', '/page.js', '/page.css', '/nothing', '/api/facts', '/api/nothing', `${sweepPath}/table`].map(
      (path) => get(path),
    ),
  )
  for (const { headers } of answers) {
    const policy = headers.get('content-security-policy')!
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ]),
    )
    expect(policy).not.toContain('unsafe')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toBe('no-store')
  }
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 404, 200, 404, 200])
  expect(await answers[0].text()).not.toMatch(/<script(?![^>]*src=)|<style|style=/)
})

test('the table is that of the trials on record, bit for bit, with the head of the sweep', async () => {
  const { get, json } = await visit(store)
  for (const { id } of [made, hostile]) {
    const { document, parts } = decodeParcel<TableDocument>(
      new Uint8Array(await (await get(`/api/sweeps/${id}/table`)).arrayBuffer()),
    )
    const record = await openStore(store)
    const run = (await record.run(id)) as ParentRun
    const wanted = tableOf(searchedParameters(run.spec), await record.trials(id))
    const table = TrialTable.decode(parts[0])
    expect([...table.columns.keys()].sort()).toEqual([...wanted.columns.keys()].sort())
    for (const name of wanted.columns.keys())
      for (let row = 0; row < wanted.length; row++)
        expect(table.cell(name, row)).toEqual(wanted.cell(name, row))
    expect(table.length).toBe(wanted.length)
    const { head } = document
    expect(head.run).toEqual(run)
    expect(head.entry).toMatchObject({ id, trials: run.trials, best: run.best, planned: run.spec.trials })
    expect(head.entry.baseline).toEqual({ name: 'the commonest class', value: 0.4 })
    expect(head.entry.holdout).toBeCloseTo(run.best!.value - 0.015, 12)
    expect(head.entry.corrected!.mean).toBeCloseTo(run.best!.value - 0.01, 12)
    expect(head.entry.spark.at(-1)).toBe(run.best!.value)
    expect(head.metrics[0]).toBe('accuracy')
    expect(await json<SweepHead>(`/api/sweeps/${id}`)).toEqual(head)
  }
})

test('parameters are those that are searched, as axes: scale, values as texts, and when they are there', async () => {
  const { json } = await visit(store)
  const { parameters } = await json<SweepHead>(sweepPath)
  const of = (name: string) => parameters.find((one) => one.name === name)
  expect(of('rate')).toMatchObject({
    kind: 'number',
    log: true,
    integer: false,
    min: 1e-5,
    max: 1,
    default: 1e-3,
    when: null,
  })
  expect(of('depth')).toMatchObject({ kind: 'number', log: false, integer: true, values: null })
  expect(of('layers')).toMatchObject({
    kind: 'category',
    values: ['[64]', '[64,64]', '[128,64,32]'],
    min: null,
  })
  expect(of('gamma')?.when).toBe('kernel is rbf or poly')
  expect(parameters).toHaveLength(20)
})

test('the list has every sweep, newest first; steps and trials are those on record', async () => {
  const { json } = await visit(store)
  const { sweeps } = await json<SweepList>('/api/sweeps')
  expect(sweeps.map(({ id }) => id)).toEqual([hostile.id, made.id])
  const record = await openStore(store)
  const trials = await record.trials(made.id)
  const steps = await json<TrialSteps[]>(`${sweepPath}/steps?trials=7,3,99999,0`)
  expect(steps).toEqual(
    [7, 3, 0].map((trial) => ({ trial, status: trials[trial].status, history: trials[trial].history })),
  )
  expect(await json<ChildRun>(`${sweepPath}/trials/5`)).toEqual(trials[5])
})

test('what the record tells is worked out, and a metric that no trial has is refused with a reason', async () => {
  const { json, get } = await visit(store)
  expect(await json(`${sweepPath}/insight`)).toMatchObject({ sweep: made.id, metric: 'accuracy' })
  expect(await json(`${sweepPath}/insight?metric=logLoss`)).toMatchObject({
    metric: 'logLoss',
    direction: 'minimize',
  })
  expect(await json(`${sweepPath}/surface?x=rate&y=depth`)).toBeNull()
  const refused = await get(`${sweepPath}/insight?metric=nothing`)
  expect(refused.status).toBe(400)
  expect(await refused.json()).toMatchObject({
    error: { code: 'USAGE', message: expect.stringContaining('nothing') },
  })
})

test('what is not there is answered so, and what is asked wrongly too', async () => {
  const { get, json } = await visit(store)
  const wrong: [string, number][] = [
    ['/api/sweeps/0123456789abcdef', 404],
    ['/api/sweeps/0123456789abcdef/table', 404],
    ['/api/sweeps/..%2f..%2fetc/table', 404],
    ['/api/sweeps/%ff/table', 404],
    [`${sweepPath}/trials/77`, 404],
    [`${sweepPath}/trials/x`, 400],
    [`${sweepPath}/steps`, 400],
    [`${sweepPath}/steps?trials=1,-2`, 400],
    [`${sweepPath}/surface?x=rate`, 400],
    [`${sweepPath}/acts`, 405],
    ['/api/', 404],
    ['/../package.json', 404],
    ['/api/events?sweep=..', 404],
  ]
  for (const [path, status] of wrong) {
    const answer = await get(path)
    expect([path, answer.status]).toEqual([path, status])
    expect(await answer.json()).toEqual({ error: { code: expect.any(String), message: expect.any(String) } })
  }
  expect((await json<PageFacts>('/api/facts')).store).toBe(store)
})

test('files of trials are text where they could be markup, never lead out of the store, and are as they were written', async () => {
  const record = await openStore(temporaryFolder())
  const files: Record<string, string> = {
    'page.html': '<script>alert(1)</script>',
    'picture.svg': '<svg onload="alert(1)"/>',
    'log.txt': 'one',
    'data.json': '{}',
    'some/deep/rows.csv': 'a,b',
    'model.bin': '\0',
  }
  const { id } = await makeSweep(record.directory, {
    trials: 1,
    goOn: async (writer) => {
      for (const [name, content] of Object.entries(files)) await writer.artifact(0, name, content)
    },
  })
  const { get } = await visit(record.directory)
  const [{ id: run, artifacts }] = await record.trials(id)
  const types: Record<string, string> = {}
  for (const { name, sha256 } of artifacts) {
    const answer = await get(
      `/api/runs/${run}/artifacts/${name.split('/').map(encodeURIComponent).join('/')}`,
    )
    expect(answer.status).toBe(200)
    types[name] = answer.headers.get('content-type')!
    expect(answer.headers.get('content-security-policy')).toContain('sandbox')
    expect(
      createHash('sha256')
        .update(Buffer.from(await answer.arrayBuffer()))
        .digest('hex'),
    ).toBe(sha256)
  }
  expect(types).toMatchObject({
    'page.html': 'text/plain; charset=utf-8',
    'picture.svg': 'text/plain; charset=utf-8',
    'log.txt': 'text/plain; charset=utf-8',
    'data.json': 'application/json; charset=utf-8',
    'some/deep/rows.csv': 'text/csv; charset=utf-8',
    'model.bin': 'application/octet-stream',
  })
  const saved = await get(`/api/runs/${run}/artifacts/log.txt?download`)
  expect(saved.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''log.txt")
  for (const name of [
    '..%2f..%2fjournal.jsonl',
    '../../journal.jsonl',
    '%2fetc%2fpasswd',
    'nothing.txt',
    '..\\x',
  ])
    expect((await get(`/api/runs/${run}/artifacts/${name}`)).status).toBe(404)
})

test('acts are recorded with the sweep; a page that only shows takes none, and nonsense is refused', async () => {
  const folder = temporaryFolder()
  const { id } = await makeSweep(folder, { trials: 3 })
  const visitor = await visit(folder)
  const acts = `/api/sweeps/${id}/acts`
  const done = await visitor.post(acts, JSON.stringify({ kind: 'note', trial: null, text: 'the one' }))
  expect(done.status).toBe(200)
  expect(await done.json()).toMatchObject({ outcome: 'done' })
  const record = await openStore(folder)
  expect((await record.run(id)).tags['espalier.note']).toBe('the one')
  const wrong: [string, Record<string, string>, number][] = [
    ['{"kind":"rm"}', {}, 400],
    ['[]', {}, 400],
    ['{', {}, 400],
    ['{"kind":"stop"}', { 'content-type': 'text/plain' }, 415],
    [`"${'x'.repeat(1 << 20)}"`, {}, 413],
  ]
  for (const [body, headers, status] of wrong)
    expect((await visitor.post(acts, body, headers)).status).toBe(status)
  const shown = await visit(folder, { readOnly: true })
  expect((await shown.json<PageFacts>('/api/facts')).readOnly).toBe(true)
  const refused = await shown.post(acts, JSON.stringify({ kind: 'note', trial: null, text: 'other' }))
  expect([refused.status, await refused.json()]).toEqual([
    403,
    { error: { code: 'READ_ONLY', message: expect.any(String) } },
  ])
  expect((await record.run(id)).tags['espalier.note']).toBe('the one')
})

test('a stated port that is taken is said, and where none is stated the next free one is taken', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  const { port } = other.address() as AddressInfo
  await expect(serve(store, { port })).rejects.toThrow(/another program listens there; state another port/)
  other.close()
  const [first, second] = [await serve(store, { port: null }), await serve(store, { port: null })]
  expect(second.port).not.toBe(first.port)
})

test('a store that is not there yet is served as an empty one', async () => {
  const { json } = await visit(`${temporaryFolder()}/runs`)
  expect(await json('/api/sweeps')).toEqual({ sweeps: [], list: expect.stringMatching(/^[0-9a-f]+\.0$/) })
})

test('a file of a trial may do nothing in a tab of its own', async () => {
  const visitor = await visit(store)
  const answer = await visitor.get(`/api/runs/${made.id}/artifacts/judging.json`)
  expect(answer.headers.get('content-security-policy')).toBe(
    "default-src 'none'; img-src 'self' data:; style-src 'none'; sandbox",
  )
})

test.each([
  ['a name that ends in a point', (port: number) => `localhost.:${port}`],
  ['an address as one number', () => '2130706433'],
  ['a name before a sign', (port: number) => `127.0.0.1:${port}@evil.example`],
  ['an address of everywhere', () => '0.0.0.0'],
  ['an address in another kind', () => '[::ffff:127.0.0.1]'],
])('a host that is %s is none of its own', async (_, host) => {
  const visitor = await visit(store)
  const { cookie, dashboard } = visitor
  expect((await raw(visitor, '/api/facts', { host: host(dashboard.port), cookie })).status).toBe(421)
})

test.each(['null', 'https://127.0.0.1', ''])('a page whose origin is %j is refused', async (origin) => {
  const visitor = await visit(store)
  const { cookie, base } = visitor
  const host = base.slice('http://'.length)
  expect((await raw(visitor, '/api/facts', { host, cookie, origin })).status).toBe(403)
})

test.each([
  ['', ['a', 'b', 2, false]],
  [', also where a table does not tell values apart', [1, '1', true, 'true']],
])('what the record tells is the same as without the page%s', async (_, values) => {
  const record = await openStore(temporaryFolder())
  const parameters = {
    k: { type: 'categorical', values },
    x: { type: 'float', min: 1e-3, max: 1, scale: 'log' },
    n: { type: 'int', min: 1, max: 9, when: { k: values.slice(0, 2) } },
    fixed: { type: 'constant', value: [1, 'one'] },
  }
  const writer = await record.createSweep({
    experiment: 'few',
    name: 'few',
    objectives: [{ metric: 'loss', direction: 'minimize' }],
    spec: { parameters, trials: 40 },
    conditions: { workers: 1 },
  })
  for (let trial = 0; trial < 40; trial++) {
    const x = ((7 * trial) % 40 || 1) / 40
    const params = {
      k: values[trial % 4],
      x,
      ...(trial % 4 < 2 && { n: 1 + (trial % 9) }),
      fixed: [1, 'one'],
    }
    void writer.trialStarted({ trial, params, attempt: 1, conditions: { trial, seed: 0 } })
    const loss = (trial % 4) + x
    const ended = { trial, values: { loss }, metrics: { loss, logLoss: -x }, history: {}, conditions: {} }
    await writer.trialEnded({ ...ended, status: 'finished', error: null })
  }
  await writer.finish({ status: 'finished' })
  const { json } = await visit(record.directory)
  const plain = (insight: unknown) => JSON.parse(JSON.stringify(insight))
  const path = `/api/sweeps/${writer.id}/insight`
  const wanted = plain(await importance(record, writer.id))
  expect(wanted.parameters.map(({ name }: { name: string }) => name).sort()).toEqual(['k', 'n', 'x'])
  expect(await json(path)).toEqual(wanted)
  const metric = 'logLoss'
  expect(await json(`${path}?metric=${metric}`)).toEqual(
    plain(await importance(record, writer.id, { metric })),
  )
})
