/** What the server refuses, in the shape in which MLflow says it: `{"error_code", "message"}`. */
import type { Problem } from '../../errors.js'

/** MLflow's word for each status. */
const errorCodes = {
  400: 'BAD_REQUEST',
  404: 'ENDPOINT_NOT_FOUND',
  405: 'BAD_REQUEST',
  408: 'BAD_REQUEST',
  413: 'RESOURCE_LIMIT_EXCEEDED',
  415: 'BAD_REQUEST',
  421: 'BAD_REQUEST',
  431: 'RESOURCE_LIMIT_EXCEEDED',
  500: 'INTERNAL_ERROR',
  503: 'TEMPORARILY_UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
} as const

export type RefusedStatus = keyof typeof errorCodes

export class Refusal extends Error {
  readonly status: RefusedStatus
  /** Every mistake found, where there can be several at once. */
  readonly problems: readonly Problem[]
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: RefusedStatus,
    message: string,
    { problems = [], headers = {} }: { problems?: readonly Problem[]; headers?: Record<string, string> } = {},
  ) {
    super(message)
    this.status = status
    this.problems = problems
    this.headers = headers
  }

  /** The body. */
  get document() {
    const { status, message, problems } = this
    return { error_code: errorCodes[status], message, ...(problems.length > 0 && { problems }) }
  }
}
