/**
 * What the parts of the transport need of BullMQ: queues and workers on one connection that comes back by itself, whichever server it
 * is to, and patience while the server cannot be reached.
 */

import type { Job, Queue } from 'bullmq'
import type { OnRenewal, TellingWorker, WorkerSettings } from './worker.js'

export interface Backing {
  /** The address without secrets. */
  readonly name: string
  /** What its owner should know: said once, by whoever opens it. */
  readonly warnings: readonly string[]
  readonly reachable: boolean
  /** Whether jobs that were taken from the dead wait in another list than those that nobody has had. */
  readonly deadWaitApart: boolean
  queue(name: string): Queue
  /** A worker that does not run yet: `run()` or `startStalledCheckTimer()`. `work` null: it never takes a job. */
  worker(
    name: string,
    work: ((job: Job, token: string) => Promise<unknown>) | null,
    settings: WorkerSettings,
    onRenewal?: OnRenewal,
  ): TellingWorker
  /** Ends a worker, in seconds at most; where the queue cannot be reached, without its goodbye. */
  closeWorker(worker: TellingWorker): Promise<void>
  /** ms by the server's own clock. */
  time(): Promise<number>
  /** Names of the queues that are there and begin so. */
  queueNames(beginning: string): Promise<string[]>
  /** Asks until it is answered; rejects once `close` is called, or for what the queue refuses. */
  patiently<T>(ask: () => Promise<T>): Promise<T>
  close(): Promise<void>
}
