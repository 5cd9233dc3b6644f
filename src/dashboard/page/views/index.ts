/** The views of a sweep, and of several beside each other. */
export { ContourView } from './contour.js'
export { HealthView } from './health.js'
export { HistoryView } from './history.js'
export { ImportanceView } from './importance.js'
export { ParallelView } from './parallel.js'
export { ScatterView } from './scatter.js'
export { SliceView } from './slice.js'
