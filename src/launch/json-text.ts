/** JSON as people write it in files: comments and trailing commas are allowed, and every mistake has its place. */
import { createRequire } from 'node:module'
import type * as JsoncParser from 'jsonc-parser'
import { deepestJson, type JsonValue } from '../values.js'
import { pathText, type ReadText, TextMistake, type Written, writtenKey } from './read-text.js'

/** By the number that jsonc-parser gives a mistake: what is wrong where it stands. */
const laws: Readonly<Record<number, string>> = {
  1: 'a value is a number, true, false, null, or stands in double quotes, brackets or braces',
  2: 'a number is written like 12, -0.5 or 1e-5',
  3: 'a key in double quotes is expected',
  4: 'a value is expected',
  5: 'a colon is expected',
  6: 'a comma, or the end of what is open, is expected',
  7: 'a closing } is missing',
  8: 'a closing ] is missing',
  9: 'nothing may follow the end of the whole',
  11: 'a comment must be closed with */',
  12: 'a text must be closed with a double quote on its line',
  13: 'a number is written like 12, -0.5 or 1e-5',
  14: '\\u in a text must be followed by four hexadecimal digits',
  15: 'a backslash in a text must be followed by one of " \\ / b f n r t u',
  16: 'a control character in a text is written as \\n, \\t or \\u0000',
}

/** An object or a list that is being read. */
type Open = { readonly list: JsonValue[] } | { readonly object: Record<string, JsonValue>; key: string }

/** Throws TextMistake for the first mistake. */
export function readJsonText(text: string): ReadText {
  // Its CommonJS build, as it cannot be imported by name.
  const { visit }: typeof JsoncParser = createRequire(import.meta.url)('jsonc-parser')
  const repeated = new Map<string, { line: number; column: number }>()
  const open: Open[] = []
  let value: JsonValue = null

  function put(one: JsonValue): void {
    const inside = open.at(-1)
    if (inside === undefined) value = one
    else if ('list' in inside) inside.list.push(one)
    // Plain assignment to "__proto__" would set the prototype instead of making an entry.
    else
      Object.defineProperty(inside.object, inside.key, {
        value: one,
        enumerable: true,
        writable: true,
        configurable: true,
      })
  }
  function begin(one: Open, line: number, character: number): void {
    if (open.length === deepestJson) {
      const message = `brackets may stand in one another at most ${deepestJson} levels deep`
      throw new TextMistake(message, { line: line + 1, column: character + 1 })
    }
    put('list' in one ? one.list : one.object)
    open.push(one)
  }

  const end = () => void open.pop()
  visit(
    text,
    {
      onObjectBegin: (_, __, line, character) => begin({ object: {}, key: '' }, line, character),
      onObjectEnd: end,
      onArrayBegin: (_, __, line, character) => begin({ list: [] }, line, character),
      onArrayEnd: end,
      onLiteralValue: put,
      onObjectProperty(key, _, __, line, character, pathOf) {
        const inside = open.at(-1) as Extract<Open, { key: string }>
        inside.key = key
        if (!Object.hasOwn(inside.object, key)) return
        const path = pathText([...pathOf(), key])
        if (!repeated.has(path)) repeated.set(path, { line: line + 1, column: character + 1 })
      },
      onError(code, offset, length, line, character) {
        const found = length === 0 ? '' : ` (found ${text.slice(offset, offset + Math.min(length, 30))})`
        const message = `${laws[code] ?? 'this is no JSON'}${found}`
        throw new TextMistake(message, { line: line + 1, column: character + 1 })
      },
    },
    { allowTrailingComma: true },
  )
  return { value, repeated: [...repeated].map(([path, place]) => ({ path, place })) }
}

/** The numbers of a text that `readJsonText` takes, as they are written. */
export function writtenInJson(text: string): Written {
  const { visit }: typeof JsoncParser = createRequire(import.meta.url)('jsonc-parser')
  const written = new Map<string, string>()
  visit(text, {
    onLiteralValue(value, offset, length, _, __, pathOf) {
      if (typeof value === 'number') written.set(writtenKey(pathOf()), text.slice(offset, offset + length))
    },
  })
  return written
}
