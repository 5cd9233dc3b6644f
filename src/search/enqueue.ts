/**
 * The params the user wants tried first. Entry k of the list is tried k-th; a partial entry is completed from
 * a point of the searcher's own; an entry equal to params proposed before is passed over.
 *
 * How far the list has got is read from the origin of the latest trial: entries come before everything else.
 */
import { EspalierError, type Problem } from '../errors.js'
import type { Space } from '../space/index.js'
import type { Params } from '../values.js'
import type { SeenParams } from './seen.js'
import type { Suggestion, SuggestionOrigin } from './types.js'

export interface EnqueuedParams {
  /** How many entries are partial. */
  readonly partial: number
  /**
   * The next entry after the one that `latest`, the origin of the latest trial, tells of; null when the list is
   * done. `completion(n)` gives a point of the unit cube for the n-th of the partial entries (0, 1, …).
   */
  next(
    latest: SuggestionOrigin | undefined,
    seen: SeenParams,
    completion: (n: number) => ArrayLike<number>,
  ): Suggestion | null
}

/** Throws USAGE with every mistake in the entries: unknown names, values out of range, params that cannot be. */
export function createEnqueuedParams(space: Space, entries: readonly Params[] = []): EnqueuedParams {
  const problems: Problem[] = []
  const middle = new Float64Array(space.dimensions.length).fill(0.5)
  let partial = 0
  const prepared = entries.map((params, index) => {
    for (const { path, message } of space.checkPartial(params)) {
      problems.push({ path: `enqueue[${index}]${path && `.${path}`}`, message })
    }
    return { params, partialIndex: space.check(params).length > 0 ? partial++ : null }
  })
  if (problems.length > 0) {
    throw new EspalierError(
      'USAGE',
      `params to try first must be possible in the space (got ${problems.length} that are not): ${problems
        .map(({ path, message }) => `${path}: ${message}`)
        .join('; ')}`,
      { problems },
    )
  }

  return {
    partial,
    next(latest, seen, completion) {
      if (latest !== undefined && latest.rule !== 'enqueued') return null
      const from = latest === undefined ? 0 : Number(latest.index) + 1
      for (let index = from; index < prepared.length; index++) {
        const { params, partialIndex } = prepared[index]
        const full = space.complete(params, partialIndex === null ? middle : completion(partialIndex))
        if (!seen.has(full)) return { params: full, origin: { rule: 'enqueued', index } }
      }
      return null
    },
  }
}
