/**
 * Params that have not been proposed before: draws points until one decodes to new params, and takes what is
 * left in turn once draws keep missing.
 */
import type { Space } from '../space/index.js'
import type { Params } from '../values.js'
import { createRemainder, walkSpace } from './enumeration.js'
import type { SeenParams } from './seen.js'

/** Misses in a row before we enumerate. A finite space is enumerated from half of it on in any case. */
const missesAllowed = { finite: 64, infinite: 1024 }

export interface FreshParams {
  readonly params: Params
  /** How many points were drawn, misses and all. */
  readonly draws: number
  /** Whether the params come from an enumeration of what is left, and not from the last point drawn. */
  readonly enumerated: boolean
}

/** `draw(n)` gives the n-th point of this trial (0, 1, …); the result is null when the space is exhausted. */
export type DrawFresh = (seen: SeenParams, draw: (attempt: number) => ArrayLike<number>) => FreshParams | null

export function createFreshDraw(space: Space, seed: number): DrawFresh {
  const finite = Number.isFinite(space.size)
  const remainder = createRemainder(space, seed)
  const limit = finite ? missesAllowed.finite : missesAllowed.infinite

  return (seen, draw) => {
    let draws = 0
    if (2 * seen.distinct < space.size) {
      while (draws < limit) {
        const params = space.decode(draw(draws++))
        if (!seen.has(params)) return { params, draws, enumerated: false }
      }
    }
    const params = finite ? remainder.next(seen) : firstUnseen(seen, draw(draws++))
    return params === null ? null : { params, draws, enumerated: true }
  }

  /**
   * A space with a continuous parameter can still run dry: where that parameter is hardly ever active, or where
   * its range holds only a handful of different numbers.
   */
  function firstUnseen(seen: SeenParams, point: ArrayLike<number>): Params | null {
    for (const params of walkSpace(space, point)) if (!seen.has(params)) return params
    return null
  }
}
