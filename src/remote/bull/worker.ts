/** BullMQ's worker, which tells of each renewal of its locks when it was asked for: the time from which a lock is sure to last. */

import { type BackendFactory, type Processor, Worker, type WorkerOptions } from 'bullmq'
import { realClock } from '../clock.js'
import { within } from '../repeat.js'

export interface WorkerSettings {
  readonly concurrency: number
  /** ms that a lock lasts without being renewed. */
  readonly lockMs: number
  /** How often a job may be taken back from the dead before it is given up. */
  readonly maxStalledCount: number
}

/** A worker's renewals as they happen: sent when, for which jobs. */
export type OnRenewal = (jobIds: readonly string[], sentAt: number) => void

/** Seconds that a worker blocks for a job before it asks anew; it is woken when one comes. */
export const drainSeconds = 5

/** ms that closing waits for BullMQ to let go of what it has. */
const closingMs = 5_000

/** ms before a worker asks again a queue that could not be reached. */
const retryMs = 250

export function workerOptions(
  settings: WorkerSettings,
): Omit<WorkerOptions, 'connection' | 'prefix' | 'name'> {
  return {
    autorun: false,
    concurrency: settings.concurrency,
    lockDuration: settings.lockMs,
    lockRenewTime: Math.max(1, Math.round(settings.lockMs / 4)),
    stalledInterval: Math.max(1, Math.round(settings.lockMs / 3)),
    maxStalledCount: settings.maxStalledCount,
    drainDelay: drainSeconds,
    runRetryDelay: retryMs,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  }
}

export class TellingWorker extends Worker {
  readonly #onRenewal: OnRenewal | undefined

  constructor(
    name: string,
    work: Processor | null,
    options: WorkerOptions,
    factory: BackendFactory | undefined,
    onRenewal: OnRenewal | undefined,
  ) {
    super(name, work, options, factory as never)
    this.#onRenewal = onRenewal
    // Every failure is seen where it is asked for; an emitter without a listener would end the process.
    this.on('error', () => {})
  }

  /**
   * Closes it, with its goodbye unless `force`. BullMQ waits without end for the end of a connection that was lost just before and is not made
   * anew yet: it is left alone then, and its connection ends with the others.
   */
  async closeSoon(force: boolean): Promise<void> {
    // Its look for the dead and its renewals, which BullMQ ends after that, would keep the process.
    await this.pause(true)
    await within(realClock, closingMs, this.close(force))
    await this.lockManager.close()
  }

  override async extendJobLocks(ids: string[], tokens: string[], duration: number): Promise<string[]> {
    const sentAt = realClock.now()
    const refused = await super.extendJobLocks(ids, tokens, duration)
    this.#onRenewal?.(
      ids.filter((id) => !refused.includes(id)),
      sentAt,
    )
    return refused
  }
}

/** Of every queue: nothing of a job that is done with stays, and few of its events, which nobody here listens to. */
export const queueOptions = {
  streams: { events: { maxLen: 100 } },
  defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
} as const
