/** What a sweep and the thread that sends it say to each other. */
import type { ErrorCode, Problem } from '../../errors.js'
import type { ClientOptions } from './client.js'

/** Given to the thread when it starts. */
export interface SenderData {
  /** The directory of the store. */
  readonly store: string
  readonly sweep: string
  readonly client: Omit<ClientOptions, 'signal'>
  /** ms that a program waits for its run. */
  readonly patience: number
}

export type ToSender =
  /** What a program is to find in its environment: it is answered in any case. */
  | { readonly kind: 'asked'; readonly id: number; readonly trial: number; readonly attempt: number }
  /** The sweep has ended: what is left is sent, for as long as the server takes something every `ms`. */
  | { readonly kind: 'ended'; readonly ms: number }
  /** What is left then is not sent. */
  | { readonly kind: 'leave' }

export type FromSender =
  | { readonly kind: 'ready' }
  /** It cannot begin. */
  | {
      readonly kind: 'refused'
      readonly code: ErrorCode
      readonly message: string
      readonly problems: readonly Problem[]
    }
  | { readonly kind: 'said'; readonly message: string }
  | {
      readonly kind: 'answer'
      readonly id: number
      /** undefined: it runs without. */
      readonly environment: Readonly<Record<string, string>> | undefined
    }
  /** What can be sent is sent. */
  | { readonly kind: 'done' }
