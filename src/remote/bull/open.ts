/** The transport of remote execution over BullMQ, by the address of its queue. */

import { EspalierError } from '../../errors.js'
import type {
  Announcement,
  AnnouncementKind,
  Claim,
  Closable,
  KeptName,
  Offer,
  OfferState,
  OpenTransport,
  Server,
  Transport,
} from '../transport.js'
import { queueAddress } from './address.js'
import { Announcements } from './announcements.js'
import type { Backing } from './backing.js'
import { BullServer, tendClaims } from './claims.js'
import { Contents, contentName } from './content.js'
import { Mailboxes } from './mailboxes.js'
import { Offers } from './offers.js'
import { openPostgres } from './postgres.js'
import { openRedis } from './redis.js'

const defaults = { claimMs: 15_000, prefix: 'espalier' } as const

/**
 * Opens the queue at an address. Throws USAGE for an address that is none, and QUEUE_UNREACHABLE where nothing answers within five
 * seconds, or nobody is let in.
 */
export const openTransport: OpenTransport = async (text, options = {}) => {
  const { claimMs, prefix } = { ...defaults, ...options }
  if (!/^[a-z_][a-z0-9_]{0,39}$/i.test(prefix)) {
    throw new EspalierError(
      'USAGE',
      `the prefix of a queue must be at most 40 letters, digits and "_", and begin with no digit (got ${JSON.stringify(prefix)}); choose another`,
    )
  }
  const address = queueAddress(text)
  const backing = await (address.kind === 'redis' ? openRedis : openPostgres)(address, prefix)
  return new BullTransport(backing, claimMs)
}

class BullTransport implements Transport {
  readonly #backing: Backing
  readonly #claimMs: number
  readonly #offers: Offers
  readonly #mailboxes: Mailboxes
  readonly #announcements: Announcements
  readonly #contents: Contents
  /** What was opened and must be closed before the connection is. */
  readonly #open = new Set<Closable>()

  constructor(backing: Backing, claimMs: number) {
    this.#backing = backing
    this.#claimMs = claimMs
    this.#offers = new Offers(backing)
    this.#mailboxes = new Mailboxes(backing, claimMs)
    this.#announcements = new Announcements(backing)
    this.#contents = new Contents(backing)
  }

  get name(): string {
    return this.#backing.name
  }

  get warnings(): readonly string[] {
    return this.#backing.warnings
  }

  get reachable(): boolean {
    return this.#backing.reachable
  }

  offer(offer: Offer): Promise<void> {
    return this.#offers.offer(offer)
  }

  withdraw(id: string): Promise<void> {
    return this.#offers.withdraw(id)
  }

  stateOf(ids: readonly string[]): Promise<OfferState[]> {
    return this.#offers.stateOf(ids)
  }

  waiting(): Promise<string[]> {
    return this.#offers.waiting()
  }

  serve(seats: number, work: (claim: Claim) => Promise<void>): Server {
    return this.#keep(new BullServer(this.#backing, this.#offers, this.#claimMs, seats, work))
  }

  tend(): Closable {
    return this.#keep(tendClaims(this.#backing, this.#offers, this.#claimMs))
  }

  send(box: string, body: string): Promise<void> {
    return this.#mailboxes.send(box, body)
  }

  receive(box: string, take: (body: string) => Promise<void>): Closable {
    return this.#keep(this.#mailboxes.receive(box, take))
  }

  dropBox(box: string): Promise<void> {
    return this.#mailboxes.drop(box)
  }

  announce(kind: AnnouncementKind, id: string, body: string): Promise<void> {
    return this.#announcements.announce(kind, id, body)
  }

  announced(kind: AnnouncementKind): Promise<Announcement[]> {
    return this.#announcements.announced(kind)
  }

  announcement(kind: AnnouncementKind, id: string): Promise<string | null> {
    return this.#announcements.announcement(kind, id)
  }

  unannounce(kind: AnnouncementKind, id: string): Promise<void> {
    return this.#announcements.unannounce(kind, id)
  }

  putContent(digest: string, content: Uint8Array, owner?: string): Promise<void> {
    return this.#contents.put(contentName(digest, owner), content)
  }

  getContent(digest: string, owner?: string): Promise<Uint8Array | null> {
    return this.#contents.get(contentName(digest, owner))
  }

  dropContent(digest: string, owner?: string): Promise<void> {
    return this.#contents.drop(contentName(digest, owner))
  }

  dropContentsOf(owner: string): Promise<void> {
    return this.#contents.dropOf(owner)
  }

  dropUnowned(digests: readonly string[]): Promise<void> {
    return this.#contents.dropUnowned(new Set(digests))
  }

  time(): Promise<number> {
    return this.#backing.patiently(() => this.#backing.time())
  }

  boxes(): Promise<string[]> {
    return this.#mailboxes.boxes()
  }

  contents(): Promise<KeptName[]> {
    return this.#contents.all()
  }

  #keep<T extends Closable>(opened: T): T {
    this.#open.add(opened)
    return opened
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((opened) => opened.close()))
    await this.#backing.close()
  }
}
