/** Params drawn at random, for previews and for random search. */
import type { RandomStream } from '../numeric/index.js'
import type { Params } from '../values.js'
import type { Space } from './types.js'

/** Params at a uniform point of the unit cube: all d coordinates are drawn, whatever is active. */
export function sampleParams(space: Space, stream: RandomStream): Params {
  return space.decode(Float64Array.from(space.dimensions, () => stream.next()))
}
