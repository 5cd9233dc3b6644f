/**
 * Fits on the main thread, for trainers and objectives passed in code. `workers` fits are under way at the
 * same time, which helps those that wait for something (a process, a network), not those that compute.
 *
 * A time limit and a stop end the waiting for a fit, not its code: nothing can interrupt a synchronous loop
 * on the thread that would have to do it, and what an abandoned fit does afterwards is ignored. A trainer that
 * must be stopped for certain, or that may exhaust memory or exit, belongs in a module, run by the pool.
 */
import { join } from 'node:path'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { EspalierError } from '../errors.js'
import { type OpenTrainer, openMetrics, openTrainer } from '../training/index.js'
import { checkOutcome } from './check-reply.js'
import { partFolder } from './checkpoint-files.js'
import { Fit, type Reins } from './fit.js'
import { checkedWorkers, usualGrace, usualStartLimit } from './options.js'
import { FitOutput } from './output.js'
import { outcomeOf, withLog } from './perform.js'
import { FitQueue } from './queue.js'
import { Seats } from './seats.js'
import type { Executor, ExecutorOptions, FitOutcome, StopReason } from './types.js'

/** ms `close` waits for what goes on though its fit has ended. */
const closeLimit = 2000

/** An executor on this thread; `trainer` unless the plan's reference can be opened. Keeps the laws of Executor. */
export function createInlineExecutor(options: ExecutorOptions, trainer?: OpenTrainer): Executor {
  const workers = checkedWorkers(options)
  const { plan, grace = usualGrace } = options
  const queue = new FitQueue<Fit>()
  const known = new Set<Fit>()
  /** A program ends with its process group, so its end is waited for: nothing of it is left when its fit has ended. */
  const concludes = plan.trainer.kind === 'command'
  const performing = new Set<Promise<void>>()
  /** What goes on at its seat though its fit has ended. */
  const leaving = new Set<Promise<unknown>>()
  const seats = new Seats(options, options.startLimit ?? usualStartLimit, {
    onFree: () => void pump(),
    onHeld(error) {
      broken = error
      for (const fit of known) fit.crash(error)
    },
  })
  /** Why no fit can begin any more. */
  let broken: EspalierError | null = null
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
        seats.giveBack(seat)
        break
      }
      const left: Promise<unknown>[] = []
      const work = perform(fit, seat, left)
      performing.add(work)
      const gone = work.then(async () => {
        performing.delete(work)
        if (left.length === 0) return
        const all = Promise.allSettled(left)
        leaving.add(all)
        await all
        leaving.delete(all)
      })
      const free = () => {
        seats.free(seat, gone)
        void pump()
      }
      fit.outcome.then(free, free)
    }
    pumping = false
  }

  function next(): Fit | undefined {
    for (;;) {
      const fit = queue.shift()
      if (!fit?.ended) return fit
    }
  }

  /** @param left takes what goes on at the seat when the fit has ended. */
  async function perform(fit: Fit, seat: number, left: Promise<unknown>[]): Promise<void> {
    const controller = new AbortController()
    const print = (line: string) => fit.print(line)
    const output = new FitOutput(print)
    const reins: Reins = {
      concludes,
      ask: (reason: StopReason) => controller.abort(reason === 'prune' ? 'prune' : undefined),
      end: () => controller.abort(),
    }
    fit.start(seat, reins, seats.start(seat), seats.watch(seat))
    if (fit.ended) return
    try {
      const { timeLimit, ...given } = fit.request
      // A copy, as threads get one: what a trainer does to its params is nobody else's.
      const job = { ...given, params: structuredClone(given.params) }
      const outcome = await outcomeOf(plan, await opened(), job, {
        report: (step, metrics) => fit.report(step, metrics),
        signal: controller.signal,
        log: (message) => output.log(message),
        logged: () => output.soFar(),
        print,
        place: seats.place(seat),
        occupied: (until) => left.push(until),
        onKept: (name) => fit.kept(join(partFolder(plan.checkpoints!, job), name)),
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
      else if (broken) fit.crash(broken)
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
      // What the system itself holds is left behind.
      if (leaving.size > 0) await Promise.race([Promise.all(leaving), delay(closeLimit)])
      seats.close()
    },
  }
}
