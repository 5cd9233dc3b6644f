/** What the server and the thread of the model say to each other. */
import type { ErrorCode, Problem } from '../../errors.js'

/** What a thread is made with. */
export interface ThreadStart {
  /** Directory of the store. */
  readonly store: string
  /** The run whose model it is. */
  readonly run: string
  /** As `openModel` takes them. */
  readonly importModule?: boolean
  readonly module?: string
  readonly mostRows: number
}

/** How rows are written in a body. */
export type BodyFormat = 'json' | 'csv' | 'parquet'

export interface Question {
  readonly format: BodyFormat
  readonly body: Uint8Array
}

/** What is known of the model once it is loaded. */
export interface ModelFacts {
  readonly task: 'classification' | 'regression'
  readonly columns: readonly string[]
  readonly hasProbabilities: boolean
}

/** A status of HTTP with a body. `warnings`: what the rows have that the model does not know. */
export interface Reply {
  readonly status: number
  readonly body: Uint8Array
  readonly warnings: readonly string[]
}

export type FromThread =
  | { readonly kind: 'ready'; readonly facts: ModelFacts }
  | {
      readonly kind: 'failed'
      readonly code: ErrorCode
      readonly message: string
      readonly problems: readonly Problem[]
    }
  | ({ readonly kind: 'reply' } & Reply)
