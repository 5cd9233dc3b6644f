/** Sweeps for what can go wrong one at a time, and who takes part in them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { isAlive } from '../../src/processes.js'
import type { Essence } from '../crash/driver.js'
import { type Cast, type Espalier, expectNothingLost, expectSame, fixture } from './processes.js'
import { Way } from './proxy.js'

export const claimMs = 1_500

/** Who has to be gone at the end of a test file, and the ways between. */
export class Stage {
  readonly #started: { kill(): Promise<void> }[] = []
  readonly #ways: Way[] = []

  keep<T extends { kill(): Promise<void> }>(one: T): T {
    this.#started.push(one)
    return one
  }

  async wayTo(url: string): Promise<Way> {
    const made = await Way.to(url)
    this.#ways.push(made)
    return made
  }

  async clear(): Promise<void> {
    for (const one of this.#started) await one.kill()
    for (const one of this.#ways) await one.close()
  }
}

export const steps = {
  trainer: fixture('steps.mjs'),
  parameters: { x: { type: 'float', min: -1, max: 1 }, k: { type: 'int', min: 1, max: 20 } },
  search: { algorithm: 'random', trials: 12, seed: 5, parallel: 4, pruner: 'median' },
}

export const idle = {
  trainer: fixture('idle.mjs'),
  parameters: { x: { type: 'float', min: -1, max: 1 } },
  search: { algorithm: 'sobol', trials: 12, seed: 6 },
}

/** Of one trial, which takes so many seconds. */
export function program(seconds: number, trials = 1): object {
  return {
    trainer: { command: ['sh', fixture('long.sh'), String(seconds), '{x}'] },
    parameters: { x: { type: 'int', min: 0, max: 1000 } },
    search: { algorithm: 'random', trials, seed: 7, parallel: trials },
  }
}

/** Programs that have said that they run, and whether they do. */
export function runningIn({ folder }: Cast): { pid: number; who: string }[] {
  return readdirSync(join(folder, 'running')).map((name) => ({
    pid: Number(name),
    who: readFileSync(join(folder, 'running', name), 'utf8').trim(),
  }))
}

export const isRunning = ({ pid }: { pid: number }) => isAlive({ pid, born: null })

export async function expectDone(cast: Cast, run: Espalier, local: Essence) {
  const { code } = await run.ended
  expect(code, run.stderr).toBe(0)
  await expectNothingLost(cast, run.told, 'at the end')
  await expectSame(cast, local)
}
