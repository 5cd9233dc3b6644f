/** What killed workers and coordinators leave on a real server is cleared, and nothing of those that live. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTransport } from '../../src/remote/bull/open.js'
import { Caretaker } from '../../src/remote/caretaker.js'
import { realClock } from '../../src/remote/clock.js'
import { Letters } from '../../src/remote/protocol.js'
import { program, runningIn, Stage } from './mishaps.js'
import { castOf, coordinator, pause, until, worker, writeSweep } from './processes.js'
import { noPostgres, noRedis, startPostgres, startRedis, type TestServer } from './servers.js'

const servers = [
  { name: 'Redis', missing: noRedis, start: () => startRedis({ aof: false }) },
  { name: 'PostgreSQL', missing: noPostgres, start: () => startPostgres() },
]

for (const { name, missing, start } of servers) {
  describe.skipIf(missing !== null)(`on ${name}${missing === null ? '' : ` (${missing})`}`, () => {
    let server: TestServer
    const stage = new Stage()
    beforeAll(async () => {
      server = await start()
    }, 120_000)
    afterAll(async () => {
      await stage.clear()
      await server.kill()
    })

    it('what was killed goes, and what lives stays', async () => {
      const claimMs = 1_500
      const cast = castOf(claimMs)
      writeSweep(cast, program(60))
      const killed = stage.keep(worker(cast, server.url))
      await killed.saw('serves')
      const run = stage.keep(await coordinator(cast, server.url))
      await until('its program', () => runningIn(cast).length > 0)
      await Promise.all([killed.kill(), run.kill()])
      const alive = stage.keep(worker(cast, server.url))
      await alive.saw('serves')
      const [, id] = /worker ([0-9a-f]+) serves/.exec(alive.stderr)!

      const transport = await openTransport(server.url, { claimMs, prefix: cast.env.ESPALIER_QUEUE_NAME })
      await transport.send('session-0e', 'of one that said its farewell in haste')
      await transport.putContent('0'.repeat(64), Uint8Array.of(1), 's0e-t0-w-a0-d0')
      const names = async (kind: 'sweep' | 'worker') => (await transport.announced(kind)).map(({ id }) => id)
      expect(await names('worker')).toHaveLength(2)
      expect(await names('sweep')).toHaveLength(1)
      expect(await transport.boxes()).toHaveLength(4)
      expect((await transport.contents()).length).toBeGreaterThan(1)

      const settings = { claimMs: claimMs / 2, silence: 2_500, every: 500 }
      const caretaker = new Caretaker(transport, new Letters(null), realClock, settings)
      await until('the end of what the dead left', async () => {
        await caretaker.look()
        await pause(100)
        return (await transport.boxes()).length === 1 && (await transport.contents()).length === 0
      })
      expect(await transport.boxes()).toEqual([`worker-${id}`])
      expect(await names('worker')).toEqual([id])
      expect(await names('sweep')).toEqual([])
      await transport.close()
      alive.signal('SIGTERM')
      expect((await alive.ended).code).toBe(0)
    }, 120_000)
  })
}
