/** Search spaces and sweep files: validated once, mapped to the unit cube and back. */

export { conditionInWords } from './condition-words.js'
export type { NoStrangers, ParamsFrom, ParamsOf, TypedSpace } from './create.js'
export { createSpace, defineSpace, withPlainParameters } from './create.js'
export { sweepFileSchema, warmStartAspects } from './definition.js'
export { parametersParentsFirst } from './derive.js'
export { recordedParameters } from './recorded.js'
export { sampleParams } from './sample.js'
export { parseSweepFile } from './sweep-file.js'
export type * from './types.js'
export { pathOf } from './wording.js'
