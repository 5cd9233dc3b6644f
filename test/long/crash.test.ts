/**
 * At least 100 kills at random instants, over every kind of search. More with ESPALIER_CRASH_KILLS=1000; another
 * course of events with ESPALIER_CRASH_SEED=7 (the seed in use is printed).
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { killedSweep, scenarios, wholeSweep } from '../crash/driver.js'

const wanted = Number(process.env.ESPALIER_CRASH_KILLS ?? 100)
const firstSeed = Number(process.env.ESPALIER_CRASH_SEED ?? 1)

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'espalier-crash-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

describe('sweeps killed with SIGKILL and resumed', () => {
  it(`equal the same sweeps without interruption, over ${wanted} kills`, { timeout: 3_600_000 }, async () => {
    const all = scenarios(directory)
    const whole = new Map<string, unknown>()
    for (const scenario of all) {
      await writeFile(scenario.file, JSON.stringify(scenario.json))
      whole.set(scenario.name, await wholeSweep(scenario, join(directory, `${scenario.name}-whole`)))
    }
    let kills = 0
    for (let round = 0; kills < wanted; round++) {
      const scenario = all[round % all.length]
      const seed = firstSeed + round
      const store = join(directory, `killed-${round}`)
      const result = await killedSweep(scenario, store, 30, seed)
      kills += result.kills
      console.log(
        `${scenario.name}, seed ${seed}: ${result.kills} kills (${kills} in all), ${result.cutOff} trials cut off and run again`,
      )
      expect(result.essence, `${scenario.name}, seed ${seed}`).toEqual(whole.get(scenario.name))
      await rm(store, { recursive: true })
    }
  })
})
