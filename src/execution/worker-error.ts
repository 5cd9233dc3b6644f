/** Errors on their way from a thread: what is left of one is plain data, and is looked at before it is believed. */
import {
  describeError,
  type ErrorCode,
  EspalierError,
  isErrorCode,
  isEspalierError,
  type Problem,
} from '../errors.js'
import { tooManyFiles } from '../too-many-files.js'
import { isJsonObject } from '../values.js'
import { clip } from './thrown.js'

export interface WorkerError {
  readonly code: ErrorCode
  readonly message: string
  readonly problems: readonly Problem[]
}

/** In the thread: what is sent of an error. */
export function workerError(thrown: unknown): WorkerError {
  const error = tooManyFiles(thrown) ?? thrown
  if (isEspalierError(error)) return { code: error.code, message: error.message, problems: error.problems }
  return { code: 'INTERNAL', message: describeError(error).message, problems: [] }
}

/** On the other side: the error that was sent. */
export function revived(sent: unknown): EspalierError {
  const { code, message, problems } = isJsonObject(sent) ? sent : {}
  return new EspalierError(
    isErrorCode(code) ? code : 'INTERNAL',
    typeof message === 'string' ? clip(message) : 'a thread has sent an error without a message',
    { problems: Array.isArray(problems) ? problems.filter(isProblem) : [] },
  )
}

function isProblem(given: unknown): given is Problem {
  return isJsonObject(given) && typeof given.path === 'string' && typeof given.message === 'string'
}
