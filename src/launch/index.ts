/** Puts the parts together for the command line and for the library. */
export { AskTellSession } from './ask-tell.js'
export type { Compared, Difference, LeftOut } from './comparison.js'
export {
  type DatasetOf,
  defineObjective,
  defineTrainer,
  type ParamsOfHyperparameters,
  type TypedObjective,
  type TypedTrainer,
} from './define.js'
export { type DealtDevices, dealDevices } from './devices.js'
export { type ImportedSweep, specOfImported } from './elsewhere.js'
export { familiesOf } from './families.js'
export { checkFileToWrite } from './init/file.js'
export { type InitOptions, type InitResult, initSweep } from './init.js'
export { type InitScriptOptions, type InitScriptResult, initScript, isScript } from './init-script.js'
export { type ImportanceOptions, importance, narrowed } from './insight.js'
export type { Judging } from './judged.js'
export { openAnswers, openModel, type RecordedModelFile, readModelOf } from './model.js'
export { isThere, refuseOverwriting } from './overwriting.js'
export { checkSweep, checkSweepFile, readSweepFile } from './prepare.js'
export { isYaml, readJsonFile, readWrittenFile } from './read-file.js'
export { type Written, writtenKey } from './read-text.js'
export { type ReproduceOptions, type Reproduction, reproduceRun } from './reproduce.js'
export { type ResumeOptions, resumeSweep, sweepToResume } from './resume.js'
export { type AskedTrial, createSearch, type Search, type SearchDefinition } from './search.js'
export { type ModelStore, openStore, type RunWithModel } from './store.js'
export { launchSweep, type SweepDefinition, type SweepOptions, sweep } from './sweep.js'
export type * from './types.js'
