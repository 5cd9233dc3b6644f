/**
 * A queue in memory, on a clock of one's own: it keeps the laws of transports (transport-laws.ts), and a transport can be cut off from it, as a
 * machine is that dies. What is asked of it is counted.
 */
import { createHash } from 'node:crypto'
import { EspalierError } from '../../../src/errors.js'
import { contentName } from '../../../src/remote/bull/content.js'
import type { Clock } from '../../../src/remote/clock.js'
import { repeat } from '../../../src/remote/repeat.js'
import type {
  Announcement,
  AnnouncementKind,
  Claim,
  Closable,
  KeptName,
  Offer,
  OfferState,
  Server,
  Transport,
} from '../../../src/remote/transport.js'

/** ms before a message that was not taken is handed over again. */
const againMs = 50
/** As the transport over BullMQ has them: shares of a claim's time. */
const share = { renewal: 1 / 4, look: 1 / 20, vouched: 0.8, tending: 1 / 3 }

interface Held {
  readonly offer: Offer
  readonly order: number
  state: 'waiting' | 'claimed'
  renewed: number
}

interface Box {
  readonly messages: string[]
  readonly receivers: Receiver[]
  busy: boolean
}

interface Receiver {
  open: boolean
  readonly take: (body: string) => Promise<void>
}

/** How often something was asked for, and how many characters of texts went to and fro. */
export type Counts = Record<string, { times: number; characters: number }>

export interface QueueOptions {
  readonly claimMs: number
  /** ms that an answer takes. */
  readonly latency?: number
  /** ms that a message takes to be heard. */
  readonly hearing?: number
}

export class MemoryQueue {
  readonly clock: Clock
  readonly claimMs: number
  readonly latency: number
  readonly hearing: number
  readonly offers = new Map<string, Held>()
  readonly announced: Record<AnnouncementKind, Map<string, string>> = {
    sweep: new Map(),
    worker: new Map(),
    seen: new Map(),
  }
  readonly contents = new Map<string, Uint8Array>()
  readonly counts: Counts = {}
  readonly boxes = new Map<string, Box>()
  readonly #servers = new Set<MemoryServer>()
  #order = 0

  constructor(clock: Clock, { claimMs, latency = 0, hearing = 0 }: QueueOptions) {
    this.clock = clock
    this.claimMs = claimMs
    this.latency = latency
    this.hearing = hearing
  }

  open(): MemoryTransport {
    return new MemoryTransport(this)
  }

  count(name: string, characters = 0): void {
    this.counts[name] ??= { times: 0, characters: 0 }
    const counted = this.counts[name]
    counted.times++
    counted.characters += characters
  }

  put(offer: Offer): void {
    this.offers.set(offer.id, { offer, order: this.#order++, state: 'waiting', renewed: 0 })
    this.dealOut()
  }

  waiting(): Held[] {
    const held = [...this.offers.values()].filter(({ state }) => state === 'waiting')
    return held.sort((a, b) => a.offer.rank - b.offer.rank || a.order - b.order)
  }

  serve(server: MemoryServer): void {
    this.#servers.add(server)
    this.dealOut()
  }

  leave(server: MemoryServer): void {
    this.#servers.delete(server)
  }

  /** To the server first that has waited longest. */
  dealOut(): void {
    const free = [...this.#servers].filter((server) => server.free > 0)
    if (free.length === 0) return
    for (const held of this.waiting()) {
      const server = free.find((one) => one.free > 0)
      if (server === undefined) return
      held.state = 'claimed'
      held.renewed = this.clock.now()
      this.#servers.delete(server)
      this.#servers.add(server)
      server.take(held)
    }
  }

  /** Claims that nobody renewed in time are gone. */
  bury(): void {
    this.count('look for the dead')
    const oldest = this.clock.now() - this.claimMs
    for (const [id, { state, renewed }] of this.offers)
      if (state === 'claimed' && renewed < oldest) this.offers.delete(id)
  }

  box(name: string): Box {
    let box = this.boxes.get(name)
    if (box === undefined) {
      box = { messages: [], receivers: [], busy: false }
      this.boxes.set(name, box)
    }
    return box
  }

  drop(name: string): void {
    const box = this.boxes.get(name)
    if (box === undefined) return
    box.messages.length = 0
    // Whoever listens to it goes on.
    if (box.receivers.length === 0) this.boxes.delete(name)
  }

  /** Hands over what lies in a mailbox, one after the other. */
  async deliver(box: Box): Promise<void> {
    if (box.busy) return
    box.busy = true
    for (;;) {
      const receiver = box.receivers.find(({ open }) => open)
      if (receiver === undefined || box.messages.length === 0) break
      const [body] = box.messages
      if (this.hearing > 0) await new Promise<void>((resolve) => this.clock.after(this.hearing, resolve))
      try {
        await receiver.take(body!)
        if (box.messages[0] === body) box.messages.shift()
      } catch {
        await new Promise<void>((resolve) => this.clock.after(againMs, resolve))
      }
    }
    box.busy = false
  }
}

export class MemoryTransport implements Transport {
  readonly name = 'memory://queue'
  readonly warnings: readonly string[] = []
  readonly #queue: MemoryQueue
  readonly #open = new Set<Closable>()
  #closed = false
  #cut = false

  constructor(queue: MemoryQueue) {
    this.#queue = queue
  }

  get reachable(): boolean {
    return !this.#cut
  }

  /** Nothing reaches the queue from here any more, and nothing comes: its machine has died, or has lost its network for good. */
  cut(): void {
    this.#cut = true
    for (const one of this.#open) if (one instanceof MemoryServer || one instanceof MemoryReceiver) one.cut()
  }

  async #ask<T>(
    name: string,
    sent: string,
    act: () => T,
    answered: (answer: T) => number = () => 0,
  ): Promise<T> {
    await new Promise<void>((resolve, reject) => {
      if (this.#closed) reject(new EspalierError('INTERRUPTED', 'the queue was closed before it answered'))
      else if (this.#cut) return
      else if (this.#queue.latency === 0) resolve()
      else this.#queue.clock.after(this.#queue.latency, resolve)
    })
    const answer = act()
    this.#queue.count(name, sent.length + answered(answer))
    return answer
  }

  offer(offer: Offer): Promise<void> {
    return this.#ask('offer', offer.body, () => this.#queue.put(offer))
  }

  withdraw(id: string): Promise<void> {
    return this.#ask('withdraw', id, () => {
      if (this.#queue.offers.get(id)?.state === 'waiting') this.#queue.offers.delete(id)
    })
  }

  stateOf(ids: readonly string[]): Promise<OfferState[]> {
    for (const id of ids.slice(1)) this.#queue.count('state of an offer', id.length)
    return this.#ask('state of an offer', ids[0] ?? '', () =>
      ids.map((id) => this.#queue.offers.get(id)?.state ?? 'gone'),
    )
  }

  waiting(): Promise<string[]> {
    return this.#ask('list offers', '', () => this.#queue.waiting().map(({ offer }) => offer.id))
  }

  serve(seats: number, work: (claim: Claim) => Promise<void>): Server {
    return this.#keep(new MemoryServer(this.#queue, seats, work))
  }

  tend(): Closable {
    const queue = this.#queue
    const stop = repeat(queue.clock, queue.claimMs * share.tending, async () => queue.bury())
    return this.#keep({ close: async () => stop() })
  }

  send(box: string, body: string): Promise<void> {
    return this.#ask('message', body, () => {
      const found = this.#queue.box(box)
      found.messages.push(body)
      void this.#queue.deliver(found)
    })
  }

  receive(box: string, take: (body: string) => Promise<void>): Closable {
    return this.#keep(new MemoryReceiver(this.#queue, this.#queue.box(box), take))
  }

  dropBox(box: string): Promise<void> {
    return this.#ask('drop a mailbox', box, () => this.#queue.drop(box))
  }

  announce(kind: AnnouncementKind, id: string, body: string): Promise<void> {
    return this.#ask(`announce a ${kind}`, body, () => void this.#queue.announced[kind].set(id, body))
  }

  announced(kind: AnnouncementKind): Promise<Announcement[]> {
    const all = () => [...this.#queue.announced[kind]].map(([id, body]) => ({ id, body }))
    return this.#ask(`list ${kind}s`, '', all, (answer) =>
      answer.reduce((sum, { body }) => sum + body.length, 0),
    )
  }

  announcement(kind: AnnouncementKind, id: string): Promise<string | null> {
    const one = () => this.#queue.announced[kind].get(id) ?? null
    return this.#ask(`look at a ${kind}`, id, one, (answer) => answer?.length ?? 0)
  }

  unannounce(kind: AnnouncementKind, id: string): Promise<void> {
    return this.#ask(`take back a ${kind}`, id, () => void this.#queue.announced[kind].delete(id))
  }

  putContent(digest: string, content: Uint8Array, owner?: string): Promise<void> {
    return this.#ask('put content', digest, () => {
      const name = contentName(digest, owner)
      if (!this.#queue.contents.has(name)) this.#queue.contents.set(name, Uint8Array.from(content))
    })
  }

  async getContent(digest: string, owner?: string): Promise<Uint8Array | null> {
    const one = () => this.#queue.contents.get(contentName(digest, owner)) ?? null
    const content = await this.#ask('get content', digest, one, (answer) => answer?.length ?? 0)
    if (content === null || createHash('sha256').update(content).digest('hex') === digest) return content
    throw new EspalierError(
      'MESSAGE_INVALID',
      `content must have the digest it is kept by (${digest}); put it there again`,
    )
  }

  dropContent(digest: string, owner?: string): Promise<void> {
    const name = contentName(digest, owner)
    return this.#ask('drop content', name, () => void this.#queue.contents.delete(name))
  }

  dropContentsOf(owner: string): Promise<void> {
    return this.#ask('drop contents', owner, () => {
      for (const name of this.#queue.contents.keys()) {
        const own = name.split('.').slice(1).join('.')
        if (own === owner || own.startsWith(`${owner}-`)) this.#queue.contents.delete(name)
      }
    })
  }

  dropUnowned(digests: readonly string[]): Promise<void> {
    return this.#ask('drop contents', '', () => {
      for (const digest of digests) this.#queue.contents.delete(digest)
    })
  }

  time(): Promise<number> {
    return this.#ask('time', '', () => this.#queue.clock.now())
  }

  boxes(): Promise<string[]> {
    return this.#ask('list mailboxes', '', () => [...this.#queue.boxes.keys()])
  }

  contents(): Promise<KeptName[]> {
    return this.#ask('list contents', '', () =>
      [...this.#queue.contents.keys()].map((name) => {
        const [digest, ...owner] = name.split('.')
        return { digest: digest!, owner: owner.length === 0 ? null : owner.join('.') }
      }),
    )
  }

  #keep<T extends Closable>(one: T): T {
    this.#open.add(one)
    return one
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((one) => one.close()))
    this.#closed = true
  }
}

class MemoryReceiver implements Closable {
  readonly #box: Box
  readonly #receiver: Receiver

  constructor(queue: MemoryQueue, box: Box, take: (body: string) => Promise<void>) {
    this.#box = box
    this.#receiver = { open: true, take }
    box.receivers.push(this.#receiver)
    void queue.deliver(box)
  }

  cut(): void {
    this.#receiver.open = false
    this.#box.receivers.splice(this.#box.receivers.indexOf(this.#receiver) >>> 0, 1)
  }

  async close(): Promise<void> {
    this.cut()
  }
}

interface Mine {
  readonly held: Held
  readonly lost: AbortController
  since: number
}

class MemoryServer implements Server {
  readonly #queue: MemoryQueue
  readonly #seats: number
  readonly #work: (claim: Claim) => Promise<void>
  readonly #mine = new Map<string, Mine>()
  readonly #works = new Set<Promise<void>>()
  readonly #repeated: (() => void)[]
  #takesMore = true
  #cut = false

  constructor(queue: MemoryQueue, seats: number, work: (claim: Claim) => Promise<void>) {
    this.#queue = queue
    this.#seats = seats
    this.#work = work
    const { clock, claimMs } = queue
    this.#repeated = [
      repeat(clock, claimMs * share.renewal, async () => this.#renew()),
      repeat(clock, claimMs * share.look, async () => this.#look()),
      repeat(clock, claimMs * share.tending, async () => {
        if (!this.#cut) queue.bury()
      }),
    ]
    queue.serve(this)
  }

  get free(): number {
    return this.#takesMore && !this.#cut ? this.#seats - this.#works.size : 0
  }

  cut(): void {
    this.#cut = true
    this.#queue.leave(this)
  }

  take(held: Held): void {
    const { id, body } = held.offer
    this.#queue.count('claim', body.length)
    const mine: Mine = { held, lost: new AbortController(), since: this.#queue.clock.now() }
    this.#mine.set(id, mine)
    const work = this.#do(mine, { id, body, lost: mine.lost.signal })
    this.#works.add(work)
    void work.finally(() => {
      this.#works.delete(work)
      this.#queue.dealOut()
    })
  }

  async #do({ held }: Mine, claim: Claim): Promise<void> {
    // As from another process.
    await new Promise<void>((resolve) => setImmediate(resolve))
    await this.#work(claim).catch(() => {})
    this.#mine.delete(claim.id)
    // What was given up meanwhile may have been offered anew, under another id.
    if (!this.#cut && this.#queue.offers.get(claim.id) === held) this.#queue.offers.delete(claim.id)
  }

  #renew(): void {
    if (this.#cut || this.#mine.size === 0) return
    this.#queue.count('renew claims')
    for (const mine of this.#mine.values()) {
      if (this.#queue.offers.get(mine.held.offer.id) === mine.held) {
        mine.held.renewed = this.#queue.clock.now()
        mine.since = mine.held.renewed
      } else mine.lost.abort('the queue has given the claim up')
    }
  }

  #look(): void {
    const oldest = this.#queue.clock.now() - this.#queue.claimMs * share.vouched
    for (const { lost, since } of this.#mine.values())
      if (since < oldest) lost.abort('the queue has not renewed the claim in time')
  }

  async drain(): Promise<void> {
    this.#takesMore = false
    this.#queue.leave(this)
    while (this.#works.size > 0) await Promise.all(this.#works)
  }

  async close(): Promise<void> {
    this.#takesMore = false
    this.#queue.leave(this)
    for (const { lost } of this.#mine.values()) lost.abort('the server is closed')
    await Promise.all(this.#works)
    for (const stop of this.#repeated) stop()
  }
}
