/** Checkpoints of fits that move from one worker to another, over a Redis of the test's own, with workers and coordinators as processes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openStore, sweep } from '../../src/index.js'

import { remoteExecutor } from '../../src/remote/index.js'
import { temporaryFolder } from '../temporary.js'
import { noRedis, startRedis, type TestServer } from './servers.js'

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}.mjs`, import.meta.url))
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
  const processes = new Set<ChildProcess>()
  beforeAll(async () => {
    server = await startRedis()
  })
  afterEach(() => {
    for (const one of processes) one.kill('SIGKILL')
    processes.clear()
  })
  afterAll(() => server.stop())

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
      go: () => writeFileSync(go, ''),
      /** Each step that was trained, in the order of trials and steps. */
      trained: () => readFileSync(log, 'utf8').trim().split('\n').sort(),
      id: () => readdirSync(join(store, 'sweeps'))[0]!,
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
      /** Names of what lies in the queue. */
      async contents(): Promise<string[]> {
        const { Redis } = await import('ioredis')
        const client = new Redis(server.url)
        const found = await client.keys(`${queue.name}:content:c-*`)
        client.disconnect()
        return found
      },
    }
  }

  const everyStep = [0, 1, 2].flatMap((trial) => [0, 1, 2, 3, 4, 5].map((step) => `${trial} ${step}`))
  /** What the sweep comes to in one thread of this process. */
  async function atOnce({ definition }: ReturnType<typeof place>) {
    const folder = temporaryFolder()
    process.env.STEPS_LOG = join(folder, 'steps')
    const { trials } = await everything(
      await sweep(definition as never, { store: join(folder, 'store'), workers: 1 }),
    )
    return trials.map(({ params, value, history }) => [params, value, history.value!.values])
  }

  async function everything({ store: directory, run }: { store: string; run: string }) {
    const store = await openStore(directory)
    const trials = [...(await store.trials(run))].sort((a, b) => a.trial - b.trial)
    return { trials }
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
    const { trials } = await everything(result)
    expect(at.trained()).toEqual(everyStep)
    expect(trials[0]!.conditions.continued).toEqual([{ attempt: 0, step: hold - 1 }])
    expect(trials.map(({ params, value, history }) => [params, value, history.value!.values])).toEqual(
      await atOnce(at),
    )
    expect(await at.contents()).toEqual([])
    expect(readdirSync(join(at.store, 'sweeps', at.id()))).not.toContain('checkpoints')
    second.child.kill('SIGTERM')
    expect(await second.ended).toBe(0)
  }, 120_000)
})
