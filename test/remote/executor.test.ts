/** The executor whose fits run elsewhere keeps the laws of every executor. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  checkpointOf,
  type Executor,
  type ExecutorOptions,
  readCheckpoint,
} from '../../src/execution/index.js'
import { remoteExecutor, runWorker } from '../../src/remote/index.js'
import { executorLaws, objectivePlan } from '../laws/executor.js'
import { temporaryFolder } from '../temporary.js'
import { noRedis, startRedis, type TestServer } from './servers.js'

describe.skipIf(noRedis !== null)(`over Redis${noRedis === null ? '' : ` (${noRedis})`}`, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())

  executorLaws('remote executor', (options) => withWorker(server.url, options), {
    threads: true,
    distance: 1000,
  })

  it('the coordinator has the last checkpoint of a fit that failed, or whose checkpoint is to stay', async () => {
    const requested = (trial: number, luck: boolean) => ({
      ...{ trial, attempt: 0, part: { kind: 'whole' } as const, params: { luck }, timeLimit: 60_000 },
    })
    const keptOf = async (stay: boolean, luck: boolean) => {
      const checkpoints = { folder: temporaryFolder(), limitMB: 100, stay }
      const file = fileURLToPath(new URL('./fixtures/ends.mjs', import.meta.url))
      const plan = { ...objectivePlan(), trainer: { kind: 'module', file } as const, checkpoints }
      const executor = await withWorker(server.url, { plan, workers: 1, memoryLimit: null })
      try {
        const outcome = await executor.run(requested(0, luck))
        expect(outcome.status).toBe(luck ? 'finished' : 'failed')
        const folder = await checkpointOf(checkpoints, requested(0, luck))
        return (await readCheckpoint(folder!)).reports.map(({ step }) => step)
      } finally {
        await executor.close()
      }
    }
    expect(await keptOf(true, true)).toEqual([0, 1, 2])
    expect(await keptOf(false, false)).toEqual([0, 1, 2])
  })
})

let names = 0

/** A worker with as many seats as the executor is to have, which leaves with it. */
async function withWorker(queue: string, options: ExecutorOptions): Promise<Executor> {
  const shared = { queue, name: `test${names++}`, claimMs: 5000 }
  const executor = await remoteExecutor(shared)(options)
  const leave = new AbortController()
  const seats = options.seats ?? Array.from({ length: options.workers }, () => ({ devices: [] }))
  const cache = mkdtempSync(join(tmpdir(), 'espalier-cache-'))
  const end = runWorker({ ...shared, seats, cache, signal: leave.signal })
  end.catch(() => {})
  return {
    get workers() {
      return executor.workers
    },
    ready: () => executor.ready(),
    run: (request, more) => executor.run(request, more),
    async close() {
      await executor.close()
      leave.abort()
      await end.catch(() => {})
    },
  }
}
