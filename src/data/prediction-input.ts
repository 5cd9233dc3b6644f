/**
 * Rows to predict for, as a table with the columns a model was fitted on, matched by name.
 *
 * A missing column is an error; further columns are ignored, with a warning. A text that the data set did not have
 * gets a code after the known ones: to a model it is an unknown category. Missing cells stay missing; the model
 * imputes them.
 */

import { basename } from 'node:path'
import { EspalierError } from '../errors.js'
import { nearestName } from '../spelling.js'
import { isJsonObject } from '../values.js'
import { looseWarnings } from './data-warnings.js'
import {
  byCodeUnit,
  type CellRules,
  cellRules,
  cellText,
  isLooseMark,
  parseNumber,
  rulesOf,
} from './files/cells.js'
import { type BrokenCell, brokenCell, numberFor } from './files/column-builder.js'
import { findingNotes } from './files/findings.js'
import { readTableBytes, readTableFile } from './files/read.js'
import type { ColumnKind, FileReading, FileTable, ReadOptions } from './files/types.js'
import { ProblemList } from './problems.js'
import type { Signature, SignatureColumn } from './signature.js'
import { allRows, asColumn } from './tables.js'
import type { Column, Row, Table } from './types.js'

export interface PredictionInput {
  readonly table: Table
  /** Columns that were ignored, categories that are unknown. */
  readonly warnings: readonly string[]
}

/** Rows from a file. */
export interface PredictionFile extends PredictionInput {
  readonly digest: string
  readonly reading: FileReading
  /** How the file is written, where it is not as usual and nobody stated it. */
  readonly notes: readonly string[]
}

/**
 * A table from rows as people write them. Numbers, dates and truth values may be given as text ("13.2", "2024-03-31",
 * "true"), text as numbers or booleans. Throws DATA_INVALID with every problem (up to 20): missing column, text where
 * a number is expected.
 */
export function tableFromRows(rows: readonly Row[], signature: Signature): PredictionInput {
  if (!Array.isArray(rows)) {
    throw new EspalierError(
      'DATA_INVALID',
      `rows are a list of objects, [{ column: value }] (got ${JSON.stringify(rows)?.slice(0, 80) ?? 'nothing'}); put one row into brackets too`,
    )
  }
  const problems = new ProblemList()
  const names = new Set<string>()
  rows.forEach((row, i) => {
    if (!isJsonObject(row)) {
      problems.add(`row ${i}`, 'a row is an object, { column: value }')
    } else for (const name of Object.keys(row)) names.add(name)
  })
  problems.throwIfAny('DATA_INVALID')
  if (rows.length > 0) checkColumns([...names], signature, problems, 'the rows')

  const shared = cellRules(signature)
  const columns = signature.columns.map((expected): Column => {
    const { name } = expected
    const rules = rulesOf(name, shared)
    if (expected.kind === 'text') {
      return textColumn(
        expected,
        rows.map((row) => textOf(row[name], rules)),
      )
    }
    const values = new Float64Array(rows.length)
    rows.forEach((row, i) => {
      const kind = expected.as ?? 'number'
      const value = numberOf(row[name], kind, rules)
      if (value === undefined) {
        const { law, message, found } = brokenValue(kind, row[name], rules)
        problems.addShared({ file: '', row: `row ${i}` }, name, law, message, found)
      } else values[i] = value
    })
    return { ...expected, values }
  })
  problems.throwIfAny('DATA_INVALID')
  return {
    table: { columns, index: allRows(rows.length), rows: rows.length },
    warnings: inputWarnings([...names], columns, signature),
  }
}

/**
 * A table from a file, its format by its extension; the target column may be among its columns. Its separator, encoding and decimal mark are
 * its own, whatever those of the training data were: found out unless stated in `reading`; the rest is as the signature says. `layout`: where
 * its header and rows are. Throws FILE_NOT_READABLE, or DATA_INVALID with every problem (up to 20), each with file, line and column.
 */
export async function readTable(
  file: string,
  signature: Signature,
  reading?: Partial<FileReading>,
  layout: Pick<ReadOptions, 'skipLines' | 'columnNames'> = {},
): Promise<PredictionFile> {
  const name = basename(file)
  const expecting = expectingColumns(signature, name)
  const found = await readTableFile(file, { ...expecting.options, reading, ...layout })
  return {
    ...expecting.inputOf(found),
    digest: found.digest,
    reading: found.reading,
    notes: findingNotes(
      name,
      found.findings.filter(({ what }) => what !== 'nameless column'),
    ),
  }
}

/**
 * The same from bytes that came another way. CSV is as programs write it: UTF-8, commas between cells, a point before decimals.
 * @param name what they are called where they are at fault: `the body`. The bytes may be written to.
 */
export async function tableFromBytes(
  bytes: Buffer,
  format: 'csv' | 'parquet',
  name: string,
  signature: Signature,
): Promise<PredictionInput> {
  const { options, inputOf } = expectingColumns(signature, name)
  const reading =
    format === 'csv' ? ({ encoding: 'utf-8', separator: ',', decimal: '.' } as const) : undefined
  return inputOf(await readTableBytes(bytes, format, name, { ...options, reading }))
}

/** How a file called `name` is read so that its table has the columns of the signature, and that table. */
function expectingColumns(signature: Signature, name: string) {
  const kinds = new Map<string, ColumnKind>(
    signature.columns.map((column) => [
      column.name,
      column.kind === 'text' ? 'text' : (column.as ?? 'number'),
    ]),
  )
  let header: readonly string[] = []
  const { decimal = '.', ...notation } = signature
  const options: ReadOptions = {
    notation,
    usualDecimal: decimal,
    header(names, problems, where, nameless) {
      header = names.filter((name) => name !== nameless)
      checkColumns(names, signature, problems, where)
    },
    kindOf: (name) => kinds.get(name) ?? 'skip',
  }
  const inputOf = (found: FileTable): PredictionInput => {
    const byName = new Map(found.columns.map((column) => [column.name, column]))
    const columns = signature.columns.map((expected): Column => {
      const column = byName.get(expected.name)!
      if (column.kind === 'number' || expected.kind === 'number') return asColumn(column)
      return recode(expected, column.codes, column.categories)
    })
    return {
      table: { columns, index: allRows(found.rows), rows: found.rows },
      warnings: [
        ...looseWarnings(found, () => true, Object.fromEntries(kinds), name),
        ...inputWarnings(header, columns, signature).map((text) => `${name}: ${text}`),
      ],
    }
  }
  return { options, inputOf }
}

function checkColumns(
  names: readonly string[],
  signature: Signature,
  problems: ProblemList,
  where: string,
): void {
  const isRow = names.filter((name) => !Number.isNaN(parseNumber(name || 'none'))).length * 2 > names.length
  const extra = names.filter((name) => !signature.columns.some((column) => column.name === name))
  for (const { name } of signature.columns) {
    if (names.includes(name)) continue
    const near = nearestName(name, extra)
    const hint = /^column \d+$/.test(name)
      ? '; say --no-header where the file has none, as the training data had'
      : isRow
        ? '; name the columns, --header a,b,c, where the file has no header'
        : near === null
          ? ''
          : ` (is "${near}" meant?)`
    problems.add(where, `the model was fitted on the column "${name}", and it is missing${hint}`)
  }
  problems.throwIfAny('DATA_INVALID')
}

/** Why a value is refused in a column of this kind. JSON has no infinities, and would call them null. */
function brokenValue(kind: 'number' | 'boolean' | 'date', value: Row[string], rules: CellRules): BrokenCell {
  const found =
    typeof value === 'string' || typeof value === 'number'
      ? String(value)
      : (JSON.stringify(value) ?? typeof value)
  if (kind !== 'number' || typeof value !== 'number') return brokenCell(kind, found, rules)
  return {
    law: 'finite',
    found,
    message: `numbers are finite, and ${found} is not; mend it, or give null where there is no value`,
  }
}

/** NaN where missing; undefined where it is no number. */
function numberOf(
  value: Row[string],
  kind: 'number' | 'boolean' | 'date',
  rules: CellRules,
): number | undefined {
  if (value === null || value === undefined || Number.isNaN(value)) return Number.NaN
  if (kind === 'number' && typeof value === 'number') {
    if (rules.missingNumbers.has(value)) return Number.NaN
    return Number.isFinite(value) ? value : undefined
  }
  if (kind === 'boolean' && typeof value === 'boolean') return value ? 1 : 0
  if (kind === 'number' && typeof value === 'boolean') return undefined
  const text = cellText(String(value), rules)
  if (text === null || isLooseMark(text)) return Number.NaN
  const asTrained = numberFor(kind, text, rules)
  const number = kind === 'number' && Number.isNaN(asTrained) ? parseNumber(text) : asTrained
  if (kind === 'number' && rules.missingNumbers.has(number)) return Number.NaN
  return Number.isNaN(number) ? undefined : number
}

function textOf(value: Row[string], rules: CellRules): string | null {
  if (value === null || value === undefined || Number.isNaN(value)) return null
  return cellText(String(value), rules)
}

type TextColumn = SignatureColumn & { kind: 'text' }

function textColumn(expected: TextColumn, texts: readonly (string | null)[]): Column {
  const categories = [...new Set(texts)].filter((text) => text !== null).sort(byCodeUnit)
  const code = new Map(categories.map((text, i) => [text, i]))
  const codes = Int32Array.from(texts, (text) => (text === null ? -1 : code.get(text)!))
  return recode(expected, codes, categories)
}

/** The same texts under the codes of the data set; unknown ones come after them. */
function recode(expected: TextColumn, codes: Int32Array, categories: readonly string[]): Column {
  const known = new Map(expected.categories.map((text, i) => [text, i]))
  const unknown = categories.filter((text) => !known.has(text))
  unknown.forEach((text, i) => {
    known.set(text, expected.categories.length + i)
  })
  const newCode = categories.map((text) => known.get(text)!)
  return {
    name: expected.name,
    kind: 'text',
    codes: codes.map((code) => (code < 0 ? -1 : newCode[code])),
    categories: [...expected.categories, ...unknown],
  }
}

function inputWarnings(names: readonly string[], columns: readonly Column[], signature: Signature): string[] {
  const known = new Set([...signature.columns.map((column) => column.name), signature.target])
  const extra = names.filter((name) => !known.has(name))
  const warnings = extra.length === 0 ? [] : [`the model does not use ${quoted(extra)}`]
  signature.columns.forEach((expected, i) => {
    const column = columns[i]
    if (expected.kind !== 'text' || column.kind !== 'text') return
    const unknown = column.categories.slice(expected.categories.length)
    if (unknown.length > 0) {
      warnings.push(`column "${expected.name}" has categories the model does not know: ${quoted(unknown)}`)
    }
  })
  return warnings
}

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => `"${name.length > 100 ? `${name.slice(0, 99)}…` : name}"`)
  return `${shown.join(', ')}${names.length > 10 ? ` and ${names.length - 10} more` : ''}`
}
