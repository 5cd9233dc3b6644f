/** From a child run on record to the trial that a sweep goes on with. */
import { EspalierError } from '../errors.js'
import { artifactNames, tagNames } from '../names.js'
import type { Space } from '../space/index.js'
import type { RecordedTrial } from '../sweep/index.js'
import { type AnsweredRequest, type ChildRun, hasEnded } from '../tracking/index.js'
import type { Params } from '../values.js'

/** A child run as the loop takes it up. */
export function recordedTrial(child: ChildRun): RecordedTrial {
  const { origin, arrival = null, knew = null } = child.conditions
  if (origin === undefined) {
    throw new EspalierError(
      'STORE_CORRUPT',
      `a trial on record says why it was suggested, because the search goes by that (${child.id} has no "origin" among its conditions); put the record back from a copy, or start a new sweep`,
    )
  }
  return {
    trial: child.trial,
    params: child.params,
    origin,
    attempts: child.attempts.length,
    failures: child.attempts.filter(({ error }) => error !== null).length,
    outcome: hasEnded(child) ? child : null,
    arrival,
    knew,
    hasModel: child.artifacts.some(({ name }) => name === artifactNames.model),
    modelFailed: child.tags[tagNames.model] !== undefined,
  }
}

/** Params that somebody asks for, as the space writes them: with its constants. @throws EspalierError USAGE */
export function completeParams(space: Space, params: Params): Params {
  const problems = space.check(params)
  if (problems.length === 0)
    return space.complete(params, new Float64Array(space.dimensions.length).fill(0.5))
  throw new EspalierError(
    'USAGE',
    `the params of a trial must be possible in the space: ${problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')}`,
    { problems },
  )
}

/**
 * A trial on record that is to run again has params of its sweep's space: a program gets them as arguments, and its user
 * vouched for no others.
 * @throws EspalierError STORE_CORRUPT
 */
export function mustBeInSpace({ id, params }: ChildRun, space: Space): void {
  const problems = space.check(params)
  if (problems.length === 0) return
  throw new EspalierError(
    'STORE_CORRUPT',
    `a trial runs again with params of its sweep's space (on record, ${id} has others); put the record back from a copy, or start a new sweep`,
    { problems },
  )
}

/**
 * The same for params that were asked for, whether or not their trial has begun.
 * @throws EspalierError STORE_CORRUPT
 */
export function mustAskInSpace(requests: readonly AnsweredRequest[], space: Space): void {
  for (const { id, act, outcome } of requests) {
    const problems = act.kind === 'enqueue' && outcome === 'done' ? space.check(act.params) : []
    if (problems.length === 0) continue
    throw new EspalierError(
      'STORE_CORRUPT',
      `params that were asked for are possible in the space of their sweep (on record, those of request ${id} are not); put the record back from a copy, or start a new sweep`,
      { problems },
    )
  }
}
