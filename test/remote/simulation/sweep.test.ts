/** Whole sweeps in a simulated world, where hours and hundreds of deaths pass in seconds: they end as the sweep does that runs here alone. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { openStore, type SweepEvent, sweep } from '../../../src/index.js'
import { World } from './world.js'

const file = {
  name: 'simulated',
  parameters: { x: { type: 'float', min: -1, max: 1 }, y: { type: 'int', min: 1, max: 1000 } },
} as const
const trainer = fileURLToPath(new URL('../../../bench/speed/fixtures/no-op.mjs', import.meta.url))
const options = { trainer, algorithm: 'sobol', trials: 40, parallel: 8, seed: 3 } as const

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function newStore(): string {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-simulated-store-'))
  folders.push(folder)
  return folder
}

async function valuesOf(store: string, run: string) {
  const trials = await (await openStore(store)).trials(run)
  return trials.map(({ trial, status, params, metrics }) => ({ trial, status, params, value: metrics.value }))
}

async function here(trials: number = options.trials) {
  const store = newStore()
  const { run } = await sweep(file, { ...options, trials, store, workers: 1 })
  const values = await valuesOf(store, run)
  expect(values.filter(({ value }) => Number.isFinite(value))).toHaveLength(trials)
  return values
}

/** Repeatable: what is done to a world must not depend on chance. */
function sequence(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

test('two hundred workers that die one after the other cost time, and neither a trial nor a bit', async () => {
  const count = 200
  const world = new World({ fitMs: 10_000 })
  await world.open()
  const next = sequence(11)
  const workers = Array.from({ length: 4 }, () => world.start())
  let deaths = 0
  let over = false
  const kill = () => {
    if (over) return
    const at = next(workers.length)
    workers[at]!.die()
    workers[at] = world.start()
    deaths++
    world.clock.after(500 + next(8_000), kill)
  }
  world.clock.after(10_000, kill)
  const store = newStore()
  const ended = new Map<number, number>()
  const onEvent = (event: SweepEvent) => {
    if (event.type === 'trial-ended') ended.set(event.trial, (ended.get(event.trial) ?? 0) + 1)
  }
  const { run, trials } = await world.sweep(file, { ...options, trials: count, store, onEvent })
  over = true
  await world.close()
  expect(deaths, 'deaths').toBeGreaterThanOrEqual(200)
  expect(trials.finished).toBe(count)
  expect([...ended.values()]).toEqual(Array(count).fill(1))
  expect(await valuesOf(store, run)).toEqual(await here(count))
}, 240_000)

test('a worker that dies is missed within two times what a claim lasts, and its fit begins on another', async () => {
  const world = new World({ fitMs: 1_000_000 })
  await world.open()
  const first = world.start()
  const began: number[] = []
  let died = 0
  const sweeping = world.sweep(file, {
    ...options,
    trials: 1,
    store: newStore(),
    onEvent: ({ type }) => {
      if (type === 'trial-ended') began.push(world.clock.now() - 1_000_000)
    },
  })
  await new Promise<void>((resolve) => {
    const look = () => {
      if (world.queue.counts.claim?.times === 1) resolve()
      else world.clock.after(100, look)
    }
    look()
  })
  await world.clock.wait(40_000)
  died = world.clock.now()
  first.die()
  world.start()
  await sweeping
  await world.close()
  expect(began[0]! - died).toBeGreaterThan(10_000)
  expect(began[0]! - died).toBeLessThan(2 * 15_000)
})

test('no fit is done twice because what was said of it is heard late', async () => {
  const world = new World({ fitMs: 100, hearing: 1_000 })
  await world.open()
  for (let i = 0; i < 8; i++) world.start()
  const store = newStore()
  const { run, trials } = await world.sweep(file, { ...options, store })
  await world.close()
  expect(trials.finished).toBe(40)
  expect(world.queue.counts.offer!.times).toBe(40)
  expect(await valuesOf(store, run)).toEqual(await here())
})

test('workers that leave give back what they have, and come to no harm', async () => {
  const world = new World({ fitMs: 60_000 })
  await world.open()
  const next = sequence(5)
  let over = false
  const change = () => {
    if (over) return
    const leaving = world.start(1 + next(3))
    world.clock.after(20_000 + next(100_000), () => void leaving.leave())
    world.clock.after(10_000 + next(20_000), change)
  }
  world.start()
  world.clock.after(1_000, change)
  const store = newStore()
  const { run, trials } = await world.sweep(file, { ...options, store })
  over = true
  await world.close()
  expect(trials.finished).toBe(40)
  expect(await valuesOf(store, run)).toEqual(await here())
})
