/** The library's face: what a user imports, and nothing else. */
export { type ErrorCode, EspalierError, type Problem } from './errors.js'
export {
  type AskedTrial,
  createSearch,
  type LaunchHooks,
  type ModelStore,
  openStore,
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
} from './launch/index.js'
export { defineSpace, type ParameterJson, type ParamsOf, type Space, type TypedSpace } from './space/index.js'
export type { SweepEvent } from './sweep/index.js'
export type { BestFilter, ChildRun, ParentRun, Run, RunFilter, RunStatus } from './tracking/index.js'
export {
  type Column,
  type Dataset,
  defineObjective,
  defineTrainer,
  type Hyperparameter,
  type LoadedModel,
  type LoadModelOptions,
  loadModel,
  type Model,
  type Objective,
  type ObjectiveContext,
  type Row,
  type Signature,
  type Table,
  type Target,
  type Trainer,
  type TrainingContext,
} from './training/index.js'
export type { Direction, JsonObject, JsonValue, Metrics, Params, ParamValue } from './values.js'
