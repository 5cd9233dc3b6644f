/** From and to other tools. What is heavy is loaded where it is used. */
export {
  type ExportedModel,
  type ExportOptions,
  exportModel,
  exportModelFile,
  type ModelFormat,
  modelFormats,
} from './export/index.js'
export {
  type ImportedSweep,
  type ImportedTool,
  type ImportOptions,
  importSweep,
} from './import/index.js'
export { type LiveMirror, type LiveOptions, mirroredTo, mirrorLive } from './mlflow/live.js'
export { type Registered, type RegisterOptions, registerModel } from './mlflow/register.js'
export { type SyncedSweep, type SyncOptions, type SyncResult, syncMlflow } from './mlflow/sync.js'
export {
  type ExportedTrials,
  exportTrials,
  type ForeignSweep,
  type OptunaImportOptions,
  type Recorded,
  type RecordOptions,
  readOptuna,
  readTrialTable,
  recordForeign,
  type TrialFormat,
  type TrialTableOptions,
  trialFormats,
} from './trials/index.js'
