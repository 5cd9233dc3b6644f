/** Runs a searcher as a sweep without trials: every suggestion is pending, or known as failed, for the next. */
import type {
  History,
  ObservedTrial,
  PendingTrial,
  Searcher,
  SearchSettings,
  Suggestion,
} from '../../src/search/index.js'

export function settings(
  algorithm: SearchSettings['algorithm'],
  overrides: Partial<SearchSettings> = {},
): SearchSettings {
  return { algorithm, seed: 3, trials: null, parallel: 4, ...overrides }
}

export function failed(suggestion: Suggestion, trial: number): ObservedTrial {
  return { trial, ...suggestion, outcome: 'failed', values: [] }
}

export function historyOf(suggestions: readonly Suggestion[]): History {
  return { directions: ['minimize'], trials: suggestions.map(failed), pending: [] }
}

/** Up to `trials` suggestions with `parallel` pending, or fewer where the space is exhausted. */
export async function drive(searcher: Searcher, trials: number, parallel = 4): Promise<Suggestion[]> {
  const known: ObservedTrial[] = []
  const pending: PendingTrial[] = []
  const found: Suggestion[] = []
  for (let trial = 0; trial < trials; trial++) {
    const suggestion = await searcher.suggest({ directions: ['minimize'], trials: known, pending }, trial)
    if (suggestion === null) break
    found.push(suggestion)
    pending.push({ trial, ...suggestion })
    if (pending.length >= parallel) known.push({ ...pending.shift()!, outcome: 'failed', values: [] })
  }
  return found
}
