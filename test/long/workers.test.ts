/** Who serves a queue, as whoever looks is told; and workers that are asked to leave. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Queue } from 'bullmq'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore, sweep } from '../../src/index.js'
import {
  listWorkers,
  type QueueOptions,
  remoteExecutor,
  runWorker,
  stopWorkers,
  type WorkerEnd,
} from '../../src/remote/index.js'
import { noPostgres, noRedis, startPostgres, startRedis, type TestServer } from '../remote/servers.js'
import { temporaryFolder } from '../temporary.js'

const door = new URL('../../dist/remote/index.js', import.meta.url).href
let names = 0

/** Longer than a busy machine keeps a worker from saying that it is there; waited out only where a test is about silence. */
const patience = 60_000

const gpu = {
  id: '0',
  kind: 'cuda' as const,
  name: 'NVIDIA A100-SXM4-40GB',
  memoryMB: 40960,
  driver: '550.54.15',
  uuid: null,
}

describe.each([
  { name: 'Redis', without: noRedis, start: () => startRedis() },
  { name: 'PostgreSQL', without: noPostgres, start: startPostgres },
])('over $name', ({ without, start }) => {
  describe.skipIf(without !== null)(without ?? 'a server of the test', () => {
    let server: TestServer
    beforeAll(async () => {
      server = await start()
    })
    afterAll(() => server.stop())

    /** A queue that nobody else uses. */
    const ofItsOwn = (): Required<Pick<QueueOptions, 'queue' | 'name' | 'claimMs'>> & { secret: null } => ({
      queue: server.url,
      name: `workers${names++}`,
      claimMs: 1500,
      secret: null,
    })

    it('tells who is there, with which devices, at what, and how much is done', async () => {
      const queue = ofItsOwn()
      expect(await listWorkers(queue)).toEqual({ queue: expect.any(String), workers: [], unread: [] })
      const serving = serve({ ...queue, seats: [{ devices: [gpu] }, { devices: [] }] })
      await until(async () => (await listWorkers(queue)).workers.length === 1)
      const [idle] = (await listWorkers({ ...queue, patience })).workers
      expect(idle).toMatchObject({
        worker: expect.stringMatching(/^[0-9a-f]{8}$/),
        pid: process.pid,
        node: process.version,
        seats: [{ devices: [gpu] }, { devices: [] }],
        fits: [],
        done: 0,
        silentSeconds: null,
      })

      const { running, go } = heldSweep(queue, 'of three')
      const busy = await until(async () => {
        const [one] = (await listWorkers({ ...queue, patience })).workers
        return one.fits.length === 2 ? one : null
      })
      expect(busy.seconds).toBeGreaterThan(idle.seconds)
      const [sweepRun] = await (await openStore(running.store)).sweeps()
      const sweepOf = { id: sweepRun.id, name: 'of three', host: busy.host }
      expect([...busy.fits].sort((a, b) => a.trial - b.trial)).toEqual([
        { trial: 0, seat: expect.any(Number), seconds: expect.any(Number), sweep: sweepOf },
        { trial: 1, seat: expect.any(Number), seconds: expect.any(Number), sweep: sweepOf },
      ])
      expect(busy.fits.map(({ seat }) => seat).sort()).toEqual([0, 1])
      go()
      await running.result
      await until(async () => (await listWorkers({ ...queue, patience })).workers[0].done === 3)
      expect(await stopWorkers([busy.worker.slice(0, 5)], queue)).toEqual([
        { worker: busy.worker, host: busy.host, pid: process.pid, how: 'left' },
      ])
      expect(await serving.end).toEqual({ done: 3, reason: 'told' })
      expect((await listWorkers(queue)).workers).toEqual([])
    })

    it('has a worker that leaves give back what it is at, which another does', async () => {
      const queue = ofItsOwn()
      const first = serve(queue)
      const { running, go } = heldSweep(queue, 'given back')
      const at = await until(async () => {
        const { workers } = await listWorkers({ ...queue, patience })
        return workers[0]?.fits.length === 1 ? workers[0].worker : null
      })
      const second = serve(queue)
      await until(async () => (await listWorkers({ ...queue, patience })).workers.length === 2)
      expect(await stopWorkers([at], queue)).toMatchObject([{ worker: at, how: 'left' }])
      expect(await first.end).toEqual({ done: 0, reason: 'told' })
      go()
      const { best } = await running.result
      expect(best?.trial).toBe(2)
      expect(await stopWorkers('all', queue)).toMatchObject([{ how: 'left' }])
      expect(await second.end).toEqual({ done: 3, reason: 'told' })
    })

    it('takes one that is frozen for silent, and off the list; it leaves when it comes back', async () => {
      const queue = ofItsOwn()
      const there = serve(queue)
      const child = await workerProcess(queue)
      const frozen = await until(async () => {
        const { workers } = await listWorkers({ ...queue, patience })
        return workers.find(({ pid }) => pid === child.pid)
      })
      child.kill('SIGSTOP')
      // What it had said before it froze may still be on its way.
      await until(async () => {
        const { workers } = await listWorkers({ ...queue, patience: 3000 })
        const silent = workers.filter(({ silentSeconds }) => silentSeconds !== null)
        return silent.length === 1 && silent[0].worker === frozen.worker && silent[0].silentSeconds! >= 3
      })
      expect(await stopWorkers([frozen.worker], queue)).toEqual([
        { worker: frozen.worker, host: frozen.host, pid: child.pid, how: 'silent' },
      ])
      expect((await listWorkers({ ...queue, patience })).workers).toMatchObject([{ pid: process.pid }])
      child.kill('SIGCONT')
      expect(await exitOf(child)).toBe(0)
      await stopWorkers('all', queue)
      await there.end
      expect((await listWorkers(queue)).workers).toEqual([])
    })

    it('says so where one does not leave in time', async () => {
      const queue = ofItsOwn()
      const serving = serve(queue)
      const { running, go } = heldSweep(queue, 'holds', { deaf: true })
      const { worker } = await until(async () => {
        const { workers } = await listWorkers({ ...queue, patience })
        return workers[0]?.fits.length === 1 && existsSync(join(running.folder, 'began')) ? workers[0] : null
      })
      const told: string[] = []
      const stopped = await stopWorkers([worker], {
        ...queue,
        timeLimit: 2500,
        onStopped: ({ how }) => told.push(how),
      })
      expect([stopped.map(({ how }) => how), told]).toEqual([['stays'], ['stays']])
      go()
      await serving.end
      const other = serve(queue)
      await running.result
      await stopWorkers('all', queue)
      await other.end
    })

    it('believes only what is signed with its secret, and names the rest', async () => {
      const queue = ofItsOwn()
      const ours = { ...queue, secret: 'ours' }
      const servings = [serve(ours), serve({ ...queue, secret: 'theirs' }), serve(queue)]
      const found = await until(async () => {
        const { workers, unread } = await listWorkers({ ...ours, patience })
        return workers.length === 1 && unread.length === 2 ? { workers, unread } : null
      })
      expect(found.unread.map(({ code }) => code)).toEqual(['MESSAGE_UNSIGNED', 'MESSAGE_UNSIGNED'])
      expect(found.unread.map(({ message }) => message).sort()).toEqual([
        expect.stringContaining('(one is not, and it is not heeded)'),
        expect.stringContaining('(one is signed with another, and it is not heeded)'),
      ])
      await expect(stopWorkers([found.unread[0].worker], ours)).rejects.toMatchObject({
        code: 'MESSAGE_UNSIGNED',
        message: expect.stringContaining(found.unread[0].worker),
      })
      expect(await stopWorkers('all', ours)).toMatchObject([{ worker: found.workers[0].worker, how: 'left' }])
      // Who has no secret sees all, and tells nobody what they would not heed.
      const { workers } = await listWorkers({ ...queue, patience })
      expect(workers).toHaveLength(2)
      await expect(stopWorkers('all', queue)).rejects.toMatchObject({
        code: 'MESSAGE_UNSIGNED',
        message: expect.stringContaining('ESPALIER_QUEUE_SECRET'),
      })
      await stopWorkers('all', { ...queue, secret: 'theirs' })
      await stopWorkers('all', queue)
      for (const { end } of servings) await end
    })

    it('asks nobody where a name is wrong', async () => {
      const queue = ofItsOwn()
      await expect(stopWorkers(['ab'], queue)).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining('nobody serves this queue'),
      })
      const serving = serve(queue)
      const { worker } = await until(async () => (await listWorkers({ ...queue, patience })).workers[0])
      await expect(stopWorkers([worker, 'nobody'], queue)).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining('"nobody"'),
      })
      const [after] = (await listWorkers({ ...queue, patience })).workers
      expect(after.worker).toBe(worker)
      await stopWorkers([worker], queue)
      await serving.end
    })
  })
})

describe.skipIf(noRedis !== null)(`what a stranger writes (${noRedis ?? 'to a Redis'})`, () => {
  it('hides nobody, and is named', async () => {
    const server = await startRedis()
    const queue = { queue: server.url, name: 'strange', claimMs: 1500, secret: null }
    const serving = serve(queue)
    const { worker, host } = await until(async () => (await listWorkers({ ...queue, patience })).workers[0])
    const { hostname, port } = new URL(server.url)
    const strange = new Queue('workers', {
      connection: { host: hostname, port: Number(port) },
      prefix: queue.name,
    })
    const announced = async (id: string) => (await strange.getJob(`a-${id}`))!.data as { t: string[] }
    const [own] = (await announced(worker)).t
    const changed = (from: string | RegExp, to: string) => ({ t: [own.replace(from, to)] })
    const wrong: Record<string, unknown> = {
      data: { neither: 'nor' },
      text: { t: ['no message'] },
      json: { t: ['-.{'] },
      seats: changed(/"seats":\[.*?\](?=,"fits")/, '"seats":[7]'),
      devices: changed('"devices":[]', '"devices":[{"id":0}]'),
      fits: changed('"fits":[]', '"fits":[{"trial":"0"}]'),
      another: { t: [own] },
    }
    for (const [id, data] of Object.entries(wrong)) await strange.add('worker', data, { jobId: `a-${id}` })
    const { workers, unread } = await listWorkers({ ...queue, patience })
    expect(workers).toMatchObject([{ worker, host }])
    expect(unread.map((one) => [one.worker, one.code])).toEqual(
      Object.keys(wrong)
        .sort()
        .map((id) => [id, 'MESSAGE_INVALID']),
    )
    await stopWorkers([worker], queue)
    await serving.end
    await strange.close()
    await server.stop()
  })

  it('is refused in words where no queue is named, or none answers', async () => {
    const { ESPALIER_QUEUE } = process.env
    delete process.env.ESPALIER_QUEUE
    try {
      await expect(listWorkers()).rejects.toMatchObject({ code: 'USAGE' })
    } finally {
      if (ESPALIER_QUEUE !== undefined) process.env.ESPALIER_QUEUE = ESPALIER_QUEUE
    }
    const server = await startRedis()
    await server.stop()
    for (const ask of [listWorkers, (options: QueueOptions) => stopWorkers('all', options)])
      await expect(ask({ queue: server.url })).rejects.toMatchObject({ code: 'QUEUE_UNREACHABLE' })
  })
})

function serve(options: Parameters<typeof runWorker>[0]): { readonly end: Promise<WorkerEnd> } {
  const end = runWorker({ cache: temporaryFolder(), ...options })
  end.catch(() => {})
  return { end }
}

/** A worker in a process of its own, which can be frozen. */
async function workerProcess(options: QueueOptions): Promise<ChildProcess> {
  const folder = temporaryFolder()
  const file = join(folder, 'worker.mjs')
  const settings = JSON.stringify({ ...options, cache: folder })
  writeFileSync(file, `import { runWorker } from '${door}'\nawait runWorker(${settings})\n`)
  return spawn(process.execPath, [file], { stdio: 'inherit' })
}

function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode)
  return new Promise((resolve) => child.once('exit', resolve))
}

/** A sweep of three trials over a queue, whose fits wait until they may end. A deaf one does not heed that it is to stop. */
function heldSweep(queue: QueueOptions, name: string, { deaf = false } = {}) {
  const folder = temporaryFolder()
  const gate = join(folder, 'go')
  const began = join(folder, 'began')
  const trainer = join(folder, 'held.mjs')
  writeFileSync(
    trainer,
    `import { existsSync, writeFileSync } from 'node:fs'
${deaf ? "process.on('SIGTERM', () => {})" : ''}
writeFileSync(${JSON.stringify(began)}, '')
const wait = () => existsSync(${JSON.stringify(gate)}) ? end() : setTimeout(wait, 20)
const end = () => console.log('espalier: ' + JSON.stringify({ final: { loss: Math.abs(Number(process.argv[2]) - 3) } }))
wait()
`,
  )
  const store = join(folder, 'runs')
  const result = sweep(
    {
      name,
      trainer: { command: [process.execPath, trainer, '{x}'], ...(deaf && { grace: 60 }) },
      objective: { metric: 'loss', direction: 'minimize' },
      parameters: { x: { type: 'int', min: 1, max: 3 } },
      search: { algorithm: 'grid', trials: 3, parallel: 2 },
    } as never,
    { store, executor: remoteExecutor(queue) },
  )
  result.catch(() => {})
  return { running: { store, folder, result }, go: () => writeFileSync(gate, '') }
}

/** What is asked for until it is there. */
async function until<T>(ask: () => Promise<T>): Promise<NonNullable<T>> {
  const deadline = Date.now() + 120_000
  for (;;) {
    const found = await ask()
    if (found !== null && found !== undefined && found !== false) return found as NonNullable<T>
    if (Date.now() > deadline) throw new Error('waited two minutes in vain')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
