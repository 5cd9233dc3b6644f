/** Whole sweeps in a simulated world, where hours and hundreds of deaths pass in seconds: they end as the sweep does that runs here alone. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { openStore, type SweepEvent, sweep } from '../../../src/index.js'
import { contentName } from '../../../src/remote/bull/content.js'
import { Letters } from '../../../src/remote/protocol.js'
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
  const failed = (await (await openStore(store)).trials(run)).filter(({ status }) => status === 'failed')
  expect(failed).toEqual([])
  expect(trials.finished).toBe(count)
  expect([...ended.values()]).toEqual(Array(count).fill(1))
  expect(await valuesOf(store, run)).toEqual(await here(count))
}, 240_000)

test('a worker that dies is missed within two times what a claim lasts, and its fit begins on another', async () => {
  const world = new World({ fitMs: 1_000_000 })
  await world.open()
  const first = world.start()
  const sweeping = world.sweep(file, { ...options, trials: 1, store: newStore() })
  const claimed = (times: number) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (world.queue.counts.claim?.times === times) resolve()
        else world.clock.after(100, look)
      }
      look()
    })
  await claimed(1)
  await world.clock.wait(40_000)
  const died = world.clock.now()
  first.die()
  world.start()
  await claimed(2)
  const again = world.clock.now() - died
  const { trials } = await sweeping
  await world.close()
  expect(trials.finished).toBe(1)
  expect(again).toBeGreaterThan(10_000)
  expect(again).toBeLessThan(2 * 15_000)
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

test('an outcome that arrives damaged is done again, and counts once', async () => {
  const world = new World({ fitMs: 10_000 })
  await world.open()
  world.start(2)
  const letters = new Letters('simulated')
  const { queue } = world
  const box = queue.box.bind(queue)
  const deliver = queue.deliver.bind(queue)
  const sessions = new Map<unknown, string>()
  queue.box = (name) => {
    const found = box(name)
    if (name.startsWith('session-')) sessions.set(found, name.slice('session-'.length))
    return found
  }
  const part = '0'.repeat(64)
  const damages = [`{"status":"finished","result":{"$":"f64","part":"${part}"}}`, '{']
  queue.deliver = (found) => {
    const session = sessions.get(found)
    const at = found.messages.length - 1
    if (session !== undefined && !found.busy && at >= 0) {
      const message = letters.readToCoordinator(session, found.messages[at]!)
      const outcome = message.kind === 'end' ? damages.shift() : undefined
      if (message.kind === 'end' && outcome !== undefined) {
        queue.contents.set(contentName(part, message.fit), Uint8Array.of(1))
        found.messages[at] = letters.toCoordinator(session, { ...message, outcome })
      }
    }
    return deliver(found)
  }
  const store = newStore()
  const ended: number[] = []
  const onEvent = (event: SweepEvent) => {
    if (event.type === 'trial-ended') ended.push(event.trial)
  }
  const { run, trials } = await world.sweep(file, { ...options, trials: 6, store, onEvent })
  await world.close()
  expect(damages).toEqual([])
  expect(trials.finished).toBe(6)
  expect(ended.sort()).toEqual([0, 1, 2, 3, 4, 5])
  expect([...queue.contents.keys()]).toEqual([])
  expect(await valuesOf(store, run)).toEqual(await here(6))
})
