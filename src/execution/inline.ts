/**
 * Fits on the main thread, for trainers and objectives passed in code. `workers` fits are under way at the
 * same time, which helps those that wait for something (a process, a network), not those that compute.
 *
 * A time limit and a stop end the waiting for a fit, not its code: nothing can interrupt a synchronous loop
 * on the thread that would have to do it, and what an abandoned fit does afterwards is ignored. A trainer that
 * must be stopped for certain, or that may exhaust memory or exit, belongs in a module, run by the pool.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type OpenTrainer, openMetrics, openTrainer } from '../training/index.js'
import { checkOutcome } from './check-reply.js'
import { Fit } from './fit.js'
import { checkedWorkers, usualGrace } from './options.js'
import { FitOutput } from './output.js'
import { outcomeOf, withLog } from './perform.js'
import { FitQueue } from './queue.js'
import { Seats } from './seats.js'
import type { Executor, ExecutorOptions, FitOutcome, StopReason } from './types.js'

/** An executor on this thread; `trainer` unless the plan's reference can be opened. Keeps the laws of Executor. */
export function createInlineExecutor(options: ExecutorOptions, trainer?: OpenTrainer): Executor {
  const workers = checkedWorkers(options)
  const { plan, grace = usualGrace } = options
  const queue = new FitQueue<Fit>()
  const known = new Set<Fit>()
  /** A program ends with its process group, so its end is waited for: nothing of it is left when its fit has ended. */
  const concludes = plan.trainer.kind === 'command'
  const performing = new Set<Promise<void>>()
  const seats = new Seats(workers)
  let opening: Promise<OpenTrainer> | null = null
  let pumping = false
  let closed = false

  const opened = () => {
    opening ??= Promise.all([trainer ?? openTrainer(plan.trainer), openMetrics(plan)]).then(([one]) => one)
    return opening
  }

  // After a turn of the loop: fits requested together start in their order, and a row of synchronous fits
  // leaves room for timers and signals.
  async function pump(): Promise<void> {
    if (pumping) return
    pumping = true
    for (let seat = seats.take(); seat !== null; seat = seats.take()) {
      await nextTurn()
      const fit = next()
      if (!fit) {
        seats.free(seat)
        break
      }
      const work = perform(fit, seat)
      performing.add(work)
      void work.then(() => performing.delete(work))
    }
    pumping = false
  }

  function next(): Fit | undefined {
    for (;;) {
      const fit = queue.shift()
      if (!fit?.ended) return fit
    }
  }

  async function perform(fit: Fit, seat: number): Promise<void> {
    const controller = new AbortController()
    const print = (line: string) => fit.print(line)
    const output = new FitOutput(print)
    const free = () => {
      seats.free(seat)
      void pump()
    }
    fit.outcome.then(free, free)
    fit.start(seat, {
      concludes,
      ask: (reason: StopReason) => controller.abort(reason === 'prune' ? 'prune' : undefined),
      end: () => controller.abort(),
    })
    if (fit.ended) return
    try {
      const { timeLimit, ...given } = fit.request
      // A copy, as threads get one: what a trainer does to its params is nobody else's.
      const job = { ...given, params: structuredClone(given.params) }
      const outcome = await outcomeOf(plan, await opened(), job, {
        report: (step, metrics) => fit.report(step, metrics),
        signal: controller.signal,
        log: (message) => output.log(message),
        print,
      })
      // A synchronous fit held up the timer that should have stopped it.
      if (fit.seconds * 1000 > timeLimit) fit.exceed()
      fit.conclude(checkOutcome(withLog(outcome, output), fit.seconds))
    } catch (error) {
      fit.crash(error)
    }
  }

  return {
    workers,
    async ready() {
      await opened()
    },
    run(request, options = {}): Promise<FitOutcome> {
      const fit = new Fit(request, options, grace)
      if (closed) fit.abandon()
      else if (!fit.ended) {
        known.add(fit)
        const forget = () => known.delete(fit)
        fit.outcome.then(forget, forget)
        queue.push(request, fit)
        void pump()
      }
      return fit.outcome
    },
    async close() {
      closed = true
      for (const fit of known) fit.abandon()
      if (concludes) await Promise.all(performing)
    },
  }
}
