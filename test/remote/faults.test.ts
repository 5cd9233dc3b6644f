/** What can go wrong with workers and queues, one at a time; at random and together: test/long/remote-faults.test.ts. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isAlive } from '../../src/processes.js'
import { temporaryFolder } from '../temporary.js'
import {
  type Cast,
  castOf,
  coordinator,
  Espalier,
  expectNothingLost,
  expectSame,
  fixture,
  localSweep,
  pause,
  until,
  worker,
  writeSweep,
} from './processes.js'
import { Way } from './proxy.js'
import { noRedis, startRedis, type TestServer } from './servers.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const claimMs = 1_500
const started: { kill(): Promise<void> }[] = []
const ways: Way[] = []
let server: TestServer

function kept<T extends { kill(): Promise<void> }>(one: T): T {
  started.push(one)
  return one
}

async function way(): Promise<Way> {
  const made = await Way.to(server.url)
  ways.push(made)
  return made
}

const steps = {
  trainer: fixture('steps.mjs'),
  parameters: { x: { type: 'float', min: -1, max: 1 }, k: { type: 'int', min: 1, max: 20 } },
  search: { algorithm: 'random', trials: 12, seed: 5, parallel: 4, pruner: 'median' },
}

const idle = {
  trainer: fixture('idle.mjs'),
  parameters: { x: { type: 'float', min: -1, max: 1 } },
  search: { algorithm: 'sobol', trials: 12, seed: 6 },
}

/** Of one trial, which takes so many seconds. */
function program(seconds: number, trials = 1): object {
  return {
    trainer: { command: ['sh', fixture('long.sh'), String(seconds), '{x}'] },
    parameters: { x: { type: 'int', min: 0, max: 1000 } },
    search: { algorithm: 'random', trials, seed: 7, parallel: trials },
  }
}

/** Programs that have said that they run, and whether they do. */
function runningIn({ folder }: Cast): { pid: number; who: string }[] {
  return readdirSync(join(folder, 'running')).map((name) => ({
    pid: Number(name),
    who: readFileSync(join(folder, 'running', name), 'utf8').trim(),
  }))
}

const isRunning = ({ pid }: { pid: number }) => isAlive({ pid, born: null })

async function expectDone(cast: Cast, run: Espalier, local: Awaited<ReturnType<typeof localSweep>>) {
  const { code } = await run.ended
  expect(code, run.stderr).toBe(0)
  await expectNothingLost(cast, run.told, 'at the end')
  await expectSame(cast, local)
}

describe.skipIf(noRedis !== null)(`what goes wrong${noRedis === null ? '' : ` (${noRedis})`}`, () => {
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(async () => {
    for (const one of started) await one.kill()
    for (const one of ways) await one.close()
    await server.stop()
  })

  it('a worker that is frozen beyond its claim: its program is ended when it comes to, and its result not taken', async () => {
    const cast = castOf(claimMs)
    writeSweep(cast, program(2.5))
    const local = await localSweep(cast)
    const frozen = kept(worker(cast, server.url, [], { WHO: 'frozen' }))
    await frozen.saw('serves')
    const run = kept(await coordinator(cast, server.url))
    await until('its program', () => runningIn(cast).length === 2)
    const programs = runningIn(cast)
    frozen.signal('SIGSTOP')
    const other = kept(worker(cast, server.url, [], { WHO: 'other' }))
    await until('the fit at another', () => runningIn(cast).some(({ who }) => who === 'other'))
    frozen.signal('SIGCONT')
    await frozen.saw(': lost')
    await until('the end of its program', () => !programs.some(isRunning))
    await expectDone(cast, run, local)
    expect(other.stderr).toMatch(/trial 0 at seat 0: finished/)
    expect(frozen.stderr).not.toMatch(/trial 0 at seat 0: finished/)
  })

  it('a worker that is cut off: it ends its program, and its fit is done by another', async () => {
    const cast = castOf(claimMs)
    writeSweep(cast, program(3))
    const local = await localSweep(cast)
    const own = await way()
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

  it('Ctrl-C on a worker gives its fits back: they are done elsewhere at once', async () => {
    // Far longer than the test may take: nothing here waits for a claim to be given up.
    const cast = castOf(120_000)
    writeSweep(cast, program(2))
    const local = await localSweep(cast)
    const leaving = kept(worker(cast, server.url, [], { WHO: 'leaving' }))
    await leaving.saw('serves')
    const run = kept(await coordinator(cast, server.url))
    await until('its program', () => runningIn(cast).length === 2)
    const programs = runningIn(cast)
    const other = kept(worker(cast, server.url, [], { WHO: 'other' }))
    await other.saw('serves')
    leaving.signal('SIGINT')
    await leaving.ended
    expect(leaving.stderr).toContain('given-back')
    expect(programs.some(isRunning)).toBe(false)
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
})

function has(program: string): boolean {
  try {
    execFileSync(program, ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.skipIf(noRedis !== null)('an address that does not lead to the queue', () => {
  const said = async (address: string, env = {}) => {
    const run = worker(castOf(claimMs), address, ['--idle-exit', '1s'], env)
    const { code } = await run.ended
    return { code, words: run.stderr }
  }

  it('a wrong password, none, and a port where nothing is', async () => {
    const own = await startRedis({ more: ['--requirepass', 'geheim'] })
    const port = new URL(own.url).port
    try {
      const [wrong, none, right] = await Promise.all([
        said(`redis://:falsch@127.0.0.1:${port}`),
        said(own.url),
        said(`redis://:geheim@127.0.0.1:${port}`),
      ])
      expect(wrong).toMatchObject({
        code: 1,
        words: expect.stringMatching(/WRONGPASS.*see that the user, password/),
      })
      expect(wrong.words).not.toContain('falsch')
      expect(none).toMatchObject({
        code: 1,
        words: expect.stringMatching(/NOAUTH.*see that the user, password/),
      })
      expect(right.code).toBe(0)
      expect(right.words).not.toContain('geheim')
    } finally {
      await own.stop()
    }
    const away = await said(own.url)
    expect(away).toMatchObject({
      code: 1,
      words: expect.stringMatching(/ECONNREFUSED.*see that the server runs/),
    })
  })

  it.skipIf(!has('openssl'))(
    'a certificate that nobody vouches for, and one that somebody does',
    async () => {
      const folder = temporaryFolder()
      const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
      const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
      const files = ['-keyout', key, '-out', certificate]
      execFileSync(
        'openssl',
        ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3', ...files, ...subject],
        {
          stdio: 'ignore',
        },
      )
      const tls = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate]
      const own = await startRedis({ tls: ['--tls-auth-clients', 'no', ...tls] })
      const address = own.url.replace('redis:', 'rediss:')
      try {
        const [untrusted, trusted, plain] = await Promise.all([
          said(address),
          said(address, { NODE_EXTRA_CA_CERTS: certificate }),
          said(own.url),
        ])
        expect(untrusted).toMatchObject({
          code: 1,
          words: expect.stringMatching(/self-signed certificate.*NODE_EXTRA_CA_CERTS/),
        })
        expect(trusted.code, trusted.words).toBe(0)
        expect(plain.code).toBe(1)
      } finally {
        await own.stop()
      }
    },
  )
})
