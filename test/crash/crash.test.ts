/** Nothing is lost in a crash, and a sweep goes on exactly where it was: a few kills here, many in test/long. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { killedSweep, scenarios, wholeSweep } from './driver.js'

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'espalier-crash-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

describe('a sweep killed with SIGKILL and resumed', () => {
  it('equals the same sweep without interruption', { timeout: 120_000 }, async () => {
    const scenario = scenarios(directory).find(({ name }) => name === 'objective-sobol')!
    await writeFile(scenario.file, JSON.stringify(scenario.json))
    const whole = await wholeSweep(scenario, join(directory, 'whole'))
    const { essence, kills, cutOff } = await killedSweep(scenario, join(directory, 'killed'), 5, 1)
    expect(essence).toEqual(whole)
    expect(kills).toBeGreaterThanOrEqual(3)
    // The kills did catch trials at work.
    expect(cutOff).toBeGreaterThan(0)
  })
})
