/** Which trial comes next, and whether a running one goes on. */
export { adviceDue, adviseStopping, type FoldedTrial, type StoppingAdvice } from './advice.js'
export { createSearcher, mostModelled } from './create.js'
export { elsewhere, requested } from './history.js'
export { createPruner, prunerSettings } from './pruners/index.js'
export { fitSurrogate, type Surrogate, type SurrogateScale } from './surrogate.js'
export { createThreadedSearcher } from './thread.js'
export type * from './types.js'
