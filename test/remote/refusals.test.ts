/** Servers that let nobody in, take nothing, or are none of ours: what is said of them, how soon, and that no password is in it. */
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, Server, type Socket } from 'node:net'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isEspalierError } from '../../src/errors.js'
import { openTransport } from '../../src/remote/bull/open.js'
import { idle } from './mishaps.js'
import { castOf, Espalier, pause, writeSweep } from './processes.js'
import { noPostgres, noRedis, startPostgres, startRedis, type TestServer } from './servers.js'

const password = 'Sesame17'

interface Refusal {
  readonly code: string
  readonly message: string
}

/** What is said as the queue is opened, or as the first thing is put into it. */
async function refusalOf(url: string): Promise<Refusal> {
  const began = performance.now()
  try {
    const transport = await openTransport(url, { claimMs: 1_500 })
    try {
      await transport.announce('worker', 'w', 'body')
      await transport.offer({ id: 'o', rank: 0, body: 'body' })
    } finally {
      await transport.close()
    }
  } catch (error) {
    if (!isEspalierError(error)) throw error
    expect(performance.now() - began, error.message).toBeLessThan(8_000)
    expect(error.message).not.toContain(password)
    expect(error.message).not.toMatch(/\n/)
    return error
  }
  throw new Error(`nothing was refused by ${url}`)
}

function at(url: string, { user = '', as = password, path = '' } = {}): string {
  const { protocol, host } = new URL(url)
  return `${protocol}//${user}:${as}@${host}${path}`
}

describe.skipIf(noRedis !== null)(`a Redis${noRedis === null ? '' : ` (${noRedis})`}`, () => {
  let server: TestServer
  let redis: Redis
  const acl = (user: string, ...rules: string[]) =>
    redis.call('ACL', 'SETUSER', user, 'on', `>${password}`, ...rules)
  beforeAll(async () => {
    server = await startRedis({ aof: false, more: ['--requirepass', password] })
    redis = new Redis(at(server.url))
  })
  afterAll(async () => {
    redis.disconnect()
    await server.stop()
  })

  it.each([
    ['no password', () => server.url, 'NOAUTH'],
    ['another password', () => at(server.url, { as: `${password}x` }), 'WRONGPASS'],
    ['a user that is none', () => at(server.url, { user: 'nobody' }), 'WRONGPASS'],
  ])('lets nobody in with %s', async (_, url, reason) => {
    const { code, message } = await refusalOf(url())
    expect(code).toBe('QUEUE_UNREACHABLE')
    expect(message).toContain(reason)
    expect(message).toContain('; see that the user and the password of the address are right')
  })

  it('has no database of that number', async () => {
    const { code, message } = await refusalOf(at(server.url, { path: '/999' }))
    expect(code).toBe('QUEUE_UNREACHABLE')
    expect(message).toContain('DB index is out of range); see that the user, password, database')
  })

  it('takes nothing from a user who may not write', async () => {
    await acl('reader', '~*', '+@read', '+@connection', '+info')
    const { code, message } = await refusalOf(at(server.url, { user: 'reader' }))
    expect(code).toBe('QUEUE_REFUSED')
    expect(message).toMatch(/NOPERM .*; give the user of the address the rights that it needs/)
  })

  it('takes all from a user with the rights that docs/machines.md names', async () => {
    await acl('sweeps', '~espalier:*', '+@all', '-@admin', '-@dangerous', '+info')
    const transport = await openTransport(at(server.url, { user: 'sweeps' }), { claimMs: 1_500 })
    await transport.announce('worker', 'w', 'body')
    await transport.send('box', 'body')
    await transport.dropBox('box')
    await transport.close()
  })

  it('takes nothing with its memory full', async () => {
    await redis.config('SET', 'maxmemory', '1mb')
    const { code, message } = await refusalOf(at(server.url))
    await redis.config('SET', 'maxmemory', '0')
    expect(code).toBe('QUEUE_REFUSED')
    expect(message).toMatch(/OOM .*; give it more memory/)
  })

  it('that throws away what it holds is warned of, where its memory has a limit', async () => {
    await redis.config('SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru')
    const transport = await openTransport(at(server.url))
    await transport.close()
    await redis.config('SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction')
    expect(transport.warnings).toHaveLength(1)
    expect(transport.warnings[0]).toMatch(/maxmemory-policy allkeys-lru.*; set maxmemory-policy noeviction/)
    expect(transport.warnings[0]).not.toContain(password)
  })

  it('is a replica', async () => {
    const { hostname, port } = new URL(server.url)
    const of = ['--replicaof', hostname, port, '--masterauth', password]
    const replica = await startRedis({ aof: false, more: of })
    const { code, message } = await refusalOf(replica.url)
    await replica.stop()
    expect(code).toBe('QUEUE_REFUSED')
    expect(message).toContain(
      `a read-only replica of ${hostname}:${port}); name the server that takes writes`,
    )
  })

  it('is one of a cluster', async () => {
    const one = await startRedis({ aof: false, more: ['--cluster-enabled', 'yes'] })
    const { code, message } = await refusalOf(one.url)
    await one.stop()
    expect(code).toBe('USAGE')
    expect(message).toMatch(/one of a cluster.*; name a Redis of its own/)
  })

  it('does not speak TLS', async () => {
    const { code, message } = await refusalOf(at(server.url).replace('redis:', 'rediss:'))
    expect(code).toBe('QUEUE_UNREACHABLE')
    expect(message).toContain('see that the server runs, that it is what the address says')
  })

  it.each([
    ['sweep', ['sweep', 'sweep.json']],
    ['resume', ['resume']],
    ['worker', ['worker']],
    ['workers', ['workers']],
    ['workers stop', ['workers', 'stop', '--all']],
  ])(
    'with another password ends espalier %s, with the reason and without the password',
    async (what, args) => {
      const cast = castOf(1_500)
      writeSweep(cast, { ...idle, search: { ...idle.search, trials: 1 } })
      if (what === 'resume') {
        // Something to go on with.
        const first = new Espalier(['sweep', 'sweep.json', '--no-queue', '--quiet'], cast.folder, cast.env)
        expect((await first.ended).code, first.stderr).toBe(0)
        args = ['resume', '--trials', '2']
      }
      const queue = at(server.url, { as: `${password}x` })
      const asked = new Espalier([...args, '--queue', queue], cast.folder, cast.env)
      const { code } = await asked.ended
      expect(code, asked.stderr).toBe(1)
      expect(asked.stderr).toContain('see that the user and the password of the address are right')
      expect(asked.stderr + asked.stdout).not.toContain(password)
    },
  )
})

/** A way to a server on which something is done with what comes to it. */
async function wayTo(address: string, act: (bytes: Buffer, near: Socket) => void) {
  const url = new URL(address)
  const target = { host: url.hostname, port: Number(url.port) }
  const server = createServer((near) => {
    const far = connect(target)
    far.on('data', (bytes) => near.write(bytes))
    near.on('data', (bytes) => {
      act(bytes, near)
      if (!near.destroyed) far.write(bytes)
    })
    near.on('error', () => {}).on('close', () => far.destroy())
    far.on('error', () => {}).on('close', () => near.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url.port = String((server.address() as AddressInfo).port)
  return { url: url.href, close: () => server.close() }
}

describe.skipIf(noPostgres !== null)(`a PostgreSQL${noPostgres === null ? '' : ` (${noPostgres})`}`, () => {
  let server: TestServer
  let client: pg.Client
  beforeAll(async () => {
    server = await startPostgres()
    client = new pg.Client({ connectionString: server.url })
    await client.connect()
    for (const user of ['plain', 'reader', 'full'])
      await client.query(`CREATE ROLE ${user} LOGIN PASSWORD '${password}'`)
    const { rows } = await client.query('SHOW hba_file')
    writeFileSync(
      rows[0].hba_file,
      ['espalier', 'nobody']
        .map((user) => `host all ${user} 127.0.0.1/32 trust\n`)
        .join('')
        .concat('host all plain,reader,full 127.0.0.1/32 scram-sha-256\n'),
    )
    chmodSync(rows[0].hba_file, 0o644)
    await client.query('SELECT pg_reload_conf()')
  }, 120_000)
  afterAll(async () => {
    await client.end()
    await server.kill()
  })

  it('that goes while it is asked whether its tables are there is asked again', async () => {
    let asked = 0
    const way = await wayTo(server.url, (bytes, near) => {
      // The statement after the first one, on the same connection.
      const isNext = asked === 1
      if (asked > 0 || bytes.includes('pg_is_in_recovery')) asked++
      if (isNext) near.resetAndDestroy()
    })
    const transport = await openTransport(way.url, { claimMs: 1_500 })
    await transport.announce('worker', 'w', 'body')
    await transport.close()
    expect(asked).toBeGreaterThan(2)
    way.close()
  })

  it('that shuts down while a worker takes its leave ends nothing but that', async () => {
    let told = 0
    const way = await wayTo(server.url, (bytes, near) => {
      // The last word of a client; the server's is a FATAL that says that it shuts down.
      if (bytes[0] !== 0x58) return
      const fields = Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0')
      near.write(Buffer.concat([Buffer.from([0x45, 0, 0, 0, fields.length + 4]), fields]))
      told++
    })
    const transport = await openTransport(way.url, { claimMs: 1_500 })
    transport.receive('box', async () => {})
    await pause(1_000)
    await transport.close()
    await pause(300)
    expect(told).toBeGreaterThan(0)
    way.close()
  })
  const as = (user: string, more: { as?: string; path?: string } = {}) =>
    at(server.url, { user, path: '/postgres', ...more })

  it('lets nobody in with another password', async () => {
    await expect
      .poll(async () => (await refusalOf(as('plain', { as: `${password}x` }))).message)
      .toContain('password authentication failed for user "plain"); see that the user and the password')
  })

  it.each([
    ['a role that is none', () => as('nobody'), 'role "nobody" does not exist); see that the user'],
    ['a role that may not come from here', () => as('other'), 'no pg_hba.conf entry'],
    [
      'a database that is none',
      () => as('espalier', { path: '/nowhere' }),
      'database "nowhere" does not exist',
    ],
  ])('lets nobody in as %s', async (_, url, words) => {
    const { code, message } = await refusalOf(url())
    expect(code).toBe('QUEUE_UNREACHABLE')
    expect(message).toContain(words)
    expect(message).toContain('; see that the user')
  })

  it('has no room for one more connection', async () => {
    await client.query('ALTER ROLE full CONNECTION LIMIT 0')
    const { code, message } = await refusalOf(as('full'))
    expect(code).toBe('QUEUE_UNREACHABLE')
    expect(message).toMatch(/too many connections for role "full"\); end what holds its connections/)
  })

  it('takes nothing from a role without rights', async () => {
    const { message } = await refusalOf(as('plain'))
    expect(message).toMatch(/permission denied for .*; give the user of the address the rights that it needs/)
  })

  it('takes nothing where it is read-only', async () => {
    await client.query('ALTER ROLE reader SET default_transaction_read_only = on')
    const { code, message } = await refusalOf(as('reader'))
    expect(code).toBe('QUEUE_REFUSED')
    expect(message).toContain('is read-only for its user); name the server that takes writes')
  })

  it('does not speak TLS', async () => {
    const { code, message } = await refusalOf(`${as('plain')}?sslmode=require`)
    expect(code).toBe('QUEUE_UNREACHABLE')
    expect(message).toContain(
      'does not support SSL connections); see that the user, password, database and TLS',
    )
  })

  it.each(['worker', 'workers'])(
    'without such a database ends espalier %s, without the password',
    async (command) => {
      const cast = castOf(1_500)
      const queue = as('espalier', { path: '/nowhere' })
      const asked = new Espalier([command, '--queue', queue], cast.folder, cast.env)
      const { code } = await asked.ended
      expect(code, asked.stderr).toBe(1)
      expect(asked.stderr).toContain('database "nowhere" does not exist')
      expect(asked.stderr + asked.stdout).not.toContain(password)
    },
  )
})

describe('a server', () => {
  const opened: (Server | Socket)[] = []
  afterAll(() => {
    for (const one of opened) one instanceof Server ? one.close() : one.destroy()
  })

  /** Answers each text that comes in with what is said to it. */
  async function serverOf(answer: (heard: string) => string | Buffer | null): Promise<string> {
    const server = createServer((socket) => {
      opened.push(socket)
      socket.on('error', () => {})
      socket.on('data', (data) => {
        const said = answer(data.toString('latin1'))
        if (said === null) socket.end()
        else socket.write(said)
      })
    })
    opened.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  }

  it('that is a Redis too old for it', async () => {
    const info = 'redis_version:5.0.14\r\nrole:master\r\n'
    const bulk = `$${info.length}\r\n${info}\r\n`
    const where = await serverOf((heard) =>
      [...heard.matchAll(/^(info|auth|client|select)\r$/gim)]
        .map(([, command]) => (command!.toLowerCase() === 'info' ? bulk : '+OK\r\n'))
        .join(''),
    )
    const { code, message } = await refusalOf(`redis://:${password}@${where}`)
    expect(code).toBe('USAGE')
    expect(message).toMatch(/needs Redis 6\.2 or newer \(.* is 5\.0\.14\); update it/)
  })

  it.each([
    ['redis', 'what answers is no Redis'],
    ['rediss', 'what answers does not speak TLS'],
    ['postgres', 'that it is what the address says'],
  ])('that speaks HTTP is no %s', async (kind, words) => {
    const where = await serverOf(() => 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
    const { code, message } = await refusalOf(`${kind}://u:${password}@${where}/0`)
    expect(code).toBe('QUEUE_UNREACHABLE')
    expect(message).toContain(words)
  })

  it.each(['redis', 'rediss', 'postgres'])('that says nothing is no %s', async (kind) => {
    const where = await serverOf(() => '')
    const { code, message } = await refusalOf(`${kind}://u:${password}@${where}/0`)
    expect(code).toBe('QUEUE_UNREACHABLE')
    expect(message).toMatch(/did not answer|timeout/)
    expect(message).toContain('that it is what the address says')
  })
})

it.each([
  'postgres://u:17/Sesame17@127.0.0.1/db',
  'postgres://u:17#Sesame17@127.0.0.1/db',
  'redis://:a/Sesame17@127.0.0.1',
  'redis://:100%Sesame17@127.0.0.1:1',
])('an address whose password is not written as it must be is not repeated (%#)', async (url) => {
  expect((await refusalOf(url)).code).toMatch(/USAGE|QUEUE_UNREACHABLE/)
})
