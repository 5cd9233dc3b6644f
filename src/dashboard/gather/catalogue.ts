/**
 * The list of all sweeps of a store, kept up to date cheaply: a sweep is read again only where its record has grown, or somebody runs
 * it. What needs all its trials (spark line, holdout) comes later, one sweep after the other.
 */
import { randomBytes } from 'node:crypto'
import { isEspalierError } from '../../errors.js'
import { judgingOf } from '../../launch/judging-record.js'
import type { ParentRun, RunStore } from '../../tracking/index.js'
import type { LiveEvent, SweepEntry } from '../data/index.js'
import { entryOf } from './entry.js'
import { FollowedSweep } from './followed-sweep.js'

interface Listed {
  /** Of the record when it was read: another one says that it has grown. */
  mark: string
  /** null: it cannot be read. */
  entry: SweepEntry | null
  /** When it changed last, as a count of changes of the list. */
  changed: number
  /** Whether its trials have been read for it. */
  whole: boolean
}

/** More sweeps than these that are new are read in one go. */
const fewNew = 8
/** Sweeps read whole between two looks. */
const wholeAtOnce = 20

export class Catalogue {
  readonly #store: RunStore
  readonly #warn: (message: string) => void
  readonly #listed = new Map<string, Listed>()
  /** Sweeps that were deleted, by when. */
  readonly #gone = new Map<string, number>()
  /** Sweeps that somebody runs. */
  readonly #running = new Set<string>()
  readonly #follow: (id: string) => FollowedSweep
  readonly #start = randomBytes(6).toString('hex')
  /** How many changes the list has seen. */
  #revision = 0
  #looking: Promise<void> | null = null

  /** @param follow a sweep that is followed already, or is from now on. */
  constructor(store: RunStore, follow: (id: string) => FollowedSweep, warn: (message: string) => void) {
    this.#store = store
    this.#follow = follow
    this.#warn = warn
  }

  /** How far the list has come, as a text: that of another start of the server says nothing to this one. */
  get place(): string {
    return `${this.#start}.${this.#revision}`
  }

  /** Newest first. */
  get entries(): SweepEntry[] {
    return [...this.#listed.values()]
      .flatMap(({ entry }) => entry ?? [])
      .sort((a, b) => b.started - a.started || (a.id < b.id ? -1 : 1))
  }

  /** What has changed since a place; from none of this list, all of it. */
  since(place: string): Omit<Extract<LiveEvent, { type: 'sweeps' }>, 'type'> {
    const [start, seen] = place.split('.', 2)
    if (start !== this.#start) return { changed: this.entries, gone: [], whole: true }
    const revision = Number(seen)
    const changed = [...this.#listed.values()].flatMap((one) =>
      one.changed > revision ? (one.entry ?? []) : [],
    )
    const gone = [...this.#gone].flatMap(([id, at]) => (at > revision ? id : []))
    return { changed, gone, whole: false }
  }

  isRunning(id: string): boolean {
    return this.#running.has(id)
  }

  /** Looks what is new, in short. One look at a time: who asks meanwhile is answered by the one that goes on. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null
    })
    return this.#looking
  }

  async #look(): Promise<void> {
    const marks = await this.#store.sweepMarks()
    for (const id of [...this.#listed.keys()]) if (!marks.has(id)) this.#remove(id)
    const grown = [...marks].filter(([id, mark]) => this.#listed.get(id)?.mark !== mark)
    const readers = await this.#readersOf(grown)
    for (const [id, mark] of grown) {
      if (this.#running.has(id)) this.#listed.get(id)!.mark = mark
      else await this.#read(id, mark, readers)
    }
    for (const id of this.#running) if (this.#listed.get(id)?.whole) await this.#lookAt(id, this.#follow(id))
  }

  /** Reads the trials of some sweeps of which only the summary was read, the newest first. */
  async readWhole(): Promise<void> {
    const waiting = this.entries.filter(({ id }) => this.#listed.get(id)?.whole === false)
    for (const { id } of waiting.slice(0, wholeAtOnce))
      await this.#lookAt(id, this.#running.has(id) ? this.#follow(id) : new FollowedSweep(this.#store, id))
  }

  /** Many that are new are read together, which takes one look at the folder for all. */
  async #readersOf(
    grown: readonly (readonly [string, string])[],
  ): Promise<(id: string) => Promise<ParentRun | undefined>> {
    if (grown.length <= fewNew) return async (id) => (await this.#store.run(id)) as ParentRun
    const runs = new Map((await this.#store.sweeps()).map((run) => [run.id, run]))
    return async (id) => runs.get(id)
  }

  async #read(
    id: string,
    mark: string,
    runOf: (id: string) => Promise<ParentRun | undefined>,
  ): Promise<void> {
    const listed = this.#listed.get(id) ?? { mark, entry: null, changed: 0, whole: false }
    this.#listed.set(id, listed)
    listed.mark = mark
    listed.whole = false
    try {
      const run = await runOf(id)
      if (run === undefined) return
      if (run.status === 'running') this.#running.add(id)
      const before = listed.entry
      const entry = entryOf(run, null, await judgingOf(this.#store, run))
      // What was known of another best says nothing of this one.
      const { holdout, reproduced } = before?.best?.trial === entry.best?.trial && before ? before : entry
      this.#change(listed, { ...entry, spark: before?.spark ?? [], holdout, reproduced })
    } catch (error) {
      this.#passOver(id, listed, error)
    }
  }

  async #lookAt(id: string, followed: FollowedSweep): Promise<void> {
    const listed = this.#listed.get(id)
    try {
      await followed.after(() => {})
    } catch (error) {
      this.#running.delete(id)
      if (listed !== undefined) this.#passOver(id, listed, error)
      return
    }
    const entry = followed.head?.entry
    if (listed === undefined || entry === undefined) {
      this.#running.delete(id)
      return
    }
    listed.whole = true
    this.#change(listed, entry)
    if (entry.status !== 'running') this.#running.delete(id)
  }

  #remove(id: string): void {
    this.#listed.delete(id)
    this.#running.delete(id)
    this.#gone.set(id, ++this.#revision)
  }

  #change(listed: Listed, entry: SweepEntry): void {
    if (JSON.stringify(listed.entry) === JSON.stringify(entry)) return
    listed.entry = entry
    listed.changed = ++this.#revision
    this.#gone.delete(entry.id)
  }

  /** One that cannot be read is left out, and said once; deleted in this moment, it is gone at the next look. */
  #passOver(id: string, listed: Listed, error: unknown): void {
    if (!isEspalierError(error)) throw error
    if (listed.entry !== null) this.#gone.set(id, ++this.#revision)
    listed.entry = null
    listed.whole = true
    if (error.code !== 'RUN_UNKNOWN') this.#warn(error.message)
  }
}
