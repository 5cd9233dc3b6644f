/**
 * The model in a thread of its own: asked one question at a time, each within a time limit. A thread that does not answer in time, or that
 * its module ends, is ended and made anew; what waits then goes on.
 */
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { EspalierError } from '../../errors.js'
import { plain } from '../../shown.js'
import type { FromThread, ModelFacts, Question, Reply, ThreadStart } from './messages.js'
import { Refusal } from './refusal.js'

interface Waiting {
  readonly question: Question
  resolve(reply: Reply): void
  reject(error: unknown): void
}

export interface ModelThreadOptions extends ThreadStart {
  /** ms in which a question is answered, the time that it waits for others included. */
  readonly timeLimit: number
  /** Told of what the model's module prints, and of a thread that was ended. */
  readonly onSaid: (text: string) => void
}

/** ms in which a model has to be loaded; a module may do much where it is imported. */
const startLimit = 60_000

export class ModelThread {
  readonly #options: ModelThreadOptions
  readonly #queue: Waiting[] = []
  #asked: Waiting | null = null
  #thread: Thread | null = null
  #closed = false

  constructor(options: ModelThreadOptions) {
    this.#options = options
  }

  /** Loads the model. @throws EspalierError where it cannot be loaded. */
  async start(): Promise<ModelFacts> {
    const thread = this.#begin()
    this.#thread = thread
    return thread.facts
  }

  /** @throws Refusal 504 where it is not answered in time, 500 where the thread ends. */
  ask(question: Question, signal: AbortSignal): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const { timeLimit } = this.#options
      const settle = () => {
        clearTimeout(limit)
        signal.removeEventListener('abort', onGone)
      }
      const waiting: Waiting = {
        question,
        resolve: (reply) => {
          settle()
          resolve(reply)
        },
        reject: (error) => {
          settle()
          reject(error)
        },
      }
      const limit = setTimeout(() => {
        const late = new Refusal(
          504,
          `a request is answered within ${timeLimit / 1000} s (this one was not: it has too many rows for this model, or others were before it); send fewer rows, or start the server with a higher --timeout`,
        )
        this.#drop(waiting, late)
      }, timeLimit)
      // Nobody waits for it any more: it is not begun; one that is being answered is let be.
      const onGone = () => {
        if (this.#asked !== waiting) this.#drop(waiting, new Refusal(503, 'the client has gone'))
      }
      signal.addEventListener('abort', onGone)
      this.#queue.push(waiting)
      this.#next()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#thread?.end()
  }

  #begin(): Thread {
    return beginThread(
      this.#options,
      (reply) => {
        const waiting = this.#asked
        if (waiting !== null) this.#settle(waiting, () => waiting.resolve(reply))
      },
      (why) => this.#onEnd(why),
    )
  }

  #next(): void {
    if (this.#asked !== null || this.#queue.length === 0 || this.#closed) return
    const waiting = this.#queue.shift()!
    this.#asked = waiting
    this.#thread ??= this.#begin()
    const { worker, facts } = this.#thread
    facts.then(
      () => {
        // It may have been given up while the thread was made anew.
        if (this.#asked !== waiting) return
        worker.postMessage(waiting.question, [waiting.question.body.buffer as ArrayBuffer])
      },
      (error: EspalierError) => {
        this.#thread = null
        this.#settle(waiting, () =>
          waiting.reject(new Refusal(500, `the model cannot be loaded again: ${error.message}`)),
        )
      },
    )
  }

  #onEnd(why: string): void {
    if (this.#closed) return
    this.#thread = null
    this.#options.onSaid(`the thread of the model failed, and is made anew: ${plain(why)}`)
    const waiting = this.#asked
    if (waiting === null) return
    this.#settle(waiting, () =>
      waiting.reject(new Refusal(500, `the model failed while it answered: ${why}`)),
    )
  }

  /** Gives a question up: one that is being answered with its thread. */
  #drop(waiting: Waiting, error: Refusal): void {
    const at = this.#queue.indexOf(waiting)
    if (at !== -1) this.#queue.splice(at, 1)
    else if (this.#asked === waiting) {
      void this.#thread?.end()
      this.#thread = null
      this.#settle(waiting, () => waiting.reject(error))
      return
    }
    waiting.reject(error)
  }

  #settle(waiting: Waiting, how: () => void): void {
    if (this.#asked !== waiting) return
    this.#asked = null
    how()
    this.#next()
  }
}

interface Thread {
  readonly worker: Worker
  /** Resolved once the model is loaded. */
  readonly facts: Promise<ModelFacts>
  end(): Promise<unknown>
}

/**
 * Makes a thread that loads the model.
 * @param onReply what it answers.
 * @param onEnd where it ends by itself once it has loaded the model.
 */
function beginThread(
  options: ModelThreadOptions,
  onReply: (reply: Reply) => void,
  onEnd: (why: string) => void,
): Thread {
  const { store, run, importModule, module, mostRows, onSaid } = options
  const workerData: ThreadStart = { store, run, importModule, module, mostRows }
  const file = createRequire(import.meta.url).resolve('#serve-thread')
  const worker = new Worker(file, { workerData, stdout: true, stderr: true })
  // What a module prints is none of the server's results.
  for (const stream of [worker.stdout, worker.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => onSaid(text.trimEnd()))
  let state: 'loading' | 'ready' | 'ended' = 'loading'
  const end = () => {
    state = 'ended'
    return worker.terminate()
  }
  const facts = new Promise<ModelFacts>((resolve, reject) => {
    const refuse = (error: EspalierError) => {
      clearTimeout(limit)
      reject(error)
      void end()
    }
    const limit = setTimeout(
      () =>
        refuse(
          new EspalierError(
            'MODEL_INVALID',
            `a model is loaded within ${startLimit / 1000} s (this one was not); is there a loop at the top of its module?`,
          ),
        ),
      startLimit,
    )
    const failed = (why: string) => {
      if (state === 'ended') return
      if (state === 'ready') {
        void end()
        onEnd(why)
      } else refuse(new EspalierError('MODEL_INVALID', `a model is loaded without errors (${plain(why)})`))
    }
    worker.on('error', (error) => failed(error.message))
    worker.on('exit', (code) => failed(`it ended with exit code ${code}`))
    worker.on('message', (message: FromThread) => {
      if (state === 'ended') return
      if (message.kind === 'reply') onReply(message)
      else if (message.kind === 'ready') {
        clearTimeout(limit)
        state = 'ready'
        resolve(message.facts)
      } else refuse(new EspalierError(message.code, message.message, { problems: message.problems }))
    })
  })
  return { worker, facts, end }
}
