/** From the record of a sweep to what it tells. */
export type * from './types.js'
