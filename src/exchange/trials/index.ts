/** Trials from and for other tools. */

export { type ExportedTrials, exportTrials, type TrialFormat, trialFormats } from './export/index.js'
export { type OptunaImportOptions, readOptuna } from './optuna/import.js'
export { type Recorded, type RecordOptions, recordForeign } from './record.js'
export { readTrialTable, type TrialTableOptions } from './table/import.js'
export type { ForeignSweep, ForeignTrial } from './types.js'
