/**
 * What all searchers have in common: the params the user wants first, replicates, and the set of params
 * proposed so far. A searcher adds a Proposer, which is asked for params that are new.
 */
import type { Space } from '../space/index.js'
import { createEnqueuedParams } from './enqueue.js'
import { trialBefore } from './history.js'
import { createSeenParams, type SeenParams } from './seen.js'
import type { History, Searcher, SearchSettings, Suggestion, SuggestionOrigin } from './types.js'

export interface Proposer {
  /** A point of the searcher's own, to complete the n-th partial entry of `enqueue`. Depends on nothing else. */
  completion(n: number): ArrayLike<number>
  /**
   * Params that are not in `seen`, which is up to date with the history; null when there are none. `latest` is
   * the origin of the trial before this one.
   */
  propose(
    history: History,
    trial: number,
    seen: SeenParams,
    latest: SuggestionOrigin | undefined,
  ): Suggestion | null | Promise<Suggestion | null>
  close?(): Promise<void>
}

/**
 * A searcher from its proposer. With `replicates` r > 1 every params is suggested r times in a row, and the
 * origin says the how manieth it is: `replicate` 1 … r.
 */
export function frameSearcher(space: Space, settings: SearchSettings, proposer: Proposer): Searcher {
  const replicates = settings.replicates ?? 1
  const seen = createSeenParams(space, settings.warmStart)
  const enqueued = createEnqueuedParams(space, settings.enqueue)
  const completion = (n: number) => proposer.completion(n)
  const firstReplicate = (suggestion: Suggestion | null): Suggestion | null =>
    suggestion && replicates > 1
      ? { params: suggestion.params, origin: { ...suggestion.origin, replicate: 1 } }
      : suggestion

  return {
    suggest(history, trial) {
      const latest = trialBefore(history, trial)
      if (latest !== undefined && replicates > 1) {
        const replicate = Number(latest.origin.replicate ?? 1)
        if (replicate < replicates) {
          return { params: latest.params, origin: { ...latest.origin, replicate: replicate + 1 } }
        }
      }
      seen.update(history)
      const first = enqueued.next(latest?.origin, seen, completion)
      if (first !== null) return firstReplicate(first)
      const own = proposer.propose(history, trial, seen, latest?.origin)
      return own instanceof Promise ? own.then(firstReplicate) : firstReplicate(own)
    },
    close: async () => proposer.close?.(),
  }
}
