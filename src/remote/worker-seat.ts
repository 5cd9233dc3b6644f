/**
 * One seat of a worker: one fit at a time, whatever sweep it belongs to, so that what the seat holds is never used by two. The executor of
 * the latest sweep stays, with all that its fits have in common.
 */
import { createLocalExecutor, type Executor, type Seat } from '../execution/index.js'
import { type FitPlan, openTrainer } from '../training/index.js'
import type { Moved } from './named-there.js'

/** What a seat can fit: a sweep's plan, on this machine. */
export interface Installed {
  /** Of the coordinator that it is for. */
  readonly session: string
  readonly plan: FitPlan
  readonly memoryLimit: number | null
  readonly grace: number | null
  readonly moved: Moved
}

/** An executor with this one seat, ready for fits of a sweep. Rejects where the trainer cannot start here. */
export async function startExecutor({ plan, memoryLimit, grace }: Installed, seat: Seat): Promise<Executor> {
  const { trainer, parameters } = plan
  const code = trainer.kind === 'command' ? await openTrainer(trainer, { parameters }) : undefined
  const executor = createLocalExecutor({
    plan,
    workers: 1,
    seats: [seat],
    memoryLimit,
    code,
    ...(grace !== null && { grace }),
  })
  try {
    await executor.ready()
  } catch (error) {
    await executor.close()
    throw error
  }
  return executor
}

export class WorkerSeat {
  readonly number: number
  readonly seat: Seat
  readonly #start: typeof startExecutor
  #current: { readonly session: string; readonly executor: Executor } | null = null

  constructor(number: number, seat: Seat, start: typeof startExecutor) {
    this.number = number
    this.seat = { ...seat, number }
    this.#start = start
  }

  /** Ready for fits of this sweep. Rejects where the trainer cannot start here. */
  async executorFor(installed: Installed): Promise<Executor> {
    const { session } = installed
    if (this.#current?.session === session) return this.#current.executor
    await this.close()
    const executor = await this.#start(installed, this.seat)
    this.#current = { session, executor }
    return executor
  }

  async close(): Promise<void> {
    const current = this.#current
    this.#current = null
    await current?.executor.close()
  }
}
