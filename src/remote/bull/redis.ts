/** BullMQ on Redis: one connection for all that is asked, and one for each worker, which blocks on it. */

import { type Job, Queue } from 'bullmq'
import { Redis, type RedisOptions } from 'ioredis'
import { EspalierError } from '../../errors.js'
import type { QueueAddress } from './address.js'
import type { Backing } from './backing.js'
import { Patience } from './patience.js'
import { isPassing, readOnly, silence, TurnedAway, unreachable } from './unreachable.js'
import { type OnRenewal, queueOptions, TellingWorker, type WorkerSettings, workerOptions } from './worker.js'

/** ms that opening waits for an answer. */
const openingMs = 5_000
/** ms without an answer after which a connection is given up and made anew: longer than workers block. */
const silenceMs = 10_000
const oldestRedis = [6, 2] as const

export async function openRedis(address: QueueAddress, prefix: string): Promise<Backing> {
  const options: RedisOptions = {
    lazyConnect: true,
    // Null: whatever is asked waits until it is answered, across reconnections.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(50 * times, 1_000),
    connectTimeout: openingMs,
    socketTimeout: silenceMs,
    keepAlive: silenceMs,
    // A server that takes no writes any more was another's place once: its name may lead to that other now.
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
  }
  const client = new Redis(address.url.href, options)
  let last: unknown = silence()
  const remember = (error: unknown) => {
    last = error
  }
  client.on('error', remember)
  try {
    const info = await firstAnswer(client, () => last)
    const warnings = judge(address.name, info)
    return new RedisBacking(address.name, client, prefix, warnings)
  } catch (error) {
    client.disconnect()
    throw error instanceof EspalierError ? error : unreachable(address.name, error)
  }
}

/** Its answer to INFO, tried for as long as opening may take. */
async function firstAnswer(client: Redis, last: () => unknown): Promise<string> {
  return new Promise((resolve, reject) => {
    // Connected to, and closed before it answered: what it does to those it does not let in.
    let connected = false
    let turnedAway = false
    const onConnect = () => {
      connected = true
    }
    const onClose = () => {
      turnedAway = connected
      connected = false
    }
    client.on('connect', onConnect)
    client.on('close', onClose)
    const timer = setTimeout(() => reject(turnedAway ? new TurnedAway() : last()), openingMs)
    const look = (error: unknown) => {
      if (isPassing(error)) return
      clearTimeout(timer)
      reject(error)
    }
    client.on('error', look)
    // The first connection may fail where a later one does not: those that come after are made by the client itself.
    client.connect().catch(() => {})
    client
      .info()
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer)
        client.off('error', look)
        client.off('connect', onConnect)
        client.off('close', onClose)
      })
  })
}

/** Refuses a Redis that is too old, takes no writes, or is one of a cluster; answers what to warn of. */
function judge(name: string, info: string): string[] {
  const field = (key: string) => new RegExp(`^${key}:(.*)$`, 'm').exec(info)?.[1]?.trim() ?? null
  const version = field('redis_version')
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number)
  if (version !== null && (major < oldestRedis[0] || (major === oldestRedis[0] && minor < oldestRedis[1]))) {
    throw new EspalierError(
      'USAGE',
      `a queue needs Redis ${oldestRedis.join('.')} or newer (${name} is ${version}); update it, or use PostgreSQL`,
    )
  }
  if (field('role') === 'slave' && field('slave_read_only') !== '0')
    throw readOnly(name, `a read-only replica of ${field('master_host')}:${field('master_port')}`)
  if (field('redis_mode') === 'cluster') {
    throw new EspalierError(
      'USAGE',
      `a queue must be on one Redis (${name} is one of a cluster, which does not keep together what belongs together); name a Redis of its own, or a PostgreSQL`,
    )
  }
  const policy = field('maxmemory_policy')
  const limited = Number(field('maxmemory') ?? 0) > 0
  if (policy === null || policy === 'noeviction' || !limited) return []
  return [
    `${name} forgets keys when its memory is full (maxmemory-policy ${policy}): fits and messages would be lost; set maxmemory-policy noeviction`,
  ]
}

class RedisBacking implements Backing {
  readonly deadWaitApart = true
  readonly name: string
  readonly warnings: readonly string[]
  readonly #client: Redis
  readonly #prefix: string
  readonly #patience: Patience
  /** The connections that workers block on. */
  readonly #blocking = new Set<Redis>()

  constructor(name: string, client: Redis, prefix: string, warnings: readonly string[]) {
    this.name = name
    this.warnings = warnings
    this.#client = client
    this.#prefix = prefix
    this.#patience = new Patience(name, () => client.ping())
    client.on('ready', () => this.#patience.found())
    client.on('close', () => this.#patience.lost())
    // Every queue and worker listens to the one connection.
    client.setMaxListeners(0)
    const duplicate = client.duplicate.bind(client)
    client.duplicate = (override) => {
      const copy = duplicate({ ...override, lazyConnect: false })
      copy.on('error', () => {})
      this.#blocking.add(copy)
      copy.once('end', () => this.#blocking.delete(copy))
      return copy
    }
  }

  get reachable(): boolean {
    return this.#patience.reachable
  }

  queue(name: string): Queue {
    const queue = new Queue(name, {
      connection: this.#client,
      prefix: this.#prefix,
      skipVersionCheck: true,
      ...queueOptions,
    })
    queue.on('error', () => {})
    return queue
  }

  worker(
    name: string,
    work: ((job: Job, token: string) => Promise<unknown>) | null,
    settings: WorkerSettings,
    onRenewal?: OnRenewal,
  ): TellingWorker {
    return new TellingWorker(
      name,
      work === null ? null : (job, token) => work(job, token!),
      {
        ...workerOptions(settings),
        connection: this.#client,
        prefix: this.#prefix,
        skipVersionCheck: true,
      },
      undefined,
      onRenewal,
    )
  }

  async closeWorker(worker: TellingWorker): Promise<void> {
    await worker.closeSoon(!this.reachable)
  }

  async time(): Promise<number> {
    const [seconds, microseconds] = await this.#client.time()
    return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)
  }

  async queueNames(beginning: string): Promise<string[]> {
    const names = new Set<string>()
    const from = this.#prefix.length + 1
    let cursor = '0'
    do {
      const [next, keys] = await this.#client.scan(
        cursor,
        'MATCH',
        `${this.#prefix}:${beginning}*`,
        'COUNT',
        1000,
      )
      for (const key of keys) names.add(key.slice(from).split(':', 1)[0]!)
      cursor = next
    } while (cursor !== '0')
    return [...names]
  }

  patiently<T>(ask: () => Promise<T>): Promise<T> {
    return this.#patience.ask(ask)
  }

  async close(): Promise<void> {
    this.#patience.close()
    for (const client of [this.#client, ...this.#blocking]) client.disconnect()
  }
}
