/** The library's face: what a user imports, and nothing else. */
export type { Column, Dataset, Row, Signature, Table, Target, Task } from './data/index.js'
export { type ErrorCode, type ErrorKind, EspalierError, type FailureCode, type Problem } from './errors.js'
export type {
  Executor,
  ExecutorFactory,
  ExecutorOptions,
  ExecutorSetup,
  FitOutcome,
  FitRequest,
  FitStart,
  OnReport,
  RunOptions,
} from './execution/index.js'
export {
  type AskedTrial,
  type CorrectedEstimate,
  createSearch,
  type DatasetOf,
  type Difference,
  defineObjective,
  defineTrainer,
  type LaunchHooks,
  type ModelStore,
  openStore,
  type ParamsOfHyperparameters,
  type ReproduceOptions,
  type Reproduction,
  type ResumeOptions,
  type RunWithModel,
  reproduceRun,
  resumeSweep,
  type Search,
  type SearchDefinition,
  type SweepDefinition,
  type SweepOptions,
  type SweepOverrides,
  type SweepResult,
  sweep,
  type TypedObjective,
  type TypedTrainer,
} from './launch/index.js'
export type { RandomStream } from './numeric/index.js'
export {
  defineSpace,
  type ParameterJson,
  type ParametersJson,
  type ParamsFrom,
  type ParamsOf,
  type Space,
  type TypedSpace,
} from './space/index.js'
export type { SweepEvent } from './sweep/index.js'
export type {
  Artifact,
  BestFilter,
  ChildRun,
  ComparedField,
  Comparison,
  MetricHistory,
  ParentRun,
  Run,
  RunError,
  RunFilter,
  RunQuery,
  RunStatus,
} from './tracking/index.js'
export {
  type Hyperparameter,
  type LoadedModel,
  type LoadModelOptions,
  loadModel,
  type Model,
  type Objective,
  type ObjectiveContext,
  type ObjectiveFunction,
  type ObjectiveResult,
  type Predictions,
  type Trainer,
  type TrainingContext,
} from './training/index.js'
export type { Direction, JsonObject, JsonValue, Metrics, Params, ParamValue } from './values.js'
