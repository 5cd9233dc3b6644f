/**
 * The worker's side of the pool: opens the trainer once, then does one fit after another. Everything that a
 * trainer can do to its own thread short of ending it is caught here and turned into that fit's outcome.
 *
 * Errors from timers and forgotten promises belong to the fit whose code started them (AsyncLocalStorage
 * knows), so that the fit which happens to run when they surface is not blamed for an earlier one's.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type MessagePort, workerData } from 'node:worker_threads'
import { type FitPlace, type OpenTrainer, openMetrics, openTrainer } from '../training/index.js'
import { ownSystemName } from './live-threads.js'
import { allowWatching } from './memory-watch.js'
import { FitOutput } from './output.js'
import { failure, outcomeOf, withLog } from './perform.js'
import type { FitReply, FromWorker, OpenReply, Task, ToWorker, WorkerData } from './protocol.js'
import { Realm } from './realm.js'
import { captureOutput } from './thread-output.js'
import { describeThrown } from './thrown.js'
import { workerError } from './worker-error.js'

type Verdict = 'continue' | 'prune'

/** Reports waiting for their answer; a trainer that never waits for one fills the memory of the main thread. */
const mostUnanswered = 10_000

/** What runs in this thread: a fit, or (id −1) the opening of the trainer. */
class Activity {
  readonly output
  readonly controller = new AbortController()
  readonly waiting = new Map<number, (verdict: Verdict) => void>()
  reports = 0
  /** The first error outside the promise it returned. */
  stray: { thrown: unknown } | null = null
  #wake!: () => void
  /** Resolves at the first stray error. */
  readonly broken = new Promise<void>((resolve) => {
    this.#wake = resolve
  })

  constructor(readonly id: number) {
    this.output = new FitOutput((line) => send({ kind: 'output', id, line }))
  }

  fail(thrown: unknown): void {
    this.stray ??= { thrown }
    this.#wake()
  }
}

const { plan } = workerData as WorkerData
/** Kept from before any trainer could change them. */
const now = performance.now.bind(performance)
const OwnPromise = Promise
const activeResources = process.getActiveResourcesInfo.bind(process)
const owners = new AsyncLocalStorage<Activity>()
let current: Activity | null = null
let trainer: OpenTrainer | null = null
let port: MessagePort | null = null
/** Where all fits of this thread run. */
let place: FitPlace | undefined
/** As the import of the trainer has left it, which is the same in every thread. */
let realm: Realm | null = null

allowWatching()
watchErrors()
watchExit()
captureOutput(() => {
  const owner = owners.getStore() ?? current
  return owner !== null && owner.id >= 0 ? owner.output : null
})

export default async function work(task: Task): Promise<OpenReply | FitReply | null> {
  // Awaited here, for a promise that is returned from an async function asks its `then`, which a fit may have changed.
  if (task.kind === 'open') return await open(task)
  if (task.kind === 'fit') return await fit(task)
  return null
}

async function open(task: Extract<Task, { kind: 'open' }>): Promise<OpenReply> {
  port = task.port
  place = task.place
  // This thread's own copy, before any module looks at it.
  Object.assign(process.env, place.environment)
  port.on('message', onMessage)
  const systemName = ownSystemName()
  if (systemName !== null) send({ kind: 'begun', systemName })
  const activity = new Activity(-1)
  current = activity
  try {
    const opened = await owners.run(activity, () => Promise.race([openAll(), activity.broken]))
    await nextTurn()
    if (opened && !activity.stray) {
      trainer = opened
      realm = new Realm()
      return { error: null }
    }
    const message = `a trainer module must be imported without errors (${describeThrown(activity.stray?.thrown)}, thrown outside its own promises)`
    return { error: { code: 'TRAINER_INVALID', message, problems: [] } }
  } catch (error) {
    return { error: workerError(error) }
  } finally {
    current = null
  }
}

/** The trainer, and the modules of metrics: the realm is taken as all of them leave it. */
async function openAll(): Promise<OpenTrainer> {
  const opened = await openTrainer(plan.trainer)
  await openMetrics(plan)
  return opened
}

async function fit({ id, job }: Extract<Task, { kind: 'fit' }>): Promise<FitReply> {
  const activity = new Activity(id)
  current = activity
  const began = now()
  try {
    const hooks = {
      report: (step: number, metrics: Readonly<Record<string, number>>) => report(activity, step, metrics),
      signal: activity.controller.signal,
      log: (message: string) => activity.output.log(message),
      logged: () => activity.output.soFar(),
      place,
      onKept: (name: string) => send({ kind: 'checkpoint', id, name }),
    }
    const work = owners.run(activity, () => outcomeOf(plan, trainer!, job, hooks))
    const outcome = await firstOf(work, activity.broken)
    // One turn of the loop: a rejection that nobody handles surfaces now, while it is known whose it is.
    await nextTurn()
    if (outcome && !activity.stray)
      return { outcome: withLog(outcome, activity.output), spoilt: leftTimers() || realm!.changed }
    const reason = `outside the promise that fit returned: ${describeThrown(activity.stray?.thrown)}`
    const failed = failure('TRAINER_THREW', reason, (now() - began) / 1000)
    return { outcome: withLog(failed, activity.output), spoilt: true }
  } catch (error) {
    return { error: workerError(error) }
  } finally {
    current = null
  }
}

/**
 * `Promise.race` for after a fit, which may have changed what that is made of (iterators, `then`): with `await` alone,
 * which nothing can change, the reply leaves this thread in any case.
 */
function firstOf<T>(work: Promise<T>, broken: Promise<void>): Promise<T | undefined> {
  return new OwnPromise((resolve, reject) => {
    const follow = async () => {
      try {
        resolve(await work)
      } catch (error) {
        reject(error)
      }
    }
    const give = async () => {
      await broken
      resolve(undefined)
    }
    void follow()
    void give()
  })
}

function report(activity: Activity, step: number, metrics: Readonly<Record<string, number>>) {
  if (current !== activity || activity.stray) return Promise.resolve<Verdict>('prune')
  if (activity.waiting.size >= mostUnanswered) {
    activity.fail(
      new Error(`a trainer must wait for the answers to its reports (${mostUnanswered} are unanswered)`),
    )
    return Promise.resolve<Verdict>('prune')
  }
  const number = activity.reports++
  return new Promise<Verdict>((resolve) => {
    activity.waiting.set(number, resolve)
    send({ kind: 'report', id: activity.id, report: number, step, metrics: { ...metrics } })
  })
}

function onMessage(message: ToWorker): void {
  const activity = current
  if (activity === null || message.id !== activity.id) return
  if (message.kind === 'answer') {
    activity.waiting.get(message.report)?.(message.verdict)
    activity.waiting.delete(message.report)
  } else {
    // Listeners of the signal are the trainer's code: what they throw is its own.
    owners.run(activity, () => activity.controller.abort(message.reason === 'prune' ? 'prune' : undefined))
  }
}

function send(message: FromWorker): void {
  port?.postMessage(message)
}

/** Timers left running could throw, exit or loop while another fit runs in this thread. */
function leftTimers(): boolean {
  const resources = activeResources()
  return resources.includes('Timeout') || resources.includes('Immediate')
}

function watchErrors(): void {
  const onStray = (thrown: unknown) => {
    const owner = owners.getStore() ?? current
    // Of an earlier fit, whose outcome is known already: nobody else is to blame.
    if (owner === null || owner !== current) {
      // A reply that could not be sent: without it the main thread would wait for ever.
      if (thrown instanceof Error && thrown.name === 'DataCloneError') process.exit(1)
      return
    }
    owner.fail(thrown)
  }
  process.on('uncaughtException', onStray)
  process.on('unhandledRejection', onStray)
}

function watchExit(): void {
  const exit = process.exit
  process.exit = ((code) => {
    const owner = owners.getStore()
    if (owner !== undefined && owner !== current) send({ kind: 'exit-of-another' })
    return exit.call(process, code)
  }) as typeof process.exit
}
