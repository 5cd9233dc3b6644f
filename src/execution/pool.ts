/**
 * Fits in a pool of threads, one fit a thread at a time: which fit a thread gets, and what becomes of a fit whose
 * thread ends. The threads themselves are threads.ts's.
 *
 * A fit waits in a queue of our own until a thread is free, so at most as many tasks are submitted as there are
 * threads.
 */
import { join } from 'node:path'
import type { EspalierError } from '../errors.js'
import type { CheckpointPlan } from '../training/index.js'
import { isJsonObject } from '../values.js'
import { checkReply, isReport } from './check-reply.js'
import { keptAmong, partFolder } from './checkpoint-files.js'
import { Fit, type Reins } from './fit.js'
import { checkedWorkers, usualGrace } from './options.js'
import { failure } from './perform.js'
import { FitQueue } from './queue.js'
import { exitCode, isOutOfMemory } from './thread-death.js'
import { type Thread, Threads } from './threads.js'
import { describeThrown } from './thrown.js'
import type { Executor, ExecutorOptions, FitOutcome, FitRequest, RunOptions } from './types.js'

/** A fit whose thread dies of another's doing starts again at most this often. */
const mostRestarts = 3

/** What a thread works on. */
interface Work {
  readonly fit: Fit
  /** Which of the pool's fits it is: messages of a fit that has ended are known by it. */
  readonly id: number
  /** Set when the thread exits by the will of an earlier fit. */
  exitOfAnother: boolean
}

/** An executor of `workers` threads; they start with `ready` or the first `run`. Throws USAGE for bad options. */
export function createPoolExecutor(options: ExecutorOptions): Executor {
  return new PoolExecutor(options)
}

class PoolExecutor implements Executor {
  readonly workers: number
  readonly #grace: number
  readonly #checkpoints: CheckpointPlan | undefined
  readonly #threads: Threads
  readonly #queue = new FitQueue<Fit>()
  /** Fits whose thread died innocently: they get a thread that nobody has used. */
  readonly #again: Fit[] = []
  readonly #known = new Set<Fit>()
  readonly #work = new Map<Thread, Work>()
  #starting: Promise<void> | null = null
  #started = false
  #ids = 0
  #pumping = false
  #closed = false
  /** Why no thread can be had any more. */
  #broken: EspalierError | null = null

  constructor(options: ExecutorOptions) {
    this.workers = checkedWorkers(options)
    this.#grace = options.grace ?? usualGrace
    this.#checkpoints = options.plan.checkpoints
    this.#threads = new Threads(options, {
      onOpened: () => this.#pump(),
      onMessage: (thread, message) => this.#onMessage(thread, message),
      onMemoryExceeded: (thread) => this.#onMemoryExceeded(thread),
      onBroken: (error) => this.#onBroken(error),
    })
  }

  ready(): Promise<void> {
    if (this.#starting === null) {
      this.#starting = this.#start()
      // Who only calls `run` hears of it there.
      this.#starting.catch(() => {})
    }
    return this.#starting
  }

  async run(request: FitRequest, options: RunOptions = {}): Promise<FitOutcome> {
    const fit = new Fit(request, options, this.#grace)
    if (this.#closed) fit.abandon()
    else if (this.#broken) fit.crash(this.#broken)
    else if (!fit.ended) {
      this.#known.add(fit)
      const forget = () => this.#known.delete(fit)
      fit.outcome.then(forget, forget)
      this.#queue.push(request, fit)
      if (this.#started) this.#pump()
      else this.ready().then(undefined, (error) => fit.crash(error))
    }
    return fit.outcome
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const fit of this.#known) fit.abandon()
    await this.#threads.close()
  }

  async #start(): Promise<void> {
    await this.#threads.start()
    this.#started = true
    this.#pump()
  }

  /** In a microtask, so that fits requested together start in their order. */
  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    queueMicrotask(() => {
      this.#pumping = false
      for (const thread of this.#threads) {
        if (!thread.idle) continue
        const fit = this.#next(thread)
        if (fit) void this.#perform(thread, fit)
      }
    })
  }

  #next(thread: Thread): Fit | undefined {
    if (this.#closed || this.#broken) return undefined
    while (thread.tasks === 0 && this.#again.length > 0) {
      const fit = this.#again.shift()!
      if (!fit.ended) return fit
    }
    for (;;) {
      // A fold goes to a thread that has fitted on its rows before: what it made of them may be there still.
      const fit = this.#queue.shift(({ part }) => part.kind === 'fold' && thread.folds.has(part.fold))
      if (!fit?.ended) return fit
    }
  }

  async #perform(thread: Thread, fit: Fit): Promise<void> {
    const id = this.#ids++
    const work: Work = { fit, id, exitOfAnother: false }
    thread.state = 'busy'
    thread.tasks++
    if (fit.request.part.kind === 'fold') thread.folds.add(fit.request.part.fold)
    this.#work.set(thread, work)
    const reins: Reins = {
      ask: (reason) => thread.say({ kind: 'stop', id, reason }),
      end: () => this.#end(thread),
    }
    const { seats } = this.#threads
    fit.start(thread.seat, reins, seats.start(thread.seat), seats.watch(thread.seat))
    const { timeLimit, ...job } = fit.request
    try {
      if (!fit.ended) await this.#hear(thread, work, this.#threads.send(thread, { kind: 'fit', id, job }))
    } catch (thrown) {
      // Where the thread was ended on purpose, what is to become of the fit is settled already.
      if (this.#work.get(thread) === work) {
        this.#threads.hearOut(thread)
        this.#end(thread)
        if (!fit.ended) this.#settle(thread, work, this.#causeOfDeath(fit, thrown))
      }
    }
    // It may have been ended meanwhile, by a time limit or a stop.
    if (this.#work.get(thread) !== work) return
    this.#work.delete(thread)
    thread.state = 'free'
    this.#pump()
  }

  async #hear(thread: Thread, work: Work, replied: Promise<unknown>): Promise<void> {
    const { outcome, spoilt } = checkReply(await replied, work.fit.seconds)
    this.#threads.hearOut(thread)
    work.fit.conclude(outcome)
    if (spoilt) this.#end(thread)
  }

  #end(thread: Thread): void {
    this.#work.delete(thread)
    this.#threads.end(thread)
  }

  /** What becomes of a fit whose thread died: of it, or of what an earlier fit left behind. */
  #settle(thread: Thread, { fit, exitOfAnother }: Work, outcome: FitOutcome): void {
    const outOfMemory = outcome.status === 'failed' && outcome.code === 'OUT_OF_MEMORY'
    const innocent = exitOfAnother || (outOfMemory && thread.tasks > 1)
    if (!innocent || fit.stopping || fit.restarts >= mostRestarts) fit.conclude(outcome)
    else {
      fit.restart()
      this.#again.push(fit)
    }
  }

  #causeOfDeath(fit: Fit, thrown: unknown): FitOutcome {
    if (isOutOfMemory(thrown)) return this.#outOfMemory(fit)
    const exit = exitCode(thrown)
    if (exit !== null) {
      const reason = `a trainer must not end its worker (process.exit was called, with code ${exit})`
      return failure('WORKER_EXITED', reason, fit.seconds)
    }
    return failure('TRAINER_THREW', describeThrown(thrown), fit.seconds)
  }

  #outOfMemory(fit: Fit): FitOutcome {
    const reason = `a worker may hold ${this.#threads.memoryLimit} MB (the fit needed more, and was stopped); raise --memory-limit or narrow the space`
    return failure('OUT_OF_MEMORY', reason, fit.seconds)
  }

  #onMemoryExceeded(thread: Thread): void {
    const work = this.#work.get(thread)
    this.#work.delete(thread)
    if (work) this.#settle(thread, work, this.#outOfMemory(work.fit))
  }

  #onBroken(error: EspalierError): void {
    this.#broken = error
    for (const fit of this.#known) fit.crash(error)
  }

  #onMessage(thread: Thread, message: unknown): void {
    const work = this.#work.get(thread)
    if (work === undefined || !isJsonObject(message)) return
    if (message.kind === 'exit-of-another') {
      work.exitOfAnother = true
      return
    }
    if (message.kind === 'output') {
      if (message.id === work.id && typeof message.line === 'string') work.fit.print(message.line)
      return
    }
    if (message.kind === 'checkpoint') {
      const [kept] = keptAmong([String(message.name)])
      if (message.id === work.id && kept !== undefined && this.#checkpoints !== undefined)
        work.fit.kept(join(partFolder(this.#checkpoints, work.fit.request), kept.name))
      return
    }
    const { id, report, step, metrics } = message
    if (message.kind !== 'report' || id !== work.id || typeof report !== 'number') return
    if (!isReport(step, metrics)) {
      this.#end(thread)
      const reason = `a report must be a finite step with finite metrics by name (one that arrived is not); does the trainer change built-in objects?`
      work.fit.conclude(failure('RESULT_INVALID', reason, work.fit.seconds))
      return
    }
    void work.fit.report(step as number, metrics).then((verdict) => {
      if (this.#work.get(thread) === work) thread.say({ kind: 'answer', id: work.id, report, verdict })
    })
  }
}
