/**
 * Bodies of /invocations, as MLflow's scoring server takes them: a JSON object with one of `dataframe_split`, `dataframe_records`,
 * `instances`, `inputs`, and perhaps `params`. Cells are numbers, texts, truth values or null; columns go by their names.
 */
import { nearestHint } from '../../spelling.js'
import { isJsonObject, type JsonScalar } from '../../values.js'
import { Refusal } from './refusal.js'

type Rows = Readonly<Record<string, JsonScalar>>[]
type Document = Readonly<Record<string, unknown>>

export interface Asked {
  readonly rows: Rows
  readonly probabilities: boolean
}

const fields = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'] as const
const ofSplit = ['columns', 'data', 'index']

/**
 * What a body asks.
 * @param columns of the model. A model of one column takes a list of its values, too.
 * @throws Refusal where it is none of these, with the column and the row.
 */
export function readBody(bytes: Uint8Array, columns: readonly string[], mostRows: number): Asked {
  const body = parsed(bytes)
  if (!isJsonObject(body))
    refuse(`the body is a JSON object with one of ${listed(fields)} (got ${kind(body)})`)
  const given = fields.filter((field) => Object.hasOwn(body, field))
  const stranger = Object.keys(body).find((key) => key !== 'params' && !given.some((field) => field === key))
  if (given.length !== 1)
    refuse(
      `the body has exactly one of ${listed(fields)} (got ${given.length > 1 ? listed(given) : stranger === undefined ? 'none' : `none, but ${quoted(stranger)}`})`,
    )
  if (stranger !== undefined)
    refuse(
      `the body has one of ${listed(fields)}, and "params", and nothing else (got ${quoted(stranger)})${nearestHint(stranger, ['params', ...fields])}`,
    )
  const rows = rowsOf(given[0], body[given[0]], columns)
  checkCount(rows.length, mostRows)
  return { rows, probabilities: probabilitiesOf(body.params) }
}

/** @throws Refusal where there are more rows than may be asked for at once. */
export function checkCount(rows: number, most: number): void {
  if (rows > most)
    throw new Refusal(
      413,
      `at most ${most} rows are predicted at once (got ${rows}); send them in several requests, or start the server with a higher --max-rows`,
    )
}

/** JSON, and beside it NaN and Infinity, which Python's json writes of missing numbers and reads again. */
function parsed(bytes: Uint8Array): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return refuse('the body is text in UTF-8 (these bytes are none)')
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    const lenient = text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|\bNaN\b|-?\bInfinity\b/gs, (token) =>
      token.startsWith('"') ? token : token === 'NaN' ? 'null' : token.replace('Infinity', '1e999'),
    )
    try {
      return JSON.parse(lenient)
    } catch {
      return refuse(`the body must be JSON, and cannot be read as such: ${(error as Error).message}`)
    }
  }
}

function rowsOf(field: (typeof fields)[number], value: unknown, columns: readonly string[]): Rows {
  switch (field) {
    case 'dataframe_split':
      return rowsOfSplit(value)
    case 'dataframe_records':
      return rowsOfRecords(field, value)
    case 'instances':
    case 'inputs':
      if (isJsonObject(value)) return rowsOfColumns(field, value)
      if (columns.length === 1 && Array.isArray(value) && !value.some(isJsonObject))
        return rowsOfColumns(field, { [columns[0]]: value })
      return rowsOfRecords(field, value)
  }
}

function rowsOfSplit(value: unknown): Rows {
  if (!isJsonObject(value))
    refuse(`"dataframe_split" is an object of "columns" and "data" (got ${kind(value)})`)
  const stranger = Object.keys(value).find((key) => !ofSplit.includes(key))
  if (stranger !== undefined)
    refuse(`"dataframe_split" has "columns" and "data", and perhaps "index" (got ${quoted(stranger)} too)`)
  const { columns, data, index } = value
  if (!Array.isArray(columns) || columns.some((name) => typeof name !== 'string'))
    refuse(`"dataframe_split.columns" is a list of the columns' names (got ${kind(columns)})`)
  const names = columns as string[]
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined)
    refuse(`columns are told apart by their names, and "dataframe_split.columns" has ${quoted(twice)} twice`)
  if (!Array.isArray(data)) refuse(`"dataframe_split.data" is a list of rows (got ${kind(data)})`)
  if (index !== undefined && index !== null && (!Array.isArray(index) || index.length !== data.length))
    refuse(
      `"dataframe_split.index" is a list with a label for each row (${data.length} rows, got ${Array.isArray(index) ? `${index.length} labels` : kind(index)})`,
    )
  return data.map((row: unknown, i) => {
    if (!Array.isArray(row) || row.length !== names.length)
      refuse(
        `row ${i}: a row of "dataframe_split.data" is a list of ${names.length} cells, one for each of its "columns" (got ${Array.isArray(row) ? row.length : kind(row)})`,
      )
    return Object.fromEntries(names.map((name, c) => [name, cell(row[c], i, name)]))
  })
}

function rowsOfRecords(field: string, value: unknown): Rows {
  const form = field === 'dataframe_records' ? '' : ', or an object, { column: [values] }'
  if (!Array.isArray(value))
    refuse(`"${field}" is a list of rows, [{ column: value }]${form} (got ${kind(value)})`)
  return value.map((row: unknown, i) => {
    if (!isJsonObject(row))
      refuse(
        `row ${i}: a row of "${field}" is an object, { column: value }, as columns go by their names (got ${kind(row)})`,
      )
    for (const [name, one] of Object.entries(row)) cell(one, i, name)
    return row as Rows[number]
  })
}

/** Values of each column, or one row where they are no lists. */
function rowsOfColumns(field: string, value: Document): Rows {
  const columns = Object.entries(value)
  if (columns.length > 0 && columns.every(([, values]) => !Array.isArray(values)))
    return rowsOfRecords(field, [value])
  const [first] = columns
  const rows = first === undefined ? 0 : (first[1] as { readonly length?: number } | null)?.length
  for (const [name, values] of columns) {
    if (!Array.isArray(values))
      refuse(
        `column ${quoted(name)}: columns of "${field}" are all lists of values, or all values of one row (got ${kind(values)} beside lists)`,
      )
    if (values.length !== rows)
      refuse(
        `column ${quoted(name)}: columns of "${field}" have equally many values (${quoted(first[0])} has ${rows}, this one ${values.length})`,
      )
  }
  return Array.from({ length: rows ?? 0 }, (_, i) =>
    Object.fromEntries(columns.map(([name, values]) => [name, cell((values as unknown[])[i], i, name)])),
  )
}

function cell(value: unknown, row: number, column: string): JsonScalar {
  const isOther = typeof value === 'object' && value !== null
  if (!isOther && (typeof value !== 'number' || Number.isFinite(value))) return value as JsonScalar
  return refuse(
    `row ${row}, column ${quoted(column)}: a cell is a finite number, a text, a truth value or null (got ${isOther ? kind(value) : value})`,
  )
}

/** `params`: what MLflow's clients pass on to a model's predict. */
function probabilitiesOf(params: unknown): boolean {
  if (params === undefined || params === null) return false
  if (!isJsonObject(params)) refuse(`"params" is an object (got ${kind(params)})`)
  for (const name of Object.keys(params))
    if (name !== 'probabilities')
      refuse(
        `"params" has "probabilities" alone (got ${quoted(name)})${nearestHint(name, ['probabilities'])}`,
      )
  const { probabilities = false } = params
  if (typeof probabilities !== 'boolean')
    refuse(`"params.probabilities" is true or false (got ${kind(probabilities)})`)
  return probabilities
}

function refuse(message: string): never {
  throw new Refusal(400, message)
}

/** What a value is, in words. */
function kind(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object') return 'an object'
  return quoted(value as JsonScalar)
}

/** As JSON, no longer than anybody reads. */
function quoted(value: JsonScalar): string {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function listed(names: readonly string[]): string {
  return names.map(quoted).join(', ')
}
