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
 * compared as numbers, anything else as text; times are texts such as '2026-01-31', compared as such. A list or an
 * object is written as JSON in quotes, params.layers = '[64, 32]', with whatever spaces and order of keys; "like"
 * sees it as compact JSON. A test of
 * what a run does not have is false, also with != and "not in"; "is null" finds those. In an order they come last.
 */
import type { Run } from '../types.js'
import { entriesOf, type Field, fieldValue, isChild, sweepFields, trialFields } from './fields.js'
import { meant, mistake } from './mistakes.js'
import { Parser, type Test } from './parser.js'
import { compareForOrder } from './values.js'

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
