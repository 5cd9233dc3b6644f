/**
 * A sweep and its workers as they are, on a queue in memory and a clock of their own: only what a fit takes is made up. Its result is
 * real, worked out at once on this thread; then it waits as long as it is said to take.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInlineExecutor, type Executor, type Seat } from '../../../src/execution/index.js'
import { type SweepOptions, sweep } from '../../../src/index.js'
import { executorIn } from '../../../src/remote/coordinator.js'
import { queueSettings } from '../../../src/remote/settings.js'
import type { Surroundings } from '../../../src/remote/surroundings.js'
import { runWorkerIn } from '../../../src/remote/worker.js'
import type { Installed } from '../../../src/remote/worker-seat.js'
import { FakeClock } from './clock.js'
import { MemoryQueue, type MemoryTransport } from './queue.js'

export interface WorldOptions {
  readonly claimMs?: number
  /** ms that an answer of the queue takes. */
  readonly latency?: number
  /** ms that a message takes to be heard. */
  readonly hearing?: number
  /** ms that a fit takes. */
  readonly fitMs: number
}

export interface WorkerInWorld {
  /** It is no more, without a word. */
  die(): void
  /** It gives its fits back and ends. */
  leave(): Promise<void>
}

export class World {
  readonly clock = new FakeClock()
  readonly queue: MemoryQueue
  readonly #claimMs: number
  readonly #fitMs: number
  readonly #workers = new Set<WorkerInWorld>()
  readonly #inner = new Map<string, Promise<Executor>>()
  #cache = ''

  constructor({ claimMs = 15_000, latency = 1, hearing, fitMs }: WorldOptions) {
    this.#claimMs = claimMs
    this.#fitMs = fitMs
    this.queue = new MemoryQueue(this.clock, { claimMs, latency, hearing })
  }

  async open(): Promise<void> {
    this.#cache = await mkdtemp(join(tmpdir(), 'espalier-simulated-'))
  }

  async close(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.leave()))
    this.clock.stop()
    for (const inner of this.#inner.values()) await (await inner).close()
    await rm(this.#cache, { recursive: true, force: true })
  }

  /** Runs a sweep whose fits are done by the workers of this world. Time passes from when it opens the queue. */
  sweep(file: Parameters<typeof sweep>[0], options: SweepOptions) {
    const settings = queueSettings({
      queue: this.queue.open().name,
      claimMs: this.#claimMs,
      secret: 'simulated',
    })
    return sweep(file, {
      ...options,
      executor: executorIn(
        this.#surroundings(() => this.clock.start()),
        settings,
      ),
    })
  }

  start(seats = 1): WorkerInWorld {
    let transport: MemoryTransport | null = null
    let dead = false
    const leaving = new AbortController()
    const worker: WorkerInWorld = {
      die: () => {
        dead = true
        transport?.cut()
        this.#workers.delete(worker)
      },
      leave: async () => {
        leaving.abort()
        await end
        this.#workers.delete(worker)
      },
    }
    const surroundings = this.#surroundings((opened) => {
      transport = opened
      if (dead) opened.cut()
    })
    const end = runWorkerIn(
      surroundings,
      {
        queue: this.queue.open().name,
        secret: 'simulated',
        claimMs: this.#claimMs,
        seats: Array.from({ length: seats }, () => ({ devices: [] })),
        cache: this.#cache,
        signal: leaving.signal,
      },
      (installed, seat) => this.#startExecutor(installed, seat),
    )
    end.catch(() => {})
    this.#workers.add(worker)
    return worker
  }

  #surroundings(onOpen: (transport: MemoryTransport) => void): Surroundings {
    return {
      clock: this.clock,
      open: async () => {
        const transport = this.queue.open()
        onOpen(transport)
        return transport
      },
    }
  }

  async #startExecutor(installed: Installed, seat: Seat): Promise<Executor> {
    const inner = await this.#innerFor(installed)
    return {
      workers: 1,
      ready: async () => {},
      close: async () => {},
      run: async (request, options = {}) => {
        options.onStart?.({ seat: seat.number ?? 0, devices: [] })
        const outcome = await inner.run(request, { ...options, onStart: () => {} })
        await this.#passes(this.#fitMs, options.signal)
        return options.signal?.aborted ? { status: 'aborted' } : outcome
      },
    }
  }

  /** All workers of a sweep share it: they are one thread. */
  #innerFor({ session, plan, memoryLimit }: Installed): Promise<Executor> {
    let inner = this.#inner.get(session)
    if (inner === undefined) {
      inner = (async () => {
        const executor = createInlineExecutor({ plan, workers: 64, memoryLimit })
        await executor.ready()
        return executor
      })()
      this.#inner.set(session, inner)
    }
    return inner
  }

  async #passes(ms: number, signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.clock.after(ms, resolve)
      signal?.addEventListener('abort', () => {
        cancel()
        resolve()
      })
    })
  }
}
