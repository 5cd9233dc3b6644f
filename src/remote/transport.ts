/**
 * What remote execution needs of a queue, in our own words: fits that are offered and claimed, mailboxes, announcements,
 * and content by digest. BullMQ is behind it, on Redis or on PostgreSQL (bull/).
 *
 * Everything is text that somebody else may have written: who reads it checks it (protocol.ts).
 *
 * Clocks of machines are never compared. What is too old is told by how long it has not changed, on the clock of whoever looks.
 */

/** A fit that waits for somebody to claim it. */
export interface Offer {
  /** Unique for ever: a fit that is offered again has another id. Letters, digits, `-`, `_` and `.`. */
  readonly id: string
  /** Lower goes first, from 0; what is equal goes in the order it was offered. */
  readonly rank: number
  readonly body: string
}

/** `gone`: done with, given up because who had claimed it died, or never offered. */
export type OfferState = 'waiting' | 'claimed' | 'gone'

/** An offer that is ours alone, as long as we can vouch for it. */
export interface Claim {
  readonly id: string
  readonly body: string
  /**
   * Aborted when the claim is lost, or can no longer be vouched for by our own clock (the queue did not answer for so long that it
   * may have been given to another): whatever is done for it is done for nobody, and is ended.
   */
  readonly lost: AbortSignal
}

export interface Closable {
  close(): Promise<void>
}

/** Takes offers, as many at a time as it has seats. */
export interface Server extends Closable {
  /** Claims no further offers; resolves when those that are claimed are done with. */
  drain(): Promise<void>
}

/** What can be found: coordinators of sweeps, workers, and what was seen of both (caretaker.ts). */
export type AnnouncementKind = 'sweep' | 'worker' | 'seen'

/** Content that is there, or a part of it: its digest, and whose it is where it is somebody's. */
export interface KeptName {
  readonly digest: string
  readonly owner: string | null
}

export interface Announcement {
  readonly id: string
  readonly body: string
}

/**
 * Methods resolve when the queue has what they say; while it cannot be reached they wait for it (it may be started again), and
 * reject once `close` is called. None of them may be relied on to happen once: what was sent may arrive twice, and is known by its
 * content.
 */
export interface Transport {
  /** Its address without secrets, for messages. */
  readonly name: string
  /** What whoever opened it should say once: a server that may forget what it is given, say. */
  readonly warnings: readonly string[]
  /** Whether it answers now: false since it last failed to. */
  readonly reachable: boolean

  offer(offer: Offer): Promise<void>
  /** Takes back what nobody has claimed; no matter where somebody has, or it is gone. */
  withdraw(id: string): Promise<void>
  /** In the order of `ids`. */
  stateOf(ids: readonly string[]): Promise<OfferState[]>
  /** Ids of those that wait. */
  waiting(): Promise<string[]>
  /**
   * Claims up to `seats` offers at a time, and works on each: it is gone when `work` resolves or rejects. Nothing is claimed while the queue
   * cannot be reached.
   */
  serve(seats: number, work: (claim: Claim) => Promise<void>): Server
  /** Sees to it, while it is open, that claims of the dead are given up, even where no worker is left that would. */
  tend(): Closable

  /** Puts a message into a mailbox: it waits there until somebody takes it. */
  send(box: string, body: string): Promise<void>
  /** Takes the messages of a mailbox one after the other, in their order; each is taken from it when `take` has resolved. */
  receive(box: string, take: (body: string) => Promise<void>): Closable
  /** Removes a mailbox with all that is in it. */
  dropBox(box: string): Promise<void>

  /** Makes it known, or says it anew. */
  announce(kind: AnnouncementKind, id: string, body: string): Promise<void>
  announced(kind: AnnouncementKind): Promise<Announcement[]>
  /** The body of one; null where it is not there. */
  announcement(kind: AnnouncementKind, id: string): Promise<string | null>
  unannounce(kind: AnnouncementKind, id: string): Promise<void>

  /**
   * Content by its SHA-256 (hex), in pieces where it is large. Putting what is there already costs next to nothing. What is put for an
   * owner is that owner's alone: it is dropped without a thought for others who put the same.
   */
  putContent(digest: string, content: Uint8Array, owner?: string): Promise<void>
  /** null where it is not there; throws MESSAGE_INVALID where what is there has another digest, or is not whole. */
  getContent(digest: string, owner?: string): Promise<Uint8Array | null>
  dropContent(digest: string, owner?: string): Promise<void>
  /** All that this owner has there, and those whose names go on from its own with `-`; also what was never whole. */
  dropContentsOf(owner: string): Promise<void>

  /** Drops content that is nobody's own, also what was never whole. */
  dropUnowned(digests: readonly string[]): Promise<void>

  /** ms by the server's own clock, the one clock that all who share a queue can go by. */
  time(): Promise<number>
  /** Mailboxes that are there, also those in which nothing lies. */
  boxes(): Promise<string[]>
  /** All content that is there, also what was never whole. */
  contents(): Promise<KeptName[]>

  close(): Promise<void>
}

export interface TransportOptions {
  /** ms after which a claim that its worker did not renew is given up: 15,000 unless given. */
  readonly claimMs?: number
  /** What the names of all its queues begin with: `espalier` unless given. Those with another one do not see each other. */
  readonly prefix?: string
}

/** Opens the queue at an address: `redis://`, `rediss://`, `postgres://`, `postgresql://`. */
export type OpenTransport = (url: string, options?: TransportOptions) => Promise<Transport>
