/** The record: experiments, sweeps (parent runs), trials (child runs) and their artifacts, in a store on the disk. */

export { csvCell } from './csv-cell.js'
export { type Conditions, type ConditionsRequest, captureConditions } from './environment.js'
export { experimentIdOf } from './ids.js'
export { lastReported } from './outcome.js'
export { secretsIn } from './redact.js'
export { trainerName } from './settings.js'
export { openStore, RunStore, type StoreOptions } from './store.js'
export type * from './types.js'
export { hasEnded } from './views.js'
