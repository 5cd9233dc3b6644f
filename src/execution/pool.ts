/**
 * Fits in a pool of threads (piscina), one fit a thread at a time.
 *
 * A fit waits in a queue of our own until a thread is free, and is sent to that thread by name. So at most as
 * many tasks are submitted as there are threads, whose fit a thread runs is always known, and a thread can be
 * ended without touching any other. minThreads = maxThreads, so that a thread that ends is always replaced.
 *
 * The memory limit holds for a worker's heap, Buffers and typed arrays together (memory-watch.ts). Where an
 * executor is made outside the main thread no watch is possible, and only V8's limit of the heap holds.
 */
import { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { getHeapStatistics } from 'node:v8'
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { Piscina } from 'piscina'
import { EspalierError } from '../errors.js'
import { Fit } from './fit.js'
import { canWatch, MemoryWatch } from './memory-watch.js'
import { checkedWorkers, GRACE, START_LIMIT } from './options.js'
import { failure } from './perform.js'
import type { FitReply, FromWorker, OpenReply, Task, ToWorker, WorkerData, WorkerError } from './protocol.js'
import { FitQueue } from './queue.js'
import { describeThrown } from './thrown.js'
import type { Executor, ExecutorOptions, FitOutcome, FitRequest, OnReport } from './types.js'

/** Starting the threads anew is given up after this many failures in a row. */
const MOST_FAILED_STARTS = 3
/** A fit whose thread dies of another's doing starts again at most this often. */
const MOST_RESTARTS = 3
/** ms `close` waits for threads to end; one inside a system call cannot be ended sooner. */
const CLOSE_LIMIT = 2000

/** Megabytes a heap may grow beyond its limit before V8 acts itself: a second of the fastest growth. */
const WATCH_ROOM = 2048

/** One thread of the pool. */
interface Seat {
  /** Piscina's handle of the thread. */
  readonly thread: { readonly id: number; readonly destroyed: boolean }
  readonly id: number
  readonly port: MessagePort
  /** Piscina ends the thread of a running task when this emits `abort`. Far cheaper than an AbortSignal. */
  readonly stop: EventEmitter
  state: 'opening' | 'free' | 'busy' | 'ended'
  /** A task of piscina's is under way in it. */
  tasked: boolean
  fit: Fit | null
  /** Which of the pool's fits it runs. */
  fitId: number
  /** How many fits this thread has begun. */
  fits: number
  /** Set when the thread exits by the will of an earlier fit. */
  exitOfAnother: boolean
}

/** An executor of `workers` threads; they start with `ready` or the first `run`. Throws USAGE for bad options. */
export function createPoolExecutor(options: ExecutorOptions): Executor {
  return new PoolExecutor(options)
}

class PoolExecutor implements Executor {
  readonly workers: number
  private readonly queue = new FitQueue<Fit>()
  /** Fits whose thread died innocently: they get a thread that nobody has used. */
  private readonly again: Fit[] = []
  private readonly known = new Set<Fit>()
  private readonly seats = new Set<Seat>()
  private pool: Piscina | null = null
  private queueOptions: symbol = Symbol()
  private starting: Promise<void> | null = null
  private started = false
  private failedStarts = 0
  private fitIds = 0
  private pumping = false
  private closed = false
  /** Why no thread can be had any more. */
  private broken: EspalierError | null = null
  private startWaiters: { resolve: () => void; reject: (error: EspalierError) => void } | null = null
  private respawn: NodeJS.Timeout | undefined
  private readonly watch: MemoryWatch | null
  /** Megabytes a worker may hold. */
  private readonly memoryLimit: number

  constructor(private readonly options: ExecutorOptions) {
    this.workers = checkedWorkers(options)
    const { memoryLimit } = options
    if (memoryLimit !== null && !(memoryLimit >= 1))
      throw new EspalierError('USAGE', `"memoryLimit" must be at least 1 megabyte (got ${memoryLimit})`)
    this.memoryLimit = memoryLimit ?? Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20)
    this.watch = canWatch
      ? new MemoryWatch(this.memoryLimit, (thread) => this.onMemoryExceeded(thread))
      : null
  }

  ready(): Promise<void> {
    if (this.starting === null) {
      this.starting = this.start()
      // Who only calls `run` hears of it there.
      this.starting.catch(() => {})
    }
    return this.starting
  }

  async run(
    request: FitRequest,
    { onReport, signal }: { onReport?: OnReport; signal?: AbortSignal } = {},
  ): Promise<FitOutcome> {
    const fit = new Fit(request, onReport, signal, this.options.grace ?? GRACE)
    if (this.closed) fit.abandon()
    else if (!fit.ended) {
      this.known.add(fit)
      const forget = () => this.known.delete(fit)
      fit.outcome.then(forget, forget)
      this.queue.push(request, fit)
      if (this.started) this.pump()
      else this.ready().then(undefined, (error) => fit.crash(error))
    }
    return fit.outcome
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    for (const fit of this.known) fit.abandon()
    this.startWaiters?.reject(new EspalierError('INTERNAL', 'the executor was closed while it started'))
    await this.destroy()
  }

  // ---- threads ----

  private async start(): Promise<void> {
    const { Piscina } = await import('piscina')
    if (this.closed) throw new EspalierError('INTERNAL', 'the executor was closed while it started')
    const { plan, memoryLimit } = this.options
    this.queueOptions = Piscina.queueOptionsSymbol
    const symbol = Piscina.queueOptionsSymbol
    const pool = new Piscina({
      filename: workerEntry(),
      minThreads: this.workers,
      maxThreads: this.workers,
      concurrentTasksPerWorker: 1,
      // Workers keep an event loop between fits: an earlier fit's leftovers surface there, not in the next fit.
      atomics: 'disabled',
      recordTiming: false,
      workerData: { plan } satisfies WorkerData,
      resourceLimits: memoryLimit === null ? {} : { maxOldGenerationSizeMb: this.heapLimit(memoryLimit) },
      loadBalancer: (task, workers) => {
        const options = (task as unknown as Record<symbol, unknown>)[symbol] as { thread: number } | null
        for (const worker of workers) if (worker.id === options?.thread) return worker
        return null
      },
    })
    this.pool = pool
    // An idle thread that dies (of an earlier fit's leftovers) costs nobody anything: it is replaced.
    pool.on('error', () => {})
    pool.on('workerCreate', (thread) => this.seat(thread))
    pool.on('workerDestroy', () => this.sweepSeats())
    try {
      await new Promise<void>((resolve, reject) => {
        this.startWaiters = { resolve, reject }
      })
    } catch (error) {
      this.broken = error as EspalierError
      await this.destroy()
      throw error
    }
    await this.watch?.start()
    this.started = true
    this.pump()
  }

  /** V8's own limit, in megabytes: where a watch comes first, with room for it to come in time. */
  private heapLimit(memoryLimit: number): number {
    return this.watch ? memoryLimit + WATCH_ROOM : memoryLimit
  }

  private onMemoryExceeded(thread: number): void {
    for (const seat of this.seats) {
      if (seat.id !== thread) continue
      const { fit } = seat
      this.end(seat)
      if (fit) this.settle(seat, fit, this.outOfMemory(fit))
    }
  }

  private seat(thread: Seat['thread']): void {
    clearTimeout(this.respawn)
    if (this.closed || this.broken) return
    const { port1, port2 } = new MessageChannel()
    const seat: Seat = {
      thread,
      id: thread.id,
      port: port1,
      stop: new EventEmitter(),
      state: 'opening',
      tasked: false,
      fit: null,
      fitId: -1,
      fits: 0,
      exitOfAnother: false,
    }
    this.seats.add(seat)
    port1.on('message', (message: FromWorker) => this.onMessage(seat, message))
    // The task that runs keeps the process alive, not the line to it.
    port1.unref()
    void this.open(seat, port2)
  }

  private async open(seat: Seat, port: MessagePort): Promise<void> {
    const limit = this.options.startLimit ?? START_LIMIT
    let late = false
    const timer = setTimeout(() => {
      late = true
      this.end(seat)
    }, limit)
    let error: EspalierError
    try {
      const reply = (await this.send(seat, { kind: 'open', port }, [port])) as OpenReply
      if (reply.error === null) {
        this.failedStarts = 0
        seat.state = 'free'
        if (this.started) this.pump()
        else if ([...this.seats].filter(({ state }) => state === 'free').length === this.workers)
          this.startWaiters?.resolve()
        return
      }
      error = revived(reply.error)
    } catch (thrown) {
      error = late ? startedLate(limit) : this.diedStarting(thrown)
    } finally {
      clearTimeout(timer)
    }
    this.end(seat)
    this.onFailedStart(error)
  }

  private onFailedStart(error: EspalierError): void {
    if (this.closed || this.broken) return
    if (!this.started) {
      this.startWaiters?.reject(error)
      return
    }
    this.failedStarts++
    if (this.failedStarts < MOST_FAILED_STARTS) return
    this.broken = new EspalierError(error.code, `no worker can be started any more: ${error.message}`, {
      cause: error,
    })
    for (const fit of this.known) fit.crash(this.broken)
    void this.destroy()
  }

  /** Ends a thread, whatever it is doing. Piscina starts another in its place. */
  private end(seat: Seat): void {
    if (seat.state === 'ended') return
    // Only a running task can be aborted: an idle thread is given one for it.
    if (!seat.tasked) this.send(seat, { kind: 'end' }).catch(() => {})
    this.retire(seat)
    seat.stop.emit('abort')
  }

  private retire(seat: Seat): void {
    seat.state = 'ended'
    seat.fit = null
    seat.port.close()
    this.seats.delete(seat)
    if (this.seats.size > 0 || this.closed || this.broken || !this.started) return
    // Piscina starts no thread after one that died in its first moments.
    clearTimeout(this.respawn)
    const limit = this.options.startLimit ?? START_LIMIT
    this.respawn = setTimeout(() => {
      this.failedStarts = MOST_FAILED_STARTS
      this.onFailedStart(startedLate(limit))
    }, limit)
    this.respawn.unref()
  }

  /** Piscina removed a thread; those with a task hear of it by that task. */
  private sweepSeats(): void {
    for (const seat of this.seats) if (seat.thread.destroyed && seat.state === 'free') this.retire(seat)
  }

  private async destroy(): Promise<void> {
    clearTimeout(this.respawn)
    this.watch?.stop()
    const { pool } = this
    this.pool = null
    if (!pool) return
    for (const seat of this.seats) seat.port.close()
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_LIMIT)
    })
    await Promise.race([pool.destroy(), limit])
    clearTimeout(timer)
  }

  private async send(seat: Seat, task: Task, transferList: MessagePort[] = []): Promise<unknown> {
    const addressed = { ...task, [this.queueOptions]: { thread: seat.id } }
    seat.tasked = true
    try {
      return await this.pool!.run(addressed, { transferList, signal: seat.stop as never })
    } finally {
      seat.tasked = false
    }
  }

  // ---- fits ----

  /** In a microtask, so that fits requested together start in their order. */
  private pump(): void {
    if (this.pumping) return
    this.pumping = true
    queueMicrotask(() => {
      this.pumping = false
      for (const seat of this.seats) {
        if (seat.state !== 'free' || seat.thread.destroyed) continue
        const fit = this.next(seat)
        if (fit) void this.perform(seat, fit)
      }
    })
  }

  private next(seat: Seat): Fit | undefined {
    if (this.closed || this.broken) return undefined
    while (seat.fits === 0 && this.again.length > 0) {
      const fit = this.again.shift()!
      if (!fit.ended) return fit
    }
    for (;;) {
      const fit = this.queue.shift()
      if (!fit?.ended) return fit
    }
  }

  private async perform(seat: Seat, fit: Fit): Promise<void> {
    seat.state = 'busy'
    seat.fit = fit
    seat.fitId = this.fitIds++
    seat.fits++
    const id = seat.fitId
    fit.start({
      ask: (reason) => this.say(seat, { kind: 'stop', id, reason }),
      end: () => this.end(seat),
    })
    const { timeLimit, ...job } = fit.request
    try {
      const reply = (await this.send(seat, { kind: 'fit', id, job })) as FitReply
      this.hearOut(seat)
      if ('error' in reply) fit.crash(revived(reply.error))
      else {
        fit.conclude(reply.outcome)
        if (reply.spoilt) this.end(seat)
      }
    } catch (thrown) {
      // Where the thread was ended on purpose, what is to become of the fit is settled already.
      if (seat.fit === fit) {
        this.hearOut(seat)
        this.onDeath(seat, fit, thrown)
      }
    }
    // It may have been ended meanwhile, by a time limit or a stop.
    if ((seat.state as Seat['state']) !== 'busy') return
    seat.fit = null
    seat.state = 'free'
    this.pump()
  }

  /** The thread died under a fit: of it, or of what an earlier fit left behind. */
  private onDeath(seat: Seat, fit: Fit, thrown: unknown): void {
    this.retire(seat)
    if (!fit.ended) this.settle(seat, fit, this.causeOfDeath(fit, thrown))
  }

  private settle(seat: Seat, fit: Fit, outcome: FitOutcome): void {
    const innocent =
      seat.exitOfAnother || (outcome.status === 'failed' && outcome.code === 'OUT_OF_MEMORY' && seat.fits > 1)
    if (!innocent || fit.stopping || fit.restarts >= MOST_RESTARTS) fit.conclude(outcome)
    else {
      fit.restart()
      this.again.push(fit)
    }
  }

  private causeOfDeath(fit: Fit, thrown: unknown): FitOutcome {
    const { seconds } = fit
    if (isOutOfMemory(thrown)) return this.outOfMemory(fit)
    const exit = exitCode(thrown)
    if (exit !== null) {
      const reason = `a trainer must not end its worker (process.exit was called, with code ${exit})`
      return failure('WORKER_EXITED', reason, seconds)
    }
    return failure('TRAINER_THREW', describeThrown(thrown), seconds)
  }

  private outOfMemory(fit: Fit): FitOutcome {
    const reason = `a worker may hold ${this.memoryLimit} MB (the fit needed more, and was stopped); raise --memory-limit or narrow the space`
    return failure('OUT_OF_MEMORY', reason, fit.seconds)
  }

  private say(seat: Seat, message: ToWorker): void {
    if (seat.state === 'busy') seat.port.postMessage(message)
  }

  /** Reports come by another way than the outcome: those on the way when it arrives are heard first. */
  private hearOut(seat: Seat): void {
    for (;;) {
      const received = receiveMessageOnPort(seat.port)
      if (!received) return
      this.onMessage(seat, received.message as FromWorker)
    }
  }

  private onMessage(seat: Seat, message: FromWorker): void {
    if (message.kind === 'exit-of-another') {
      seat.exitOfAnother = true
      return
    }
    const { id, report, step, metrics } = message
    if (seat.fit === null || id !== seat.fitId) return
    void seat.fit.report(step, metrics).then((verdict) => {
      if (seat.fitId === id) this.say(seat, { kind: 'answer', id, report, verdict })
    })
  }

  private diedStarting(thrown: unknown): EspalierError {
    const { plan } = this.options
    if (isOutOfMemory(thrown))
      return new EspalierError(
        'USAGE',
        `a worker must be able to start within its memory limit (${this.memoryLimit} MB was not enough to load the trainer and the data); raise --memory-limit`,
      )
    const { trainer } = plan
    const what =
      trainer.kind === 'module'
        ? trainer.file
        : trainer.kind === 'command'
          ? trainer.command[0]
          : trainer.name
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

function isOutOfMemory(thrown: unknown): boolean {
  return (thrown as { code?: unknown } | null)?.code === 'ERR_WORKER_OUT_OF_MEMORY'
}

/** The exit code of a thread that ended by itself; null where it died otherwise. */
function exitCode(thrown: unknown): string | null {
  const message = thrown instanceof Error ? thrown.message : ''
  return /^worker exited with code: (-?\d+)$/.exec(message)?.[1] ?? null
}

function startedLate(limit: number): EspalierError {
  return new EspalierError(
    'TRAINER_INVALID',
    `a worker must start and import the trainer within ${limit / 1000} s (it had not by then); look for a loop or an endless wait at the top of the trainer's module`,
  )
}

function revived({ code, message, problems }: WorkerError): EspalierError {
  return new EspalierError(code, message, { problems })
}

function workerEntry(): string {
  try {
    const file = createRequire(import.meta.url).resolve('#worker-entry')
    if (existsSync(file)) return file
  } catch {
    // Said below.
  }
  throw new EspalierError('INTERNAL', 'the compiled worker must exist (dist is missing); run `npm run build`')
}
