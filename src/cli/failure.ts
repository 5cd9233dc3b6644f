/**
 * What the user sees when a command cannot do what it was asked, and the exit code that says so:
 * 0 done, 1 the work failed, 2 the request was wrong, 130 interrupted.
 */
import { CommanderError } from 'commander'
import { isEspalierError, type Problem } from '../errors.js'
import { tooManyFiles } from '../too-many-files.js'
import { plain, reasonLine, say } from './output.js'

/** Says what went wrong, on stderr. Returns the exit code. */
export function fail(thrown: unknown): number {
  const error = tooManyFiles(thrown) ?? thrown
  // Commander has already printed its message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (isEspalierError(error) && error.kind !== 'bug') {
    say(`error: ${reasonLine(error.message)}`)
    for (const line of listProblems(error.problems, error.message)) say(line)
    if (process.env.ESPALIER_DEBUG) say(stackOf(error))
    return { request: 2, work: 1, interrupted: 130, bug: 1 }[error.kind]
  }
  const message = error instanceof Error ? error.message : String(error)
  say(`error: ${plain(message)}`)
  if (process.env.ESPALIER_DEBUG) say(stackOf(error))
  else say('This is a bug in Espalier. Run the command again with ESPALIER_DEBUG=1 to see where it happened.')
  return 1
}

/** One line a problem, with its path; none that the message itself already says, place and all. */
export function listProblems(problems: readonly Problem[], message = ''): string[] {
  return problems
    .filter(({ path, message: law }) => {
      if (message.includes(path === '' ? law : `${path}: ${law}`)) return false
      // A single one may be worded the other way round: "the law (found) at the path".
      return problems.length > 1 || !message.includes(law)
    })
    .map(({ path, message: law }) => `  ${plain(path === '' ? law : `${path}: ${law}`)}`)
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const stack = error.stack ?? error.message
  return error.cause === undefined ? stack : `${stack}\ncaused by: ${stackOf(error.cause)}`
}
