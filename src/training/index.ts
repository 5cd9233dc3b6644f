/** What is trained and how it is judged: trainers, models, metrics, folds. */
export {
  type LoadedModel,
  type LoadModelOptions,
  loadModel,
  type ModelReference,
  type ModelThreshold,
  saveModel,
  signatureOfModel,
} from './artifact.js'
export { ArtifactFiles, defaultArtifactsMB, type FitArtifact } from './artifact-files.js'
export { checkDescription, checkTrainer, describeOpened } from './check-trainer.js'
export { checkProgram, checkReadings } from './command/check.js'
export { environmentName } from './command/environment.js'
export { type ProgramFile, programFiles } from './command/files.js'
export { whenProcessGone } from './command/gone.js'
export { commandFiles, isOnPath } from './command/open.js'
export { escapedArgument, namesDevices } from './command/placeholders.js'
export type { CommandReference } from './command/reference.js'
export { type RanOnce, runOnce } from './command/run-once.js'
export { importancesOf, type StoredMember } from './ensemble.js'
export { FitAborted, FitFailure, type FitFailureCode, FitPruned } from './failures.js'
export { performFit } from './fit.js'
export {
  checkParams,
  defaultsOf,
  type SpaceParameter,
  unknownParameters,
  withDefaults,
} from './hyperparameters.js'
export {
  type Baseline,
  baselineOf,
  baselineOverFolds,
  bestBaseline,
  featurelessAnswers,
  type PairedGain,
  pairedGain,
} from './judging/baseline.js'
export {
  type BiasCorrectedEstimate,
  type BiasCorrectionInput,
  biasCorrectedEstimate,
  trueProbabilities,
} from './judging/bias-correction.js'
export { slownessOf } from './judging/bias-judges.js'
export type { OutOfFold, Truth } from './judging/bias-types.js'
export {
  labelsOf,
  selectEnsemble,
  tableOf,
} from './judging/ensemble-selection.js'
export { judgedTable, namedMetrics, openMetrics } from './judging/judges.js'
export { type MetricDescription, metricNamed, metricsFor, type NamedMetric } from './judging/metrics.js'
export { outOfFoldTruth, packOutOfFold, probabilitiesFor, unpackOutOfFold } from './judging/out-of-fold.js'
export { type MetricFunction, openMetric } from './judging/own-metric.js'
export { pooledMetrics } from './judging/pooled.js'
export { type ClassTable, classTable, type ResidualSummary, residualSummary } from './judging/tables.js'
export { bestThreshold, type Threshold } from './judging/threshold.js'
export { modulesOfPlan, withModules } from './modules.js'
export { type FitNote, FitNotes } from './notes.js'
export { describeTrainers, openTrainer, trainerAmong, trainerNames } from './open-trainer.js'
export type * from './place.js'
export type * from './plan.js'
export { defaultSharedMemory } from './preparation.js'
export { isModulePath, referenceTo } from './reference.js'
export { foldWarnings } from './resampling/fold-warnings.js'
export { hasHoldout, type RowPart, resample, rowsOf } from './resampling/resampling.js'
export { planResampling, type ResamplingOptions, type Scheme } from './resampling/resampling-options.js'
export type * from './types.js'
export { Waiting } from './waiting.js'
