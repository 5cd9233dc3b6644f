/** One sweep: ask, train, record, tell. */
export { type Settled, settledMessage } from './advice.js'
export { BestSoFar } from './best.js'
export { runSweep } from './loop.js'
export { recordedPruning } from './pruning.js'
export { runTrial, type TrialResult } from './trial.js'
export type * from './types.js'
