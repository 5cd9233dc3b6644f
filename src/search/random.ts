/**
 * Random search: a uniform point of the unit cube for every trial, from the stream of (seed, trial, draw).
 *
 * origin: `{rule: 'random', draw}`, how many draws of this trial met params proposed before; or
 * `{rule: 'enumeration'}` where draws kept missing and one of the params left was taken.
 */
import { randomStream } from '../numeric/index.js'
import type { Space } from '../space/index.js'
import type { Proposer } from './frame.js'
import { createFreshDraw } from './fresh.js'
import type { Suggestion } from './types.js'

export function createRandomProposer(space: Space, seed: number): Proposer {
  const point = new Float64Array(space.dimensions.length)
  const drawFresh = createFreshDraw(space, seed)

  function uniform(...keys: (number | string)[]): Float64Array {
    const stream = randomStream(seed, 'random-search', ...keys)
    for (let i = 0; i < point.length; i++) point[i] = stream.next()
    return point
  }

  return {
    completion: (n) => uniform('enqueued', n),
    propose(_history, trial, seen): Suggestion | null {
      const fresh = drawFresh(seen, (attempt) => uniform(trial, attempt))
      if (fresh === null) return null
      const { params, draws, enumerated } = fresh
      if (enumerated) return { params, origin: { rule: 'enumeration' } }
      return { params, origin: { rule: 'random', draw: draws - 1 } }
    },
  }
}
