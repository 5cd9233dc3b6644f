/**
 * At least 200 faults at random instants over Redis and over PostgreSQL. Another course of events with ESPALIER_FAULTS_SEED=7 (the seed in use is
 * printed), and more of them with ESPALIER_FAULTS=1000.
 */
import { describe, it } from 'vitest'
import { chaos } from '../remote/chaos.js'
import { castOf, expectSame, fixture, localSweep, writeSweep } from '../remote/processes.js'
import { noPostgres, noRedis, startPostgres, startRedis } from '../remote/servers.js'

const wanted = Number(process.env.ESPALIER_FAULTS ?? 200)
const firstSeed = Number(process.env.ESPALIER_FAULTS_SEED ?? 1)
const claimMs = 1_000

const sweeps: Readonly<Record<string, object>> = {
  module: {
    trainer: fixture('steps.mjs'),
    parameters: { x: { type: 'float', min: -1, max: 1 }, k: { type: 'int', min: 1, max: 20 } },
    search: { algorithm: 'random', trials: 400, seed: 11, parallel: 6, pruner: 'median' },
  },
}

const servers = [
  { name: 'Redis', missing: noRedis, start: () => startRedis() },
  { name: 'PostgreSQL', missing: noPostgres, start: () => startPostgres() },
]

for (const { name, missing, start } of servers)
  describe.skipIf(missing !== null)(`sweeps over ${name}${missing === null ? '' : ` (${missing})`}`, () => {
    it('come to what they come to on one thread, whatever goes wrong on the way', async () => {
      const server = await start()
      try {
        let faults = 0
        for (let round = 0; faults < wanted / 2; round++) {
          const names = Object.keys(sweeps)
          const kind = names[round % names.length]
          const seed = firstSeed + round
          const cast = castOf(claimMs)
          writeSweep(cast, { name: kind, ...sweeps[kind] })
          const local = await localSweep(cast)
          const began = performance.now()
          const end = await chaos({
            server,
            cast,
            claimMs,
            seed,
            faults: 60,
            workers: 3,
            say: (l) => console.log(l),
          })
          faults += end.total
          const seconds = ((performance.now() - began) / 1000).toFixed(0)
          console.log(
            `${name}, ${kind}, seed ${seed}: ${end.total} faults in ${seconds} s (${faults} in all)`,
            end.faults,
          )
          await expectSame(cast, local, `${kind}, seed ${seed}`)
        }
      } finally {
        await server.kill()
      }
    })
  })
