/**
 * The language in which runs are chosen and put in order, after MLflow's:
 *
 *     metrics.accuracy > 0.9 and params.k < 10 and not (tags.kind in ('draft', 'test') or status = 'failed')
 *     metrics.accuracy desc, trial
 *
 *     condition  = and-part { "or" and-part }            and-part = unit { "and" unit }
 *     unit       = "not" unit | "(" condition ")" | test
 *     test       = field ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) value
 *                | field [ "not" ] ( "like" | "ilike" ) 'pattern with % and _'
 *                | field [ "not" ] "in" "(" value { "," value } ")"
 *                | field "is" [ "not" ] "null"
 *     field      = "params." name | "metrics." name | "tags." name | one of `trialFields` or `sweepFields`
 *     value      = number | 'text' | "text" | word | true | false | null
 *     order      = field [ "asc" | "desc" ] { "," field [ "asc" | "desc" ] }
 *
 * A name with other characters than letters, digits and _ . - / stands in backticks or quotes: metrics.`log loss`.
 * Words of the language are written in any case. Two numbers, or a number and a text that reads as one, are
 * compared as numbers, anything else as text; times are texts such as '2026-01-31', compared as such. A test of
 * what a run does not have is false, also with != and "not in"; "is null" finds those. In an order they come last.
 */
import { EspalierError } from '../errors.js'
import { nearestName } from '../spelling.js'
import type { JsonScalar } from '../values.js'
import type { ChildRun, ParentRun, Run } from './types.js'
import { secondsOf } from './views.js'

/** Fields of a child run beside params, metrics and tags. `seconds` is how long it took; `error` its code. */
const trialFields = [
  'run',
  'parent',
  'experiment',
  'name',
  'trial',
  'status',
  'value',
  'started',
  'ended',
  'seconds',
  'error',
  'attempts',
] as const

/** Fields of a parent run. `best` is its best value; `finished` … count its trials. */
const sweepFields = [
  'run',
  'experiment',
  'name',
  'status',
  'started',
  'ended',
  'seconds',
  'error',
  'best',
  'metric',
  'direction',
  'finished',
  'pruned',
  'failed',
  'running',
] as const

const families = ['params', 'metrics', 'tags'] as const
type Family = (typeof families)[number]

interface Field {
  readonly family: Family | null
  readonly name: string
  /** Where in the text it stands, from 0. */
  readonly at: number
}

type Value = JsonScalar | undefined
type Test = (run: Run) => boolean

export interface Query<T> {
  /** Every field the text names. */
  readonly fields: readonly Field[]
  readonly apply: T
  readonly text: string
}

/** @throws QUERY_INVALID with the place of the mistake. */
export function parseCondition(text: string): Query<Test> {
  const parser = new Parser(text)
  const apply = parser.condition()
  parser.end()
  return { text, fields: parser.fields, apply }
}

/** @throws QUERY_INVALID with the place of the mistake. */
export function parseOrder(text: string): Query<(a: Run, b: Run) => number> {
  const parser = new Parser(text)
  const keys = parser.order()
  parser.end()
  const apply = (a: Run, b: Run) => {
    for (const { field, sign } of keys) {
      const order = compareForOrder(fieldValue(a, field), fieldValue(b, field), sign)
      if (order !== 0) return order
    }
    return 0
  }
  return { text, fields: parser.fields, apply }
}

/**
 * Refuses params and metrics that none of the runs has, while others are there: a misspelt name would otherwise
 * look like an empty answer.
 */
export function checkNames(query: Query<unknown>, runs: readonly Run[]): void {
  for (const field of query.fields) {
    if (field.family !== 'params' && field.family !== 'metrics') {
      checkOwnField(query.text, field, runs)
      continue
    }
    const known = new Set<string>()
    for (const run of runs) for (const name in entriesOf(run, field.family)) known.add(name)
    if (known.size === 0 || known.has(field.name)) continue
    const what = field.family === 'params' ? 'param' : 'metric'
    throw mistake(
      query.text,
      field.at,
      `no run here has a ${what} ${JSON.stringify(field.name)}`,
      meant(field.name, [...known], (name) => `${field.family}.${name}`),
    )
  }
}

function checkOwnField(text: string, field: Field, runs: readonly Run[]): void {
  if (field.family !== null || runs.length === 0) return
  const known: readonly string[] = isChild(runs[0]) ? trialFields : sweepFields
  if (known.includes(field.name)) return
  const kind = isChild(runs[0]) ? 'trial' : 'sweep'
  throw mistake(text, field.at, `a ${kind} has no field "${field.name}"`, meant(field.name, known))
}

const isChild = (run: Run): run is ChildRun => 'parent' in run

function entriesOf(run: Run, family: Family): Readonly<Record<string, JsonScalar>> {
  if (family === 'params') return isChild(run) ? run.params : {}
  return run[family]
}

/** A field's value in a run; undefined where it has none. */
function fieldValue(run: Run, field: Pick<Field, 'family' | 'name'>): Value {
  if (field.family !== null) {
    const entries = entriesOf(run, field.family)
    return Object.hasOwn(entries, field.name) ? entries[field.name] : undefined
  }
  return (isChild(run) ? ownValueOfTrial(run, field.name) : ownValueOfSweep(run, field.name)) ?? undefined
}

function ownValueOfTrial(run: ChildRun, name: string): JsonScalar {
  switch (name) {
    case 'run':
      return run.id
    case 'seconds':
      return secondsOf(run)
    case 'error':
      return run.error?.code ?? null
    case 'attempts':
      return run.attempts.length
    case 'parent':
    case 'experiment':
    case 'name':
    case 'trial':
    case 'status':
    case 'value':
    case 'started':
    case 'ended':
      return run[name]
    default:
      return null
  }
}

function ownValueOfSweep(run: ParentRun, name: string): JsonScalar {
  switch (name) {
    case 'run':
      return run.id
    case 'seconds':
      return secondsOf(run)
    case 'error':
      return run.error?.code ?? null
    case 'best':
      return run.best?.value ?? null
    case 'metric':
    case 'direction':
      return run.objective[name]
    case 'finished':
    case 'pruned':
    case 'failed':
    case 'running':
      return run.trials[name]
    case 'experiment':
    case 'name':
    case 'status':
    case 'started':
    case 'ended':
      return run[name]
    default:
      return null
  }
}

/** Below 0 where a comes first; undefined where the two cannot be compared. */
function compare(a: JsonScalar, b: JsonScalar): number | undefined {
  if (typeof a === 'boolean' || typeof b === 'boolean' || a === null || b === null) {
    return String(a) === String(b) ? 0 : undefined
  }
  if (typeof a === 'number' || typeof b === 'number') {
    const [x, y] = [numberIn(a), numberIn(b)]
    if (x === null || y === null) return undefined
    return x < y ? -1 : x > y ? 1 : 0
  }
  return a < b ? -1 : a > b ? 1 : 0
}

function numberIn(value: number | string): number | null {
  if (typeof value === 'number') return value
  const number = value.trim() === '' ? Number.NaN : Number(value)
  return Number.isFinite(number) ? number : null
}

function compareForOrder(a: Value, b: Value, sign: number): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1
  const order = compare(a, b)
  if (order !== undefined) return sign * order
  // Numbers before texts, texts before the rest, so that the order is one also among mixed values.
  return sign * (rank(a) - rank(b)) || (String(a) < String(b) ? -sign : sign)
}

const rank = (value: Value) => (typeof value === 'number' ? 0 : typeof value === 'string' ? 1 : 2)

const operators: Record<string, (order: number) => boolean> = {
  '=': (order) => order === 0,
  '==': (order) => order === 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'sign' | 'end'
  readonly text: string
  readonly at: number
}

const shapes =
  /(\s+)|([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![\w.]))|(==|!=|<>|<=|>=|[=<>(),])|('(?:[^']|'')*'|"(?:[^"]|"")*")|((?:[\p{L}_$][\p{L}\d_$/-]*)(?:\.(?:[\p{L}\d_$/-]+|`[^`]*`|"[^"]*"|'[^']*'))*)/iuy

function tokensOf(text: string): Token[] {
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

class Parser {
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
      return onValue(field, (value) => pattern.test(String(value)) !== not)
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

const reserved = new Set(['and', 'or', 'not', 'in', 'like', 'ilike', 'is'])
const allFields: readonly string[] = [...new Set([...trialFields, ...sweepFields])]

function onValue(field: Field, test: (value: JsonScalar) => boolean): Test {
  return (run) => {
    const value = fieldValue(run, field)
    return value !== undefined && test(value)
  }
}

function likePattern(pattern: string, anyCase: boolean): RegExp {
  const source = pattern
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.')
  return new RegExp(`^${source}$`, anyCase ? 'isu' : 'su')
}

/** `did you mean k?`, or what there is. */
function meant(name: string, known: readonly string[], written = (one: string) => one): string {
  const near = nearestName(name, known)
  return near === null ? `choose from ${known.map(written).join(', ')}` : `did you mean ${written(near)}?`
}

/** A bare name is often a metric or a param whose family was forgotten. */
function nearestField(name: string): string {
  return `did you mean ${nearestName(name, allFields) ?? `metrics.${name} or params.${name}`}?`
}

function mistake(text: string, at: number, what: string, remedy: string): EspalierError {
  const message = `${JSON.stringify(text)} cannot be understood at character ${at + 1}: ${what}; ${remedy}`
  return new EspalierError('QUERY_INVALID', message, {
    problems: [{ path: `character ${at + 1}`, message: `${what}; ${remedy}` }],
  })
}
