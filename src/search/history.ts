/** Small questions to a history that every searcher asks. */
import type { History, ObservedTrial, PendingTrial, SuggestionOrigin } from './types.js'

/** The rule of a trial that was not suggested by this search but told to it. */
export const elsewhere = 'elsewhere'

/**
 * The trial before `trial`, its outcome known or not; undefined before the first. Known outcomes may come in
 * the order of arrival, so it is looked for from the end, where it nearly always is. With `counts`, the newest of the
 * trials that it holds for.
 */
export function trialBefore(
  history: History,
  trial: number,
  counts: (origin: SuggestionOrigin) => boolean = () => true,
): ObservedTrial | PendingTrial | undefined {
  let newest: ObservedTrial | PendingTrial | undefined
  for (const trials of [history.pending, history.trials]) {
    for (let i = trials.length - 1; i >= 0; i--) {
      if (!counts(trials[i].origin)) continue
      if (trials[i].trial === trial - 1) return trials[i]
      if (newest === undefined || trials[i].trial > newest.trial) newest = trials[i]
    }
  }
  return newest
}

/** The rule of a trial whose params somebody asked for while the sweep ran. */
export const requested = 'requested'

/** Whether a trial is part of the search's own course: neither from elsewhere, nor asked for, whole or with fixed params. */
export function isOwn(origin: SuggestionOrigin): boolean {
  return origin.rule !== elsewhere && origin.rule !== requested && origin.fixed === undefined
}
