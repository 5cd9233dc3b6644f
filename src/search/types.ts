/**
 * The contract of search: the recorded history is the only state.
 *
 * A searcher is a function of (space, settings, history, trial number). It may cache what it can work out
 * again from the history, and nothing else. What it wants to remember it returns in the suggestion's origin;
 * the record hands it back.
 */
import type { Direction, JsonObject, OutcomeStatus, Params } from '../values.js'

/** Why this suggestion: plain JSON. `rule` says it in one word; the rest is the searcher's own. */
export type SuggestionOrigin = JsonObject & { readonly rule: string }

export interface Suggestion {
  readonly params: Params
  readonly origin: SuggestionOrigin
}

/** A trial whose outcome the searcher may know. */
export interface ObservedTrial {
  readonly trial: number
  readonly params: Params
  readonly origin: SuggestionOrigin
  readonly outcome: OutcomeStatus
  /** One value for each objective, as the user sees it; none for a failed trial, or one stopped before it reported. */
  readonly values: readonly number[]
  /** For a pruned trial: variance of the noise added to the value because it is a partial mean, or of training that had not ended; else 0 or absent. */
  readonly extraNoise?: number
}

/** A trial that was suggested and whose outcome the searcher may not know yet, even if it has ended. */
export interface PendingTrial {
  readonly trial: number
  readonly params: Params
  readonly origin: SuggestionOrigin
}

export interface History {
  /** Of each objective. */
  readonly directions: readonly Direction[]
  /** Known outcomes, in trial order. The array only ever grows, so that its length can key a cache. */
  readonly trials: readonly ObservedTrial[]
  /** In trial order. */
  readonly pending: readonly PendingTrial[]
}

/** What a searcher is made from; all of it is recorded with the sweep and never changes while it goes on. */
export interface SearchSettings {
  readonly algorithm: 'grid' | 'random' | 'sobol' | 'bayesian'
  /** The sweep's seed, a non-negative safe integer. */
  readonly seed: number
  /** The number of trials when the sweep was first made; null when not known (ask-tell). */
  readonly trials: number | null
  /** Trials in flight, P. */
  readonly parallel: number
  /** Params to try first, in this order, partial ones completed by the search. */
  readonly enqueue?: readonly Params[]
  /** Known results of earlier trials with the same parameters: never proposed again, used as observations. */
  readonly warmStart?: readonly { readonly params: Params; readonly value: number }[]
  /** How often the same params may be proposed (1 unless stated). */
  readonly replicates?: number
  /** Whether a finite space that has been tried out is tried again, instead of being exhausted. */
  readonly repeats?: boolean
}

export interface Searcher {
  /**
   * The params of trial number `trial`; null when the space is exhausted. Pure in the sense above: the same
   * arguments give the same suggestion bit for bit, in another process too. May be asynchronous where the
   * work is done off the main thread.
   */
  suggest(history: History, trial: number): Suggestion | null | Promise<Suggestion | null>
  /** Frees threads, where there are any. */
  close?(): Promise<void>
}

/** An entry that is not tried by itself, as the same params are tried or known already. */
export interface PassedOver {
  readonly entry: number
  /** The earlier entry with the same params; null: a result of the warm start has them. */
  readonly duplicateOf: number | null
}

/** A searcher that can also be asked with some params fixed, and knows what becomes of the entries of `enqueue`. */
export interface FixingSearcher extends Searcher {
  /**
   * The same, with some params fixed. Such a trial stands beside the search's own course (its origin says `fixed`):
   * entries of `enqueue`, replicates and the places in a grid or a sequence stay where they are. Rejects with USAGE
   * where the fixed params are not possible in the space.
   */
  suggestFixed(history: History, trial: number, fixed: Params): Promise<Suggestion | null>
  /** Entries of `enqueue` that no trial of their own comes of, and the earlier entry with the same params. */
  passedOver(): readonly PassedOver[]
}

/**
 * What a pruner may know of a trial: one metric by step, as the user sees it. Steps are strictly increasing and
 * parallel to their values, so that a curve can share the arrays of the record.
 */
export interface Curve {
  readonly trial: number
  readonly status: OutcomeStatus | 'running'
  readonly steps: readonly number[]
  readonly values: readonly number[]
}

/** Why a trial is stopped: plain JSON, recorded with it. `reason` says it in a sentence. */
export type PruneReason = JsonObject & {
  readonly rule: string
  /** Where it was stopped. */
  readonly step: number
  /** What it was judged by there, and what that was not better than. */
  readonly value: number
  readonly bound: number
  readonly reason: string
}

/** Decides whether a running trial goes on, from the record alone. */
export interface Pruner {
  readonly settings: PrunerSettings
  /** A trial's folds in their order, the steps that one of its fits reports, or nothing. */
  readonly judges: 'folds' | 'steps' | 'nothing'
  /** The reported metric it goes by; null: the objective's. */
  readonly metric: string | null
  /**
   * Judges `current` after its latest step against the history its own suggestion saw. Pure: the same arguments
   * give the same answer, and it changes nothing. `direction` is the objective's.
   */
  decide(history: readonly Curve[], current: Curve, direction: Direction): 'continue' | 'prune'
  /** Why it says 'prune'; null where it says 'continue'. */
  explain(history: readonly Curve[], current: Curve, direction: Direction): PruneReason | null
}

/** What a pruner is made from, complete: recorded with the sweep. */
export type PrunerSettings =
  | { readonly name: 'none' }
  | (StepSettings & {
      readonly name: 'median'
      /** Trials of the history that must have come to a step before anybody is stopped there. */
      readonly minTrials: number
    })
  | (StepSettings & {
      readonly name: 'halving'
      /** One of so many goes on at a rung, and the next rung is so many times as far. */
      readonly factor: number
    })
  | {
      readonly name: 'folds'
      /** No trial is stopped before so many folds. */
      readonly minFolds: number
    }

interface StepSettings {
  /** The first step at which a trial can be stopped. */
  readonly minSteps: number
  /** The reported metric to go by; null: the objective's. */
  readonly metric: string | null
  /** Whether less or more of that metric is better; null: the objective's direction. */
  readonly direction: Direction | null
}
