/**
 * A worker: takes fits from a queue and does them on this machine, as many at a time as it has seats, until it is told to stop.
 *
 * The process only supervises: what trains runs in a thread or a program, so that claims are renewed whatever a trainer does. When a
 * claim is lost, or nobody waits for its fit any more, the fit is ended at once, with all processes it started.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { EspalierError, isEspalierError } from '../errors.js'
import {
  clearCheckpoint,
  type FitOutcome,
  installCheckpoint,
  onAbort,
  type Seat,
} from '../execution/index.js'
import { whoIsThis } from '../tracking/index.js'
import type { FitNote, FitPlan } from '../training/index.js'
import { Caretaker } from './caretaker.js'
import { CheckpointPost } from './checkpoint-post.js'
import type { Clock } from './clock.js'
import { encodeParts } from './codec.js'
import { install } from './installed.js'
import { cacheFolder, KeptContent } from './kept-content.js'
import { namedThere } from './named-there.js'
import { espalierVersion } from './package-root.js'
import { unpackParcel } from './parcel.js'
import { Post } from './post.js'
import {
  boxOf,
  type FitOffer,
  Letters,
  offerOwner,
  protocolVersion,
  type RefusalCode,
  type ToWorker,
} from './protocol.js'
import { repeat, within } from './repeat.js'
import { checkSent, whyNot, writeParts } from './sent-checkpoint.js'
import { SessionWatch } from './session-watch.js'
import { type QueueOptions, type QueueSettings, queueSettings } from './settings.js'
import { isSigned } from './signing.js'
import { realSurroundings, type Surroundings } from './surroundings.js'
import type { Claim, Closable, Server, Transport } from './transport.js'
import { checkDevices, heldBy, type Installed, startExecutor, WorkerSeat } from './worker-seat.js'

export interface WorkerOptions extends QueueOptions {
  /** What each seat holds: as many fits run at a time. One seat without devices unless given. */
  readonly seats?: readonly Seat[]
  /** Fits it takes in all; no limit unless given. */
  readonly count?: number
  /** ms without work after which it ends; never unless given. */
  readonly idleExit?: number
  /** Where programs run on this machine, and where packages of modules are looked for. */
  readonly directory?: string
  /** Where content is kept that was fetched once: ESPALIER_CACHE, else the user's cache folder. */
  readonly cache?: string
  /** Aborted: it gives its fits back and ends. */
  readonly signal?: AbortSignal
  onEvent?(event: WorkerEvent): void
}

export type WorkerEvent =
  | {
      readonly type: 'ready'
      readonly worker: string
      readonly queue: string
      readonly seats: readonly Seat[]
    }
  | { readonly type: 'fit-started'; readonly fit: string; readonly trial: number; readonly seat: number }
  | {
      readonly type: 'fit-ended'
      readonly fit: string
      readonly trial: number
      readonly seat: number
      readonly how: 'finished' | 'pruned' | 'failed' | 'given-back' | 'lost'
    }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'leaving'; readonly reason: string }

export interface WorkerEnd {
  /** Fits that it did to their end. */
  readonly done: number
  readonly reason: 'count' | 'idle' | 'signal' | 'told'
}

/**
 * Serves a queue until it is told to stop, has done its count, or was idle for long.
 * @throws EspalierError USAGE, QUEUE_UNREACHABLE; WORKER_UNFIT where it claimed a fit that it cannot do: another version, packages or
 *   files that are missing. The fit is given back before.
 */
export async function runWorker(options: WorkerOptions = {}): Promise<WorkerEnd> {
  return runWorkerIn(realSurroundings, options)
}

/** @param start what fits at a seat run on. */
export async function runWorkerIn(
  { clock, open }: Surroundings,
  options: WorkerOptions,
  start: typeof startExecutor = startExecutor,
): Promise<WorkerEnd> {
  const settings = queueSettings(options)
  if (options.seats?.length === 0)
    throw new EspalierError('USAGE', 'a worker needs a seat (it has none); give it one or more')
  const transport = await open(settings, (message) => options.onEvent?.({ type: 'warning', message }))
  return new RemoteWorker(options, settings, { transport, clock, start }).serve()
}

class RemoteWorker {
  readonly #id = randomBytes(4).toString('hex')
  readonly #options: WorkerOptions
  readonly #settings: QueueSettings
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #letters: Letters
  readonly #sessions: SessionWatch
  readonly #kept: KeptContent
  readonly #seats: WorkerSeat[]
  readonly #free: WorkerSeat[]
  /** Devices of each seat, for itself. */
  readonly #held: readonly number[]
  readonly #running = new Map<string, Running>()
  /** By session: what one leaves for its continuation is not another's. */
  readonly #parcels = new Map<string, Promise<Installed | null>>()
  /** Aborted: all fits are given back. */
  readonly #leaving = new AbortController()
  #reason: WorkerEnd['reason'] = 'signal'
  #unfit: EspalierError | null = null
  #server: Server | null = null
  #claimed = 0
  #done = 0
  #beat = 0
  readonly #began: number
  /** What it says of itself, under way. */
  #announcing: Promise<void> = Promise.resolve()
  #lastWork: number
  #folder = ''

  constructor(
    options: WorkerOptions,
    settings: QueueSettings,
    { transport, clock, start }: { transport: Transport; clock: Clock; start: typeof startExecutor },
  ) {
    this.#options = options
    this.#settings = settings
    this.#transport = transport
    this.#clock = clock
    this.#letters = new Letters(settings.secret)
    this.#sessions = new SessionWatch(transport, this.#letters, clock, settings.claimMs)
    this.#kept = new KeptContent(options.cache ?? cacheFolder(), (digest) => transport.getContent(digest))
    const { seats = [{ devices: [] }] } = options
    this.#held = heldBy(seats)
    this.#seats = seats.map((seat, i) => new WorkerSeat(i, seat, start))
    this.#free = [...this.#seats]
    this.#began = clock.now()
    this.#lastWork = this.#began
  }

  async serve(): Promise<WorkerEnd> {
    const { signal, onEvent, count = Number.POSITIVE_INFINITY } = this.#options
    const open: (Closable | (() => void))[] = []
    const { claimMs } = this.#settings
    const caretaker = new Caretaker(this.#transport, this.#letters, this.#clock, { claimMs })
    // No longer than a queue that does not answer is waited for.
    const longestWait = 2 * claimMs
    try {
      // As modules see it that are loaded from there.
      this.#folder = await realpath(await mkdtemp(join(tmpdir(), 'espalier-worker-')))
      void this.#kept.clearOld()
      await this.#announce()
      const box = this.#transport.receive(boxOf.worker(this.#id), async (text) => this.#hear(text))
      open.push(
        box,
        repeat(this.#clock, claimMs / 5, () => this.#sessions.look()),
        repeat(this.#clock, claimMs / 3, () => this.#announce()),
        repeat(this.#clock, 2 * claimMs, () => caretaker.look()),
        repeat(this.#clock, Math.min(1000, claimMs), async () => this.#onIdle()),
      )
      const left = new Promise<void>((resolve) => {
        this.#leaving.signal.addEventListener('abort', () => resolve())
      })
      const onSignal = () => this.#leave('signal')
      if (signal?.aborted) onSignal()
      signal?.addEventListener('abort', onSignal)
      const most = Math.min(this.#seats.length, count)
      this.#server = this.#transport.serve(most, (claim) => this.#work(claim))
      onEvent?.({
        type: 'ready',
        worker: this.#id,
        queue: this.#transport.name,
        seats: this.#seats.map(({ seat }) => seat),
      })
      await left
      signal?.removeEventListener('abort', onSignal)
      await within(this.#clock, longestWait, this.#server.drain())
    } finally {
      await within(this.#clock, longestWait, this.#farewell(open))
      await this.#transport.close().catch(() => {})
      await Promise.allSettled(this.#seats.map((seat) => seat.close()))
      if (this.#folder !== '')
        await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => {})
    }
    if (this.#unfit !== null) throw this.#unfit
    return { done: this.#done, reason: this.#reason }
  }

  async #farewell(open: readonly (Closable | (() => void))[]): Promise<void> {
    for (const one of open) if (typeof one === 'function') one()
    await this.#server?.close()
    // One that is under way would make it known again.
    await this.#announcing.catch(() => {})
    await this.#transport.unannounce('worker', this.#id)
    for (const one of open) if (typeof one !== 'function') await one.close()
    await this.#transport.dropBox(boxOf.worker(this.#id))
  }

  #leave(reason: WorkerEnd['reason'], said?: string): void {
    if (this.#leaving.signal.aborted) return
    this.#reason = reason
    this.#options.onEvent?.({ type: 'leaving', reason: said ?? reason })
    this.#leaving.abort()
  }

  #onIdle(): void {
    const { idleExit } = this.#options
    if (this.#running.size > 0) this.#lastWork = this.#clock.now()
    else if (idleExit !== undefined && this.#clock.now() - this.#lastWork >= idleExit) this.#leave('idle')
  }

  #announce(): Promise<void> {
    const now = this.#clock.now()
    const announcement = {
      worker: this.#id,
      host: hostname(),
      user: whoIsThis().user,
      pid: process.pid,
      espalier: espalierVersion(),
      node: process.version,
      seats: this.#seats.map(({ seat }) => ({ devices: seat.devices })),
      fits: [...this.#running].map(([fit, { session, seat, trial, since }]) => {
        return { fit, session, seat, trial, ms: now - since }
      }),
      ms: now - this.#began,
      done: this.#done,
      beat: this.#beat++,
    }
    this.#announcing = this.#transport.announce(
      'worker',
      this.#id,
      this.#letters.announceWorker(announcement),
    )
    return this.#announcing
  }

  #hear(text: string): void {
    let message: ToWorker
    try {
      message = this.#letters.readToWorker(this.#id, text)
    } catch (error) {
      this.#warn(`a message was left aside: ${(error as Error).message}`)
      return
    }
    if (message.kind === 'leave') {
      this.#leave('told', `told by ${message.by}`)
      return
    }
    const running = this.#running.get(message.fit)
    if (running === undefined) return
    if (message.kind === 'answer') running.answers.get(message.report)?.(message.verdict)
    else if (message.kind === 'kept') running.checkpoints?.kept(message.checkpoint)
    else running.stop.abort(message.reason === 'prune' ? 'prune' : undefined)
  }

  #warn(message: string): void {
    this.#options.onEvent?.({ type: 'warning', message })
  }

  async #work(claim: Claim): Promise<void> {
    if (this.#settings.secret === null && isSigned(claim.body)) {
      // Nothing that it says would be heeded.
      this.#standBack(
        new EspalierError(
          'MESSAGE_UNSIGNED',
          'a worker must have the secret of the sweeps that it serves (they are signed, and it has none); set ESPALIER_QUEUE_SECRET to the same as there',
        ),
      )
      return
    }
    let offer: FitOffer
    try {
      offer = this.#letters.readOffer(claim.body)
    } catch (error) {
      await this.#refuseUnread(claim, error as EspalierError)
      return
    }
    const post = new Post(
      { transport: this.#transport, letters: this.#letters, clock: this.#clock },
      offer.session,
      offer.fit,
    )
    const { count = Number.POSITIVE_INFINITY } = this.#options
    try {
      const over = await this.#sessions.join(offer.session)
      if (over === null) return
      const excess = ++this.#claimed > count
      if (excess || this.#leaving.signal.aborted) await post.say({ kind: 'given-back' })
      else await this.#fit(claim, offer, over, post)
    } finally {
      post.close()
      this.#lastWork = this.#clock.now()
      if (this.#claimed >= count && this.#running.size === 0) this.#leave('count')
    }
  }

  async #fit(claim: Claim, offer: FitOffer, over: AbortSignal, post: Post): Promise<void> {
    const seat = this.#free.shift()
    if (seat === undefined) {
      // A fit whose claim was lost has not ended yet.
      await post.say({ kind: 'given-back' })
      return
    }
    const { trial } = offer.request
    const running: Running = {
      session: offer.session,
      seat: seat.number,
      trial,
      since: this.#clock.now(),
      stop: new AbortController(),
      answers: new Map(),
    }
    this.#running.set(offer.fit, running)
    this.#options.onEvent?.({ type: 'fit-started', fit: offer.fit, trial, seat: seat.number })
    let how: 'finished' | 'pruned' | 'failed' | 'given-back' | 'lost' = 'lost'
    try {
      how = await this.#perform(claim, offer, { seat, running, over, post })
    } finally {
      this.#running.delete(offer.fit)
      this.#free.push(seat)
      this.#free.sort((a, b) => a.number - b.number)
      if (how !== 'lost' && how !== 'given-back') this.#done++
      this.#options.onEvent?.({ type: 'fit-ended', fit: offer.fit, trial, seat: seat.number, how })
    }
  }

  async #perform(
    claim: Claim,
    offer: FitOffer,
    { seat, running, over, post }: { seat: WorkerSeat; running: Running; over: AbortSignal; post: Post },
  ): Promise<'finished' | 'pruned' | 'failed' | 'given-back' | 'lost'> {
    const installed = await this.#ready(offer, seat, over, post)
    if (installed === null) return 'given-back'
    const { executor, moved, plan } = installed
    const forgotten = AbortSignal.any([claim.lost, over, this.#leaving.signal])
    if (forgotten.aborted && !this.#leaving.signal.aborted) return 'lost'
    const end = () => running.stop.abort()
    running.stop.signal.addEventListener('abort', () => {
      // Nobody answers what is ended.
      for (const answer of [...running.answers.values()]) answer('prune')
    })
    forgotten.addEventListener('abort', end)
    if (forgotten.aborted) end()
    const note = await this.#installCheckpoint(plan, offer, forgotten)
    const checkpoints = new CheckpointPost(
      this.#transport,
      post,
      offer.fit,
      note === null ? offer.checkpoint : null,
    )
    running.checkpoints = checkpoints
    let reports = 0
    let outcome: FitOutcome
    try {
      outcome = await executor.run(offer.request, {
        signal: running.stop.signal,
        onStart: ({ devices = [] }) => {
          void post
            .say({
              kind: 'start',
              worker: this.#id,
              host: hostname(),
              seat: seat.number,
              seats: this.#seats.length,
              devices,
            })
            .catch(() => {})
        },
        onReport: (step, metrics) => {
          const report = reports++
          return new Promise((resolve) => {
            running.answers.set(report, (verdict) => {
              running.answers.delete(report)
              resolve(verdict)
            })
            checkpoints.say({ kind: 'report', report, step, metrics })
          })
        },
        onCheckpoint: (folder) => checkpoints.send(folder),
        onOutput: (line) => post.print(line),
      })
    } catch (error) {
      if (!isEspalierError(error)) throw error
      // Its seat can fit nothing any more: devices that are held, threads that do not start.
      checkpoints.stop()
      await this.#refuse(post, 'unfit', error.message)
      this.#standBack(error)
      return 'given-back'
    } finally {
      forgotten.removeEventListener('abort', end)
    }
    const isLost = claim.lost.aborted || over.aborted
    // Whoever goes on with what is given back or tried again has the last one, and so has who keeps it.
    const isLastWanted =
      this.#leaving.signal.aborted || outcome.status === 'failed' || plan.checkpoints?.stay === true
    if (isLost || !isLastWanted) checkpoints.stop()
    if (!isLost) await untilAborted(checkpoints.settled(), AbortSignal.any([claim.lost, over]))
    if (plan.checkpoints !== undefined) await clearCheckpoint(plan.checkpoints, offer.request).catch(() => {})
    if (claim.lost.aborted || over.aborted) return 'lost'
    if (note !== null) outcome = { ...outcome, notes: [note, ...(outcome.notes ?? [])] }
    if (this.#leaving.signal.aborted && outcome.status === 'aborted') {
      await post.say({ kind: 'given-back' })
      return 'given-back'
    }
    await this.#sayEnd(offer.fit, namedThere(outcome, moved), post, claim.lost)
    return outcome.status === 'aborted' ? 'lost' : outcome.status
  }

  /**
   * What an earlier start of the fit left is put where the fit finds it; nothing else is there. Where it cannot be had, the fit starts from
   * the beginning: why, for its record.
   */
  async #installCheckpoint(
    { checkpoints }: FitPlan,
    { fit, request, checkpoint }: FitOffer,
    forgotten: AbortSignal,
  ): Promise<FitNote | null> {
    if (checkpoints === undefined) return null
    const get = async (digest: string) => {
      forgotten.throwIfAborted()
      return this.#transport.getContent(digest, offerOwner(fit))
    }
    try {
      await clearCheckpoint(checkpoints, request)
      if (checkpoint === null) return null
      const sent = checkSent(checkpoint)
      await installCheckpoint(checkpoints, request, sent.checkpoint, (file, path) =>
        writeParts(file, path, sent, get),
      )
      return null
    } catch (error) {
      const message = `${whyNot(error)}: the fit started from the beginning`
      if (!forgotten.aborted) this.#warn(`trial ${request.trial}: ${message}`)
      return { about: 'checkpoint', message }
    }
  }

  async #sayEnd(fit: string, outcome: FitOutcome, post: Post, lost: AbortSignal): Promise<void> {
    const { text, blobs } = encodeParts(outcome)
    const said = (async () => {
      for (const [digest, content] of blobs) await this.#transport.putContent(digest, content, fit)
      await post.say({ kind: 'end', outcome: text, contents: [...blobs.keys()] })
    })()
    await untilAborted(said, lost)
  }

  /** What fits of this sweep run on at this seat; null where they cannot, which has been said then. */
  async #ready(offer: FitOffer, seat: WorkerSeat, over: AbortSignal, post: Post) {
    try {
      this.#checkVersion(offer)
      const installed = await this.#installed(offer, over)
      if (installed === null) {
        this.#parcels.delete(offer.session)
        await this.#refuse(post, 'parcel-missing', 'what the sweep sent is not in the queue any more')
        return null
      }
      const { plan, moved, devicesPerFit } = installed
      checkDevices(devicesPerFit, this.#held[seat.number]!)
      return { executor: await seat.executorFor(installed), plan, moved }
    } catch (error) {
      if (!isEspalierError(error)) throw error
      await this.#refuse(post, 'unfit', error.message)
      this.#standBack(error)
      return null
    }
  }

  /** It would claim the next fit, and refuse that too: another worker shall have them. */
  #standBack(error: EspalierError): void {
    this.#unfit ??= new EspalierError('WORKER_UNFIT', error.message, {
      problems: error.problems,
      cause: error,
    })
    this.#leave('told', 'it cannot serve this sweep')
  }

  #checkVersion({ protocol, espalier }: FitOffer): void {
    const own = espalierVersion()
    if (protocol === protocolVersion && espalier === own) return
    throw new EspalierError(
      'WORKER_UNFIT',
      `a worker must be of the same version as the sweep (this one is Espalier ${own}, the sweep is of ${espalier}); install espalier@${espalier} here, or this version there`,
    )
  }

  #installed({ session, parcel }: FitOffer, over: AbortSignal): Promise<Installed | null> {
    const known = this.#parcels.get(session)
    if (known !== undefined) return known
    const folder = join(this.#folder, session)
    const fetched = this.#fetchParcel(session, parcel, folder)
    this.#parcels.set(session, fetched)
    fetched.catch(() => this.#parcels.delete(session))
    onAbort(over, () => {
      this.#parcels.delete(session)
      void rm(folder, { recursive: true, force: true }).catch(() => {})
    })
    return fetched
  }

  async #fetchParcel(session: string, digest: string, folder: string): Promise<Installed | null> {
    const get = (one: string) => this.#kept.get(one)
    const parcel = await unpackParcel(digest, get)
    if (parcel === null) return null
    const code = join(folder, 'code')
    await rm(code, { recursive: true, force: true })
    await mkdir(code, { recursive: true })
    const plan = await install(parcel, { folder: code, directory: this.#options.directory ?? null, get })
    if (plan === null) return null
    const { memoryLimit, grace, devicesPerFit } = parcel
    // On this machine: they travel to the coordinator's.
    const checkpoints = plan.checkpoints && { ...plan.checkpoints, folder: join(folder, 'checkpoints') }
    const moved = { here: code, there: parcel.code.root }
    return { session, plan: { ...plan, checkpoints }, memoryLimit, grace, devicesPerFit, moved }
  }

  async #refuse(post: Post, code: RefusalCode, message: string): Promise<void> {
    await post.say({ kind: 'refused', code, message, worker: this.#id, host: hostname() })
  }

  /** Its coordinator is told, as far as it can be found out who that is. */
  async #refuseUnread({ id }: Claim, error: EspalierError): Promise<void> {
    this.#warn(`a fit was refused: ${error.message}`)
    const [, session] = /^s([0-9a-f]+)-/.exec(id) ?? []
    if (session === undefined) return
    const post = new Post(
      { transport: this.#transport, letters: this.#letters, clock: this.#clock },
      session,
      id,
    )
    const code = error.code === 'MESSAGE_UNSIGNED' ? 'unsigned' : 'unfit'
    await this.#refuse(post, code, error.message)
    post.close()
  }
}

interface Running {
  /** Of its coordinator. */
  readonly session: string
  readonly seat: number
  readonly trial: number
  readonly since: number
  readonly stop: AbortController
  /** Reports that wait for their answers, by number. */
  readonly answers: Map<number, (verdict: 'continue' | 'prune') => void>
  checkpoints?: CheckpointPost
}

/** Waits for what is being said, however that ends, and no longer than somebody listens. */
async function untilAborted(said: Promise<void>, signal: AbortSignal): Promise<void> {
  said.catch(() => {})
  let forget = () => {}
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else forget = onAbort(signal, resolve)
  })
  await Promise.race([said, aborted])
  forget()
}
