/** What the server and the thread that works out insights say to each other. */
import type { Insight, Surface } from '../../analysis/index.js'
import type { ErrorCode, Problem } from '../../errors.js'
import type { Judging } from '../../launch/index.js'
import type { ParentRun } from '../../tracking/index.js'

export type Question =
  | { readonly kind: 'insight'; readonly sweep: string; readonly metric: string | null }
  | {
      readonly kind: 'surface'
      readonly sweep: string
      readonly metric: string | null
      readonly x: string
      readonly y: string
    }

/** A sweep as the thread is told of it. */
export interface SentSweep {
  readonly run: ParentRun
  readonly judging: Judging | null
  /** Its table of trials, encoded; null: it does not tell values apart, and the record has to be read. */
  readonly table: Uint8Array<ArrayBuffer> | null
}

export interface Asked {
  readonly id: number
  readonly question: Question
  /** null: the one that was sent last. */
  readonly sweep: SentSweep | null
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
