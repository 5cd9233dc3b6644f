/**
 * Servers of their own for tests of remote execution: a Redis and a PostgreSQL that can be stopped, killed, frozen and started again.
 * They listen on 127.0.0.1 at a free port, with their data in a temporary folder.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, readdirSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import type { Redis } from 'ioredis'
import pg from 'pg'
import { temporaryFolder } from '../temporary.js'

export interface TestServer {
  readonly url: string
  /** Ends it as its owner would, what it holds written. */
  stop(): Promise<void>
  /** Ends it by SIGKILL. */
  kill(): Promise<void>
  /** Starts it again with the data it had, at the same address; whatever state it is in. */
  restart(): Promise<void>
  /** Freezes it (SIGSTOP): it keeps its connections and answers nothing. */
  pause(): void
  continue(): void
}

function onPath(program: string): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, program)
    if (folder !== '' && existsSync(path)) return path
  }
  return null
}

/** Why there is no Redis to be had here; null where there is. */
export const noRedis: string | null = onPath('redis-server') === null ? 'no redis-server on the PATH' : null

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited a minute for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise<void>((resolve) => child.once('exit', () => resolve()))
}

/** A server that is one process started by `start`, which resolves when it answers. */
class ServerProcess implements TestServer {
  readonly url: string
  readonly #start: () => ChildProcess
  readonly #ready: () => Promise<boolean>
  readonly #stopSignal: NodeJS.Signals
  #child: ChildProcess | null = null

  constructor(
    url: string,
    start: () => ChildProcess,
    ready: () => Promise<boolean>,
    stopSignal: NodeJS.Signals,
  ) {
    this.url = url
    this.#start = start
    this.#ready = ready
    this.#stopSignal = stopSignal
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === null) return
    this.#child = null
    child.kill('SIGCONT')
    child.kill(signal)
    await ended(child)
    running.delete(child)
  }

  stop(): Promise<void> {
    return this.#end(this.#stopSignal)
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  async restart(): Promise<void> {
    await this.stop()
    const child = this.#start()
    running.add(child)
    this.#child = child
    await until(`the server at ${this.url}`, async () => {
      if (child.exitCode !== null) throw new Error(`the server at ${this.url} ended with ${child.exitCode}`)
      return this.#ready()
    })
  }

  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  continue(): void {
    this.#child?.kill('SIGCONT')
  }
}

/** A Redis of its own; with `tls`, options of it, it speaks nothing else; with `aof` it remembers across restarts, each command on disk before it is answered. */
export async function startRedis(
  options: { aof?: boolean; more?: string[]; tls?: string[] } = {},
): Promise<TestServer> {
  const port = await freePort()
  const aof = options.aof ?? true
  const server = new ServerProcess(
    `redis://127.0.0.1:${port}`,
    () =>
      spawn(
        'redis-server',
        [
          ...(options.tls
            ? ['--port', '0', '--tls-port', String(port), ...options.tls]
            : ['--port', String(port)]),
          ...['--bind', '127.0.0.1', '--save', '', '--dir', folder],
          ...['--appendonly', aof ? 'yes' : 'no', '--appendfsync', aof ? 'always' : 'no'],
          ...(options.more ?? []),
        ],
        { stdio: 'ignore' },
      ),
    () => answers(port),
    'SIGTERM',
  )
  const folder = temporaryFolder()
  await server.restart()
  return server
}

/** Ends the connections that block on a Redis, as soon as they are so many, and lets nobody in again. */
export async function shutOut(admin: Redis, count: number): Promise<void> {
  let blocking: number[] = []
  await until(`${count} connections that block`, async () => {
    const clients = String(await admin.client('LIST'))
    blocking = [...clients.matchAll(/^id=(\d+) .* cmd=bzpopmin /gm)].map((match) => Number(match[1]))
    return blocking.length === count
  })
  await admin.config('SET', 'maxclients', 1)
  for (const id of blocking) await admin.client('KILL', 'ID', id)
}

const postgresPlaces = '/usr/lib/postgresql'

function postgresBinaries(): string | null {
  const path = onPath('initdb')
  if (path !== null) return join(path, '..')
  if (!existsSync(postgresPlaces)) return null
  const versions = readdirSync(postgresPlaces).sort((a, b) => Number(b) - Number(a))
  for (const version of versions) {
    const folder = join(postgresPlaces, version, 'bin')
    if (existsSync(join(folder, 'initdb'))) return folder
  }
  return null
}

/** The user that PostgreSQL runs as where we are root, as whom it refuses to. */
function postgresUser(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null
  try {
    const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }).trim())
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    return null
  }
}

/** Why no PostgreSQL of our own can be started here; null where one can. */
export const noPostgres: string | null =
  postgresBinaries() === null
    ? 'no initdb of PostgreSQL found'
    : process.getuid?.() === 0 && postgresUser() === null
      ? 'PostgreSQL does not run as root, and there is no user postgres'
      : null

/** A PostgreSQL of its own, with the user `espalier` and the database `postgres`. */
export async function startPostgres(): Promise<TestServer> {
  const binaries = postgresBinaries()!
  const user = postgresUser()
  const port = await freePort()
  const folder = temporaryFolder()
  if (user !== null) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  execFileSync(join(binaries, 'initdb'), ['-D', data, '-U', 'espalier', '-A', 'trust', '-N'], {
    stdio: 'ignore',
    cwd: folder,
    ...(user ?? {}),
  })
  const url = `postgres://espalier@127.0.0.1:${port}/postgres`
  // Its port is open before it lets anybody in.
  const ready = async (): Promise<boolean> => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
    client.on('error', () => {})
    try {
      await client.connect()
      return true
    } catch {
      return false
    } finally {
      await client.end().catch(() => {})
    }
  }
  const server = new ServerProcess(
    url,
    () =>
      spawn(
        join(binaries, 'postgres'),
        ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-c', 'max_connections=200'],
        { stdio: 'ignore', cwd: folder, ...(user ?? {}) },
      ),
    ready,
    'SIGINT',
  )
  await server.restart()
  return server
}
