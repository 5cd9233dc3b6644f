/**
 * The executor whose fits run on other machines: it offers them in a queue, hears what their workers say, and answers. It alone decides
 * what counts: of a fit that was offered twice, because its worker vanished, only the present offer is heard.
 *
 * Where its process dies, its workers find that it says nothing new (`SweepAnnouncement.beat`) and end what they do for it; the sweep is
 * resumed under a new session, and knows nothing of the old one's offers.
 */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { EspalierError, isEspalierError } from '../errors.js'
import {
  checkedWorkers,
  checkOutcome,
  describeTrainer,
  type Executor,
  type ExecutorFactory,
  type ExecutorSetup,
  type FitOutcome,
  type FitRequest,
  isReport,
  type RunOptions,
} from '../execution/index.js'
import { isJsonObject } from '../values.js'
import { Caretaker, clearSession } from './caretaker.js'
import { decodeParts } from './codec.js'
import { KeptCheckpoints } from './kept-checkpoints.js'
import { LastWords } from './last-words.js'
import { espalierVersion } from './package-root.js'
import { type PackedParcel, packParcel } from './parcel.js'
import {
  boxOf,
  Letters,
  offerOwner,
  protocolVersion,
  sessionPart,
  type ToCoordinator,
  type ToWorker,
} from './protocol.js'
import { RemoteFit } from './remote-fit.js'
import { repeat, within } from './repeat.js'
import { type SentCheckpoint, whyNot } from './sent-checkpoint.js'
import { type QueueOptions, type QueueSettings, queueSettings } from './settings.js'
import { realSurroundings, type Surroundings } from './surroundings.js'
import type { Closable, Transport } from './transport.js'
import { WorkersWatch } from './workers-watch.js'

/** ms a worker has to end a fit that nobody waits for any more, before its outcome is settled without it. */
const usualGrace = 2000
/** ms that anything has which is done at the end, for a queue that may not be there. */
const farewellMs = 3000
/** A fit that vanished so often before it began is told of. */
const tellingUnbegun = 5
/** Final models go behind all folds. */
const finalsRank = 1_000_000

/** Has fits run by the workers of a queue (`espalier worker`). Throws USAGE where no queue is named. */
export function remoteExecutor(options: QueueOptions = {}): ExecutorFactory {
  return executorIn(realSurroundings, queueSettings(options))
}

export function executorIn(surroundings: Surroundings, settings: QueueSettings): ExecutorFactory {
  return (setup) => new RemoteExecutor(setup, settings, surroundings)
}

class RemoteExecutor implements Executor {
  readonly #setup: ExecutorSetup
  readonly #settings: QueueSettings
  readonly #surroundings: Surroundings
  readonly #letters: Letters
  readonly #session = randomBytes(6).toString('hex')
  readonly #fits = new Map<string, RemoteFit>()
  readonly #all = new Set<RemoteFit>()
  /** The number of the first seat of each worker. */
  readonly #seats = new Map<string, number>()
  #seatsKnown = 0
  readonly #names = new Map<string, number>()
  readonly #told = new Set<string>()
  readonly #checkpoints: KeptCheckpoints
  readonly #lastWords: LastWords
  #transport: Transport | null = null
  #parcel: PackedParcel | null = null
  #watch: WorkersWatch | null = null
  #starting: Promise<void> | null = null
  readonly #opened: (Closable | (() => void))[] = []
  #beat = 0
  #closed = false
  #broken: unknown = null

  constructor(setup: ExecutorSetup, settings: QueueSettings, surroundings: Surroundings) {
    checkedWorkers(setup)
    this.#setup = setup
    this.#settings = settings
    this.#surroundings = surroundings
    this.#letters = new Letters(settings.secret)
    this.#checkpoints = new KeptCheckpoints(setup.plan)
    const { clock } = surroundings
    this.#lastWords = new LastWords(clock, settings.claimMs, (number) => this.#noteBehind(number))
  }

  /** Seats of all workers that are there; as many as were asked for until one is. */
  get workers(): number {
    return this.#watch?.seats || this.#setup.workers
  }

  ready(): Promise<void> {
    if (this.#starting === null) {
      this.#starting = this.#start()
      this.#starting.catch((error) => {
        this.#broken = error
      })
    }
    return this.#starting
  }

  async run(request: FitRequest, options: RunOptions = {}): Promise<FitOutcome> {
    const remote = new RemoteFit(request, options, {
      name: this.#nameOf(request),
      grace: Math.max(this.#setup.grace ?? 0, usualGrace),
      tellWorker: (worker, message) => this.#tell(worker, message),
      offer: (fit) => void this.#offer(fit),
      seatNumber: (start) => this.#seatNumber(start),
    })
    const { fit } = remote
    if (this.#closed) fit.abandon()
    else if (!fit.ended) {
      this.#all.add(remote)
      const forget = () => this.#forget(remote)
      fit.outcome.then(forget, forget)
      this.ready().then(
        () => this.#offer(remote),
        (error) => fit.crash(error),
      )
    }
    return fit.outcome
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const { fit } of this.#all) fit.abandon()
    await this.#starting?.catch(() => {})
    const transport = this.#transport
    if (transport === null) return
    await within(this.#surroundings.clock, farewellMs, this.#sayFarewell(transport))
    await transport.close()
  }

  async #start(): Promise<void> {
    const { trainer } = this.#setup.plan
    // One that cannot be opened here can be opened nowhere, and is said before anything is offered.
    if (trainer.kind === 'module' || trainer.kind === 'built-in') await describeTrainer(trainer)
    const [parcel, transport] = await Promise.all([
      packParcel(this.#setup),
      this.#surroundings.open(this.#settings, (message) => this.#warn(message)),
    ])
    this.#transport = transport
    this.#parcel = parcel
    await this.#putParcel()
    await this.#clearBefore(transport)
    await this.#announce()
    const { claimMs } = this.#settings
    const { clock } = this.#surroundings
    const caretaker = new Caretaker(transport, this.#letters, clock, { claimMs })
    this.#opened.push(
      transport.receive(boxOf.session(this.#session), async (text) => this.#hear(text)),
      transport.tend(),
      repeat(clock, claimMs / 3, () => this.#announce()),
      repeat(clock, claimMs / 8, () => this.#lookAfter()),
      repeat(clock, 2 * claimMs, () => caretaker.look()),
    )
    this.#watch = new WorkersWatch(transport, this.#letters, clock, claimMs)
    await this.#watch.look()
    this.#opened.push(repeat(clock, claimMs / 3, () => this.#watch!.look()))
    if (this.#watch.seats === 0)
      this.#warn(
        `no worker serves ${transport.name} yet; start one on each machine: espalier worker --queue ADDRESS`,
      )
  }

  async #putParcel(): Promise<void> {
    for (const [digest, content] of this.#parcel!.contents) await this.#transport!.putContent(digest, content)
  }

  #announce(): Promise<void> {
    const announcement = {
      session: this.#session,
      sweep: this.#setup.sweep ?? null,
      name: this.#setup.name ?? null,
      host: hostname(),
      beat: this.#beat++,
      contents: [...this.#parcel!.contents.keys()],
    }
    return this.#transport!.announce('sweep', this.#session, this.#letters.announceSweep(announcement))
  }

  /** What a session of the same sweep left in the queue that did not come to its end: its workers hear at once that nobody waits. */
  async #clearBefore(transport: Transport): Promise<void> {
    const { sweep } = this.#setup
    if (sweep === undefined) return
    for (const { id, body } of await transport.announced('sweep')) {
      try {
        if (this.#letters.readSweep(body).sweep !== sweep) continue
      } catch {
        // Somebody else's.
        continue
      }
      await clearSession(transport, id)
    }
  }

  #nameOf({ trial, attempt, part }: FitRequest): string {
    const what =
      part.kind === 'fold'
        ? `f${part.fold}`
        : part.kind === 'baseline'
          ? `b${part.fold}.${part.answer}`
          : part.kind[0]
    const name = `${sessionPart(this.#session)}-t${trial}-${what}-a${attempt}`
    // The same fit may be asked for twice, as when a final model is made again.
    const times = this.#names.get(name) ?? 0
    this.#names.set(name, times + 1)
    return times === 0 ? name : `${name}.${times}`
  }

  /** Among the seats of all workers, in the order in which these first took a fit. */
  #seatNumber({ worker, seat, seats }: Extract<ToCoordinator, { kind: 'start' }>): number {
    const known = this.#seats.get(worker)
    const first = known ?? this.#seatsKnown
    if (known === undefined) {
      this.#seats.set(worker, first)
      this.#seatsKnown += seats
    }
    return first + seat
  }

  async #offer(remote: RemoteFit): Promise<void> {
    const { fit, request, id } = remote
    if (this.#broken !== null) fit.crash(this.#broken)
    if (fit.ended || this.#closed) return
    this.#fits.set(id, remote)
    try {
      const checkpoint = await this.#give(remote)
      const body = this.#letters.offer({
        protocol: protocolVersion,
        espalier: espalierVersion(),
        session: this.#session,
        fit: id,
        parcel: this.#parcel!.digest,
        request,
        checkpoint,
      })
      if (fit.ended || this.#closed) {
        this.#dropGiven(remote)
        return
      }
      await this.#transport!.offer({ id, rank: rankOf(request), body })
      remote.offered = true
      if (fit.ended) await this.#transport!.withdraw(id)
    } catch (error) {
      if (!this.#closed) fit.crash(error)
    }
  }

  /** What an earlier start of it left, put into the queue. */
  async #give(remote: RemoteFit): Promise<SentCheckpoint | null> {
    const owner = offerOwner(remote.id)
    const put: string[] = []
    remote.given = put
    try {
      return await this.#checkpoints.give(remote.request, (digest, content) => {
        put.push(digest)
        return this.#transport!.putContent(digest, content, owner)
      })
    } catch (error) {
      this.#dropGiven(remote)
      remote.note('checkpoint', `${whyNot(error)}: the fit started from the beginning`)
      return null
    }
  }

  /** Its worker has it, or nobody takes it any more. */
  #dropGiven(remote: RemoteFit): void {
    this.#drop(remote.given, offerOwner(remote.id))
    remote.given = []
  }

  #drop(digests: readonly string[], owner: string): void {
    for (const digest of digests) void this.#transport!.dropContent(digest, owner).catch(() => {})
  }

  #forget(remote: RemoteFit): void {
    this.#all.delete(remote)
    this.#fits.delete(remote.id)
    if (!this.#closed) this.#dropGiven(remote)
    // Claimed or done with, there is nothing to take back.
    if (remote.offered && !remote.claimed && !this.#closed)
      void this.#transport!.withdraw(remote.id).catch(() => {})
  }

  #tell(worker: string, message: ToWorker): void {
    const text = this.#letters.toWorker(worker, message)
    // A worker that is gone has nobody to tell; its fits are missed soon.
    void this.#transport!.send(boxOf.worker(worker), text).catch(() => {})
  }

  #hear(text: string): void {
    let message: ToCoordinator
    try {
      message = this.#letters.readToCoordinator(this.#session, text)
    } catch (error) {
      this.#warn(`a message was left aside: ${(error as Error).message}`)
      return
    }
    if (message.kind === 'note') {
      for (const lost of this.#lastWords.heard(message.number)) this.#onLost(lost)
      return
    }
    const remote = this.#fits.get(message.fit)
    if (remote !== undefined && remote.id === message.fit)
      remote.take(message, (one) => this.#deal(remote, one))
    else this.#onLate(message)
  }

  /** Of an offer that nobody waits for any more. */
  #onLate(message: ToCoordinator): void {
    const { fit } = message
    if (message.kind === 'start') this.#tell(message.worker, { kind: 'stop', fit, reason: 'abort' })
    else if (message.kind === 'checkpoint' || message.kind === 'end') this.#drop(message.contents, fit)
  }

  async #deal(remote: RemoteFit, message: ToCoordinator): Promise<void> {
    switch (message.kind) {
      case 'start':
        this.#dropGiven(remote)
        remote.start(message)
        break
      case 'checkpoint':
        await this.#keep(remote, message)
        break
      case 'report':
        if (isReport(message.step, message.metrics)) remote.report(message)
        else {
          // Its worker would wait for the answer for ever.
          this.#warn(`a report of trial ${remote.request.trial} was none; its fit is done again`)
          this.#again(remote)
        }
        break
      case 'output':
        for (const line of message.lines) remote.fit.print(String(line))
        break
      case 'end': {
        const arrived = await this.#arrived(message, remote)
        if (arrived === null) break
        const { outcome, deviceMemoryMB } = arrived
        // What it left cannot be had: another worker does it again.
        if (outcome === null || outcome.status === 'aborted') this.#again(remote)
        else remote.conclude(outcome, deviceMemoryMB)
        break
      }
      case 'given-back':
        this.#again(remote)
        break
      case 'refused':
        await this.#onRefused(message)
        this.#again(remote)
    }
  }

  #again(remote: RemoteFit): void {
    this.#clearOffer(remote)
    remote.again()
  }

  /** What it was offered as is over; what its worker has put into the queue for it goes, and what goes with the offer. */
  #clearOffer(remote: RemoteFit): void {
    this.#fits.delete(remote.id)
    this.#dropGiven(remote)
    void this.#transport!.dropContentsOf(remote.id).catch(() => {})
  }

  /** A checkpoint counts when it is whole on this machine. */
  async #keep(
    remote: RemoteFit,
    { checkpoint, sent, contents }: Extract<ToCoordinator, { kind: 'checkpoint' }>,
  ): Promise<void> {
    const { id, request } = remote
    const { limitMB = 0 } = this.#setup.plan.checkpoints ?? {}
    try {
      if (remote.fit.ended) return
      const get = (digest: string) => this.#transport!.getContent(digest, id)
      const folder = await this.#checkpoints.keep(request, sent, get)
      if (folder !== null) remote.kept(folder, checkpoint)
      else
        remote.note(
          'checkpoint limit',
          `the checkpoints of a sweep may take ${limitMB} MB together (with one that was sent they take more): it is not kept, and the one before stays; "limits": {"checkpointsMB": …} in the sweep file allows more`,
        )
    } catch (error) {
      remote.note('checkpoint not kept', `${whyNot(error)}: it is not kept, and the one before stays`)
    } finally {
      this.#drop(contents, id)
    }
  }

  /** The outcome; null where it is damaged: the fit was done, and another worker does it again. */
  async #arrived(message: Extract<ToCoordinator, { kind: 'end' }>, remote: RemoteFit) {
    try {
      return await this.#outcomeIn(message, remote)
    } catch (error) {
      if (!isEspalierError(error) || error.code !== 'MESSAGE_INVALID') throw error
      this.#warn(
        `an outcome of trial ${remote.request.trial} arrived damaged, and its fit is done again: ${error.message}`,
      )
      this.#clearOffer(remote)
      remote.spoilt(error)
      return null
    }
  }

  async #outcomeIn(
    { outcome, contents }: Extract<ToCoordinator, { kind: 'end' }>,
    { id, fit: { seconds } }: RemoteFit,
  ): Promise<{ outcome: FitOutcome | null; deviceMemoryMB: number | null }> {
    const transport = this.#transport!
    let missing = false
    const decoded = await decodeParts(outcome, async (digest) => {
      const content = await transport.getContent(digest, id)
      if (content === null) missing = true
      return content ?? new Uint8Array(0)
    })
    this.#drop(contents, id)
    // What executors set, and trainers do not hand over.
    const { deviceMemoryMB: seen } = isJsonObject(decoded) ? decoded : {}
    const deviceMemoryMB = typeof seen === 'number' && Number.isFinite(seen) && seen >= 0 ? seen : null
    return { outcome: missing ? null : checkOutcome(decoded, seconds), deviceMemoryMB }
  }

  async #onRefused({
    code,
    message,
    worker,
    host,
  }: Extract<ToCoordinator, { kind: 'refused' }>): Promise<void> {
    if (code === 'parcel-missing') await this.#putParcel()
    else if (code === 'unsigned') {
      const error = new EspalierError('MESSAGE_UNSIGNED', message)
      this.#broken = error
      for (const { fit } of this.#all) fit.crash(error)
    } else this.#warn(`the worker ${worker} on ${host} cannot serve this sweep: ${message}`)
  }

  /** Whether what was offered is still in somebody's hands. */
  async #lookAfter(): Promise<void> {
    const looked = [...this.#fits.values()].filter(({ offered }) => offered)
    if (looked.length === 0) return
    const ids = looked.map(({ id }) => id)
    const states = await this.#transport!.stateOf(ids)
    const gone = looked.flatMap((remote, i) => (states[i] === 'gone' ? [[remote, ids[i]!] as const] : []))
    this.#lastWords.expect(new Map(gone))
  }

  /** Into our own mailbox. */
  #noteBehind(number: number): Promise<void> {
    const text = this.#letters.toCoordinator(this.#session, { kind: 'note', fit: '', number })
    return this.#transport!.send(boxOf.session(this.#session), text)
  }

  #onLost(remote: RemoteFit): void {
    const { id } = remote
    remote.missed()
    if (remote.id !== id) {
      this.#fits.delete(id)
      void this.#transport!.dropContentsOf(id).catch(() => {})
    }
    if (remote.unbegun === tellingUnbegun)
      this.#warn(
        `fits are taken from the queue and not begun (trial ${remote.request.trial} was, ${tellingUnbegun} times); look at what the workers say: have they the secret of this sweep?`,
      )
  }

  async #sayFarewell(transport: Transport): Promise<void> {
    for (const one of this.#opened) if (typeof one === 'function') one()
    await transport.unannounce('sweep', this.#session)
    for (const id of await transport.waiting())
      if (id.startsWith(`${sessionPart(this.#session)}-`)) await transport.withdraw(id)
    for (const one of this.#opened) if (typeof one !== 'function') await one.close()
    await transport.dropBox(boxOf.session(this.#session))
    await transport.dropContentsOf(sessionPart(this.#session))
    for (const digest of this.#parcel!.contents.keys()) await transport.dropContent(digest)
  }

  /** Each thing once. */
  #warn(message: string): void {
    if (this.#told.has(message)) return
    this.#told.add(message)
    this.#setup.warn?.(message)
  }
}

/** Folds and whole trials before final models, earlier trials first, earlier folds first. */
function rankOf({ part, trial }: FitRequest): number {
  const isFirst = part.kind === 'fold' || part.kind === 'whole'
  const fold = part.kind === 'fold' ? part.fold : 0
  return Math.min(trial, 9999) * 100 + Math.min(fold, 99) + (isFirst ? 0 : finalsRank)
}
