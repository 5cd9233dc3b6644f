/** What the benches of remote execution run on: a Redis of their own, and workers as processes of their own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const processes = new Set<ChildProcess>()
process.once('exit', () => {
  for (const one of processes) one.kill('SIGKILL')
})

function keep(child: ChildProcess): ChildProcess {
  processes.add(child)
  child.once('exit', () => processes.delete(child))
  return child
}

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

export interface Queue {
  readonly url: string
  /** Commands answered and ms of processor time since it was started. */
  spent(): Promise<{ commands: number; ms: number; bytes: number }>
  connections(): Promise<number>
  close(): Promise<void>
}

/** A Redis as docs/machines.md asks for: with an append-only file, written to the disk each second. */
export async function startQueue(): Promise<Queue> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'espalier-bench-queue-'))
  const settings = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes', '--dir', folder]
  const child = keep(
    spawn('redis-server', ['--port', String(port), ...settings], { stdio: 'ignore' }).on('error', () => {
      console.error('bench:remote needs a redis-server on the PATH')
      process.exit(1)
    }),
  )
  const client = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: null })
  client.on('error', () => {})
  await client.ping()
  const field = (info: string, name: string) => Number(new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1])
  return {
    url: `redis://127.0.0.1:${port}`,
    async spent() {
      const info = await client.info('all')
      return {
        commands: field(info, 'total_commands_processed'),
        ms: 1000 * (field(info, 'used_cpu_user') + field(info, 'used_cpu_sys')),
        bytes: field(info, 'total_net_input_bytes') + field(info, 'total_net_output_bytes'),
      }
    },
    async connections() {
      return field(await client.info('clients'), 'connected_clients')
    },
    async close() {
      client.disconnect()
      child.kill('SIGKILL')
      await new Promise((resolve) => child.once('exit', resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export interface Workers {
  /** ms of processor time of all of them; NaN where the system has no /proc. */
  processorMs(): number
  /** Ends them as SIGTERM does. */
  close(): Promise<void>
}

/** Of a process, on Linux: its 14th and 15th entries count hundredths of a second. */
function processorMs(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return 10 * (Number(fields[11]) + Number(fields[12]))
  } catch {
    return Number.NaN
  }
}

/** Workers that serve a queue: resolves when all of them say that they do. */
export async function startWorkers(
  queue: string,
  count: number,
  seats: number,
  environment: NodeJS.ProcessEnv = {},
): Promise<Workers> {
  const cache = mkdtempSync(join(tmpdir(), 'espalier-bench-cache-'))
  const env = { ...process.env, ...environment, ESPALIER_CACHE: cache }
  const started = Array.from({ length: count }, () =>
    keep(
      spawn(process.execPath, [program, 'worker', '--queue', queue, '--seats', String(seats)], {
        env,
        stdio: ['ignore', 'ignore', 'pipe'],
      }),
    ),
  )
  await Promise.all(
    started.map(
      (child) =>
        new Promise<void>((resolve, reject) => {
          let said = ''
          child.stderr!.on('data', (chunk) => {
            said += chunk
            if (said.includes('serves')) resolve()
          })
          child.once('exit', () => reject(new Error(`a worker ended:\n${said}`)))
        }),
    ),
  )
  return {
    processorMs: () => started.reduce((sum, { pid }) => sum + processorMs(pid!), 0),
    async close() {
      const alive = started.filter((child) => child.exitCode === null && child.signalCode === null)
      const ends = alive.map((child) => new Promise((resolve) => child.once('exit', resolve)))
      for (const child of alive) child.kill('SIGTERM')
      await Promise.all(ends)
      rmSync(cache, { recursive: true, force: true })
    },
  }
}
