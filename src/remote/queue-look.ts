/** A short look at a queue, by whoever does no work in it. */
import { EspalierError } from '../errors.js'
import { realClock } from './clock.js'
import { openQueue } from './open-queue.js'
import { Letters } from './protocol.js'
import { type QueueOptions, queueSettings } from './settings.js'
import type { Transport } from './transport.js'
import { WorkersWatch } from './workers-watch.js'

export interface LookOptions extends QueueOptions {
  /** Takes what a person has to know of the queue's server. */
  onWarning?(message: string): void
}

export interface QueueLook {
  readonly transport: Transport
  readonly letters: Letters
  readonly watch: WorkersWatch
  /** What is asked of the queue, if it answers; rejects with QUEUE_UNREACHABLE where it does not any more. */
  answered<T>(asked: Promise<T>): Promise<T>
  /** ms since the look began. */
  elapsed(): number
}

/** @throws EspalierError USAGE where no queue is named; QUEUE_UNREACHABLE. */
export async function lookInto<T>(options: LookOptions, work: (look: QueueLook) => Promise<T>): Promise<T> {
  const settings = queueSettings(options)
  const transport = await openQueue(settings, (message) => options.onWarning?.(message))
  const letters = new Letters(settings.secret)
  const began = realClock.now()
  try {
    return await work({
      transport,
      letters,
      watch: new WorkersWatch(transport, letters, realClock, settings.claimMs),
      answered: (asked) => answeredWithin(settings.claimMs, asked, transport.name),
      elapsed: () => realClock.now() - began,
    })
  } finally {
    await transport.close()
  }
}

/** A moment before the next look. */
export function shortly(): Promise<void> {
  return new Promise((resolve) => {
    realClock.after(200, resolve)
  })
}

/** Transports wait for a queue that is away, as work does; a person is told. */
async function answeredWithin<T>(ms: number, asked: Promise<T>, name: string): Promise<T> {
  let cancel = () => {}
  const late = new Promise<never>((_, reject) => {
    cancel = realClock.after(ms, () =>
      reject(
        new EspalierError(
          'QUEUE_UNREACHABLE',
          `the queue must answer (${name} did, and does not any more); see that the server runs and that this machine may reach it`,
        ),
      ),
    )
  })
  asked.catch(() => {})
  try {
    return await Promise.race([asked, late])
  } finally {
    cancel()
  }
}
