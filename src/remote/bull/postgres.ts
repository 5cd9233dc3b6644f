/** BullMQ on PostgreSQL: one pool for all that is asked, and one connection that hears of new jobs, in a schema of our own. */

import type { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import {
  type BackendFactory,
  type Job,
  PostgresConnection,
  PostgresQueueBackend,
  Queue,
  SchemaMigrationRequiredError,
  UnsupportedPostgresVersionError,
} from 'bullmq'
import { EspalierError } from '../../errors.js'
import type { QueueAddress } from './address.js'
import type { Backing } from './backing.js'
import { Patience } from './patience.js'
import { byServerTime, stampClaims } from './postgres-time.js'
import { isPassing, readOnly, reasonOf, silence, unreachable } from './unreachable.js'
import {
  drainSeconds,
  type OnRenewal,
  queueOptions,
  TellingWorker,
  type WorkerSettings,
  workerOptions,
} from './worker.js'

/** ms that opening waits for an answer, and between two tries. */
const opening = { ms: 5_000, pause: 250 }
/** ms after which a statement without an answer is given up, with its connection. */
const silenceMs = 10_000
const poolSize = 4

/** Names of `sslmode` by what they ask for. Whoever asks for TLS has the server's certificate checked, unless it says not to. */
const tlsModes: Readonly<Record<string, false | { readonly rejectUnauthorized: boolean }>> = {
  disable: false,
  require: { rejectUnauthorized: true },
  'verify-ca': { rejectUnauthorized: true },
  'verify-full': { rejectUnauthorized: true },
  'no-verify': { rejectUnauthorized: false },
}

interface PoolSettings {
  readonly connectionString: string
  readonly ssl?: false | { readonly rejectUnauthorized: boolean; readonly ca?: string }
}

function poolSettings({ url, name }: QueueAddress): PoolSettings {
  const plain = new URL(url)
  const mode = plain.searchParams.get('sslmode')
  const authority = plain.searchParams.get('sslrootcert')
  plain.searchParams.delete('sslmode')
  plain.searchParams.delete('sslrootcert')
  const connectionString = plain.href
  if (mode === null) return { connectionString }
  if (!Object.hasOwn(tlsModes, mode)) {
    throw new EspalierError(
      'USAGE',
      `sslmode must be one of ${Object.keys(tlsModes).join(', ')} (got ${mode} in ${name}); choose one of them`,
    )
  }
  const tls = tlsModes[mode]!
  if (tls === false || authority === null) return { connectionString, ssl: tls }
  try {
    return { connectionString, ssl: { ...tls, ca: readFileSync(authority, 'utf8') } }
  } catch (error) {
    throw new EspalierError(
      'FILE_NOT_READABLE',
      `sslrootcert must be a file of certificates (${authority}: ${reasonOf(error)}); name one that is there`,
    )
  }
}

export async function openPostgres(address: QueueAddress, prefix: string): Promise<Backing> {
  const settings = poolSettings(address)
  const deadline = Date.now() + opening.ms
  let last: unknown = null
  for (let migrate = false; ; ) {
    const connection = connect(settings, prefix, migrate)
    try {
      await inTime(ready(connection, address.name), deadline - Date.now())
      return new PostgresBacking(address.name, connection)
    } catch (error) {
      void connection.close().catch(() => {})
      if (error instanceof EspalierError) throw error
      if (error instanceof UnsupportedPostgresVersionError) {
        throw new EspalierError(
          'USAGE',
          `a queue needs PostgreSQL 13 or newer (${address.name} is ${error.serverVersion}); update it, or use Redis`,
        )
      }
      if (error instanceof SchemaMigrationRequiredError && !migrate) migrate = true
      else if (!isPassing(error)) throw unreachable(address.name, error)
      // A try that the time ran out on says less than the one before it.
      else if (Date.now() + opening.pause > deadline) throw unreachable(address.name, last ?? error)
      else {
        last = error
        await new Promise((resolve) => setTimeout(resolve, opening.pause))
      }
    }
  }
}

/** Resolves when it can be worked with. Throws QUEUE_REFUSED where it takes no writes. */
async function ready(connection: PostgresConnection, name: string): Promise<void> {
  const { rows } = await connection.pool.query(
    `SELECT pg_is_in_recovery() AS standby, current_setting('default_transaction_read_only') AS only`,
  )
  const [{ standby = false, only = 'off' } = {}] = rows as { standby?: boolean; only?: string }[]
  if (standby) throw readOnly(name, 'a standby of another')
  if (only === 'on') throw readOnly(name, 'read-only for its user')
  await connection.waitUntilReady()
}

function connect(settings: PoolSettings, schema: string, migrate: boolean): PostgresConnection {
  const connection = new PostgresConnection({
    ...settings,
    schema,
    migrate,
    max: poolSize,
    keepAlive: true,
    connectionTimeoutMillis: opening.ms,
    query_timeout: silenceMs,
    application_name: 'espalier',
  })
  connection.on('error', () => {})
  // Whoever has taken one out hears of its end by its statement; told of nowhere else, it would end the process.
  connection.pool.on('connect', (client) => void client.on('error', () => {}))
  return connection
}

async function inTime<T>(answer: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(silence()), Math.max(0, ms))
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * The backend of one queue on a connection that many share. BullMQ's own way to one has a connection and a pool for every worker,
 * of which a server has a hundred.
 */
class SharedBackend extends PostgresQueueBackend {
  constructor(
    connection: PostgresConnection,
    name: string,
    options: ConstructorParameters<typeof PostgresQueueBackend>[2],
  ) {
    super(connection, name, options, false)
    const ask = this as unknown as {
      query(text: string, params: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
    }
    const query = ask.query.bind(this)
    ask.query = async (text, params) => {
      const askedAt = Date.now()
      try {
        const answer = await query(byServerTime(text), params)
        if (answer.rows.length > 0) stampClaims(answer.rows, askedAt)
        return answer
      } catch (error) {
        throw isPassing(error) ? asConnectionError(error) : error
      }
    }
  }

  /**
   * After a failure BullMQ waits to be woken for as long as it may: by a connection that may be silent, for an hour unless this says
   * less.
   */
  override get maximumBlockTimeout(): number {
    return drainSeconds
  }

  /** The connection that hears of new jobs is another: what waited on the old one would wait for ever. */
  async listenAnew(): Promise<void> {
    await this.disconnectBlocking()
    await this.reconnectBlocking()
  }
}

/** BullMQ tries again what failed for this reason alone, and lets go of a job that it could not finish for another. */
function asConnectionError(error: unknown): Error {
  return Object.assign(new Error(reasonOf(error), { cause: error }), { code: 'ECONNREFUSED' })
}

type Query = (text: string, params?: unknown[]) => Promise<unknown>

interface ListenClient extends EventEmitter {
  query: Query
  readonly connection: { readonly stream: { destroy(): void } }
}

/** The one connection that hears of new jobs: nothing is asked on it for long, so that nobody would find out that it is silent. */
class Listener {
  readonly client: ListenClient
  readonly #query: Query
  #last: Promise<unknown> = Promise.resolve()

  constructor(client: ListenClient) {
    this.client = client
    // Every worker that waits for a job listens to it.
    client.setMaxListeners(0)
    this.#query = client.query.bind(client)
    // One at a time: pg warns of more.
    client.query = (text, params) => this.#ask(text, params)
  }

  #ask(text: string, params?: unknown[]): Promise<unknown> {
    const answer = this.#last.then(() => this.#query(text, params))
    this.#last = answer.catch(() => {})
    return answer
  }

  /** Throws it away where it does not answer: another takes its place. */
  async check(): Promise<void> {
    await this.#ask('SELECT 1').catch(() => this.client.connection.stream.destroy())
  }
}

class PostgresBacking implements Backing {
  readonly deadWaitApart = false
  readonly name: string
  readonly warnings: readonly string[] = []
  readonly #connection: PostgresConnection
  readonly #patience: Patience
  readonly #factory: BackendFactory<SharedBackend>
  readonly #workers = new Map<TellingWorker, SharedBackend>()
  #listener: Listener | null = null

  constructor(name: string, connection: PostgresConnection) {
    this.name = name
    this.#connection = connection
    this.#patience = new Patience(name, async () => {
      await Promise.all([connection.pool.query('SELECT 1'), this.#listener?.check()])
    })
    connection.on('error', () => this.#patience.lost())
    const listen = connection.getListenClient.bind(connection)
    connection.getListenClient = async () => {
      const client = (await listen()) as unknown as ListenClient
      if (this.#listener?.client !== client) this.#listener = new Listener(client)
      return client as never
    }
    this.#factory = (queue, options) => new SharedBackend(connection, queue, options as never)
    connection.on('listenerinvalidated', () => {
      for (const backend of this.#workers.values()) void backend.listenAnew().catch(() => {})
    })
  }

  get reachable(): boolean {
    return this.#patience.reachable
  }

  queue(name: string): Queue {
    const queue = new Queue(
      name,
      {
        connection: {},
        ...queueOptions,
      },
      this.#factory as never,
    )
    queue.on('error', () => {})
    return queue
  }

  worker(
    name: string,
    work: ((job: Job, token: string) => Promise<unknown>) | null,
    settings: WorkerSettings,
    onRenewal?: OnRenewal,
  ): TellingWorker {
    const worker = new TellingWorker(
      name,
      work === null ? null : (job, token) => work(job, token!),
      { ...workerOptions(settings), connection: {} },
      this.#factory as never,
      onRenewal,
    )
    this.#workers.set(worker, worker.getBackend() as unknown as SharedBackend)
    return worker
  }

  async closeWorker(worker: TellingWorker): Promise<void> {
    this.#workers.delete(worker)
    await worker.closeSoon(!this.reachable)
  }

  async time(): Promise<number> {
    const { rows } = await this.#connection.pool.query(
      'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now',
    )
    return Number(rows[0]!.now)
  }

  async queueNames(beginning: string): Promise<string[]> {
    const { rows } = await this.#connection.pool.query(
      ['meta', 'job', 'event']
        .map((table) => `SELECT queue FROM ${table} WHERE starts_with(queue, $1)`)
        .join(' UNION '),
      [beginning],
    )
    return rows.map(({ queue }) => String(queue))
  }

  patiently<T>(ask: () => Promise<T>): Promise<T> {
    return this.#patience.ask(ask)
  }

  async close(): Promise<void> {
    this.#patience.close()
    const closed = this.#connection.close()
    // Which takes all of its listeners away, while it may still fail.
    this.#listener?.client.on('error', () => {})
    await inTime(closed, opening.pause).catch(() => {})
  }
}
