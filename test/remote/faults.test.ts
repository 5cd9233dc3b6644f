/** What can go wrong with workers and queues, one at a time; more of it, at random and together: test/long/remote-mishaps.test.ts and remote-faults.test.ts. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../temporary.js'
import { claimMs, expectDone, isRunning, program, runningIn, Stage } from './mishaps.js'
import {
  type Cast,
  castOf,
  coordinator,
  Espalier,
  fixture,
  localSweep,
  pause,
  until,
  worker,
  writeSweep,
} from './processes.js'
import { noRedis, shutOut, startRedis, type TestServer } from './servers.js'

const stage = new Stage()
const kept = stage.keep.bind(stage)
let server: TestServer

describe.skipIf(noRedis !== null)(
  `what goes wrong${noRedis === null ? '' : ` (${noRedis})`}`,
  { timeout: 120_000 },
  () => {
    beforeAll(async () => {
      server = await startRedis()
    })
    afterAll(async () => {
      await stage.clear()
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

    // A process that ends by itself shows that nothing is left in it that would go on.
    it.each([
      ['of the command line', (cast: Cast, url: string) => worker(cast, url)],
      [
        'of the library',
        ({ folder, env }: Cast, url: string) =>
          new Espalier([JSON.stringify({ queue: url })], folder, env, fixture('worker.mjs')),
      ],
    ] as const)('a worker %s whose connections are lost as it is told to end: it ends', async (_, start) => {
      const own = await startRedis()
      const admin = new Redis(own.url)
      try {
        // Far longer than the test may take: it does not end by it.
        const leaving = kept(start(castOf(600_000), own.url))
        await shutOut(admin, 2)
        await pause(500)
        leaving.signal('SIGTERM')
        expect(await leaving.ended).toEqual({ code: 0, signal: null })
      } finally {
        admin.disconnect()
        await own.kill()
      }
    })
  },
)

function has(program: string): boolean {
  try {
    execFileSync(program, ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.skipIf(noRedis !== null)('an address that does not lead to the queue', { timeout: 120_000 }, () => {
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
        words: expect.stringMatching(/WRONGPASS.*see that the user and the password/),
      })
      expect(wrong.words).not.toContain('falsch')
      expect(none).toMatchObject({
        code: 1,
        words: expect.stringMatching(/NOAUTH.*see that the user and the password/),
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
