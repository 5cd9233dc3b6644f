/** The transport over BullMQ keeps the laws on a real Redis and a real PostgreSQL. */
import { createServer } from 'node:net'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTransport } from '../../src/remote/bull/open.js'
import { pause } from './processes.js'
import { noPostgres, noRedis, shutOut, startPostgres, startRedis, type TestServer } from './servers.js'
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

it.skipIf(noRedis !== null)(
  `is closed in seconds where the connections that it blocks on were lost just before${noRedis === null ? '' : ` (${noRedis})`}`,
  async () => {
    const server = await startRedis()
    const admin = new Redis(server.url)
    try {
      const transport = await openTransport(server.url, { claimMs: 120_000 })
      transport.serve(1, async () => {})
      transport.receive('box', async () => {})
      await shutOut(admin, 2)
      await pause(500)
      expect(transport.reachable).toBe(true)
      await transport.close()
    } finally {
      admin.disconnect()
      await server.kill()
    }
  },
  30_000,
)

it('says what it may be where a server takes connections and closes them', async () => {
  // As a Redis without a password does to another machine, whose words are mostly lost with the connection.
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.end('-DENIED Redis is running in protected mode\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  try {
    await expect(openTransport(`redis://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'QUEUE_UNREACHABLE',
      message: expect.stringMatching(/closes them before it answers.*requirepass.*rediss:/),
    })
  } finally {
    server.close()
  }
}, 30_000)
