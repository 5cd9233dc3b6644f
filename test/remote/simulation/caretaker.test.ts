/** What the dead leave in a queue is cleared after days, by whoever shares it; nothing of the living is. Days pass in a moment here. */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStore, type SweepEvent, sweep } from '../../../src/index.js'
import { Caretaker, clearSession } from '../../../src/remote/caretaker.js'
import { boxOf, Letters } from '../../../src/remote/protocol.js'
import { repeat } from '../../../src/remote/repeat.js'
import { FakeClock } from './clock.js'
import { MemoryQueue, type MemoryTransport } from './queue.js'
import { World } from './world.js'

// Great, so that days are not many moments.
const claimMs = 300_000
const hour = 3_600_000
const day = 24 * hour
const letters = new Letters(null)
const content = (of: string) => {
  const bytes = Buffer.from(of)
  return { bytes, digest: createHash('sha256').update(bytes).digest('hex') }
}

describe('a queue', () => {
  let clock: FakeClock
  let queue: MemoryQueue
  let transport: MemoryTransport
  const stops: (() => void)[] = []
  beforeEach(() => {
    clock = new FakeClock()
    clock.start()
    queue = new MemoryQueue(clock, { claimMs })
    transport = queue.open()
  })
  afterEach(() => {
    for (const stop of stops.splice(0)) stop()
    clock.stop()
  })

  const sweepOf = (session: string, beat: number, contents: readonly string[]) =>
    letters.announceSweep({ session, sweep: null, name: null, host: 'h', beat, contents })

  async function leave(
    kind: 'dead' | 'alive',
    name: string,
    contents: readonly string[] = [],
  ): Promise<void> {
    let beat = 0
    const say = async () => {
      await transport.announce('worker', `${name}w`, `worker ${name} ${beat}`)
      await transport.announce('sweep', name, sweepOf(name, beat++, contents))
    }
    await say()
    for (const box of [boxOf.worker(`${name}w`), boxOf.session(name)]) await transport.send(box, 'message')
    await transport.offer({ id: `s${name}-t0-w-a0-d0`, rank: 0, body: '' })
    const { bytes, digest } = content(`of ${name}`)
    await transport.putContent(digest, bytes, `s${name}-t0-w-a0-d0`)
    if (kind === 'alive') stops.push(repeat(clock, claimMs / 3, say))
  }

  function care(from: MemoryTransport = transport, by = letters): () => void {
    const caretaker = new Caretaker(from, by, clock, { claimMs })
    const stop = repeat(clock, 2 * claimMs, () => caretaker.look())
    stops.push(stop)
    return stop
  }

  const there = async () => ({
    workers: (await transport.announced('worker')).map(({ id }) => id).sort(),
    sweeps: (await transport.announced('sweep')).map(({ id }) => id).sort(),
    boxes: (await transport.boxes()).sort(),
    offers: (await transport.waiting()).sort(),
    contents: [...queue.contents.keys()].sort(),
  })

  const [shared, deadsOwn, nobodys] = [content('shared'), content('own'), content('nobody')]

  async function fill(): Promise<void> {
    for (const { bytes, digest } of [shared, deadsOwn, nobodys]) await transport.putContent(digest, bytes)
    await leave('alive', 'a1', [shared.digest])
    await leave('dead', 'd1', [shared.digest, deadsOwn.digest])
    // Of workers and coordinators that are not even announced any more.
    await transport.send(boxOf.worker('gone'), 'message')
    await transport.send(boxOf.session('0e'), 'message')
    await transport.putContent(shared.digest, shared.bytes, 's0e-t3-w-a0-d0')
  }

  const living = () => ({
    workers: ['a1w'],
    sweeps: ['a1'],
    boxes: ['session-a1', 'worker-a1w'],
    offers: ['sa1-t0-w-a0-d0'],
    contents: [shared.digest, `${content('of a1').digest}.sa1-t0-w-a0-d0`].sort(),
  })

  test('what the dead left is there for days, and then it is not; what the living have stays', async () => {
    await fill()
    const all = await there()
    care()
    await clock.wait(2.9 * day)
    expect(await there()).toEqual(all)
    await clock.wait(0.3 * day)
    expect(await there()).toEqual(living())
    await clock.wait(10 * day)
    expect(await there()).toEqual(living())
  })

  test('processes that live for a short while do it together', async () => {
    await fill()
    for (let visit = 0; visit < 5; visit++) {
      const stop = care(queue.open())
      await clock.wait(5 * claimMs)
      stop()
      await clock.wait(day)
    }
    expect(await there()).toEqual(living())
  })

  test("a server's clock that is put forward takes nothing from the living", async () => {
    await fill()
    let ahead = 0
    const own = queue.open()
    const time = own.time.bind(own)
    own.time = async () => (await time()) + ahead
    care(own)
    for (let i = 0; i < 5; i++) {
      await clock.wait(2 * hour)
      ahead += 10 * day
    }
    await clock.wait(2 * hour)
    expect(await there()).toEqual(living())
  })

  test("a server's clock that is put forward between two looks takes nothing: it is looked at once more by our own", async () => {
    await fill()
    let ahead = 0
    const looking = () => {
      const own = queue.open()
      const time = own.time.bind(own)
      own.time = async () => (await time()) + ahead
      return new Caretaker(own, letters, clock, { claimMs })
    }
    await looking().look()
    ahead = 10 * day
    // Before any of the living has said another word.
    const second = looking()
    await second.look()
    await second.look()
    const all = await there()
    expect(all.workers).toEqual(['a1w', 'd1w'])
    await clock.wait(3 * claimMs)
    await second.look()
    expect(await there()).toEqual(living())
  })

  test('what a sweep needs that cannot be read stays', async () => {
    await fill()
    let beat = 0
    const secret = new Letters('another')
    const say = () =>
      transport.announce(
        'sweep',
        'b2',
        secret.announceSweep({
          session: 'b2',
          sweep: null,
          name: null,
          host: 'h',
          beat: beat++,
          contents: [nobodys.digest],
        }),
      )
    await say()
    stops.push(repeat(clock, claimMs / 3, say))
    care(transport, new Letters('mine'))
    await clock.wait(4 * day)
    const { workers, contents } = await there()
    expect(workers).toEqual(['a1w'])
    expect(contents).toContain(nobodys.digest)
    expect(contents).toContain(shared.digest)
  })

  test.each(['', 'x', '[]', '{"looked":0,"seen":{"worker-a1w":7,"__proto__":{"mark":"-","since":0}}}'])(
    'a record that is none counts as nothing: %j',
    async (body) => {
      await fill()
      await transport.announce('seen', 'all', body)
      care()
      await clock.wait(3.3 * day)
      expect(await there()).toEqual(living())
    },
  )
})

describe('in a world', () => {
  const file = { name: 'simulated', parameters: { x: { type: 'float', min: -1, max: 1 } } } as const
  const trainer = fileURLToPath(new URL('../../../bench/speed/fixtures/no-op.mjs', import.meta.url))
  const options = { trainer, algorithm: 'sobol', trials: 24, parallel: 4, seed: 3 } as const
  const folders: string[] = []
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  })
  const newStore = () => {
    folders.push(mkdtempSync(join(tmpdir(), 'espalier-simulated-store-')))
    return folders.at(-1)!
  }
  const valuesOf = async (store: string, run: string) =>
    (await (await openStore(store)).trials(run)).map(({ trial, status, params, metrics }) => {
      return { trial, status, params, value: metrics.value }
    })

  test('a worker that waits for work clears what another left', async () => {
    const world = new World({ claimMs: 300_000, fitMs: 1_000 })
    await world.open()
    world.clock.start()
    const dead = world.start()
    await world.clock.wait(1_000)
    dead.die()
    world.start()
    await world.clock.wait(1_000)
    expect(world.queue.announced.worker.size).toBe(2)
    await world.clock.wait(3.3 * day)
    expect(world.queue.announced.worker.size).toBe(1)
    expect([...world.queue.boxes.keys()].map((box) => box.slice(7))).toEqual([
      ...world.queue.announced.worker.keys(),
    ])
    await world.close()
  })

  test('a coordinator that waits for workers clears what another left', async () => {
    const world = new World({ claimMs: 300_000, fitMs: 1_000 })
    await world.open()
    world.queue.announced.worker.set('dead', 'said last')
    world.queue.box('worker-dead')
    const store = newStore()
    const ended = world.sweep(file, { ...options, trials: 2, store })
    // It is opened in the time that passes outside.
    await expect.poll(() => world.queue.announced.sweep.size, { timeout: 20_000 }).toBe(1)
    await world.clock.wait(3.3 * day)
    expect(world.queue.announced.worker.size).toBe(0)
    expect(world.queue.boxes.has('worker-dead')).toBe(false)
    world.start()
    await ended
    await world.close()
  })

  test('a coordinator that finds all it had cleared, as one that slept for a week, ends with the same sweep', async () => {
    const local = newStore()
    const { run: here } = await sweep(file, { ...options, store: local, workers: 1 })
    const world = new World({ fitMs: 10_000 })
    await world.open()
    world.start(2)
    const store = newStore()
    const transport = world.queue.open()
    let cleared = 0
    const clear = async () => {
      for (const session of [...world.queue.announced.sweep.keys()]) {
        await clearSession(transport, session)
        await transport.dropUnowned([...world.queue.contents.keys()])
        cleared++
      }
    }
    const onEvent = (event: SweepEvent) => {
      if (event.type === 'trial-ended' && [3, 11].includes(event.trial)) void clear()
    }
    const { run } = await world.sweep(file, { ...options, store, onEvent })
    expect(cleared).toBe(2)
    expect(await valuesOf(store, run)).toEqual(await valuesOf(local, here))
    await world.close()
  })
})
