/**
 * Mailboxes: a queue of BullMQ each. What is sent while a message is on its way goes together as one job, in order.
 *
 * A message that its receiver died over goes to the next receiver first of all, which therefore does not begin while one is still held;
 * of messages that went together, those that were taken come again.
 */

import { type Job, type Queue, WaitingError } from 'bullmq'
import type { Closable } from '../transport.js'
import type { Backing } from './backing.js'
import { dataOf, textsOf } from './text.js'
import type { TellingWorker } from './worker.js'

/** How much goes together at most: characters, unless one message alone is more. */
const togetherCharacters = 512 * 1024
/** ms before a message that was not taken is handed over again, at first and at most. */
const again = { first: 50, most: 1_000 }
/** ms between two looks whether a receiver before us still holds a message. */
const heldMs = 100
/** A message is taken back from the dead as often as need be. */
const endlessly = 1_000_000_000

interface Waiting {
  readonly body: string
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

const mark = 'box-'

function queueName(box: string): string {
  return mark + box
}

export class Mailboxes {
  readonly #backing: Backing
  readonly #claimMs: number
  readonly #senders = new Map<string, Sender>()

  constructor(backing: Backing, claimMs: number) {
    this.#backing = backing
    this.#claimMs = claimMs
  }

  #sender(box: string): Sender {
    let sender = this.#senders.get(box)
    if (sender === undefined) {
      sender = new Sender(this.#backing, this.#backing.queue(queueName(box)))
      this.#senders.set(box, sender)
    }
    return sender
  }

  send(box: string, body: string): Promise<void> {
    return this.#sender(box).send(body)
  }

  receive(box: string, take: (body: string) => Promise<void>): Closable {
    return new Receiver(this.#backing, queueName(box), this.#sender(box).queue, this.#claimMs, take)
  }

  async boxes(): Promise<string[]> {
    const names = await this.#backing.patiently(() => this.#backing.queueNames(mark))
    return names.map((name) => name.slice(mark.length))
  }

  async drop(box: string): Promise<void> {
    const { queue } = this.#sender(box)
    this.#senders.delete(box)
    await this.#backing.patiently(() => queue.obliterate({ force: true }))
  }
}

class Sender {
  readonly queue: Queue
  readonly #backing: Backing
  #waiting: Waiting[] = []
  #sending = false

  constructor(backing: Backing, queue: Queue) {
    this.#backing = backing
    this.queue = queue
  }

  send(body: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ body, resolve, reject })
      if (!this.#sending) void this.#sendAll()
    })
  }

  async #sendAll(): Promise<void> {
    this.#sending = true
    while (this.#waiting.length > 0) {
      const together = this.#next()
      try {
        await this.#backing.patiently(() =>
          this.queue.add('message', dataOf(together.map((one) => one.body))),
        )
        for (const one of together) one.resolve()
      } catch (error) {
        for (const one of together) one.reject(error)
      }
    }
    this.#sending = false
  }

  #next(): Waiting[] {
    let characters = 0
    let count = 0
    for (const { body } of this.#waiting) {
      characters += body.length
      if (count > 0 && characters > togetherCharacters) break
      count++
    }
    return this.#waiting.splice(0, count)
  }
}

class Receiver implements Closable {
  readonly #backing: Backing
  readonly #queue: Queue
  readonly #worker: TellingWorker
  readonly #take: (body: string) => Promise<void>
  readonly #closing = new AbortController()
  #closed: Promise<void> | null = null

  constructor(
    backing: Backing,
    name: string,
    queue: Queue,
    claimMs: number,
    take: (body: string) => Promise<void>,
  ) {
    this.#backing = backing
    this.#queue = queue
    this.#take = take
    this.#worker = backing.worker(name, (job, token) => this.#receive(job, token), {
      concurrency: 1,
      lockMs: claimMs,
      maxStalledCount: endlessly,
    })
    void this.#begin().catch(() => {})
  }

  /** Begins when no receiver before us holds a message any more, with that message first. */
  async #begin(): Promise<void> {
    const returned: string[] = []
    this.#worker.on('stalled', (job) => returned.push(job))
    await this.#worker.startStalledCheckTimer()
    while ((await this.#backing.patiently(() => this.#queue.getActiveCount())) > 0) {
      if (this.#closing.signal.aborted) return
      await this.#pause(heldMs)
    }
    for (const job of returned) await this.#first(job)
    if (!this.#closing.signal.aborted) await this.#worker.run()
  }

  /** PostgreSQL puts what it takes from the dead behind the others. */
  async #first(id: string): Promise<void> {
    const job = await this.#backing.patiently(() => this.#queue.getJob(id))
    if (job !== undefined) await this.#backing.patiently(() => job.changePriority({ lifo: true }))
  }

  async #receive(job: Job, token: string): Promise<void> {
    let bodies: readonly string[]
    try {
      bodies = textsOf(job.data)
    } catch {
      // None of ours, and so for nobody: a mailbox must not stand still for it.
      return
    }
    for (const body of bodies) {
      for (let pause = again.first; ; pause = Math.min(2 * pause, again.most)) {
        if (this.#closing.signal.aborted) {
          await job.moveToWait(token)
          await this.#first(job.id!).catch(() => {})
          throw new WaitingError()
        }
        try {
          await this.#take(body)
          break
        } catch {
          await this.#pause(pause)
        }
      }
    }
  }

  #pause(ms: number): Promise<void> {
    const signal = this.#closing.signal
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      signal.addEventListener('abort', end)
    })
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#closing.abort()
    await this.#backing.closeWorker(this.#worker)
  }
}
