/**
 * Clears what the dead have left in a queue, whoever of those that share it looks: announcements and mailboxes of workers, and all of
 * coordinators that were never resumed. None of them may be there for as long as a machine sleeps, so what was seen of each stands in the
 * queue itself, with the time by the server's clock: what is the same days later has been silent all the while.
 *
 * A server's clock can be put forward. So what is overdue is looked at once more, by our own clock, and goes only if it said nothing
 * between. One that comes back all the same makes itself known again, and its fits are offered anew: it loses what it had in the queue.
 */
import { isJsonObject } from '../values.js'
import type { Clock } from './clock.js'
import { digestOf } from './digest.js'
import { boxOf, type Letters, sessionPart } from './protocol.js'
import type { Transport } from './transport.js'

const hour = 3_600_000

export interface CareSettings {
  readonly claimMs: number
  /** ms of silence after which what somebody left goes. */
  readonly silence?: number
  /** ms between two looks, of all who share the queue together. */
  readonly every?: number
}

/** What is there of whom, by the last thing it said: the same while it is silent. */
type Marks = ReadonlyMap<string, string>

/** Of what nobody answers for. */
const nobody = '-'
const record = 'all'

interface Seen {
  readonly mark: string
  /** By the server's clock. */
  readonly since: number
}

interface Survey {
  readonly marks: Marks
  /** What each session has put there that is not its own alone; null where one cannot be read. */
  readonly contents: ReadonlyMap<string, readonly string[]> | null
}

const ownerOf = {
  worker: boxOf.worker,
  session: boxOf.session,
  content: (digest: string) => `content-${digest}`,
}

export class Caretaker {
  readonly #transport: Transport
  readonly #letters: Letters
  readonly #clock: Clock
  readonly #silence: number
  readonly #every: number
  readonly #between: number
  /** Overdue as we looked first. */
  #doubtful: Marks = new Map()
  /** On our clock: when to look next. */
  #next = Number.NEGATIVE_INFINITY

  constructor(
    transport: Transport,
    letters: Letters,
    clock: Clock,
    { claimMs, silence = 72 * hour, every = hour }: CareSettings,
  ) {
    this.#transport = transport
    this.#letters = letters
    this.#clock = clock
    this.#silence = silence
    this.#every = every
    this.#between = 2 * claimMs
  }

  /** Called every so often: most calls find that it is too soon. */
  async look(): Promise<void> {
    if (this.#clock.now() < this.#next) return
    if (this.#doubtful.size > 0) await this.#lookAgain()
    else await this.#lookFirst()
  }

  async #lookFirst(): Promise<void> {
    const now = await this.#transport.time()
    const { looked, seen } = readRecord(await this.#transport.announcement('seen', record))
    const ago = now - looked
    if (ago >= 0 && ago < this.#every) {
      // Somebody else has.
      this.#next = this.#clock.now() + this.#every - ago
      return
    }
    const { marks } = await this.#survey()
    const known = new Map<string, Seen>()
    for (const [owner, mark] of marks) {
      const before = seen.get(owner)
      const same = before?.mark === mark && before.since <= now
      known.set(owner, same ? before : { mark, since: now })
    }
    const body = JSON.stringify({ looked: now, seen: Object.fromEntries(known) })
    await this.#transport.announce('seen', record, body)
    const overdue = [...known].filter(([, { since }]) => now - since >= this.#silence)
    this.#doubtful = new Map(overdue.map(([owner, { mark }]) => [owner, mark]))
    this.#next = this.#clock.now() + (overdue.length > 0 ? this.#between : this.#every)
  }

  async #lookAgain(): Promise<void> {
    const doubtful = this.#doubtful
    this.#doubtful = new Map()
    this.#next = this.#clock.now() + this.#every
    const survey = await this.#survey()
    for (const [owner, mark] of doubtful)
      if (survey.marks.get(owner) === mark) await this.#clear(owner, survey)
  }

  async #clear(owner: string, { contents }: Survey): Promise<void> {
    const at = owner.indexOf('-')
    const [kind, id] = [owner.slice(0, at), owner.slice(at + 1)]
    switch (kind) {
      case 'worker':
        await this.#transport.unannounce('worker', id)
        await this.#transport.dropBox(boxOf.worker(id))
        break
      case 'session': {
        await clearSession(this.#transport, id)
        const others = new Set([...(contents ?? [])].flatMap(([session, own]) => (session === id ? [] : own)))
        const own = contents?.get(id)?.filter((digest) => !others.has(digest)) ?? []
        if (own.length > 0) await this.#transport.dropUnowned(own)
        break
      }
      case 'content':
        await this.#transport.dropUnowned([id])
    }
  }

  async #survey(): Promise<Survey> {
    const marks = new Map<string, string>()
    for (const { id, body } of await this.#transport.announced('worker'))
      marks.set(ownerOf.worker(id), markOf(body))
    const contents = new Map<string, readonly string[]>()
    let allRead = true
    for (const { id, body } of await this.#transport.announced('sweep')) {
      marks.set(ownerOf.session(id), markOf(body))
      try {
        contents.set(id, this.#letters.readSweep(body).contents.map(String))
      } catch {
        // Of another version, or another's: what it needs is not known.
        allRead = false
      }
    }
    const add = (owner: string) => {
      if (!marks.has(owner)) marks.set(owner, nobody)
    }
    for (const box of await this.#transport.boxes()) if (/^(worker|session)-/.test(box)) add(box)
    for (const offer of await this.#transport.waiting()) {
      const session = sessionIn(offer)
      if (session !== null) add(ownerOf.session(session))
    }
    const needed = new Set([...contents.values()].flat())
    for (const { digest, owner } of await this.#transport.contents()) {
      const session = owner === null ? null : sessionIn(owner)
      if (session !== null) add(ownerOf.session(session))
      else if (owner === null && allRead && !needed.has(digest)) add(ownerOf.content(digest))
    }
    return { marks, contents: allRead ? contents : null }
  }
}

/** Takes all of a coordinator's session out of the queue, but what others may have put there too: whoever works for it hears that it is over. */
export async function clearSession(transport: Transport, session: string): Promise<void> {
  await transport.unannounce('sweep', session)
  await transport.dropBox(boxOf.session(session))
  for (const offer of await transport.waiting())
    if (sessionIn(offer) === session) await transport.withdraw(offer)
  await transport.dropContentsOf(sessionPart(session))
}

/** Of the name of an offer, or of what goes with it. */
function sessionIn(name: string): string | null {
  return /^s([0-9a-f]+)-/.exec(name)?.[1] ?? null
}

function markOf(body: string): string {
  return digestOf(Buffer.from(body)).slice(0, 16)
}

/** Whoever can write to the queue can write anything here: what is none counts as nothing. */
function readRecord(body: string | null): { looked: number; seen: ReadonlyMap<string, Seen> } {
  const seen = new Map<string, Seen>()
  let found: unknown = null
  try {
    found = JSON.parse(body ?? 'null')
  } catch {
    // None.
  }
  if (!isJsonObject(found) || typeof found.looked !== 'number' || !isJsonObject(found.seen))
    return { looked: Number.NEGATIVE_INFINITY, seen }
  for (const [owner, one] of Object.entries(found.seen))
    if (isJsonObject(one) && typeof one.mark === 'string' && typeof one.since === 'number')
      seen.set(owner, { mark: one.mark, since: one.since })
  return { looked: found.looked, seen }
}
