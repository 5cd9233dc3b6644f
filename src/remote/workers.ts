/**
 * The workers of a queue for people: who is there, and at what. Who looks takes nobody's clock for its own: how long something has
 * taken is what its worker says, and silence is what was looked at for long and did not change.
 */
import type { Device } from '../execution/index.js'
import type { AnnouncedFit, SweepAnnouncement } from './protocol.js'
import { type LookOptions, lookInto, type QueueLook, shortly } from './queue-look.js'
import { queueSettings } from './settings.js'
import type { SeenWorker } from './workers-watch.js'

export interface ListOptions extends LookOptions {
  /** ms that a worker is waited for which has said nothing yet: `claimMs` (15,000) unless given. Workers say something every third of it. */
  readonly patience?: number
}

/** A worker that serves a queue. */
export interface QueueWorker {
  /** Its name, by which it is asked to leave. */
  readonly worker: string
  readonly host: string
  readonly user: string
  readonly pid: number
  /** The version of Espalier it is. */
  readonly espalier: string
  readonly node: string
  /** For how long it has been serving, by its own clock. */
  readonly seconds: number
  /** In the order of their numbers. */
  readonly seats: readonly { readonly devices: readonly Device[] }[]
  /** What it is at. */
  readonly fits: readonly WorkerFit[]
  /** Fits that it has done to their end. */
  readonly done: number
  /** For how long it was looked at and said nothing, so that it is gone, frozen or cut off; null of one that spoke. */
  readonly silentSeconds: number | null
}

/** A fit that a worker is at. */
export interface WorkerFit {
  readonly trial: number
  /** Its number at the worker. */
  readonly seat: number
  /** For how long, by the worker's clock. */
  readonly seconds: number
  /** null where its coordinator is not there any more. */
  readonly sweep: {
    readonly id: string | null
    readonly name: string | null
    /** The machine that coordinates it. */
    readonly host: string
  } | null
}

export interface QueueWorkers {
  /** Its address, without a password. */
  readonly queue: string
  /** By machine and name. */
  readonly workers: readonly QueueWorker[]
  /** What stands in the queue as a worker and is not believed: unsigned, signed with another secret, or none of ours. */
  readonly unread: readonly { readonly worker: string; readonly code: string; readonly message: string }[]
}

/**
 * Who serves a queue. It takes until all of them have said something, some seconds, or `patience` where one is silent.
 * @throws EspalierError USAGE where no queue is named; QUEUE_UNREACHABLE.
 */
export async function listWorkers(options: ListOptions = {}): Promise<QueueWorkers> {
  const { patience = queueSettings(options).claimMs } = options
  return lookInto(options, async (look) => {
    const { watch, transport } = look
    await look.answered(watch.look())
    while ([...watch.workers.values()].some(({ spoke }) => !spoke) && look.elapsed() < patience) {
      await shortly()
      await look.answered(watch.look())
    }
    const looked = look.elapsed() / 1000
    const sweeps = await sweepsIn(look)
    return {
      queue: transport.name,
      workers: [...watch.workers.values()]
        .map((seen) => workerOf(seen, looked, sweeps))
        .sort((a, b) => compare(a.host, b.host) || compare(a.worker, b.worker)),
      unread: [...watch.unread]
        .map(([worker, { code, message }]) => ({ worker, code, message }))
        .sort((a, b) => compare(a.worker, b.worker)),
    }
  })
}

type Sweeps = ReadonlyMap<string, SweepAnnouncement>

/** Those that are coordinated now, by the sessions of their coordinators. */
async function sweepsIn({ transport, letters, answered }: QueueLook): Promise<Sweeps> {
  const sweeps = new Map<string, SweepAnnouncement>()
  for (const { id, body } of await answered(transport.announced('sweep'))) {
    try {
      sweeps.set(id, letters.readSweep(body))
    } catch {
      // Not signed as it should be, or none of ours: nobody's word.
    }
  }
  return sweeps
}

function workerOf({ announcement, spoke }: SeenWorker, looked: number, sweeps: Sweeps): QueueWorker {
  const { worker, host, user, pid, espalier, node, seats, fits, ms, done } = announcement
  return {
    worker,
    host,
    user,
    pid,
    espalier,
    node,
    seconds: ms / 1000,
    seats,
    fits: fits.map((fit) => fitOf(fit, sweeps)),
    done,
    silentSeconds: spoke ? null : looked,
  }
}

function fitOf({ trial, seat, ms, session }: AnnouncedFit, sweeps: Sweeps): WorkerFit {
  const known = sweeps.get(session)
  const sweep = known === undefined ? null : { id: known.sweep, name: known.name, host: known.host }
  return { trial, seat, seconds: ms / 1000, sweep }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
