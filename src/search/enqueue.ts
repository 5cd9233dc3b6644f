/**
 * The params the user wants tried first. Entry k of the list is tried k-th; a partial entry is completed from
 * a point of the searcher's own; an entry equal to an earlier one, or to a result of the warm start, is passed over.
 *
 * How far the list has got is read from the origin of the latest trial: entries come before everything else. Which
 * entry becomes which trial is known from the start, so that nobody has to guess what was passed over.
 */
import { EspalierError, type Problem } from '../errors.js'
import type { Space } from '../space/index.js'
import type { Params } from '../values.js'
import type { PassedOver, SearchSettings, Suggestion, SuggestionOrigin } from './types.js'

export interface EnqueuedParams {
  /** Entries that are passed over, in their order. */
  passedOver(): readonly PassedOver[]
  /** The next entry after the one that `latest`, the origin of the latest trial, tells of; null when the list is done. */
  next(latest: SuggestionOrigin | undefined): Suggestion | null
}

/**
 * `completion(n)` gives a point of the unit cube for the n-th of the partial entries (0, 1, …), asked for once. With
 * `repeats` nothing is passed over. Throws USAGE with every mistake in the entries: unknown names, values out of range,
 * params that cannot be.
 */
export function createEnqueuedParams(
  space: Space,
  {
    enqueue = [],
    warmStart = [],
    repeats = false,
  }: Pick<SearchSettings, 'enqueue' | 'warmStart' | 'repeats'>,
  completion: (n: number) => ArrayLike<number>,
): EnqueuedParams {
  const problems: Problem[] = []
  enqueue.forEach((params, index) => {
    for (const { path, message } of space.checkPartial(params)) {
      problems.push({ path: `enqueue[${index}]${path && `.${path}`}`, message })
    }
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
  const middle = new Float64Array(space.dimensions.length).fill(0.5)
  let planned: { readonly params: Params; readonly duplicateOf: number | null | undefined }[] | null = null

  function plan() {
    if (planned !== null) return planned
    const first = new Map<string, number | null>(warmStart.map(({ params }) => [space.key(params), null]))
    let partial = 0
    planned = enqueue.map((params, index) => {
      const whole = space.check(params).length === 0
      const full = space.complete(params, whole ? middle : completion(partial++))
      const key = space.key(full)
      const duplicateOf = repeats ? undefined : first.get(key)
      if (!first.has(key)) first.set(key, index)
      return { params: full, duplicateOf }
    })
    return planned
  }

  return {
    passedOver: () =>
      plan().flatMap(({ duplicateOf }, entry) => (duplicateOf === undefined ? [] : [{ entry, duplicateOf }])),
    next(latest) {
      if (latest !== undefined && latest.rule !== 'enqueued') return null
      const from = latest === undefined ? 0 : Number(latest.index) + 1
      for (let index = from; index < enqueue.length; index++) {
        const { params, duplicateOf } = plan()[index]
        if (duplicateOf === undefined) return { params, origin: { rule: 'enqueued', index } }
      }
      return null
    },
  }
}

/** How many entries leave something to be completed. */
export function countPartial(space: Space, entries: readonly Params[] = []): number {
  return entries.filter((params) => space.check(params).length > 0).length
}
