/** Pictures of sweeps: a live page, and a report in one file. */
export type * from './data/index.js'
