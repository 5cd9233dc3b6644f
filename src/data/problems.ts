/**
 * Collects the mistakes of one input, so that they are all told at once, up to a bound.
 */
import { type ErrorCode, EspalierError, type Problem } from '../errors.js'

const atMost = 20

export class ProblemList {
  readonly problems: Problem[] = []

  /** Whether more would not be listed: the reader can stop looking. */
  get full(): boolean {
    return this.problems.length >= atMost
  }

  add(path: string, message: string): void {
    if (!this.full) this.problems.push({ path, message })
  }

  /** Throws when there is any: the message is the first one with a count of the others. */
  throwIfAny(code: ErrorCode): void {
    if (this.problems.length > 0) throw errorOf(code, this.problems)
  }
}

/** One error for all of these problems. */
function errorOf(code: ErrorCode, problems: readonly Problem[]): EspalierError {
  const [first] = problems
  const more = problems.length - 1
  const where = first.path === '' ? '' : `${first.path}: `
  return new EspalierError(
    code,
    `${where}${first.message}${more > 0 ? ` (and ${more} more problem${more > 1 ? 's' : ''})` : ''}`,
    { problems },
  )
}
