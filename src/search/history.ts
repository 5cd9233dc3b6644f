/** Small questions to a history that every searcher asks. */
import type { History, ObservedTrial, PendingTrial } from './types.js'

/**
 * The trial before `trial`, its outcome known or not; undefined before the first. Known outcomes may come in
 * the order of arrival, so it is looked for from the end, where it nearly always is.
 */
export function trialBefore(history: History, trial: number): ObservedTrial | PendingTrial | undefined {
  let newest: ObservedTrial | PendingTrial | undefined
  for (const trials of [history.pending, history.trials]) {
    for (let i = trials.length - 1; i >= 0; i--) {
      if (trials[i].trial === trial - 1) return trials[i]
      if (newest === undefined || trials[i].trial > newest.trial) newest = trials[i]
    }
  }
  return newest
}
