/** What can go wrong with workers and queues, one at a time, where it takes long; at random and together: remote-faults.test.ts. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { claimMs, expectDone, idle, isRunning, program, runningIn, Stage, steps } from '../remote/mishaps.js'
import {
  castOf,
  coordinator,
  Espalier,
  expectNothingLost,
  fixture,
  localSweep,
  pause,
  until,
  worker,
  writeSweep,
} from '../remote/processes.js'
import { noRedis, startRedis, type TestServer } from '../remote/servers.js'
import { temporaryFolder } from '../temporary.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const stage = new Stage()
const kept = stage.keep.bind(stage)
let server: TestServer

/** A network namespace with a way to this host; null where there can be none. */
function network() {
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'ignore' })
  const id = String(process.pid % 250)
  const name = `espalier${process.pid}`
  const [outer, inner, host] = [`eo${process.pid}`, `ei${process.pid}`, `10.213.${id}.1`]
  const remove = () => {
    for (const what of [
      ['netns', 'del', name],
      ['link', 'del', outer],
    ])
      try {
        ip(...what)
      } catch {
        // It is gone with the other.
      }
  }
  try {
    ip('netns', 'add', name)
    ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', name)
    ip('addr', 'add', `${host}/24`, 'dev', outer)
    ip('link', 'set', outer, 'up')
    ip('-n', name, 'addr', 'add', `10.213.${id}.2/24`, 'dev', inner)
    ip('-n', name, 'link', 'set', inner, 'up')
    ip('-n', name, 'link', 'set', 'lo', 'up')
  } catch {
    remove()
    return null
  }
  return {
    name,
    host,
    cut: () => ip('link', 'set', outer, 'down'),
    mend: () => ip('link', 'set', outer, 'up'),
    remove,
  }
}

describe.skipIf(noRedis !== null)(`what goes wrong${noRedis === null ? '' : ` (${noRedis})`}`, () => {
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(async () => {
    await stage.clear()
    await server.stop()
  })

  it('a worker that is cut off: it ends its program, and its fit is done by another', async () => {
    const cast = castOf(claimMs)
    writeSweep(cast, program(3))
    const local = await localSweep(cast)
    const own = await stage.wayTo(server.url)
    const cut = kept(worker(cast, own.url, [], { WHO: 'cut' }))
    await cut.saw('serves')
    const run = kept(await coordinator(cast, server.url))
    await until('its program', () => runningIn(cast).length === 2)
    const programs = runningIn(cast)
    own.set('silent')
    await cut.saw(': lost')
    // Long before the silence ends.
    await until('the end of its program', () => !programs.some(isRunning))
    kept(worker(cast, server.url, [], { WHO: 'other' }))
    await until('the fit at another', () => runningIn(cast).some(({ who }) => who === 'other'))
    own.set('open')
    await expectDone(cast, run, local)
  })

  it('SIGKILL of a worker ends what it ran', async () => {
    const cast = castOf(claimMs)
    writeSweep(cast, program(1))
    const local = await localSweep(cast)
    const killed = kept(worker(cast, server.url))
    await killed.saw('serves')
    const run = kept(await coordinator(cast, server.url))
    await until('its program', () => runningIn(cast).length === 2)
    const programs = runningIn(cast)
    await killed.kill()
    kept(worker(cast, server.url))
    await until('the end of its program', () => !programs.some(isRunning))
    await expectDone(cast, run, local)
  })

  it('SIGKILL of the coordinator: its workers end what they run for it, and go on with what is resumed', async () => {
    const cast = castOf(claimMs)
    writeSweep(cast, program(4, 2))
    const local = await localSweep(cast)
    const one = kept(worker(cast, server.url, ['--seats', '2']))
    await one.saw('serves')
    const first = kept(await coordinator(cast, server.url))
    await until('their programs', () => runningIn(cast).length === 4)
    const programs = runningIn(cast)
    await first.kill()
    await until('the end of their programs', () => !programs.some(isRunning))
    const run = kept(await coordinator(cast, server.url))
    await expectDone(cast, run, local)
  })

  it('Ctrl-C on the coordinator lets what runs end, and the sweep is resumed', async () => {
    const cast = castOf(claimMs)
    writeSweep(cast, steps)
    const local = await localSweep(cast)
    const one = kept(worker(cast, server.url))
    await one.saw('serves')
    const first = kept(await coordinator(cast, server.url))
    await first.saw(/^trial \d+ /m)
    first.signal('SIGINT')
    const { code } = await first.ended
    expect(code, first.stderr).toBe(130)
    await expectNothingLost(cast, first.told, 'after Ctrl-C')
    const run = kept(await coordinator(cast, server.url))
    await expectDone(cast, run, local)
    expect(one.over).toBe(false)
  })

  it('clocks that are apart by hours, and a worker that is very slow', async () => {
    const cast = castOf(claimMs)
    writeSweep(cast, idle)
    const local = await localSweep(cast)
    const off = (ms: number) => ({ NODE_OPTIONS: `--import ${fixture('ahead.mjs')}`, CLOCK_OFF: String(ms) })
    const hour = 3_600_000
    const all = [
      kept(worker(cast, server.url, [], off(hour))),
      kept(worker(cast, server.url, [], off(-hour))),
      kept(worker(cast, server.url, [], { TAKES: String(3 * claimMs) })),
    ]
    for (const one of all) await one.saw('serves')
    const run = kept(await coordinator(cast, server.url))
    await expectDone(cast, run, local)
    for (const one of all) {
      expect(one.stderr).toContain(': finished')
      expect(one.stderr).not.toContain(': lost')
    }
  })

  it('a worker of another version is refused, says so, and leaves its fit to others', async () => {
    const cast = castOf(120_000)
    writeSweep(cast, idle)
    const local = await localSweep(cast)
    const copy = join(temporaryFolder(), 'other')
    mkdirSync(copy)
    cpSync(join(root, 'dist'), join(copy, 'dist'), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
    const about = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    writeFileSync(join(copy, 'package.json'), JSON.stringify({ ...about, version: '9.9.9' }))
    const other = kept(
      new Espalier(['worker', '--queue', server.url], cast.folder, cast.env, join(copy, 'dist/cli/main.js')),
    )
    await other.saw('serves')
    const run = kept(await coordinator(cast, server.url))
    const { code } = await other.ended
    expect(code).toBe(2)
    expect(other.stderr).toMatch(/same version as the sweep \(this one is Espalier 9\.9\.9, the sweep is of/)
    kept(worker(cast, server.url))
    await expectDone(cast, run, local)
    expect(run.stderr).toMatch(/cannot serve this sweep: a worker must be of the same version/)
  })

  it('a queue that forgets everything, while fits run and while they wait', async () => {
    const cast = castOf(claimMs)
    writeSweep(cast, { ...idle, search: { ...idle.search, trials: 40 } })
    const local = await localSweep(cast)
    const workers = [kept(worker(cast, server.url)), kept(worker(cast, server.url))]
    for (const one of workers) await one.saw('serves')
    const run = kept(await coordinator(cast, server.url))
    const redis = new Redis(server.url)
    for (const trial of [3, 12, 20]) {
      await run.saw(new RegExp(`^trial ${trial} `, 'm'))
      await redis.flushall()
    }
    redis.disconnect()
    await expectDone(cast, run, local)
  })

  describe('with a secret', () => {
    const secret = { ESPALIER_QUEUE_SECRET: 'of the house' }

    it('what a stranger writes is not heeded, and garbage harms nobody', async () => {
      const cast = castOf(claimMs, secret)
      writeSweep(cast, idle)
      const local = await localSweep(cast)
      const redis = new Redis(server.url, { maxRetriesPerRequest: null })
      const prefix = cast.env.ESPALIER_QUEUE_NAME
      const write = async (queue: string, data: unknown, jobId?: string) => {
        const stranger = new Queue(queue, { connection: redis, prefix })
        await stranger.add('x', data, { ...(jobId && { jobId }), priority: 1 })
        await stranger.close()
      }
      const garbage = [
        null,
        17,
        {},
        { t: 'x' },
        { t: [] },
        { t: [''] },
        { t: ['-.{"kind":"leave","by":"me"}'] },
        { s: '{' },
      ]
      for (const data of garbage)
        for (const queue of ['offers', 'workers', 'sweeps', 'content']) await write(queue, data)
      const offer = {
        protocol: 1,
        espalier: '0.1.0',
        session: '00',
        fit: 's00-t0-w-a0-d0',
        parcel: '0'.repeat(64),
        request: {},
      }
      await write('offers', { t: [`-.${JSON.stringify(offer)}`] }, 'f-s00-t0-w-a0-d0')
      const one = kept(worker(cast, server.url))
      await one.saw('serves')
      await one.saw('a fit was refused: messages in this queue are signed')
      const id = /worker ([0-9a-f]+) serves/.exec(one.stderr)![1]
      for (const data of garbage) await write(`box-worker-${id}`, data)
      await one.saw('a message was left aside')
      const run = kept(await coordinator(cast, server.url))
      await run.saw(/^trial 1 /m)
      const [session] = (await redis.keys(`${prefix}:box-session-*:meta`)).map(
        (key) => /box-session-([0-9a-f]+)/.exec(key)![1],
      )
      for (const data of garbage) await write(`box-session-${session}`, data)
      redis.disconnect()
      await expectDone(cast, run, local)
      expect(one.over).toBe(false)
    })

    it.each([
      ['a worker without it', { ESPALIER_QUEUE_SECRET: '' }, 'must have the secret'],
      ['a worker with another', { ESPALIER_QUEUE_SECRET: 'of another house' }, 'signed with another'],
    ])('%s does nothing, and nothing fails for it', async (_, own, words) => {
      const cast = castOf(claimMs, secret)
      writeSweep(cast, { ...idle, search: { ...idle.search, trials: 4 } })
      const local = await localSweep(cast)
      const wrong = kept(worker(cast, server.url, [], own))
      await wrong.saw('serves')
      const run = kept(await coordinator(cast, server.url))
      await wrong.saw(words)
      // Long enough to be claimed by it a few times.
      await pause(2 * claimMs)
      expect(run.over, run.stderr).toBe(false)
      kept(worker(cast, server.url))
      await expectDone(cast, run, local)
    })
  })

  it('a worker in a network of its own that is cut off: its late result is refused', async (context) => {
    const net = network()
    if (net === null) {
      context.skip('network namespaces need root and the program ip')
      return
    }
    const open = await startRedis({ more: ['--bind', '0.0.0.0', '--protected-mode', 'no'] })
    try {
      const cast = castOf(claimMs)
      writeSweep(cast, program(3))
      const local = await localSweep(cast)
      const port = new URL(open.url).port
      const from = ['ip', 'netns', 'exec', net.name]
      const away = kept(worker(cast, `redis://${net.host}:${port}`, [], { WHO: 'away' }, from))
      await away.saw('serves')
      const run = kept(await coordinator(cast, open.url))
      await until('its program', () => runningIn(cast).length === 2)
      const programs = runningIn(cast)
      net.cut()
      await away.saw(': lost')
      await until('the end of its program', () => !programs.some(isRunning))
      kept(worker(cast, open.url, [], { WHO: 'other' }))
      await until('the fit at another', () => runningIn(cast).some(({ who }) => who === 'other'))
      net.mend()
      await expectDone(cast, run, local)
    } finally {
      net.remove()
      await open.stop()
    }
  })

  it.each([
    ['shut down', () => server.stop()],
    ['frozen', async () => server.pause()],
  ])('a queue that is %s for a minute, with claims of the usual time', async (_, away) => {
    const cast = castOf(15_000)
    writeSweep(cast, { ...idle, search: { ...idle.search, trials: 60 } })
    const local = await localSweep(cast)
    const workers = [1, 2].map(() => kept(worker(cast, server.url, [], { TAKES: '100' })))
    for (const one of workers) await one.saw('serves')
    const run = kept(await coordinator(cast, server.url))
    await run.saw(/^trial 9 /m)
    await away()
    await pause(60_000)
    if (_ === 'frozen') server.continue()
    else await server.restart()
    await expectDone(cast, run, local)
    for (const one of workers) expect(one.over, one.stderr).toBe(false)
  })
})
