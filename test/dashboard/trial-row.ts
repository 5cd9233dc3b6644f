/** A row of a table of trials, of which only what a test is about is stated. */
import type { TrialRow } from '../../src/dashboard/data/index.js'

export function trialRow(trial: number, more: Partial<TrialRow> = {}): TrialRow {
  return {
    trial,
    run: `run ${trial}`,
    status: 'finished',
    started: trial,
    ended: trial + 1,
    params: {},
    value: null,
    metrics: {},
    rule: 'random',
    predicted: null,
    error: null,
    attempts: 1,
    tags: {},
    fits: [],
    ...more,
  }
}
