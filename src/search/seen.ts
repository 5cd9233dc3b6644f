/**
 * Which params have been proposed already, whatever became of them.
 *
 * The set is a cache of the history: `update` reads what has come since the last call, O(1) amortised a trial
 * while the sweep goes on, and starts afresh when the history is not a continuation of the one it knows.
 */
import type { Space } from '../space/index.js'
import type { Params } from '../values.js'
import type { History, ObservedTrial, PendingTrial, SearchSettings } from './types.js'

export interface SeenParams {
  /** Brings the set up to this history; to be called before anything else in every `suggest`. */
  update(history: History): void
  /** Whether these params are a trial of the history, pending or not, or a result of the warm start. */
  has(params: Params): boolean
  /** How many different params are in the set. */
  readonly distinct: number
  /** Changes whenever the set started afresh: what was derived from an older generation is void. */
  readonly generation: number
}

/** As if nothing had been proposed. */
export const noneSeen: SeenParams = { update() {}, has: () => false, distinct: 0, generation: -1 }

export function createSeenParams(space: Space, warmStart: SearchSettings['warmStart'] = []): SeenParams {
  const warm = warmStart.map(({ params }) => space.key(params))
  let keys = new Set(warm)
  /** By trial number. The object is kept to recognise a trial without working out its key again. */
  let entries: ({ params: Params; key: string } | undefined)[] = []
  let known = 0
  let generation = 0
  /** How far which array of outcomes has been read. */
  let read = { array: null as History['trials'] | null, length: 0 }

  function clear() {
    keys = new Set(warm)
    entries = []
    known = 0
    generation++
    read = { array: null, length: 0 }
  }

  /** False if this trial had other params in the history we know. */
  function add({ trial, params }: ObservedTrial | PendingTrial): boolean {
    const entry = entries[trial]
    if (entry?.params === params) return true
    const key = space.key(params)
    if (entry === undefined) {
      entries[trial] = { params, key }
      keys.add(key)
      known++
      return true
    }
    entry.params = params
    return entry.key === key
  }

  /** Reads what is new; false if what we know is not a part of this history. */
  function extend({ trials, pending }: History): boolean {
    // Where outcomes are told out of order the array grows in the middle too. What is passed over then was
    // pending, so it is known; else the count at the end does not come out, and all is read again.
    for (let i = trials === read.array ? read.length : 0; i < trials.length; i++) {
      if (!add(trials[i])) return false
    }
    for (const trial of pending) if (!add(trial)) return false
    read = { array: trials, length: trials.length }
    return known === trials.length + pending.length
  }

  return {
    update(history) {
      if (extend(history)) return
      clear()
      extend(history)
    },
    has: (params) => keys.has(space.key(params)),
    get distinct() {
      return keys.size
    },
    get generation() {
      return generation
    },
  }
}
