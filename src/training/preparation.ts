/**
 * What fits have in common, worked out once in a worker and kept: selected rows, matrices, ranks, bins, neighbours.
 *
 * A thing is found again by what it was made from: the rows of a part of the data set (a RowsPreparation each), and a key that
 * names everything else that went into it. Only what a fit on its own would come to bit by bit is kept, so sharing changes how
 * long a fit takes, and nothing else: not where fits are tried in another order, in other workers, or with no room to keep anything.
 *
 * Between two fits the things used longest ago are let go of, down to the bound in bytes. Within a fit nothing is.
 */
import type { Dataset } from '../data/index.js'

/** Megabytes that shared preparation may take in each worker. */
export const defaultSharedMemory = 256

interface Entry {
  made: unknown
  /** Now: what a thing holds may grow while it is used. */
  readonly bytes: () => number
  lastUse: number
  /** Somebody works in it. */
  held: boolean
  close?(): void
}

/** What is let go of when nobody needs it any more. */
export interface Held {
  close(): void
}

/** Things made from the same rows, under keys that say what else they were made from. */
export interface Shared {
  /**
   * What `make` gives, from memory where it is there. Nobody may change it. `key`: everything it depends on besides the rows
   * (and besides what this Shared stands for). `bytes`: what it holds.
   */
  get<T>(key: string, make: () => T, bytes: (made: T) => number): T
  /**
   * Runs `work` on something that is changed by work on it, such as a WebAssembly memory with prepared arrays in it and room for
   * the fit's own. Only one fit has it at a time: another one that comes meanwhile makes its own. Where `work` throws, it is not used again.
   * What is not kept is closed.
   */
  hold<T extends Held, R>(
    key: string,
    make: () => T,
    bytes: (made: T) => number,
    work: (held: T) => R | Promise<R>,
  ): Promise<R>
  /** The same rows, with a key that goes before all others. */
  under(key: string): Shared
}

/** The rows of one part of a data set. */
export interface DividedRows {
  /** Those that are fitted on. */
  readonly training: Dataset
  /** Those that are held out; null where there are none. */
  readonly heldOut: Dataset | null
  /** The places of those held out in the whole data set. */
  readonly positions: Int32Array
}

export interface RowsPreparation extends Shared, DividedRows {}

/** The context of a fit of a built-in trainer: other trainers get rows of their own, which they may change. */
export interface PreparedContext {
  preparation?: RowsPreparation
}

/** All that a worker keeps for a sweep. */
export class Preparation {
  readonly #entries = new Map<string, Entry>()
  readonly #bound: number
  #uses = 0

  /** `megabytes`: how much is kept between fits; 0: nothing. */
  constructor(megabytes: number) {
    this.#bound = megabytes * 2 ** 20
  }

  /** A part by its name, with what its rows are. */
  part(name: string, divide: () => DividedRows): RowsPreparation {
    const shared = this.#under(`${name}/`)
    const rows = shared.get(
      'rows',
      divide,
      ({ training, positions }) => 4 * training.rows + 8 * positions.length,
    )
    return { ...rows, ...shared }
  }

  #under(prefix: string): Shared {
    return {
      get: (key, make, bytes) => this.#get(prefix + key, make, bytes),
      hold: (key, make, bytes, work) => this.#hold(prefix + key, make, bytes, work),
      under: (key) => this.#under(`${prefix}${key}/`),
    }
  }

  #get<T>(key: string, make: () => T, bytes: (made: T) => number): T {
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      const made = make()
      entry = { made, bytes: () => bytes(made), lastUse: 0, held: false }
      if (this.#bound > 0) this.#entries.set(key, entry)
    }
    entry.lastUse = this.#uses++
    return entry.made as T
  }

  async #hold<T extends Held, R>(
    key: string,
    make: () => T,
    bytes: (made: T) => number,
    work: (held: T) => R | Promise<R>,
  ): Promise<R> {
    const found = this.#entries.get(key)
    if (found?.held || this.#bound === 0) return holdOnce(make(), work)
    const made = this.#get(key, make, bytes)
    const entry = this.#entries.get(key)!
    entry.held = true
    entry.close = () => made.close()
    try {
      return await work(made)
    } catch (error) {
      this.#entries.delete(key)
      throw error
    } finally {
      entry.held = false
      entry.lastUse = this.#uses++
    }
  }

  /** Bytes that are kept. */
  get bytes(): number {
    let sum = 0
    for (const { bytes } of this.#entries.values()) sum += bytes()
    return sum
  }

  /** To be called between fits: lets go of what was used longest ago, until the rest is within the bound. */
  trim(): void {
    let left = this.bytes
    if (left <= this.#bound) return
    const oldest = [...this.#entries].sort(([, a], [, b]) => a.lastUse - b.lastUse)
    for (const [key, entry] of oldest) {
      if (left <= this.#bound) return
      if (entry.held) continue
      left -= entry.bytes()
      this.#entries.delete(key)
      entry.close?.()
    }
  }
}

async function holdOnce<T extends Held, R>(made: T, work: (held: T) => R | Promise<R>): Promise<R> {
  const result = await work(made)
  made.close()
  return result
}

/** For a fit on its own: nothing is kept. */
export const nothingShared: Shared = {
  get: (_, make) => make(),
  hold: async (_, make, __, work) => holdOnce(make(), work),
  under: () => nothingShared,
}
