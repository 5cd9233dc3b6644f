/** From a child run on record to the trial that a sweep goes on with. */
import { EspalierError } from '../errors.js'
import { artifactNames, tagNames } from '../names.js'
import type { Space } from '../space/index.js'
import type { RecordedTrial } from '../sweep/index.js'
import { type ChildRun, hasEnded } from '../tracking/index.js'

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
