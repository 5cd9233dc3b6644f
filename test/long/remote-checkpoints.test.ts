/** Checkpoints of fits that move from one worker to another, over a Redis of the test's own, with workers and coordinators as processes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openStore, resumeSweep, sweep } from '../../src/index.js'

import { remoteExecutor } from '../../src/remote/index.js'
import { noRedis, startRedis, type TestServer } from '../remote/servers.js'
import { temporaryFolder } from '../temporary.js'

const fixture = (name: string) => fileURLToPath(new URL(`../remote/fixtures/${name}.mjs`, import.meta.url))
const claimMs = 4000
/** The step before which the first trial waits. */
const hold = 3

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited a minute for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe.skipIf(noRedis !== null)(`checkpoints over Redis${noRedis === null ? '' : ` (${noRedis})`}`, () => {
  let server: TestServer
  let redis: Redis
  const processes = new Set<ChildProcess>()
  beforeAll(async () => {
    server = await startRedis()
    redis = new Redis(server.url)
  })
  afterEach(() => {
    for (const one of processes) one.kill('SIGKILL')
    processes.clear()
  })
  afterAll(async () => {
    redis.disconnect()
    await server.stop()
  })

  let names = 0
  function place() {
    const folder = temporaryFolder()
    const queue = { queue: server.url, name: `keep${names++}`, claimMs }
    const store = join(folder, 'store')
    const log = join(folder, 'steps')
    const go = join(folder, 'go')
    writeFileSync(log, '')
    const file = join(folder, 'sweep.json')
    const definition = {
      trainer: fixture('keeps'),
      parameters: { x: { type: 'float', min: 0, max: 1 } },
      search: { algorithm: 'random', trials: 3, parallel: 2, seed: 5 },
    }
    writeFileSync(file, JSON.stringify(definition))
    const start = (program: string, argument: object) => {
      const env = { ...process.env, STEPS_LOG: log, HOLD: String(hold), GO: go }
      const child = spawn(process.execPath, [fixture(program), JSON.stringify(argument)], { env })
      processes.add(child)
      let said = ''
      child.stdout.on('data', (chunk) => (said += chunk))
      child.stderr.on('data', (chunk) => (said += chunk))
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
      return { child, ended, said: () => said }
    }
    return {
      ...{ file, definition, folder, store, queue },
      worker: (more: object = {}) =>
        start('worker', { ...queue, cache: join(folder, 'cache'), seats: [{ devices: [] }], ...more }),
      coordinator: () => start('coordinator', { ...queue, file, store }),
      sweep: () => sweep(file, { store, executor: remoteExecutor(queue) }),
      /** As a worker calls itself. */
      idOf: (worker: { said(): string }) => /"worker":"([0-9a-f]+)"/.exec(worker.said())?.[1],
      go: () => writeFileSync(go, ''),
      /** Each step that was trained, in the order of trials and steps. */
      trained: () => readFileSync(log, 'utf8').trim().split('\n').sort(),
      id: () => readdirSync(join(store, 'sweeps')).at(0) ?? '',
      /** Reports of the checkpoint that the coordinator has of the first trial. */
      kept(): number {
        const sweeps = join(store, 'sweeps')
        if (!existsSync(sweeps)) return 0
        const part = join(sweeps, this.id(), 'checkpoints/0/whole')
        const last = existsSync(part) ? readdirSync(part).find((name) => name.startsWith('kept-')) : undefined
        if (last === undefined) return 0
        try {
          return JSON.parse(readFileSync(join(part, last, 'manifest.json'), 'utf8')).checkpoint.reports.length
        } catch {
          // The next one took its place.
          return 0
        }
      },
      /** Keys of what lies in the queue beside what every fit needs. */
      async contents(): Promise<string[]> {
        const found = await redis.keys(`${queue.name}:content:c-*`)
        return found.filter((key) => key.includes('.'))
      },
    }
  }

  const everyStep = [0, 1, 2].flatMap((trial) => [0, 1, 2, 3, 4, 5].map((step) => `${trial} ${step}`))

  async function trialsOf({ store: directory, run }: { store: string; run: string }) {
    const store = await openStore(directory)
    return [...(await store.trials(run))].sort((a, b) => a.trial - b.trial)
  }

  type Trials = Awaited<ReturnType<typeof trialsOf>>
  const results = (trials: Trials) =>
    trials.map(({ params, value, history }) => [params, value, history.value!.steps, history.value!.values])

  /** What the sweep comes to in one thread of this process. */
  async function atOnce({ file }: ReturnType<typeof place>) {
    const folder = temporaryFolder()
    process.env.STEPS_LOG = join(folder, 'steps')
    return results(await trialsOf(await sweep(file, { store: join(folder, 'store'), workers: 1 })))
  }

  it('go to the worker that goes on where one was killed, and nothing is trained twice', async () => {
    const at = place()
    const first = at.worker()
    const swept = at.sweep()
    await until('the checkpoint of the step before', () => at.kept() === hold)
    first.child.kill('SIGKILL')
    await first.ended
    at.go()
    const second = at.worker()
    const result = await swept
    const trials = await trialsOf(result)
    expect(at.trained()).toEqual(everyStep)
    expect(trials[0]!.conditions.continued).toEqual([{ attempt: 0, step: hold - 1 }])
    expect(trials[0]!.conditions.fits!.workers).toEqual([{ id: at.idOf(second), host: hostname() }])
    expect(trials[0]!.tags).toEqual({})
    expect(results(trials)).toEqual(await atOnce(at))
    expect(await at.contents()).toEqual([])
    expect(readdirSync(join(at.store, 'sweeps', at.id()))).not.toContain('checkpoints')
    second.child.kill('SIGTERM')
    expect(await second.ended).toBe(0)
  }, 120_000)

  it('go with a sweep that is resumed after its coordinator was killed', async () => {
    const at = place()
    const coordinator = at.coordinator()
    const worker = at.worker()
    await until('the checkpoint of the step before', () => at.kept() === hold)
    coordinator.child.kill('SIGKILL')
    await coordinator.ended
    // It hears nothing new, and ends what nobody waits for.
    await until('the end of its fit', () => /"trial":0,"seat":0,"how":"lost"/.test(worker.said()))
    at.go()
    const result = await resumeSweep(at.id(), { store: at.store, executor: remoteExecutor(at.queue) })
    const trials = await trialsOf(result)
    // It may have begun with the others meanwhile, for the coordinator that was no more.
    const ofFirst = (steps: string[]) => steps.filter((step) => step.startsWith('0 '))
    expect(ofFirst(at.trained())).toEqual(ofFirst(everyStep))
    expect(trials[0]!.conditions.continued).toMatchObject([{ step: hold - 1 }])
    expect(results(trials)).toEqual(await atOnce(at))
    expect(await at.contents()).toEqual([])
  }, 120_000)

  it('that a worker gives back go on elsewhere', async () => {
    const at = place()
    const first = at.worker()
    const swept = at.sweep()
    await until('the checkpoint of the step before', () => at.kept() === hold)
    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)
    at.go()
    at.worker()
    const trials = await trialsOf(await swept)
    expect(at.trained()).toEqual(everyStep)
    expect(trials[0]!.conditions.continued).toEqual([{ attempt: 0, step: hold - 1 }])
    expect(results(trials)).toEqual(await atOnce(at))
  }, 120_000)

  it('that are not what they were are refused: the fit starts from the beginning, and its record says why', async () => {
    const at = place()
    const first = at.worker()
    const swept = at.sweep()
    await until('the checkpoint of the step before', () => at.kept() === hold)
    first.child.kill('SIGKILL')
    const offered = async () => (await at.contents()).filter((key) => /-offer-\d+$/.test(key))
    await until('the offer with the checkpoint', async () => (await offered()).length > 0)
    for (const key of await offered()) {
      const { t } = JSON.parse((await redis.hget(key, 'data'))!) as { t: [string] }
      const other = Buffer.from(t[0], 'base64').fill(1)
      await redis.hset(key, 'data', JSON.stringify({ t: [other.toString('base64')] }))
    }
    at.go()
    const second = at.worker()
    const trials = await trialsOf(await swept)
    const again = ['0 0', '0 1', '0 2']
    expect(at.trained()).toEqual([...everyStep, ...again].sort())
    expect(trials[0]!.conditions.continued).toBeUndefined()
    expect(JSON.stringify(trials[0]!.tags)).toContain('the fit started from the beginning')
    expect(second.said()).toContain('the fit started from the beginning')
    expect(results(trials)).toEqual(await atOnce(at))
    expect(await at.contents()).toEqual([])
  }, 120_000)

  it('of an offer that nobody waits for any more are left aside, and leave nothing behind', async () => {
    const at = place()
    const first = at.worker()
    const swept = at.sweep()
    await until('the checkpoint of the step before', () => at.kept() === hold)
    // Frozen beyond its claim; it comes back when another has gone on.
    first.child.kill('SIGSTOP')
    const second = at.worker()
    await until('that another goes on', () => /"fit-started","fit":"[^"]+","trial":0/.test(second.said()))
    first.child.kill('SIGCONT')
    await until('that it has heard of it', () => first.said().includes('"how":"lost"'))
    at.go()
    const trials = await trialsOf(await swept)
    expect(at.trained()).toEqual(everyStep)
    expect(results(trials)).toEqual(await atOnce(at))
    expect(await at.contents()).toEqual([])
  }, 120_000)
})
