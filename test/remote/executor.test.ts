/** The executor whose fits run elsewhere keeps the laws of every executor. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import type { Executor, ExecutorOptions } from '../../src/execution/index.js'
import { remoteExecutor, runWorker } from '../../src/remote/index.js'
import { executorLaws } from '../laws/executor.js'

const queue = process.env.ESPALIER_TEST_REDIS ?? 'redis://127.0.0.1:6379'
let names = 0

describe('over Redis', () => {
  executorLaws('remote executor', (options) => remote(options), { threads: true, distance: 1000 })
})

async function remote(options: ExecutorOptions): Promise<Executor> {
  const name = `test_${process.pid}_${names++}`
  const leave = new AbortController()
  const seats = Array.from({ length: options.workers }, () => ({ devices: [] }))
  const cache = mkdtempSync(join(tmpdir(), 'espalier-cache-'))
  const end = runWorker({
    queue,
    name,
    seats,
    cache,
    signal: leave.signal,
    claimMs: 5000,
    onEvent: (e) => {
      if (process.env.SHOW) console.error(e)
    },
  })
  const executor = await remoteExecutor({ queue, name, claimMs: 5000 })(options)
  return {
    get workers() {
      return executor.workers
    },
    ready: () => executor.ready(),
    run: (request, more) => executor.run(request, more),
    async close() {
      await executor.close()
      leave.abort()
      await end
    },
  }
}
