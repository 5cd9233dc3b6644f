/** From the record of a sweep to what it tells. */
export type { HealthOptions } from './health/index.js'
export { type InsightOptions, insightOf, sharesOf, surfaceOf } from './insight.js'
export { type NarrowedParameters, narrowedParameters } from './narrowed.js'
export { type AnalysedTrial, type AnalysedTrials, directionOf } from './sample.js'
export type * from './types.js'
