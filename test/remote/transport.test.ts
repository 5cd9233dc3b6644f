/** The transport over BullMQ keeps the laws on a real Redis and a real PostgreSQL. */
import { afterAll, beforeAll, describe } from 'vitest'
import { openTransport } from '../../src/remote/bull/open.js'
import { noPostgres, noRedis, startPostgres, startRedis, type TestServer } from './servers.js'
import { transportLaws } from './transport-laws.js'

const servers = [
  { name: 'Redis', missing: noRedis, start: () => startRedis() },
  { name: 'PostgreSQL', missing: noPostgres, start: () => startPostgres() },
]

const claimMs = 1_500

for (const { name, missing, start } of servers) {
  describe.skipIf(missing !== null)(
    `a transport on ${name}${missing === null ? '' : ` (${missing})`}`,
    () => {
      let server: TestServer
      beforeAll(async () => {
        server = await start()
      }, 120_000)
      afterAll(() => server.kill())
      transportLaws(() => ({
        open: () => openTransport(server.url, { claimMs }),
        claimMs,
        wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      }))
    },
  )
}
