/**
 * A sweep that is sent to an MLflow server while it runs, by a thread of its own (sender.ts), which follows the record. Nothing of it
 * waits for the server but a program that is to know the id of its own run, which waits a moment, and not where the server is known to
 * be away; and nothing of it fails for the server, or for the thread.
 */
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { EspalierError } from '../../errors.js'
import { createLocalExecutor, type Executor, type ExecutorFactory } from '../../execution/index.js'
import type { RunStore } from '../../tracking/index.js'
import { serverAddress } from './address.js'
import type { ClientOptions } from './client.js'
import { liveServer } from './cursor.js'
import type { FromSender, SenderData, ToSender } from './sender-messages.js'

/** ms that a program waits for its run to be there. */
const usualPatience = 3000
/** ms that it is tried, when the sweep has ended, to send what is left since the server last took something. */
const usualFarewell = 10_000

export interface LiveOptions extends Omit<ClientOptions, 'signal'> {
  readonly store: Pick<RunStore, 'directory'>
  /** Its whole id; it need not have begun. */
  readonly sweep: string
  /** Where its fits run; on this machine unless given. */
  readonly executor?: ExecutorFactory
  /** Told what its user should know. */
  say(message: string): void
  /** ms that a program waits for its run. */
  readonly patience?: number
  /** Another thread, for tests. */
  readonly start?: (data: SenderData) => Worker
}

export interface LiveMirror {
  /**
   * The executor for the sweep: programs find the ids of their own runs in their environment. It is not ready where what is needed to
   * ask a server cannot be read.
   */
  readonly executor: ExecutorFactory
  /**
   * The sweep has ended, one way or another: sends what is left, for as long as the server takes something every `ms`, a minute at
   * most, and no longer than until the signal aborts. Never rejects.
   */
  end(ms?: number, signal?: AbortSignal): Promise<void>
}

type Environment = Readonly<Record<string, string>> | undefined

/**
 * Begins to send a sweep as it goes on. The process ends without it, where `end` is not called.
 * @throws EspalierError USAGE where no server is named, or it is none.
 */
export async function mirrorLive(options: LiveOptions): Promise<LiveMirror> {
  const { store, sweep, executor, say, patience = usualPatience, start = startThread, ...given } = options
  serverAddress(given.url, given.env)
  const client = { ...given, ...(given.env && { env: { ...given.env } }) }
  const worker = start({ store: store.directory, sweep, client, patience })
  const send = (message: ToSender) => worker.postMessage(message)
  const asked = new Map<number, (environment: Environment) => void>()
  let lastId = 0
  let [isEnding, isOver] = [false, false]
  const begun = deferred()
  const over = deferred()

  /** It keeps the process only while something is waited for. */
  function rest(): void {
    if (asked.size === 0 && !isEnding) worker.unref()
  }

  /** Nothing more comes from the thread: whoever waits for it waits no more. */
  function close(): void {
    isOver = true
    begun.resolve()
    over.resolve()
    for (const answer of asked.values()) answer(undefined)
    asked.clear()
    worker.unref()
  }

  function fail(why: string): void {
    if (isOver) return
    close()
    say(
      `warning: the sweep is not sent to MLflow any more: the thread that sends it failed (${why}); espalier sync mlflow ${sweep} sends what is not there`,
    )
  }

  worker.on('message', (message: FromSender) => {
    switch (message.kind) {
      case 'ready':
        begun.resolve()
        return rest()
      case 'refused': {
        const { code, message: text, problems } = message
        begun.reject(new EspalierError(code, text, { problems }))
        return close()
      }
      case 'said':
        return say(message.message)
      case 'answer':
        asked.get(message.id)?.(message.environment)
        asked.delete(message.id)
        return rest()
      case 'done':
        return close()
    }
  })
  worker.on('error', (error) => fail(error.message))
  worker.on('exit', (code) => fail(`it ended with exit code ${code}`))

  function environmentOf(trial: number, attempt: number): Promise<Environment> {
    if (isOver) return Promise.resolve(undefined)
    const id = ++lastId
    worker.ref()
    return new Promise((resolve) => {
      asked.set(id, resolve)
      send({ kind: 'asked', id, trial, attempt })
    })
  }

  return {
    executor: async (setup) => {
      const inner = await (executor ?? createLocalExecutor)(setup)
      return withSender(inner, begun.promise, setup.plan.trainer.kind === 'command' ? environmentOf : null)
    },
    async end(ms = usualFarewell, signal) {
      if (isOver) return
      isEnding = true
      worker.ref()
      send({ kind: 'ended', ms })
      const onAbort = () => send({ kind: 'leave' })
      if (signal?.aborted) onAbort()
      else signal?.addEventListener('abort', onAbort, { once: true })
      await over.promise
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

function deferred() {
  let [resolve, reject] = [() => {}, (_error: Error) => {}]
  const promise = new Promise<void>((yes, no) => {
    ;[resolve, reject] = [yes, no]
  })
  // It may be that nobody waits for it.
  promise.catch(() => {})
  return { promise, resolve, reject }
}

function startThread(workerData: SenderData): Worker {
  return new Worker(createRequire(import.meta.url).resolve('#mlflow-thread'), { workerData, execArgv: [] })
}

/** The URL of the server that a sweep is sent to as it goes, where it was begun so; null else. */
export function mirroredTo(store: RunStore, sweep: string): Promise<string | null> {
  return liveServer(store.mirrorsOf(sweep))
}

/**
 * An executor that is ready when the sender is too, so that whatever it needs is known to be there before anything is recorded. Its fits
 * have variables of their own in their environment, which are asked for when a fit is to begin.
 */
function withSender(
  inner: Executor,
  ready: Promise<void>,
  environmentOf: ((trial: number, attempt: number) => Promise<Environment>) | null,
): Executor {
  return {
    get workers() {
      return inner.workers
    },
    async ready() {
      await Promise.all([inner.ready(), ready])
    },
    close: () => inner.close(),
    async run(request, options) {
      const environment = await environmentOf?.(request.trial, request.attempt)
      return inner.run(environment === undefined ? request : { ...request, environment }, options)
    },
  }
}
