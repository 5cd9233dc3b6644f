/** What a program has said or printed that counts when it has ended: kept with a checkpoint, because it need not say it again. */
import { isJsonObject } from '../../values.js'

type StreamName = 'stdout' | 'stderr'

/** What of a program's words counts when it has ended, though it may have said it long before. Plain JSON. */
export interface Said {
  /** Bytes left out of what is kept of its output. */
  readonly dropped: Readonly<Record<StreamName, number>>
  readonly conversation: SaidInConversation
  /** null where nothing is read. */
  readonly readings: SaidInReadings | null
}

/** What a conversation holds that counts at the end. Plain JSON; `result` is missing where there is none. */
export interface SaidInConversation {
  readonly result?: unknown
  readonly unread: { readonly why: string; readonly line: string; readonly count: number } | null
}

/** What was read before an interruption and counts afterwards. Plain JSON. */
export interface SaidInReadings {
  readonly json: string | null
  readonly streams: Readonly<Record<StreamName, SaidInStream>>
}

export interface SaidInStream {
  readonly steps: number
  readonly behind: Readonly<Record<string, boolean>>
  /** Numbers as text: they need not be finite. */
  readonly last: Readonly<Record<string, string>>
  readonly pending: Readonly<Record<string, string>>
}

/** The key of a number that JSON does not have. */
const notFinite = '$notFinite'

export function packSaid(said: Said): Uint8Array {
  const text = JSON.stringify(said, (_, value) =>
    typeof value === 'number' && !Number.isFinite(value) ? { [notFinite]: String(value) } : value,
  )
  return new TextEncoder().encode(text)
}

export function unpackSaid(content: Uint8Array): Said {
  return JSON.parse(Buffer.from(content).toString('utf8'), (_, value) =>
    isJsonObject(value) && typeof value[notFinite] === 'string' ? Number(value[notFinite]) : value,
  ) as Said
}
