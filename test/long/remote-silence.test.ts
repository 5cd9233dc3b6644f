/** A way to the queue that loses what is sent, and says nothing: whatever was under way on it comes to its end on another connection. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTransport } from '../../src/remote/bull/open.js'
import type { Transport } from '../../src/remote/transport.js'
import { pause, until } from '../remote/processes.js'
import { Way } from '../remote/proxy.js'
import { noPostgres, noRedis, startPostgres, startRedis, type TestServer } from '../remote/servers.js'

const servers = [
  { name: 'Redis', missing: noRedis, start: () => startRedis() },
  { name: 'PostgreSQL', missing: noPostgres, start: () => startPostgres() },
]

describe.concurrent('connections that have become silent', { timeout: 120_000 }, () => {
  for (const { name, missing, start } of servers)
    describe.skipIf(missing !== null)(`to ${name}${missing === null ? '' : ` (${missing})`}`, () => {
      let server: TestServer
      let way: Way
      let there: Transport
      let here: Transport
      beforeAll(async () => {
        server = await start()
        way = await Way.to(server.url)
        here = await openTransport(server.url)
        there = await openTransport(way.url)
      }, 120_000)
      afterAll(async () => {
        for (const one of [there, here]) await one?.close()
        await way?.close()
        await server?.kill()
      })

      it('questions, claims and mailboxes get over it', async () => {
        const heard: string[] = []
        const claimed: string[] = []
        there.receive('box', async (body) => void heard.push(body))
        there.serve(1, async ({ id }) => void claimed.push(id))
        const give = async (what: string) => {
          await here.send('box', what)
          await here.offer({ id: what, rank: 0, body: '' })
        }
        await give('before')
        await until('the first', () => heard.length === 1 && claimed.length === 1)
        way.set('lossy')
        // More than there are connections: each of them has lost a question.
        const asked = Array.from({ length: 8 }, (_, i) => there.announce('worker', `w${i}`, 'meanwhile'))
        await pause(300)
        way.set('open')
        await give('after')
        const begun = performance.now()
        await Promise.all(asked)
        await until('the rest', () => heard.length > 1 && claimed.length > 1)
        expect(performance.now() - begun).toBeLessThan(45_000)
        expect((await here.announced('worker')).map(({ body }) => body)).toEqual(Array(8).fill('meanwhile'))
        expect(new Set(heard)).toEqual(new Set(['before', 'after']))
        expect(claimed).toEqual(['before', 'after'])
        // And hears at once again, rather than when it looks the next time.
        await until('that it answers', () => there.reachable)
        const times: number[] = []
        for (const [i, what] of ['x', 'y', 'z', 'u', 'v'].entries()) {
          await pause(500)
          const sent = performance.now()
          await give(what)
          await until(what, () => heard.length > 2 + i && claimed.length > 2 + i)
          times.push(performance.now() - sent)
        }
        expect(Math.min(...times)).toBeLessThan(1_000)
      })
    })
})
