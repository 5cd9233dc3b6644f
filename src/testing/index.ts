/**
 * The laws of the contracts, for whoever writes a trainer, a searcher or an executor of their own: each suite is told with
 * the test framework it is given.
 *
 *     import * as vitest from 'vitest'
 *     import { trainerLaws } from 'espalier/testing'
 *     trainerLaws(vitest, 'mine', () => mine, () => data, { shrink: 0.5 })
 */
export { type Dataset, type LoadedDataset, readDataset } from '../data/index.js'
export type { Executor, ExecutorOptions, FitOutcome, FitRequest } from '../execution/index.js'
export type {
  History,
  ObservedTrial,
  PendingTrial,
  Searcher,
  Suggestion,
  SuggestionOrigin,
} from '../search/index.js'
export type { FitPlan } from '../training/index.js'
export { type ExecutorAbilities, executorLaws, type MakeExecutor } from './executor.js'
export type { Expect, TestFramework } from './framework.js'
export { type LawOptions, type LawSettings, type MakeSearcher, searcherLaws } from './searcher.js'
export { trainerLaws } from './trainer.js'
