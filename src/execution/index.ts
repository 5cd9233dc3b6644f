export { createInlineExecutor } from './inline.js'
export { createPoolExecutor } from './pool.js'
export type * from './types.js'
