/** Queries of the table: rows as the runs that the query language of `runs list` asks about. */

import type { ChildRun } from '../../tracking/index.js'
import { checkNames, parseCondition, type Query } from '../../tracking/query/index.js'
import { isJsonObject, type JsonValue, textOf } from '../../values.js'
import type { SweepHead, TrialTable } from '../data/index.js'

type Row = { -readonly [K in keyof ChildRun]: unknown } & { id: unknown }

/**
 * By row: 1 where the condition holds. The answer is that of `runs list --sweep ID --where`.
 * @throws QUERY_INVALID with the place of the mistake.
 */
export function rowsWhere(table: TrialTable, head: SweepHead, where: string): Uint8Array {
  const query = parseCondition(where)
  checkNames(query, table.length === 0 ? [] : [exampleOf(table)])
  const mask = new Uint8Array(table.length)
  const rowAt = reader(table, head, query)
  for (let row = 0; row < table.length; row++) mask[row] = Number(query.apply(rowAt(row)))
  return mask
}

/** A trial that has everything that any of them has. */
function exampleOf(table: TrialTable): ChildRun {
  const families: Record<string, Record<string, JsonValue>> = { params: {}, metrics: {}, tags: {} }
  for (const name of table.columns.keys()) {
    const [family, ...rest] = name.split('.')
    if (rest.length > 0 && isKnown(table, name)) families[family][rest.join('.')] = 0
  }
  return { kind: 'trial', ...families } as unknown as ChildRun
}

/** Whether any trial has it. */
function isKnown(table: TrialTable, name: string): boolean {
  for (let row = 0; row < table.length; row++) if (table.cell(name, row) !== null) return true
  return false
}

/** Rows with what the query asks for, and nothing else. The same object is filled again for each. */
function reader(table: TrialTable, head: SweepHead, { fields }: Query<unknown>): (row: number) => ChildRun {
  const run = { kind: 'trial', parent: head.run.id, experiment: head.run.experiment } as Row
  const steps: ((row: number) => void)[] = []
  const asked = new Set(fields.map(({ family, name }) => `${family ?? ''}.${name}`))
  for (const family of ['params', 'metrics', 'tags'] as const) {
    const names = [...asked]
      .filter((one) => one.startsWith(`${family}.`))
      .map((one) => one.slice(family.length + 1))
    const cells = names.map((name) => cellsOf(table, head, family, name))
    run[family] = {}
    if (names.length === 0) continue
    steps.push((row) => {
      const entries: Record<string, JsonValue> = Object.create(null)
      for (let i = 0; i < names.length; i++) {
        const value = cells[i](row)
        if (value !== undefined) entries[names[i]] = value
      }
      run[family] = entries
    })
  }
  for (const name of asked) if (name.startsWith('.')) addOwn(table, name.slice(1), run, steps)
  return (row) => {
    for (const step of steps) step(row)
    return run as unknown as ChildRun
  }
}

function addOwn(table: TrialTable, name: string, run: Row, steps: ((row: number) => void)[]): void {
  const instant = (column: 'started' | 'ended') => (row: number) => {
    const at = table.cell(column, row)
    run[column] = at === null ? null : new Date(at).toISOString()
  }
  if (name === 'run') steps.push((row) => (run.id = table.cell('run', row)))
  else if (name === 'name') steps.push((row) => (run.name = `trial ${table.cell('trial', row)}`))
  else if (name === 'started' || name === 'ended') steps.push(instant(name))
  else if (name === 'seconds') steps.push(instant('started'), instant('ended'))
  else if (name === 'error')
    steps.push((row) => {
      const code = table.cell('error', row)
      run.error = code === null ? null : { code }
    })
  else if (name === 'attempts') steps.push((row) => (run.attempts = { length: leftAttempts(table, row) }))
  else if (name === 'trial' || name === 'status' || name === 'value')
    steps.push((row) => (run[name] = table.cell(name, row)))
}

/** Attempts that did not end the trial: a record lists them, and a table counts the one it is at too. */
function leftAttempts(table: TrialTable, row: number): number {
  const count = Number(table.cell('attempts', row))
  return table.cell('status', row) === 'interrupted' ? count : count - 1
}

/** What a row has of a param, a metric or a tag; undefined where it has none. */
function cellsOf(
  table: TrialTable,
  head: SweepHead,
  family: string,
  name: string,
): (row: number) => JsonValue | undefined {
  const path = `${family}.${name}`
  const written = family === 'params' ? valuesByText(head, name) : null
  return (row) => {
    const cell = table.cell(path, row)
    if (cell === null) return undefined
    return typeof cell === 'string' && written?.has(cell) ? written.get(cell) : cell
  }
}

/**
 * The values of a parameter by their texts, as which the table holds them: `true` and "true" are the same there. Texts that stand
 * for two values are left out.
 */
export function valuesByText(head: SweepHead, name: string): Map<string, JsonValue> {
  const { parameters } = head.run.spec
  const parameter = isJsonObject(parameters) && Object.hasOwn(parameters, name) ? parameters[name] : null
  const values = new Map<string, JsonValue>()
  const listed = isJsonObject(parameter) ? parameter.values : parameter
  if (!Array.isArray(listed)) return values
  for (const value of listed as readonly JsonValue[]) {
    const text = textOf(value)
    if (values.has(text)) values.delete(text)
    else values.set(text, value)
  }
  return values
}
