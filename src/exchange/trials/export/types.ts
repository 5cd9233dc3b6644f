/** What an export of trials takes and gives. */
import type { ChildRun, ParentRun } from '../../../tracking/index.js'

export const trialFormats = ['optuna', 'csv', 'json', 'parquet'] as const
export type TrialFormat = (typeof trialFormats)[number]

/** A sweep's trials as a file of another tool. */
export interface ExportedTrials {
  readonly format: TrialFormat
  readonly bytes: Uint8Array
  /** What the format cannot hold, each with what was done instead. */
  readonly warnings: readonly string[]
}

/** Writes a format; each is a file of its own. */
export type TrialExporter = (
  sweep: ParentRun,
  trials: readonly ChildRun[],
) => Promise<Omit<ExportedTrials, 'format'>>
