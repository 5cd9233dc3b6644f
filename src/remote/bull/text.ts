/**
 * Texts as the data of BullMQ's jobs. Its PostgreSQL keeps them as `jsonb`, which takes neither the character NUL nor half a surrogate
 * pair: a text with one of them goes in as JSON of its own, in which both are spelled out.
 */

import { EspalierError } from '../../errors.js'

interface Plain {
  readonly t: readonly string[]
}
interface Spelled {
  readonly s: string
}
export type TextData = Plain | Spelled

// Half a surrogate pair: a high one that no low one follows, or a low one that no high one precedes.
const difficult = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/

export function dataOf(texts: readonly string[]): TextData {
  return texts.some((text) => difficult.test(text)) ? { s: JSON.stringify(texts) } : { t: texts }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string')
}

/** Throws MESSAGE_INVALID for data that is none of ours. */
export function textsOf(data: unknown): readonly string[] {
  if (typeof data === 'object' && data !== null) {
    if ('t' in data && isTexts(data.t)) return data.t
    if ('s' in data && typeof data.s === 'string') {
      try {
        const texts: unknown = JSON.parse(data.s)
        if (isTexts(texts)) return texts
      } catch {
        // Falls through: it is none of ours.
      }
    }
  }
  throw new EspalierError(
    'MESSAGE_INVALID',
    'a queue of Espalier must hold nothing else (found a job that is none); give Espalier a database or a prefix of its own',
  )
}
