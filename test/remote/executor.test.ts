/** The executor whose fits run elsewhere keeps the laws of every executor. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import type { Executor, ExecutorOptions } from '../../src/execution/index.js'
import { remoteExecutor, runWorker } from '../../src/remote/index.js'
import { executorLaws } from '../laws/executor.js'
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
