/**
 * What the records of sweeps tell, worked out in a thread of its own and kept: the same question about the same record is answered at
 * once, and one about a sweep that grows not more often than it is worth.
 */
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { Insight, Surface } from '../../analysis/index.js'
import { EspalierError } from '../../errors.js'
import type { Answer, Asked, Question, SentSweep } from './insight-messages.js'

/** An answer about a sweep that has grown since is good for so many ms, and for so many times as long as it took. */
const goodFor = 5_000
const goodForTimes = 10
/** Answers kept. */
const mostKept = 200
const usuallyIdleFor = 30_000

interface Kept {
  /** How far the record had come. */
  readonly place: string
  readonly began: number
  ended: number | null
  readonly result: Promise<Insight | Surface | null>
}

/** A sweep that something is asked about. */
export interface AskedSweep {
  readonly id: string
  /** How far its record has come. */
  readonly place: string
  /** All that an analysis looks at, as it is now. */
  contents(): SentSweep
}

export interface InsightsOptions {
  /** ms after which a thread that is asked nothing is ended, with what it holds in memory. */
  readonly idleFor?: number
  /** Another thread, for tests. */
  readonly start?: () => Worker
}

interface Waiting {
  resolve(result: Insight | Surface | null): void
  reject(error: Error): void
}

export class Insights {
  readonly #idleFor: number
  readonly #start: () => Worker
  readonly #kept = new Map<string, Kept>()
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | null = null
  /** The sweep that the thread was sent last, and how far it had come. */
  #held: string | null = null
  #idle: NodeJS.Timeout | undefined
  #lastId = 0

  /** @param directory of the store. */
  constructor(
    directory: string,
    { idleFor = usuallyIdleFor, start = () => startThread(directory) }: InsightsOptions = {},
  ) {
    this.#idleFor = idleFor
    this.#start = start
  }

  /** Reads the sweep before it returns, where it is to be read. */
  ask(question: Question, sweep: AskedSweep): Promise<Insight | Surface | null> {
    const key = JSON.stringify(question)
    const { place } = sweep
    const kept = this.#kept.get(key)
    if (kept !== undefined && (kept.place === place || isGood(kept))) return kept.result
    const made: Kept = { place, began: performance.now(), ended: null, result: this.#send(question, sweep) }
    made.result.then(
      () => {
        made.ended = performance.now()
      },
      () => {
        if (this.#kept.get(key) === made) this.#kept.delete(key)
      },
    )
    this.#kept.delete(key)
    this.#kept.set(key, made)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= mostKept) break
      this.#kept.delete(oldest)
    }
    return made.result
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    await this.#rest()
  }

  #send(question: Question, { id: sweep, place, contents }: AskedSweep): Promise<Insight | Surface | null> {
    clearTimeout(this.#idle)
    this.#worker ??= this.#begin()
    const held = `${sweep} ${place}`
    const sent = this.#held === held ? null : contents()
    this.#held = held
    const asked: Asked = { id: ++this.#lastId, question, sweep: sent }
    const result = new Promise<Insight | Surface | null>((resolve, reject) => {
      this.#waiting.set(asked.id, { resolve, reject })
    })
    this.#worker.postMessage(asked, sent?.table == null ? [] : [sent.table.buffer])
    return result
  }

  #begin(): Worker {
    const worker = this.#start()
    worker.on('message', (answer: Answer) => this.#take(answer))
    worker.on('error', (error) => this.#end(worker, error.message))
    worker.on('exit', (code) => this.#end(worker, `it ended (exit code ${code})`))
    return worker
  }

  #take(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if ('result' in answer) waiting?.resolve(answer.result)
    else {
      const { code, message, problems } = answer.error
      waiting?.reject(new EspalierError(code, message, { problems }))
    }
    if (this.#waiting.size > 0) return
    this.#idle = setTimeout(() => void this.#rest(), this.#idleFor)
    this.#idle.unref()
  }

  /** Ends the thread; whoever asks from now on has another one. */
  async #rest(): Promise<void> {
    const worker = this.#worker
    if (worker === null) return
    this.#end(worker, 'the dashboard ends')
    await worker.terminate()
  }

  #end(worker: Worker, why: string): void {
    if (this.#worker !== worker) return
    this.#worker = null
    this.#held = null
    for (const { reject } of this.#waiting.values())
      reject(new EspalierError('INTERNAL', `the thread that analyses sweeps failed: ${why}`))
    this.#waiting.clear()
  }
}

function startThread(directory: string): Worker {
  const workerData = { directory }
  return new Worker(createRequire(import.meta.url).resolve('#insight-thread'), { workerData, execArgv: [] })
}

function isGood({ began, ended }: Kept): boolean {
  if (ended === null) return true
  return performance.now() - ended < Math.max(goodFor, goodForTimes * (ended - began))
}
