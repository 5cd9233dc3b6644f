/** What the server and the thread that works out insights say to each other. */
import type { Insight, Surface } from '../../analysis/index.js'
import type { ErrorCode, Problem } from '../../errors.js'

export type Question =
  | { readonly kind: 'insight'; readonly sweep: string; readonly metric: string | null }
  | {
      readonly kind: 'surface'
      readonly sweep: string
      readonly metric: string | null
      readonly x: string
      readonly y: string
    }

export interface Asked {
  readonly id: number
  readonly question: Question
}

export type Answer =
  | { readonly id: number; readonly result: Insight | Surface | null }
  | {
      readonly id: number
      readonly error: {
        readonly code: ErrorCode
        readonly message: string
        readonly problems: readonly Problem[]
      }
    }
