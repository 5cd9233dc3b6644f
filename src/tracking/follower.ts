/**
 * Follows one sweep for as long as somebody looks on: what is new each time it is asked, in pieces of bounded size, and the sweep
 * itself as it is by then. Trials are not kept here: whoever looks on keeps of them what he shows.
 */
import { applyToParent, type ParentState } from './events.js'
import type { FileSystem } from './file-system.js'
import { type ReadSince, readSince } from './follow.js'
import type { FollowPlace, ParentRun } from './types.js'
import { parentRun } from './views.js'

/** Bytes of a record that are read at a time. */
const pieceBytes = 4 << 20

export class SweepFollower {
  readonly sweep: string
  readonly #files: FileSystem
  readonly #directory: string
  #parent: ParentState | null = null
  #place: FollowPlace | null = null
  #live = false

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
      onEvent: (event) => {
        parent = applyToParent(parent, this.sweep, event)
      },
    })
    if (read === null) return null
    this.#parent = parent
    this.#place = read.place
    this.#live = read.live
    return read
  }
}
