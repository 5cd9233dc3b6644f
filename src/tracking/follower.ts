/**
 * Follows one sweep for as long as somebody looks on: what is new each time it is asked, in pieces of bounded size, and the sweep
 * itself as it is by then. Trials are not kept here, only where they stand: whoever looks on keeps of them what he shows, and reads
 * again those that he wants whole.
 */
import { applyToParent, type ParentState } from './events.js'
import type { FileSystem } from './file-system.js'
import { type ReadSince, readSince } from './follow.js'
import { readPlaces, TrialPlaces } from './trial-places.js'
import type { ChildRun, FollowPlace, ParentRun } from './types.js'
import { Upgrade } from './upgrade.js'
import { childRun, parentRun } from './views.js'

/** Bytes of a record that are read at a time: others are not held up for longer than these take. */
const pieceBytes = 1 << 20

export class SweepFollower {
  readonly sweep: string
  readonly #files: FileSystem
  readonly #directory: string
  #parent: ParentState | null = null
  #place: FollowPlace | null = null
  #live = false
  readonly #places = new TrialPlaces()

  constructor(files: FileSystem, directory: string, sweep: string) {
    this.#files = files
    this.#directory = directory
    this.sweep = sweep
  }

  /** How far it has come; null before the first piece. */
  get place(): FollowPlace | null {
    return this.#place
  }

  /** The sweep at `place`; null before the first piece. */
  get run(): ParentRun | null {
    return this.#parent && parentRun(this.#parent, this.#live)
  }

  /**
   * The next piece of what is new, which may be nothing; `more`: ask again at once. After `again`, what was told before is to be
   * forgotten. null where the sweep is gone, or its record is not begun yet.
   */
  async next(): Promise<ReadSince | null> {
    let parent = this.#parent
    const read = await readSince(this.#files, this.#directory, this.sweep, this.#place, {
      most: pieceBytes,
      parent,
      onEvent: (event, from, bytes) => {
        this.#places.take(event, from, bytes)
        parent = applyToParent(parent, this.sweep, event)
      },
    })
    if (read === null) return null
    this.#parent = parent
    this.#place = read.place
    this.#live = read.live
    return read
  }

  /**
   * Trials as they are at `place`, whole and in this order; those that are unknown are left out. It reads no more than what the
   * record says of them.
   * @returns null where the record is another by now, or damaged: it is to be followed again, or read whole.
   */
  async trials(numbers: readonly number[]): Promise<ChildRun[] | null> {
    const [parent, place, live] = [this.#parent, this.#place, this.#live]
    if (parent === null || place === null) return []
    const upgrade = new Upgrade()
    upgrade.parent(parent)
    const journal = {
      directory: this.#directory,
      sweep: this.sweep,
      generation: place.generation,
      upgrade,
    }
    const wanted = numbers.map((trial) => [trial, this.#places.of(trial)] as const)
    const read = await readPlaces(this.#files, journal, wanted)
    return read?.map((child) => childRun(child, parent, live)) ?? null
  }
}
