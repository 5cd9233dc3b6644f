/** The words, numbers, texts and signs of a query. */
import { mistake } from './mistakes.js'

export interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'sign' | 'end'
  readonly text: string
  readonly at: number
}

const shapes =
  /(\s+)|([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![\w.]))|(==|!=|<>|<=|>=|[=<>(),])|('(?:[^']|'')*'|"(?:[^"]|"")*")|((?:[\p{L}_$][\p{L}\d_$/-]*)(?:\.(?:[\p{L}\d_$/-]+|`[^`]*`|"[^"]*"|'[^']*'))*)/iuy

/** Ends with a token `end`. Throws QUERY_INVALID for a character that begins nothing. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    shapes.lastIndex = at
    const found = shapes.exec(text)
    if (found === null) {
      const open = /['"`]/.test(text[at])
      throw mistake(
        text,
        at,
        open ? `the quote ${text[at]} is not closed` : `${JSON.stringify(text[at])} has no meaning here`,
        open ? 'close it' : 'put text in quotes',
      )
    }
    const [whole, space, number, sign, quoted] = found
    if (space === undefined) {
      const kind =
        number !== undefined ? 'number' : sign !== undefined ? 'sign' : quoted !== undefined ? 'text' : 'word'
      tokens.push({ kind, text: whole, at })
    }
    at += whole.length
  }
  tokens.push({ kind: 'end', text: '', at })
  return tokens
}
