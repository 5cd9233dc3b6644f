/**
 * One seat of a worker: one fit at a time, whatever sweep it belongs to, so that what the seat holds is never used by two. The executor of
 * the latest sweep stays, with all that its fits have in common.
 */
import { EspalierError } from '../errors.js'
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
  /** Devices a fit holds, or the share of one. */
  readonly devicesPerFit: number
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

/** Devices that each of these seats has for itself: of one that several hold, its share. */
export function heldBy(seats: readonly Seat[]): number[] {
  const holders = new Map<string, number>()
  for (const { devices } of seats) for (const { id } of devices) holders.set(id, (holders.get(id) ?? 0) + 1)
  return seats.map(({ devices }) => devices.reduce((sum, { id }) => sum + 1 / holders.get(id)!, 0))
}

/** Throws WORKER_UNFIT where a fit needs more devices than a seat of this worker holds. */
export function checkDevices(needed: number, held: number): void {
  // A share that is not exact in binary, such as a third of a device, is enough.
  if (needed <= held + 1e-9) return
  const has = held === 0 ? 'no devices' : `${Number(held.toFixed(3))} of a device`
  throw new EspalierError(
    'WORKER_UNFIT',
    `each seat of a worker must hold the devices that a fit of the sweep needs (${needed}; one here holds ${held >= 1 ? held : has}); start it with --devices auto --devices-per-fit ${needed}, or on a machine that has them`,
  )
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
