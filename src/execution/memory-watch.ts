/**
 * Watches what each worker thread holds: its heap and, what V8's own limit leaves out, its Buffers and typed
 * arrays. A thread is asked through the inspector, whose requests interrupt even a synchronous loop.
 *
 * It is also gentler than V8's limit: a single allocation far beyond that (a huge array that grows) ends the
 * whole process, not the thread. With a watch the limit of V8 can lie higher, and the watch comes first.
 *
 * Costs one reading of the process's resident memory every INTERVAL; threads are asked only while that shows
 * that one of them could be over the limit.
 */
import type { Session } from 'node:inspector'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread } from 'node:worker_threads'

/** ms between two readings. */
const interval = 25
/** ms a thread that had to collect garbage to come within its limit is left alone. */
const restMs = 250
/** Name of the symbol under which a worker's global scope has the function that measures it. */
const heldBytes = 'espalier.held'
const megabyte = 2 ** 20
/** Megabytes a heap may grow beyond its limit before V8 acts itself: a second of the fastest growth. */
export const watchRoom = 2048

interface Watched {
  readonly thread: number
  asked: boolean
  restUntil: number
}

/** Whether threads can be asked: the inspector sees the workers of the main thread only. */
export const canWatch = isMainThread

/** In a worker, once, before any trainer is loaded: lets the main thread's watch measure this thread. */
export function allowWatching(): void {
  // The only way to a collection on demand. The flag is the process's: taken back, it would be taken from
  // another worker that is about to use it.
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const bytes = () => {
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  Object.defineProperty(globalThis, Symbol.for(heldBytes), {
    /** Bytes held, with a sign: negative where it took a collection to come within the limit. */
    value: (limit: number): number => {
      const held = bytes()
      if (held <= limit) return held
      collect()
      const kept = bytes()
      return kept > limit ? kept : -kept
    },
  })
}

export class MemoryWatch {
  readonly #limit: number
  readonly #onExceeded: (thread: number) => void

  #session: Session | null = null
  #timer: NodeJS.Timeout | undefined
  readonly #watched = new Map<string, Watched>()
  readonly #replies = new Map<number, (result: unknown) => void>()
  #requests = 0
  /** Resident bytes when nothing ran yet. */
  #base = 0

  /** Calls `onExceeded` with the id of a thread that holds more than `limit` megabytes. */
  constructor(limit: number, onExceeded: (thread: number) => void) {
    this.#limit = limit
    this.#onExceeded = onExceeded
  }

  async start(): Promise<void> {
    const inspector = await import('node:inspector')
    this.#base = process.memoryUsage.rss()
    this.#timer = setInterval(() => this.#look(inspector), interval)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#session?.disconnect()
    this.#session = null
  }

  #look(inspector: typeof import('node:inspector')): void {
    if (process.memoryUsage.rss() - this.#base < this.#limit * megabyte) return
    this.#session ??= this.#connect(inspector)
    for (const [id, watched] of this.#watched)
      if (!watched.asked && performance.now() >= watched.restUntil) void this.#examine(id, watched)
  }

  async #examine(id: string, watched: Watched): Promise<void> {
    watched.asked = true
    const limit = this.#limit * megabyte
    const expression = `globalThis[Symbol.for('${heldBytes}')]?.(${limit})`
    const reply = (await this.#ask(id, 'Runtime.evaluate', { expression })) as {
      result?: { value?: unknown }
    } | null
    const held = reply?.result?.value
    if (typeof held === 'number' && held > limit) this.#onExceeded(watched.thread)
    else if (typeof held === 'number' && held < 0) watched.restUntil = performance.now() + restMs
    watched.asked = false
  }

  #ask(sessionId: string, method: string, params: object): Promise<unknown> {
    const id = ++this.#requests
    return new Promise((resolve) => {
      this.#replies.set(id, resolve)
      const message = JSON.stringify({ id, method, params })
      // An error: the thread is gone.
      this.#session?.post('NodeWorker.sendMessageToWorker', { sessionId, message }, (error) => {
        if (error) this.#reply(id, null)
      })
    })
  }

  #reply(id: number, result: unknown): void {
    this.#replies.get(id)?.(result)
    this.#replies.delete(id)
  }

  #connect(inspector: typeof import('node:inspector')): Session {
    const session = new inspector.Session()
    session.connect()
    session.on('NodeWorker.attachedToWorker', ({ params }) => {
      const thread = /\[worker (\d+)\]/.exec(params.workerInfo.title)
      if (thread)
        this.#watched.set(params.sessionId, { thread: Number(thread[1]), asked: false, restUntil: 0 })
    })
    session.on('NodeWorker.detachedFromWorker', ({ params }) => this.#watched.delete(params.sessionId))
    session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
      const { id, result } = JSON.parse(params.message) as { id?: number; result?: unknown }
      if (id !== undefined) this.#reply(id, result)
    })
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false })
    return session
  }
}
