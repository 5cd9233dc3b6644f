/**
 * What all searchers have in common: the params the user wants first, those that are fixed, replicates and repeats, and
 * the set of params proposed so far. A searcher adds a Proposer, which is asked for params that are new.
 */
import type { Space } from '../space/index.js'
import { isJsonObject, type Params } from '../values.js'
import { createEnqueuedParams } from './enqueue.js'
import { fixedSpace } from './fixed.js'
import { isOwn, trialBefore } from './history.js'
import { createSeenParams, noneSeen, type SeenParams } from './seen.js'
import type { FixingSearcher, History, SearchSettings, Suggestion, SuggestionOrigin } from './types.js'

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

/** Makes a proposer for a space of these dimensions, without anything to try first. */
export type MakeProposer = (space: Space) => Promise<Proposer>

/**
 * A searcher from its proposer. With `replicates` r > 1 every params is suggested r times in a row, and the
 * origin says the how manieth it is: `replicate` 1 … r. With `repeats` a space that has been tried out is gone through
 * as if nothing had been: the origin says `repeat`.
 */
export function frameSearcher(
  space: Space,
  settings: SearchSettings,
  proposer: Proposer,
  proposerFor: MakeProposer,
): FixingSearcher {
  const { replicates = 1, repeats = false } = settings
  const seen = createSeenParams(space, settings.warmStart)
  const enqueued = createEnqueuedParams(space, settings, (n) => proposer.completion(n))
  /** The latest proposer with params fixed; made anew for others. */
  let fixing: { readonly text: string; readonly proposer: Proposer } | null = null

  const firstReplicate = (suggestion: Suggestion | null): Suggestion | null =>
    suggestion && replicates > 1
      ? { params: suggestion.params, origin: { ...suggestion.origin, replicate: 1 } }
      : suggestion

  function proposeBy(
    by: Proposer,
    history: History,
    trial: number,
    latest: SuggestionOrigin | undefined,
  ): Suggestion | null | Promise<Suggestion | null> {
    const fresh = by.propose(history, trial, seen, latest)
    if (!repeats) return fresh
    return (async () => {
      const once = await fresh
      if (once !== null) return once
      // The grid has an end, from where it begins again.
      const again =
        (await by.propose(history, trial, noneSeen, latest)) ??
        (await by.propose(history, trial, noneSeen, undefined))
      return again && { params: again.params, origin: { ...again.origin, repeat: true } }
    })()
  }

  return {
    suggest(history, trial) {
      const latest = trialBefore(history, trial, isOwn)
      if (latest !== undefined && replicates > 1) {
        const replicate = Number(latest.origin.replicate ?? 1)
        if (replicate < replicates) {
          return { params: latest.params, origin: { ...latest.origin, replicate: replicate + 1 } }
        }
      }
      seen.update(history)
      const first = enqueued.next(latest?.origin)
      if (first !== null) return firstReplicate(first)
      const own = proposeBy(proposer, history, trial, latest?.origin)
      return own instanceof Promise ? own.then(firstReplicate) : firstReplicate(own)
    },
    async suggestFixed(history, trial, fixed) {
      const text = fixedText(fixed)
      if (fixing?.text !== text) {
        const view = fixedSpace(space, fixed)
        await fixing?.proposer.close?.()
        fixing = { text, proposer: await proposerFor(view) }
      }
      seen.update(history)
      const latest = trialBefore(
        history,
        trial,
        (origin) => isJsonObject(origin.fixed) && fixedText(origin.fixed as Params) === text,
      )
      const found = await proposeBy(fixing.proposer, history, trial, latest?.origin)
      return found && { params: found.params, origin: { ...found.origin, fixed: { ...fixed } } }
    },
    passedOver: () => enqueued.passedOver(),
    async close() {
      await fixing?.proposer.close?.()
      await proposer.close?.()
    },
  }
}

/** The same text for the same params, whatever their order. */
function fixedText(fixed: Params): string {
  return JSON.stringify(
    Object.keys(fixed)
      .sort()
      .map((name) => [name, fixed[name]]),
  )
}
