/** The grammar of queries (index.ts), by recursive descent: a text becomes a test of runs, or an order. */

import { nearestName } from '../../spelling.js'
import { type JsonScalar, type JsonValue, textOf } from '../../values.js'
import type { Run } from '../types.js'
import { allFields, type Field, families, fieldValue } from './fields.js'
import { likePattern } from './like.js'
import { meant, mistake } from './mistakes.js'
import { type Token, tokensOf } from './tokens.js'
import { compare } from './values.js'

export type Test = (run: Run) => boolean

const operators: Record<string, (order: number) => boolean> = {
  '=': (order) => order === 0,
  '==': (order) => order === 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

const reserved = new Set(['and', 'or', 'not', 'in', 'like', 'ilike', 'is'])

export class Parser {
  readonly fields: Field[] = []
  readonly #text: string
  readonly #tokens: Token[]
  #next = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
    this.#tokens = tokensOf(text)
  }

  condition(): Test {
    const parts = [this.#conjunction()]
    while (this.#takeWord('or')) parts.push(this.#conjunction())
    return parts.length === 1 ? parts[0] : (run) => parts.some((part) => part(run))
  }

  order(): { field: Field; sign: number }[] {
    const keys: { field: Field; sign: number }[] = []
    do {
      const field = this.#field()
      const sign = this.#takeWord('desc') ? -1 : 1
      if (sign === 1) this.#takeWord('asc')
      keys.push({ field, sign })
    } while (this.#takeSign(','))
    return keys
  }

  end(): void {
    if (this.#token.kind !== 'end') this.#fail('the text goes on', 'join conditions by "and" or "or"')
  }

  get #token(): Token {
    return this.#tokens[this.#next]
  }

  #conjunction(): Test {
    const parts = [this.#unit()]
    while (this.#takeWord('and')) parts.push(this.#unit())
    return parts.length === 1 ? parts[0] : (run) => parts.every((part) => part(run))
  }

  #unit(): Test {
    if (++this.#depth > 200) this.#fail('this is nested too deeply', 'write it with fewer parentheses')
    try {
      if (this.#takeWord('not')) {
        const unit = this.#unit()
        return (run) => !unit(run)
      }
      if (this.#takeSign('(')) {
        const inside = this.condition()
        if (!this.#takeSign(')')) this.#fail('a parenthesis is not closed', 'add ")"')
        return inside
      }
      return this.#test()
    } finally {
      this.#depth--
    }
  }

  #test(): Test {
    const field = this.#field()
    if (this.#takeWord('is')) {
      const not = this.#takeWord('not')
      if (!this.#takeWord('null')) this.#fail('"is" asks whether something is missing', 'write "is null"')
      return (run) => (fieldValue(run, field) === undefined) !== not
    }
    const not = this.#takeWord('not')
    if (this.#takeWord('in')) {
      const values = this.#list()
      return onValue(field, (value) => values.some((one) => compare(value, one) === 0) !== not)
    }
    for (const word of ['like', 'ilike']) {
      if (!this.#takeWord(word)) continue
      const pattern = likePattern(String(this.#value()), word === 'ilike')
      return onValue(field, (value) => pattern.test(textOf(value)) !== not)
    }
    const sign = this.#token
    const operator = operators[sign.text]
    const isUnequal = sign.text === '!=' || sign.text === '<>'
    if (not || sign.kind !== 'sign' || (operator === undefined && !isUnequal)) {
      this.#fail('a field is followed by a comparison', 'use = != < <= > >= like, ilike, in or is null')
    }
    this.#next++
    const wanted = this.#value()
    return onValue(field, (value) => {
      const order = compare(value, wanted)
      return isUnequal ? order !== 0 : order !== undefined && operator(order)
    })
  }

  #field(): Field {
    const { kind, text, at } = this.#token
    if (kind !== 'word' || reserved.has(text.toLowerCase())) {
      this.#fail('a field is expected', 'such as metrics.accuracy, params.k, tags.kind, status')
    }
    const dot = text.indexOf('.')
    const field =
      dot < 0 ? { family: null, name: text, at } : this.#member(text.slice(0, dot), text.slice(dot + 1), at)
    if (field.family === null && !allFields.includes(field.name)) {
      this.#fail(`there is no field "${field.name}"`, nearestField(field.name))
    }
    this.#next++
    this.fields.push(field)
    return field
  }

  #member(before: string, name: string, at: number): Field {
    const family = families.find((one) => one === before.toLowerCase() || `${before.toLowerCase()}s` === one)
    if (family === undefined) {
      const all: readonly string[] = families
      this.#fail(
        `fields with a dot begin with params, metrics or tags, not "${before}"`,
        meant(before, all, (family) => `${family}.${name}`),
      )
    }
    const quoted = /^(['"`])(.*)\1$/s.exec(name)
    return { family, name: quoted === null ? name : quoted[2], at }
  }

  #list(): JsonScalar[] {
    if (!this.#takeSign('(')) this.#fail('"in" is followed by a list', "such as ('a', 'b')")
    const values: JsonScalar[] = []
    do values.push(this.#value())
    while (this.#takeSign(','))
    if (!this.#takeSign(')')) this.#fail('the list is not closed', 'add ")"')
    return values
  }

  #value(): JsonScalar {
    const { kind, text } = this.#token
    if (kind === 'end' || kind === 'sign') {
      this.#fail('a value is expected', "a number, or a text in quotes such as 'finished'")
    }
    if (kind === 'word' && (text.includes('.') || reserved.has(text.toLowerCase()))) {
      this.#fail('fields are compared with values', `if ${text} is a text, put it in quotes`)
    }
    this.#next++
    if (kind === 'number') return Number(text)
    if (kind === 'text') return text.slice(1, -1).replaceAll(text[0] + text[0], text[0])
    if (text === 'true' || text === 'false') return text === 'true'
    return text === 'null' ? null : text
  }

  #takeWord(word: string): boolean {
    const is = this.#token.kind === 'word' && this.#token.text.toLowerCase() === word
    if (is) this.#next++
    return is
  }

  #takeSign(sign: string): boolean {
    const is = this.#token.kind === 'sign' && this.#token.text === sign
    if (is) this.#next++
    return is
  }

  #fail(what: string, remedy: string): never {
    const { text, at, kind } = this.#token
    const found = kind === 'end' ? 'the end' : JSON.stringify(text)
    throw mistake(this.#text, at, `${what}, found ${found}`, remedy)
  }
}

function onValue(field: Field, test: (value: JsonValue) => boolean): Test {
  return (run) => {
    const value = fieldValue(run, field)
    return value !== undefined && test(value)
  }
}

/** A bare name is often a metric or a param whose family was forgotten. */
function nearestField(name: string): string {
  return `did you mean ${nearestName(name, allFields) ?? `metrics.${name} or params.${name}`}?`
}
