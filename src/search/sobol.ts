/**
 * Sobol search: the points of one scrambled Sobol sequence, which fill the unit cube more evenly than random
 * ones. Where a point decodes to params proposed before, the next point is taken.
 *
 * origin: `{rule: 'sobol', index}`, the point's index in the sequence; or `{rule: 'enumeration', index}` where
 * points kept missing and one of the params left was taken, `index` the last point tried. The next trial goes
 * on after that index. The n-th partial entry of `enqueue` takes point n.
 */
import { sobolSequence } from '../numeric/index.js'
import type { Space } from '../space/index.js'
import { countPartial } from './enqueue.js'
import type { Proposer } from './frame.js'
import { createFreshDraw } from './fresh.js'
import type { SearchSettings, Suggestion } from './types.js'

export function createSobolProposer(space: Space, { seed, enqueue }: SearchSettings): Proposer {
  const point = new Float64Array(space.dimensions.length)
  const sequence = sobolSequence(point.length, seed, 'sobol-search')
  const drawFresh = createFreshDraw(space, seed)
  const firstIndex = countPartial(space, enqueue)

  function pointAt(index: number): Float64Array {
    sequence.pointInto(index, point)
    return point
  }

  return {
    completion: pointAt,
    propose(_history, _trial, seen, latest): Suggestion | null {
      const isFirst = latest === undefined || latest.rule === 'enqueued'
      const from = isFirst ? firstIndex : Number(latest.index) + 1
      const fresh = drawFresh(seen, (attempt) => pointAt(from + attempt))
      if (fresh === null) return null
      const index = from + fresh.draws - 1
      return { params: fresh.params, origin: { rule: fresh.enumerated ? 'enumeration' : 'sobol', index } }
    },
  }
}
