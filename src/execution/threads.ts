/**
 * The threads of a pool (piscina): started, given the trainer, watched for memory, ended and replaced. What they
 * work on is not known here.
 *
 * Tasks are sent to a thread by name and one at a time, so that whose task a thread runs is always known, and a
 * thread can be ended without touching any other. minThreads = maxThreads, so that a thread that ends is always
 * replaced; the one that replaces it gets its seat.
 *
 * The memory limit holds for a worker's heap, Buffers and typed arrays together (memory-watch.ts). Where an
 * executor is made outside the main thread no watch is possible, and only V8's limit of the heap holds.
 */
import { EventEmitter } from 'node:events'
import { getHeapStatistics } from 'node:v8'
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { Piscina } from 'piscina'
import { EspalierError } from '../errors.js'
import { tooManyFiles } from '../too-many-files.js'
import type { FitPlan } from '../training/index.js'
import { isJsonObject } from '../values.js'
import { compiledFile } from './compiled.js'
import { LiveThread } from './live-threads.js'
import { canWatch, MemoryWatch, watchRoom } from './memory-watch.js'
import { usualStartLimit } from './options.js'
import type { OpenReply, Task, ToWorker, WorkerData } from './protocol.js'
import { Seats } from './seats.js'
import { exitCode, isOutOfMemory } from './thread-death.js'
import { describeThrown } from './thrown.js'
import type { ExecutorOptions } from './types.js'
import { revived } from './worker-error.js'

/** Starting the threads anew is given up after this many failures in a row. */
const mostFailedStarts = 3
/** ms `close` waits for threads to end; one inside a system call cannot be ended sooner, and is left behind. */
const closeLimit = 1000
/** ms beyond the limit of a thread's start after which all of them together are late. */
const startRoom = 5000

/** Piscina's handle of a thread. */
interface Handle {
  readonly id: number
  readonly destroyed: boolean
}

/** What the threads tell their owner. */
export interface ThreadEvents {
  /** A thread has opened the trainer, and waits for its first task. */
  onOpened(thread: Thread): void
  onMessage(thread: Thread, message: unknown): void
  /** A thread held more memory than it may, and has been ended. */
  onMemoryExceeded(thread: Thread): void
  /** No thread can be had any more, after the start had gone well. */
  onBroken(error: EspalierError): void
}

/** One thread: it opens the trainer, then does one task after another until it is ended. */
export class Thread {
  state: 'opening' | 'free' | 'busy' | 'ended' = 'opening'
  /** Its seat, which it has before it opens the trainer; −1 until then. */
  seat = -1
  /** How many tasks it has been given, its opening not counted. */
  tasks = 0
  /** Folds on whose rows it has fitted. */
  readonly folds = new Set<number>()
  /** A task of piscina's is under way in it. */
  tasked = false
  /** Piscina ends the thread of a running task when this emits `abort`. Far cheaper than an AbortSignal. */
  readonly stop = new EventEmitter()
  readonly id: number

  constructor(
    readonly handle: Handle,
    readonly live: LiveThread | null,
    readonly port: MessagePort,
  ) {
    this.id = handle.id
  }

  /** Free, and not about to be found dead. */
  get idle(): boolean {
    return this.state === 'free' && !this.handle.destroyed
  }

  say(message: ToWorker): void {
    if (this.state === 'busy') this.port.postMessage(message)
  }
}

export class Threads {
  readonly #options: ExecutorOptions
  readonly #events: ThreadEvents
  readonly #threads = new Set<Thread>()
  /** Those that have not ended, though they may have been told to. */
  readonly #living = new Set<LiveThread>()
  readonly seats: Seats
  readonly #watch: MemoryWatch | null
  /** Megabytes a worker may hold. */
  readonly memoryLimit: number
  #pool: Piscina | null = null
  #queueOptions: symbol = Symbol()
  #started = false
  #closed = false
  #broken = false
  #failedStarts = 0
  #startWaiters: { resolve: () => void; reject: (error: EspalierError) => void } | null = null
  #respawn: NodeJS.Timeout | undefined

  constructor(options: ExecutorOptions, events: ThreadEvents) {
    this.#options = options
    this.#events = events
    this.seats = new Seats(options, options.startLimit ?? usualStartLimit, {
      onHeld: (error) => {
        if (this.#closed || this.#broken) return
        this.#broken = true
        events.onBroken(error)
        void this.#destroy()
      },
    })
    const { memoryLimit } = options
    if (memoryLimit !== null && !(memoryLimit >= 1))
      throw new EspalierError('USAGE', `"memoryLimit" must be at least 1 megabyte (got ${memoryLimit})`)
    this.memoryLimit = memoryLimit ?? Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20)
    this.#watch = canWatch ? new MemoryWatch(this.memoryLimit, (id) => this.#onMemoryExceeded(id)) : null
  }

  [Symbol.iterator](): Iterator<Thread> {
    return this.#threads[Symbol.iterator]()
  }

  /** Resolves when every thread has opened the trainer; rejects with why one cannot. */
  async start(): Promise<void> {
    const { Piscina } = await import('piscina')
    if (this.#closed) throw closedMeanwhile()
    const { plan, memoryLimit, workers } = this.#options
    this.#queueOptions = Piscina.queueOptionsSymbol
    const symbol = Piscina.queueOptionsSymbol
    const pool = new Piscina({
      filename: compiledFile('#worker-entry'),
      minThreads: workers,
      maxThreads: workers,
      concurrentTasksPerWorker: 1,
      // Workers keep an event loop between fits: an earlier fit's leftovers surface there, not in the next fit.
      atomics: 'disabled',
      recordTiming: false,
      workerData: { plan } satisfies WorkerData,
      resourceLimits: memoryLimit === null ? {} : { maxOldGenerationSizeMb: this.#heapLimit(memoryLimit) },
      loadBalancer: (task, workers) => {
        const options = (task as unknown as Record<symbol, unknown>)[symbol] as { thread: number } | null
        for (const worker of workers) if (worker.id === options?.thread) return worker
        return null
      },
    })
    this.#pool = pool
    // An idle thread that dies (of an earlier fit's leftovers) costs nobody anything: it is replaced.
    pool.on('error', () => {})
    pool.on('workerCreate', (handle) => this.#add(handle))
    pool.on('workerDestroy', () => this.#sweep())
    const limit = this.#startLimit
    let timer: NodeJS.Timeout | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        this.#startWaiters = { resolve, reject }
        timer = setTimeout(() => reject(startedLate(limit)), limit + startRoom)
      })
    } catch (error) {
      this.#broken = true
      await this.#destroy()
      throw error
    } finally {
      clearTimeout(timer)
    }
    await this.#watch?.start()
    this.#started = true
  }

  /** Gives a thread its next task; rejects where the thread dies of it, or is ended meanwhile. */
  async send(thread: Thread, task: Task, transferList: MessagePort[] = []): Promise<unknown> {
    const addressed = { ...task, [this.#queueOptions]: { thread: thread.id } }
    thread.tasked = true
    try {
      return await this.#pool!.run(addressed, { transferList, signal: thread.stop as never })
    } finally {
      thread.tasked = false
    }
  }

  /** Ends a thread, whatever it is doing. Another one is started in its place. */
  end(thread: Thread): void {
    if (thread.state === 'ended') return
    // Only a running task can be aborted: an idle thread is given one for it.
    if (!thread.tasked && !thread.handle.destroyed) this.send(thread, { kind: 'end' }).catch(() => {})
    this.#retire(thread)
    void thread.live?.end(closeLimit)
    thread.stop.emit('abort')
  }

  #retire(thread: Thread): void {
    if (thread.seat >= 0 && thread.state !== 'ended')
      this.seats.free(thread.seat, thread.live?.gone() ?? Promise.resolve())
    thread.state = 'ended'
    thread.port.close()
    this.#threads.delete(thread)
    if (this.#threads.size > 0 || this.#closed || this.#broken || !this.#started) return
    // Piscina starts no thread after one that died in its first moments.
    clearTimeout(this.#respawn)
    const limit = this.#startLimit
    this.#respawn = setTimeout(() => {
      this.#failedStarts = mostFailedStarts
      this.#onFailedStart(startedLate(limit))
    }, limit)
    this.#respawn.unref()
  }

  /** Messages come by another way than replies: those on the way when a reply arrives are heard first. */
  hearOut(thread: Thread): void {
    for (;;) {
      const received = receiveMessageOnPort(thread.port)
      if (!received) return
      this.#hear(thread, received.message)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#startWaiters?.reject(closedMeanwhile())
    await this.#destroy()
  }

  #hear(thread: Thread, message: unknown): void {
    const { kind, systemName } = isJsonObject(message) ? message : {}
    if (kind !== 'begun') this.#events.onMessage(thread, message)
    else thread.live?.setSystemName(systemName)
  }

  get #startLimit(): number {
    return this.#options.startLimit ?? usualStartLimit
  }

  /** V8's own limit, in megabytes: where a watch comes first, with room for it to come in time. */
  #heapLimit(memoryLimit: number): number {
    return this.#watch ? memoryLimit + watchRoom : memoryLimit
  }

  #onMemoryExceeded(id: number): void {
    for (const thread of this.#threads) {
      if (thread.id !== id) continue
      this.end(thread)
      this.#events.onMemoryExceeded(thread)
    }
  }

  #add(handle: Handle): void {
    clearTimeout(this.#respawn)
    if (this.#closed || this.#broken) return
    const { port1, port2 } = new MessageChannel()
    const worker = this.#pool?.threads.find(({ threadId }) => threadId === handle.id)
    const live = worker ? new LiveThread(worker) : null
    if (live) {
      this.#living.add(live)
      void live.ended.then(() => this.#living.delete(live))
    }
    const thread = new Thread(handle, live, port1)
    this.#threads.add(thread)
    port1.on('message', (message: unknown) => this.#hear(thread, message))
    // The task that runs keeps the process alive, not the line to it.
    port1.unref()
    void this.#open(thread, port2)
  }

  async #open(thread: Thread, port: MessagePort): Promise<void> {
    // The thread it replaces may have to end first.
    const seat = await this.seats.wait()
    if (thread.state === 'ended' || thread.handle.destroyed) {
      this.#retire(thread)
      this.seats.giveBack(seat)
      return
    }
    thread.seat = seat
    const limit = this.#startLimit
    let late = false
    const timer = setTimeout(() => {
      late = true
      this.end(thread)
    }, limit)
    let error: EspalierError
    try {
      const reply = (await this.send(thread, { kind: 'open', port, place: this.seats.place(seat) }, [
        port,
      ])) as OpenReply
      if (reply.error === null) {
        this.#onOpened(thread)
        return
      }
      error = revived(reply.error)
    } catch (thrown) {
      error = late ? startedLate(limit) : this.#diedStarting(thrown)
    } finally {
      clearTimeout(timer)
    }
    this.end(thread)
    this.#onFailedStart(error)
  }

  #onOpened(thread: Thread): void {
    if (thread.state === 'ended') return
    this.#failedStarts = 0
    thread.state = 'free'
    if (this.#started) this.#events.onOpened(thread)
    else if ([...this.#threads].filter(({ state }) => state === 'free').length === this.#options.workers)
      this.#startWaiters?.resolve()
  }

  #onFailedStart(error: EspalierError): void {
    if (this.#closed || this.#broken) return
    if (!this.#started) {
      this.#startWaiters?.reject(error)
      return
    }
    this.#failedStarts++
    if (this.#failedStarts < mostFailedStarts) return
    this.#broken = true
    this.#events.onBroken(
      new EspalierError(error.code, `no worker can be started any more: ${error.message}`, { cause: error }),
    )
    void this.#destroy()
  }

  /** Piscina removed a thread; those with a task hear of it by that task. */
  #sweep(): void {
    for (const thread of this.#threads)
      if (thread.handle.destroyed && thread.state === 'free') this.#retire(thread)
  }

  async #destroy(): Promise<void> {
    clearTimeout(this.#respawn)
    this.seats.close()
    this.#watch?.stop()
    const pool = this.#pool
    this.#pool = null
    if (!pool) return
    for (const thread of this.#threads) thread.port.close()
    const ended = [...this.#living].map((live) => live.end(closeLimit))
    void pool.destroy()
    await Promise.all(ended)
  }

  #diedStarting(thrown: unknown): EspalierError {
    const exhausted = tooManyFiles(thrown)
    if (exhausted) return exhausted
    if (isOutOfMemory(thrown))
      return new EspalierError(
        'USAGE',
        `a worker must be able to start within its memory limit (${this.memoryLimit} MB was not enough to load the trainer and the data); raise --memory-limit`,
      )
    const what = trainerInWords(this.#options.plan)
    const exit = exitCode(thrown)
    return new EspalierError(
      'TRAINER_INVALID',
      exit === null
        ? `a worker must be able to start with the trainer ${what} (it ended: ${describeThrown(thrown)})`
        : `a trainer module must not end its worker while it is imported (${what} called process.exit, with code ${exit})`,
      { cause: thrown },
    )
  }
}

function trainerInWords({ trainer }: FitPlan): string {
  if (trainer.kind === 'module') return trainer.file
  if (trainer.kind === 'choice') return Object.keys(trainer.trainers).join(' or ')
  return trainer.kind === 'command' ? trainer.command[0] : trainer.name
}

function closedMeanwhile(): EspalierError {
  return new EspalierError('INTERNAL', 'the executor was closed while it started')
}

function startedLate(limit: number): EspalierError {
  return new EspalierError(
    'TRAINER_INVALID',
    `a worker must start and import the trainer within ${limit / 1000} s (it had not by then); look for a loop or an endless wait at the top of the trainer's module`,
  )
}
