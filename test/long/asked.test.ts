/**
 * Sweeps of the compiled program that are asked for params and for more trials at random moments, and killed at others: each
 * answer on record is kept, none is done twice, and the record alone gives the same sweep again.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openStore, reproduceRun } from '../../src/index.js'
import { randomStream } from '../../src/numeric/index.js'
import type { ParentRun } from '../../src/tracking/index.js'
import { temporaryDirectory } from '../temporary.js'

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const trainer = fileURLToPath(new URL('../crash/fixtures/slow.mjs', import.meta.url))
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

function start(...args: string[]): { child: ChildProcess; ended: Promise<number | null> } {
  const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore' })
  return { child, ended: new Promise((resolve) => child.on('close', resolve)) }
}

async function onlySweep(store: string): Promise<ParentRun | null> {
  return (await (await openStore(store)).sweeps().catch(() => []))[0] ?? null
}

describe.each(['sobol', 'random', 'bayesian'] as const)('a %s search', (algorithm) => {
  it('asked and killed at random is the sweep that its record tells of', async () => {
    const seed = { sobol: 31, random: 32, bayesian: 33 }[algorithm]
    const random = randomStream(seed, 'asked-and-killed')
    const directory = await temporaryDirectory()
    const store = join(directory, 'runs')
    const file = join(directory, 'asked.json')
    await writeFile(
      file,
      JSON.stringify({
        trainer,
        parameters: { x: { type: 'float', min: -1, max: 1 }, k: { type: 'int', min: 1, max: 12 } },
        search: { algorithm, seed, parallel: 4, trials: algorithm === 'bayesian' ? 90 : 1000 },
      }),
    )
    let kills = 0
    let asking = 0
    for (let round = 0; round < 12; round++) {
      const sweep = await onlySweep(store)
      if (sweep?.status === 'finished') break
      const begun = sweep === null ? ['sweep', file] : ['resume', sweep.id]
      const { child, ended } = start(
        ...begun,
        '--store',
        store,
        '--workers',
        String(1 + (round % 3)),
        '--quiet',
      )
      while ((await onlySweep(store))?.status !== 'running' && child.exitCode === null) await wait(20)
      const { id } = (await onlySweep(store))!
      const opened = await openStore(store)
      const asked: Promise<unknown>[] = []
      for (let i = 0; i < 3; i++) {
        await wait(120 * random.next())
        const params = { x: random.next(), k: 1 + random.integer(12) }
        const act = random.next() < 0.7 ? { kind: 'enqueue', params } : { kind: 'extend', by: 1 }
        asked.push(opened.ask(id, act as never))
        asking++
      }
      if (round < 8) {
        await wait(400 * random.next())
        if (child.kill('SIGKILL')) kills++
      }
      await ended
      await Promise.all(asked)
    }
    const sweep = (await onlySweep(store))!
    expect(sweep.status).toBe('finished')
    expect(kills).toBeGreaterThan(1)
    const { requests } = sweep
    expect(new Set(requests.map(({ id }) => id)).size).toBe(requests.length)
    const trials = await (await openStore(store)).trials(sweep.id)
    const wanted = requests.filter(({ act, outcome }) => act.kind === 'enqueue' && outcome === 'done')
    expect(wanted.length).toBeGreaterThan(1)
    expect(wanted.length).toBeLessThanOrEqual(asking)
    for (const { id, act, trial } of wanted) {
      expect(trials[trial!].conditions.origin).toMatchObject({ rule: 'requested', request: id })
      expect(trials[trial!].params).toEqual('params' in act && act.params)
    }
    const more = requests.filter(({ act, outcome }) => act.kind === 'extend' && outcome === 'done').length
    expect(trials.length).toBe((algorithm === 'bayesian' ? 90 : 1000) + more)
    expect(await readdir(join(store, 'sweeps', sweep.id, 'requests'))).toEqual([])
    const again = await reproduceRun(sweep.id, { store, workers: 2 })
    expect(again.differences).toEqual([])
    expect(again.compared).toBeGreaterThan(trials.length)
  })
})
