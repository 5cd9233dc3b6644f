/** Where trials run: in line, or in a pool of threads. */
export { onAbort } from './abort.js'
export { checkOutcome, isReport } from './check-reply.js'
export {
  bytesOf,
  type Checkpoint,
  type CheckpointFile,
  type CheckpointOwner,
  type CheckpointStart,
  checkCheckpoint,
  checkpointFile,
  checkpointOf,
  clearCheckpoint,
  installCheckpoint,
  isCheckpointOf,
  nextNumber,
  readCheckpoint,
} from './checkpoint-files.js'
export {
  checkpointsLeft,
  clearCheckpoints,
  dropCheckpoint,
  endCheckpoints,
  numbersIn,
  reserveRoom,
  type StayingCheckpoint,
  stayingCheckpoints,
} from './checkpoint-upkeep.js'
export { type AskedDevices, type FoundDevices, findDevices } from './devices.js'
export {
  type Answers,
  describeMetric,
  describeTrainer,
  Errand,
  type ErrandLimits,
  predictApart,
} from './errand.js'
export { Fit, logOf } from './fit.js'
export { createInlineExecutor } from './inline.js'
export { createLocalExecutor } from './local.js'
export { checkedWorkers } from './options.js'
export { createPoolExecutor } from './pool.js'
export { seatsOf } from './seat-plan.js'
export type * from './types.js'
