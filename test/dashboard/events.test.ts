/** What a page is told while it looks on: everything, once or more, and nothing wrong, however often its connection is cut. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import {
  decodeParcel,
  type LiveEvent,
  type SweepEntry,
  type SweepList,
  type TableDocument,
  TrialTable,
} from '../../src/dashboard/data/index.js'
import { searchedParameters } from '../../src/dashboard/gather/parameters.js'
import { rowOfRun, tableOf } from '../../src/dashboard/gather/rows.js'
import { EventStream } from '../../src/dashboard/server/event-stream.js'
import { randomStream } from '../../src/numeric/index.js'
import { type Histories, openStore, type ParentRun, type SweepWriter } from '../../src/tracking/index.js'
import { temporaryFolder } from '../temporary.js'
import { type Heard, listen, type Visitor, visit } from './served.js'
import { makeSweep } from './sweeps.js'

/** What a page makes of what it is told. */
class Page {
  table = new TrialTable()
  place = ''
  sweeps = new Map<string, SweepEntry>()
  steps = new Map<number, Record<string, { steps: number[]; values: number[] }>>()
  output = new Map<number, readonly string[]>()

  async load({ get }: Visitor, sweep: string): Promise<void> {
    const bytes = new Uint8Array(await (await get(`/api/sweeps/${sweep}/table`)).arrayBuffer())
    const { document, parts } = decodeParcel<TableDocument>(bytes)
    this.table = TrialTable.decode(parts[0])
    this.place = document.place
  }

  take(event: LiveEvent): void {
    if (event.type === 'sweeps') {
      if (event.whole) this.sweeps.clear()
      for (const entry of event.changed) this.sweeps.set(entry.id, entry)
      for (const id of event.gone) this.sweeps.delete(id)
    }
    if (event.type !== 'trials') return
    for (const row of event.rows) this.table.upsert(row)
    for (const trial of event.deleted) this.table.delete(trial)
    for (const { trial, lines } of event.output) this.output.set(trial, lines)
    for (const { trial, history, from } of event.steps) {
      const known = this.steps.get(trial) ?? {}
      for (const [name, { steps, values }] of Object.entries(history)) {
        const before = known[name] ?? { steps: [], values: [] }
        known[name] = {
          steps: [...before.steps.slice(0, from[name]), ...steps],
          values: [...before.values.slice(0, from[name]), ...values],
        }
      }
      this.steps.set(trial, known)
    }
  }
}

async function expectRecord(page: Page, store: string, sweep: string): Promise<void> {
  const record = await openStore(store)
  const run = (await record.run(sweep)) as ParentRun
  const wanted = tableOf(searchedParameters(run.spec), await record.trials(sweep))
  expect([...page.table.numbers('trial')]).toEqual([...wanted.numbers('trial')])
  for (const name of wanted.columns.keys())
    for (let row = 0; row < wanted.length; row++)
      expect([name, row, page.table.cell(name, row)]).toEqual([name, row, wanted.cell(name, row)])
}

test('however a connection is cut, a page that takes it up again ends with the table of the record', async () => {
  const store = temporaryFolder()
  const random = randomStream(1, 'cut connections', 0)
  let sweep = ''
  const page = new Page()
  const made = makeSweep(store, {
    trials: 20,
    goOn: async (writer, record) => {
      sweep = writer.id
      const visitor = await visit(store)
      await page.load(visitor, sweep)
      let after = ''
      const look = async (events: number) => {
        const first = `/api/events?sweep=${sweep}&place=${page.place}`
        // As a new stream gives it, or as a browser does by itself.
        const [address, headers] =
          after === ''
            ? [first, {}]
            : random.next() < 0.5
              ? [`/api/events?sweep=${sweep}&after=${encodeURIComponent(after)}`, {}]
              : [first, { 'last-event-id': after }]
        const heard = await listen(visitor, address, (all) => all.length >= events, headers)
        // Cut in the midst: what came last may have been lost on the way, and then its id was not taken either.
        const kept = random.next() < 0.5 ? heard : heard.slice(0, -1)
        for (const { id, event } of kept) {
          expect(event.type).not.toBe('again')
          page.take(event)
          after = id
        }
      }
      for (let round = 0; round < 12; round++) {
        const from = 20 + 5 * round
        await Promise.all([0, 1, 2, 3, 4].map((k) => record(from + k)))
        await writer.annotate(from, { tags: { round: String(round) } })
        await look(1 + Math.floor(3 * random.next()))
      }
      await look(2)
    },
  })
  await made
  const visitor = await visit(store)
  for (const { event } of await listen(visitor, `/api/events?sweep=${sweep}&place=${page.place}`, (all) =>
    trialsIn(all),
  ))
    page.take(event)
  await expectRecord(page, store, sweep)
})

const trialsIn = (heard: readonly Heard[]) => heard.some(({ event }) => event.type === 'trials')

test('steps and output of running trials come as they grow, and being told twice changes nothing', async () => {
  const store = temporaryFolder()
  const visitor = await visit(store)
  const page = new Page()
  await makeSweep(store, {
    trials: 1,
    goOn: async (writer) => {
      await page.load(visitor, writer.id)
      void writer.trialStarted({ trial: 1, params: { rate: 0.5 }, attempt: 1, conditions: { trial: 1 } })
      const told: Heard[] = []
      const report = (step: number) =>
        writer.trialProgress(1, {
          history: { loss: { steps: [step], values: [1 / step], times: [step] } },
          output: [`step ${step}`],
          seats: [1],
        })
      report(1)
      told.push(...(await listen(visitor, `/api/events?sweep=${writer.id}&place=${page.place}`, hasSteps)))
      const between = told.at(-1)!.id
      for (const step of [2, 3, 4]) report(step)
      told.push(...(await listen(visitor, `/api/events?sweep=${writer.id}&after=${between}`, hasSteps)))
      // From the beginning once more.
      told.push(...(await listen(visitor, `/api/events?sweep=${writer.id}&place=${page.place}`, hasSteps)))
      for (const { event } of told) page.take(event)
      expect(page.steps.get(1)).toEqual({ loss: { steps: [1, 2, 3, 4], values: [1, 1 / 2, 1 / 3, 1 / 4] } })
      expect(page.output.get(1)).toEqual(['step 1', 'step 2', 'step 3', 'step 4'])
      const row = page.table.rowOf(1)!
      expect(page.table.cell('status', row)).toBe('running')
      expect(page.table.fits.get(row)).toEqual([{ seat: 1, start: expect.any(Number), end: null }])
      const [{ history }] = await visitor.json<{ history: Histories }[]>(
        `/api/sweeps/${writer.id}/steps?trials=1`,
      )
      expect(history.loss.steps).toEqual([1, 2, 3, 4])
      await end(writer)
    },
  })
})

const hasSteps = (heard: readonly Heard[]) =>
  heard.some(
    ({ event }) => event.type === 'trials' && event.steps.some(({ history }) => history.loss !== undefined),
  )

async function end(writer: SweepWriter): Promise<void> {
  const history = { loss: { steps: [1, 2, 3, 4], values: [1, 1 / 2, 1 / 3, 1 / 4], times: [1, 2, 3, 4] } }
  const values = { accuracy: 0.5 }
  await writer.trialEnded({
    trial: 1,
    status: 'finished',
    values,
    metrics: values,
    history,
    error: null,
    conditions: {},
  })
}

test('a sweep of another process appears in the list and grows, and goes on where it was interrupted', async () => {
  const store = temporaryFolder()
  const visitor = await visit(store)
  const { list } = await visitor.json<SweepList>('/api/sweeps')
  const page = new Page()
  const entryOf = () => [...page.sweeps.values()][0]
  const take = (all: readonly Heard[]) => {
    page.take(all.at(-1)!.event)
    return entryOf()
  }
  const script = new URL('growing.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--import', 'tsx', script, store], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  let after = ''
  const heard = await listen(
    visitor,
    `/api/events?list=${list}`,
    (all) => all.length > 0 && take(all)?.trials.finished >= 3,
  )
  after = heard.at(-1)!.id
  expect(entryOf()).toMatchObject({ name: 'growing', status: 'running', planned: 1000 })
  child.kill('SIGKILL')
  await once(child, 'exit')
  await listen(
    visitor,
    `/api/events?after=${after}`,
    (all) => all.length > 0 && take(all).status === 'interrupted',
  )
  expect(entryOf().spark.at(-1)).toBe(entryOf().best!.value)
})

test('a sweep that is deleted is told of as gone, and a record that was written anew as to be read again', async () => {
  const store = temporaryFolder()
  const { id } = await makeSweep(store, { trials: 5 })
  const other = await makeSweep(store, { trials: 1 })
  const visitor = await visit(store)
  const page = new Page()
  await page.load(visitor, id)
  const record = await openStore(store)
  const before = await listen(visitor, '/api/events', (all) => all.length > 0)
  const { list } = await visitor.json<SweepList>('/api/sweeps')
  await record.delete((await record.trials(id))[2].id)
  const heard = await listen(visitor, `/api/events?sweep=${id}&place=${page.place}&list=${list}`, (all) =>
    all.some(({ event: one }) => one.type !== 'sweeps'),
  )
  const { event } = heard.at(-1)!
  if (event.type === 'again') await page.load(visitor, id)
  else page.take(event)
  await expectRecord(page, store, id)
  await record.delete(other.id)
  const gone = (all: readonly Heard[]) =>
    all.flatMap(({ event: one }) => (one.type === 'sweeps' ? one.gone : []))
  const after = await listen(visitor, `/api/events?after=${before.at(-1)!.id}`, (all) => gone(all).length > 0)
  expect(gone(after)).toEqual([other.id])
})

test('a page that comes back to a server that was started anew has all sweeps that there are now, and no other', async () => {
  const store = temporaryFolder()
  const deleted = await makeSweep(store, { trials: 1, name: 'deleted meanwhile' })
  const kept = await makeSweep(store, { trials: 1, name: 'kept' })
  const first = await visit(store)
  const page = new Page()
  const before = await listen(first, '/api/events', (all) => all.length > 0)
  for (const { event } of before) page.take(event)
  await first.dashboard.close()
  await (await openStore(store)).delete(deleted.id)
  const later = await makeSweep(store, { trials: 1, name: 'later' })
  const second = await visit(store)
  await second.json<SweepList>('/api/sweeps')
  await listen(second, `/api/events?after=${before.at(-1)!.id}`, (all) => {
    if (all.length > 0) page.take(all.at(-1)!.event)
    return all.length > 0
  })
  expect([...page.sweeps.keys()].sort()).toEqual([kept.id, later.id].sort())
})

test('a sweep that was away and comes back as another is to be read again by those who watched it all the while', async () => {
  const store = temporaryFolder()
  const { id } = await makeSweep(store, { trials: 4 })
  const visitor = await visit(store)
  const page = new Page()
  await page.load(visitor, id)
  const { list } = await visitor.json<SweepList>('/api/sweeps')
  const [folder, away] = [join(store, 'sweeps', id), join(store, 'away')]
  const said = (all: readonly Heard[]) => all.map(({ event }) => event.type)
  let [isAway, isBack] = [false, false]
  const heard = await listen(visitor, `/api/events?sweep=${id}&place=${page.place}&list=${list}`, (all) => {
    if (!isAway && said(all).includes('trials')) {
      isAway = true
      void rename(folder, away)
    }
    const isGone = all.some(({ event }) => event.type === 'sweeps' && event.gone.includes(id))
    if (isGone && !isBack) {
      isBack = true
      // Whoever asks for it looks for it, so that those who watch it have lost it by then.
      void visitor.get(`/api/sweeps/${id}/table`).then(() => rename(away, folder))
    }
    return isBack && said(all).at(-1) === 'again'
  })
  expect(said(heard).at(-1)).toBe('again')
}, 20_000)

test('a place that is none of this record is answered by reading it again', async () => {
  const store = temporaryFolder()
  const { id } = await makeSweep(store, { trials: 2 })
  const visitor = await visit(store)
  const { list } = await visitor.json<SweepList>('/api/sweeps')
  for (const place of ['', 'x', '9.1.1.00000000', '0.400.2.deadbeef', '0.99999999.3.deadbeef']) {
    const heard = await listen(visitor, `/api/events?sweep=${id}&place=${place}&list=${list}`, (all) =>
      all.some(({ event }) => event.type !== 'sweeps'),
    )
    expect(heard.at(-1)!.event).toEqual({ type: 'again', sweep: id })
  }
})

test('one that does not read is let go before much waits for it, and what others are told goes on', async () => {
  const responses: ServerResponse[] = []
  const streams: EventStream[] = []
  const server = createServer((_, response) => {
    responses.push(response)
    streams.push(new EventStream(response))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const [deaf, reading] = [connect(port, '127.0.0.1').pause(), connect(port, '127.0.0.1')]
  let read = 0
  reading.on('data', (chunk) => {
    read += chunk.length
  })
  for (const socket of [deaf, reading]) {
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(server, 'request')
  }
  const event: LiveEvent = { type: 'sweeps', whole: false, changed: [], gone: ['x'.repeat(100_000)] }
  let most = 0
  let told = 0
  while (!responses[0].destroyed) {
    expect(++told).toBeLessThan(1000)
    for (const stream of streams) stream.tell(event, '1/')
    most = Math.max(most, responses[0].writableLength)
    await sleep(2)
  }
  expect(most).toBeLessThan(5 << 20)
  await expect.poll(() => read).toBeGreaterThan(told * 100_000)
  expect(responses[1].destroyed).toBe(false)
  deaf.destroy()
  reading.destroy()
  server.close()
})

test('what waits for a hundred that do not read is in memory once', async () => {
  const streams: EventStream[] = []
  const server = createServer((_, response) => streams.push(new EventStream(response))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const deaf = Array.from({ length: 100 }, () => connect(port, '127.0.0.1').pause())
  for (const socket of deaf) socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await expect.poll(() => streams.length).toBe(100)
  const bytes = () => {
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const before = bytes()
  // Fewer than a client is let go for, each of them more than what the system takes.
  for (let told = 0; told < 4; told++) {
    const event: LiveEvent = {
      type: 'sweeps',
      whole: false,
      changed: [],
      gone: [String(told).repeat(1_000_000)],
    }
    for (const stream of streams) stream.tell(event, '1/')
    await sleep(20)
  }
  expect(bytes() - before).toBeLessThan(60e6)
  for (const socket of deaf) socket.destroy()
  server.close()
})

test('a hundred pages, of which half never read, are told of a sweep that grows', async () => {
  const store = temporaryFolder()
  const visitor = await visit(store)
  const heard: string[] = []
  const sockets: Socket[] = []
  await makeSweep(store, {
    trials: 20,
    planned: 60,
    goOn: async (writer, record) => {
      const head = `GET /api/events?sweep=${writer.id} HTTP/1.1\r\nHost: localhost\r\nCookie: ${visitor.cookie}\r\n\r\n`
      for (let k = 0; k < 100; k++) {
        const socket = connect(visitor.dashboard.port, '127.0.0.1')
        sockets.push(socket)
        heard.push('')
        if (k % 2 === 0) socket.pause()
        else
          socket.on('data', (chunk) => {
            heard[k] += chunk
          })
        socket.write(head)
      }
      const readers = () => heard.filter((_, k) => k % 2 === 1)
      await expect
        .poll(() => readers().every((text) => text.includes('"again"')), { timeout: 10_000 })
        .toBe(true)
      for (let trial = 20; trial < 60; trial++) await record(trial)
      await expect
        .poll(() => readers().every((text) => text.includes(`"run":"${writer.childId(59)}"`)), {
          timeout: 10_000,
        })
        .toBe(true)
    },
  })
  for (const socket of sockets) socket.destroy()
}, 60_000)

test('rows are the same whether a trial is followed or read whole', async () => {
  const store = temporaryFolder()
  const { id } = await makeSweep(store, { trials: 12, hostile: true })
  const visitor = await visit(store)
  const page = new Page()
  await page.load(visitor, id)
  const again = new TrialTable()
  for (const run of await (await openStore(store)).trials(id)) again.upsert(rowOfRun(run))
  await expectRecord(page, store, id)
  expect(page.table.length).toBe(again.length)
})

test('a sweep whose record is damaged is said once, and the others are listed and told of as ever', async () => {
  const store = temporaryFolder()
  const damaged = await makeSweep(store, { trials: 3, name: 'damaged' })
  const whole = await makeSweep(store, { trials: 3, name: 'whole' })
  const journal = join(store, 'sweeps', damaged.id, 'journal.jsonl')
  await writeFile(journal, (await readFile(journal, 'utf8')).replaceAll('rbf', 'rbx'))
  const warnings: string[] = []
  const visitor = await visit(store, { onWarning: (warning) => warnings.push(warning) })
  const heard = await listen(visitor, '/api/events', (all) => sparkOf(all, whole.id))
  expect(sparkOf(heard, whole.id)).toBe(true)
  await makeSweep(store, { trials: 1, name: 'later' })
  const { sweeps } = await visitor.json<SweepList>('/api/sweeps')
  expect(sweeps.map(({ name }) => name)).toContain('later')
  await expect.poll(() => warnings.filter((one) => one.includes(damaged.id)).length).toBeGreaterThan(0)
  expect(new Set(warnings).size).toBe(warnings.length)
  const answer = await visitor.get(`/api/sweeps/${damaged.id}/table`)
  expect([answer.status, await answer.json()]).toMatchObject([500, { error: { code: 'STORE_CORRUPT' } }])
})

const sparkOf = (heard: readonly Heard[], id: string) =>
  heard.some(
    ({ event }) =>
      event.type === 'sweeps' && event.changed.some((one) => one.id === id && one.spark.length > 0),
  )
