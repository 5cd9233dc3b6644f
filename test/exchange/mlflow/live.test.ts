/** A sweep that is sent while it runs: it neither waits for the server nor fails by it. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, it } from 'vitest'
import { type LiveOptions, mirroredTo, mirrorLive } from '../../../src/exchange/index.js'
import { launchSweep, sweep } from '../../../src/launch/index.js'
import { newSweepId, openStore } from '../../../src/tracking/index.js'
import { temporaryFolder } from '../../temporary.js'
import { expectedTrial, sorted } from './expected.js'
import { type FakeServer, fakeServer } from './fake-server.js'

const servers: FakeServer[] = []
afterAll(async () => {
  for (const server of servers) await server.close()
})

const file = {
  name: 'program',
  trainer: { command: ['/bin/sh', 'train.sh'] },
  objective: { metric: 'loss', direction: 'minimize' },
  parameters: { x: { type: 'float', min: 0, max: 1 } },
  search: { algorithm: 'random', trials: 3, parallel: 2 },
}
const script = `
echo "run $MLFLOW_RUN_ID of $MLFLOW_EXPERIMENT_ID at $MLFLOW_TRACKING_URI"
echo 'espalier: {"metric": {"loss": 0.5}, "step": 0}'
echo "espalier: {\\"final\\": {\\"loss\\": $ESPALIER_PARAM_X}}"
`

/** Runs a sweep of a program that is sent to a server; what is said, and the record. */
async function mirrored(
  url: string,
  farewell: number,
  patience?: number,
  left?: AbortSignal,
  more: Partial<LiveOptions> = {},
) {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'train.sh'), script)
  writeFileSync(join(folder, 'sweep.json'), JSON.stringify(file))
  const directory = join(folder, 'store')
  const store = await openStore(directory)
  const [id, said] = [newSweepId(), [] as string[]]
  const env = { NO_PROXY: '*' }
  const mirror = await mirrorLive({
    store,
    sweep: id,
    url,
    env,
    patience,
    say: (message) => said.push(message),
    ...more,
  })
  const hooks = { executor: mirror.executor, id }
  const result = await launchSweep(join(folder, 'sweep.json'), { store: directory, workers: 1 }, hooks)
  await mirror.end(farewell, left)
  const printed = async (trial: { id: string }) =>
    Buffer.from(await store.readArtifact(trial.id, 'stdout.txt'))
      .toString()
      .split('\n')[0]
  return { store, id, said, result, printed }
}

describe('a sweep that is sent as it goes', () => {
  it('is there when it ends, and its programs know their own runs', async () => {
    const server = await fakeServer()
    servers.push(server)
    const { store, id, said, printed } = await mirrored(server.url, 5000)
    expect(said).toEqual([])
    const parent = await store.run(id)
    if (parent.kind !== 'sweep') throw new Error('it is a sweep')
    const active = [...server.runs.values()].filter(({ isDeleted }) => !isDeleted)
    expect(active).toHaveLength(4)
    for (const trial of await store.trials(id)) {
      const there = active.find(({ tags }) => tags.get('espalier.run') === trial.id)!
      expect(await printed(trial)).toBe(`run ${there.id} of ${there.experiment} at ${server.url}`)
      const { metrics, params } = expectedTrial(trial, parent)
      const rows = [...there.metrics.values()].map(
        (m) => [m.key, m.step, m.timestamp, Number(m.value)] as const,
      )
      expect(sorted(rows)).toEqual(metrics)
      expect(Object.fromEntries(there.params)).toEqual(params)
    }
    expect(await mirroredTo(store, id)).toBe(server.url)
  })

  it('is whole at its end where a slow server was being sent to as it ended', async () => {
    const server = await fakeServer()
    servers.push(server)
    server.delay = 60
    const { said } = await mirrored(server.url, 5000)
    expect(said).toEqual([])
    const active = [...server.runs.values()].filter(({ isDeleted }) => !isDeleted)
    expect(active.map(({ status }) => status)).toEqual(Array(4).fill('FINISHED'))
  })

  it('comes to the same where the server is away; that is said once, and what is not there at the end', async () => {
    const { store, id, said, result, printed } = await mirrored('http://127.0.0.1:1', 300)
    expect(result.status).toBe('finished')
    expect(said).toHaveLength(2)
    expect(said[0]).toMatch(/does not answer .*; the sweep goes on, and is sent there later/)
    expect(said[1]).toBe(
      `4 of 4 runs are not on the MLflow server http://127.0.0.1:1 yet; espalier sync mlflow ${id} sends them`,
    )
    for (const trial of await store.trials(id)) expect(await printed(trial)).toBe('run  of  at ')
  })

  it('waits no longer for a server that does not answer than a program may wait, and once', async () => {
    const server = await fakeServer()
    servers.push(server)
    server.fault = () => 'silence'
    const { said, result, printed, store, id } = await mirrored(server.url, 100, 150)
    expect(result.status).toBe('finished')
    expect(said.filter((message) => message.includes('takes its time'))).toHaveLength(1)
    for (const trial of await store.trials(id)) expect(await printed(trial)).toBe('run  of  at ')
  })

  it('is left for later at once where that is asked for', async () => {
    const server = await fakeServer()
    servers.push(server)
    server.fault = () => 'silence'
    const { said } = await mirrored(server.url, 60_000, 100, AbortSignal.abort())
    // Beside that a program did not wait for it.
    expect(said.filter((message) => !message.includes('takes its time'))).toEqual([
      expect.stringMatching(/^4 of 4 runs are not on .*; espalier sync mlflow/),
    ])
  }, 10_000)

  it.each([
    ['fails', `throw new Error('it broke')`, {}, 'it broke'],
    ['ends', '', {}, 'it ended with exit code 0'],
    [
      'has no memory left',
      'const all = []; for (;;) all.push(new Array(1000).fill(all.length))',
      { maxOldGenerationSizeMb: 20 },
      'Worker terminated due to reaching memory limit: JS heap out of memory',
    ],
  ])('comes to the same where its thread %s, which is said once', async (_, code, resourceLimits, why) => {
    const start = () => new Worker(code, { eval: true, resourceLimits })
    const { id, said, result, printed, store } = await mirrored(
      'http://127.0.0.1:1',
      60_000,
      60_000,
      undefined,
      {
        start,
      },
    )
    expect(result.status).toBe('finished')
    expect(said).toEqual([
      `warning: the sweep is not sent to MLflow any more: the thread that sends it failed (${why}); espalier sync mlflow ${id} sends what is not there`,
    ])
    for (const trial of await store.trials(id)) expect(await printed(trial)).toBe('run  of  at ')
  })

  it('does not begin where what its server is asked with cannot be read', async () => {
    const env = { MLFLOW_TRACKING_SERVER_CERT_PATH: join(temporaryFolder(), 'none.pem') }
    const folder = temporaryFolder()
    const store = await openStore(join(folder, 'store'))
    const options = { store, sweep: newSweepId(), url: 'https://127.0.0.1:1', env }
    const { executor, end } = await mirrorLive({ ...options, say: () => {} })
    writeFileSync(join(folder, 'train.sh'), script)
    writeFileSync(join(folder, 'sweep.json'), JSON.stringify(file))
    await expect(
      launchSweep(join(folder, 'sweep.json'), { store: store.directory }, { executor, id: options.sweep }),
    ).rejects.toMatchObject({ code: 'FILE_NOT_READABLE' })
    await end()
    // Nothing of it is on record.
    await expect(store.sweeps()).rejects.toMatchObject({ code: 'STORE_MISSING' })
  })

  it('is refused at once where no server is meant', async () => {
    const store = await openStore(join(temporaryFolder(), 'store'))
    const options = { store, sweep: newSweepId(), url: 'mlruns', say: () => {} }
    await expect(mirrorLive(options)).rejects.toMatchObject({ code: 'USAGE' })
  })

  it.runIf(process.platform === 'linux')(
    'gives way to fits: its thread alone has a lower priority',
    async () => {
      const server = await fakeServer()
      servers.push(server)
      const niceness = () =>
        readdirSync('/proc/self/task').map((id) => {
          const stat = readFileSync(`/proc/self/task/${id}/stat`, 'utf8')
          return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
        })
      const usual = getPriority()
      const lower = () => niceness().filter((one) => one > usual)
      await expect.poll(lower, { timeout: 10_000 }).toEqual([])
      const store = await openStore(join(temporaryFolder(), 'store'))
      const mirror = await mirrorLive({ store, sweep: newSweepId(), url: server.url, env: {}, say: () => {} })
      await expect.poll(lower, { timeout: 10_000 }).toEqual([Math.min(19, usual + 10)])
      expect(getPriority()).toBe(usual)
      await mirror.end()
    },
  )

  it('leaves a process that forgets it to its end', async () => {
    const server = await fakeServer()
    servers.push(server)
    server.fault = () => 'silence'
    const { store, id } = await mirrored('http://127.0.0.1:1', 100)
    const source = (file: string) =>
      JSON.stringify(fileURLToPath(new URL(`../../../src/${file}`, import.meta.url)))
    const code = `
      const { mirrorLive } = await import(${source('exchange/mlflow/live.ts')})
      await mirrorLive({ store: { directory: process.argv[1] }, sweep: process.argv[2], url: process.argv[3], env: {}, say() {} })
      setTimeout(() => console.log('done'), 1500)
    `
    const args = ['--import', 'tsx', '--input-type=module', '-e', code, store.directory, id, server.url]
    // Killed where it does not end.
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 })
    expect(stdout).toBe('done\n')
    // The thread was at work.
    expect(server.asked).toEqual(['experiments/get-by-name'])
  }, 30_000)

  it('says nothing of a sweep that never began', async () => {
    const store = await openStore(join(temporaryFolder(), 'store'))
    const said: string[] = []
    const options = { store, sweep: newSweepId(), url: 'http://127.0.0.1:1', env: {} }
    const mirror = await mirrorLive({ ...options, say: (message) => said.push(message) })
    await mirror.end(100)
    expect(said).toEqual([])
  })

  it('is the sweep that it would be without', async () => {
    const server = await fakeServer()
    servers.push(server)
    const definition = {
      parameters: { x: { type: 'float', min: 0, max: 1 } },
      search: { algorithm: 'random', trials: 5, seed: 2 },
    } as const
    const run = ({ x }: { x: number }) => (x - 0.3) * (x - 0.3)
    const [plain, sent] = [join(temporaryFolder(), 'a'), join(temporaryFolder(), 'b')]
    const alone = await sweep(definition, { run, store: plain })
    const store = await openStore(sent)
    let mirror: Awaited<ReturnType<typeof mirrorLive>> | undefined
    const result = await sweep(definition, {
      run,
      store: sent,
      onEvent(event) {
        if (event.type !== 'started') return
        void mirrorLive({ store, sweep: event.run, url: server.url, env: {}, say: () => {} }).then((one) => {
          mirror = one
        })
      },
    })
    await expect.poll(() => mirror).toBeDefined()
    await mirror!.end()
    expect(result.best!.params).toEqual(alone.best!.params)
    expect([...server.runs.values()].filter(({ isDeleted }) => !isDeleted)).toHaveLength(6)
  })
})
