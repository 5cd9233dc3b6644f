/**
 * All that pages look at, followed once for all of them: the list of sweeps and the sweeps that are watched. It looks at the store
 * again and again only while a page is connected, and forgets what nobody looks at.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { describeError } from '../../errors.js'
import type { RunStore } from '../../tracking/index.js'
import type { LiveEvent, SweepList } from '../data/index.js'
import { Catalogue } from './catalogue.js'
import { FollowedSweep } from './followed-sweep.js'
import { readPlace } from './place.js'

/** ms between two looks. */
const every = 500
/** A look at the list of sweeps may take this share of the time, however many there are. */
const shareOfLooks = 0.1
/** Sweeps that nobody watches and nobody runs are kept for so many ms, and no more of them than that. */
const keptFor = 60_000
const mostKept = 4

/** Somebody who is told of what is new. `id` says how far both lists have come. */
export interface Follower {
  tell(event: LiveEvent, id: string): void
}

/** What a page knows already. */
export interface Since {
  /** As SweepList had it; any other text: nothing. */
  readonly list: string
  readonly sweep: string | null
  readonly place: string
}

interface Kept {
  readonly followed: FollowedSweep
  used: number
}

interface Connected {
  readonly follower: Follower
  list: string
  place: string
}

export class Hub {
  readonly #store: RunStore
  readonly #warn: (message: string) => void
  readonly #warned = new Set<string>()
  readonly #catalogue: Catalogue
  readonly #kept = new Map<string, Kept>()
  readonly #connected = new Set<Connected>()
  #stop = new AbortController()

  constructor(store: RunStore, warn: (message: string) => void) {
    this.#store = store
    this.#warn = warn
    this.#catalogue = new Catalogue(store, (id) => this.sweep(id), warn)
  }

  /** A sweep by its whole id; it need not be there. */
  sweep(id: string): FollowedSweep {
    let kept = this.#kept.get(id)
    if (kept === undefined) {
      kept = { followed: new FollowedSweep(this.#store, id), used: 0 }
      this.#kept.set(id, kept)
    }
    kept.used = performance.now()
    this.#forgetUnused()
    return kept.followed
  }

  async list(): Promise<SweepList> {
    await this.#catalogue.look()
    return { sweeps: this.#catalogue.entries, list: this.#catalogue.place }
  }

  /**
   * Tells a page of what is new from now on, beginning with what is new since what it knows.
   * @returns how to stop.
   */
  async connect(follower: Follower, { list, sweep, place }: Since): Promise<() => void> {
    await this.#catalogue.look()
    const one: Connected = { follower, list, place }
    this.#tellList(one)
    const stop =
      sweep === null
        ? () => {}
        : await this.sweep(sweep).watch(readPlace(place), (event, now) => {
            one.place = now
            follower.tell(event, idOf(one))
          })
    this.#connected.add(one)
    if (this.#connected.size === 1) void this.#lookOn()
    return () => {
      stop()
      this.#connected.delete(one)
      if (this.#connected.size > 0) return
      this.#stop.abort()
      this.#stop = new AbortController()
    }
  }

  /** Looks at once what is new, for those who have just changed something. */
  async look(): Promise<void> {
    await this.#lookAtWatched()
    await this.#catalogue.look()
    for (const one of this.#connected) this.#tellList(one)
  }

  async #lookOn(): Promise<void> {
    const { signal } = this.#stop
    let looked = 0
    let wait = 2 * every
    while (!signal.aborted) {
      await this.#lookAtWatched()
      try {
        const began = performance.now()
        if (began - looked >= wait) {
          await this.#catalogue.look()
          looked = performance.now()
          wait = Math.max(2 * every, (looked - began) / shareOfLooks)
          await this.#catalogue.readWhole()
          for (const one of this.#connected) this.#tellList(one)
        }
      } catch (error) {
        this.#warnOnce(`the store could not be read: ${describeError(error).message}`)
      }
      this.#forgetUnused()
      await sleep(every, undefined, { signal }).catch(() => {})
    }
  }

  /** One that cannot be read does not keep the others from being told. */
  async #lookAtWatched(): Promise<void> {
    for (const [id, { followed }] of [...this.#kept]) {
      if (!followed.isWatched) continue
      try {
        await followed.after(() => {})
      } catch (error) {
        this.#warnOnce(`sweep ${id} could not be read: ${describeError(error).message}`)
      }
    }
  }

  #warnOnce(message: string): void {
    if (this.#warned.has(message)) return
    this.#warned.add(message)
    this.#warn(message)
  }

  #tellList(one: Connected): void {
    const { place } = this.#catalogue
    if (place === one.list) return
    const news = this.#catalogue.since(one.list)
    one.list = place
    if (news.whole || news.changed.length + news.gone.length > 0)
      one.follower.tell({ type: 'sweeps', ...news }, idOf(one))
  }

  #forgetUnused(): void {
    const unused = [...this.#kept]
      .filter(([id, { followed }]) => !followed.isWatched && !this.#catalogue.isRunning(id))
      .sort(([, a], [, b]) => b.used - a.used)
    const now = performance.now()
    for (const [at, [id, { used }]] of unused.entries())
      if (at >= mostKept || now - used > keptFor) this.#kept.delete(id)
  }
}

/** How far the list and the sweep of a page have come: what `/api/events` takes as `after`. */
function idOf({ list, place }: Connected): string {
  return `${list}/${place}`
}

/** The same again. */
export function readId(id: string): Pick<Since, 'list' | 'place'> {
  const [list, place = ''] = id.split('/', 2)
  return { list, place }
}
