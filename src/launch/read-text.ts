/** What reading the text of a file gives, whichever language it is written in. */
import type { JsonValue } from '../values.js'

/** Where in a text, both counted from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export interface ReadText {
  readonly value: JsonValue
  /** Keys that stand in their object once more, in the order of the text: a parser would keep the last and say nothing. */
  readonly repeated: readonly { readonly path: string; readonly place: Place }[]
}

/** Numbers and bare words as they are written, by `writtenKey` of where they stand: a value no longer tells 1 from 1.0. */
export type Written = ReadonlyMap<string, string>

/** Where in a value, as a key of a map. */
export function writtenKey(path: readonly (string | number)[]): string {
  return JSON.stringify(path)
}

/** A text that cannot be read; the message says what is wrong at the place. */
export class TextMistake extends Error {
  readonly place: Place

  constructor(message: string, place: Place) {
    super(message)
    this.place = place
  }
}

/** `b.c[0].x`. */
export function pathText(segments: readonly (string | number)[]): string {
  return segments
    .map((segment, i) => (typeof segment === 'number' ? `[${segment}]` : i === 0 ? segment : `.${segment}`))
    .join('')
}
