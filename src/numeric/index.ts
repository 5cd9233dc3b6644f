/** Numbers that several rooms need, each seeded or exact. */
export type { Bounds, Evaluation, LbfgsOptions, Minimum } from './lbfgs.js'
export { lbfgs, minimize } from './lbfgs.js'
export type { SobolSequence } from './sobol.js'
export { sobolDimensions, sobolSequence } from './sobol.js'
export { erfcx, normalDensity, normalDistribution } from './special-functions.js'
export type { RandomStream } from './streams.js'
export { deriveSeed, randomStream } from './streams.js'
export { type LinearMemory, openWasm } from './wasm.js'
