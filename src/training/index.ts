/** What is trained and how it is judged: data sets, trainers, models, metrics, folds. */
export { type LoadedModel, type LoadModelOptions, loadModel, saveModel } from './artifact.js'
export { ArtifactFiles, type FitArtifact } from './artifact-files.js'
export {
  type BiasCorrectedEstimate,
  type BiasCorrectionInput,
  biasCorrectedEstimate,
  trueProbabilities,
} from './bias-correction.js'
export type { OutOfFold, Truth } from './bias-types.js'
export { checkTrainer } from './check-trainer.js'
export { commandFiles } from './command/open.js'
export { checkCommand } from './command/placeholders.js'
export { foldWarnings } from './data-warnings.js'
export { type DatasetOptions, type LoadedDataset, readDataset } from './dataset.js'
export { defineObjective, defineTrainer } from './define.js'
export { FitAborted, FitFailure, type FitFailureCode, FitPruned } from './failures.js'
export { missingMarks } from './files/cells.js'
export type { ColumnKind, FileFormat } from './files/types.js'
export { performFit } from './fit.js'
export { checkParams, type SpaceParameter, unknownParameters, withDefaults } from './hyperparameters.js'
export { type MetricDescription, metricsFor } from './metrics.js'
export { describeTrainers, openTrainer, trainerNames } from './open-trainer.js'
export { outOfFoldTruth, packOutOfFold, unpackOutOfFold } from './out-of-fold.js'
export type * from './plan.js'
export { type PredictionInput, readTable, tableFromRows } from './prediction-input.js'
export { isModulePath, referenceTo } from './reference.js'
export { hasHoldout, type RowPart, resample, rowsOf } from './resampling.js'
export { planResampling, type ResamplingOptions, type Scheme } from './resampling-options.js'
export { type Signature, type SignatureColumn, sampleInput, signatureOf } from './signature.js'
export { selectRows } from './tables.js'
export type * from './types.js'
