/** What a searcher and its thread say to each other. */
import type { ErrorCode, Problem } from '../errors.js'
import type { Parameter } from '../space/index.js'
import type { Direction } from '../values.js'
import type { ObservedTrial, PendingTrial, SearchSettings, Suggestion } from './types.js'

/** Given to the thread when it starts. */
export interface ThreadData {
  readonly parameters: readonly Parameter[]
  readonly settings: SearchSettings
}

/** A question: the history's outcomes from index `from` on (all earlier ones are there already), and what is pending. */
export interface SuggestRequest {
  readonly id: number
  readonly trial: number
  readonly directions: readonly Direction[]
  readonly from: number
  readonly trials: readonly ObservedTrial[]
  readonly pending: readonly PendingTrial[]
}

export type ThreadAnswer =
  /** id 0: the searcher stands, or cannot. */
  | { readonly id: number; readonly suggestion: Suggestion | null }
  | {
      readonly id: number
      readonly error: {
        readonly code: ErrorCode
        readonly message: string
        readonly problems: readonly Problem[]
      }
    }
