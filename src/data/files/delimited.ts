/**
 * A CSV or TSV file as typed columns: any separator, decimal mark, encoding (found out unless stated), any line ending, a header.
 * Blanks around a cell are no part of it.
 */
import { basename } from 'node:path'
import { ProblemList } from '../problems.js'
import { cellRules, type DecimalMark } from './cells.js'
import type { ColumnBuilder } from './column-builder.js'
import { findDecimal, findSeparator, separatorName } from './dialect.js'
import { decodeText } from './encoding.js'
import { encodingFinding } from './findings.js'
import { readRecords, shortDecimal, textOf } from './records.js'
import { type ColumnMaker, type Parsed, readPasses } from './text-file.js'
import type { FileTable, Finding, ReadOptions } from './types.js'

/** Throws DATA_INVALID with every problem (up to 20), each with file, line and column. */
export function readDelimited(
  bytes: Buffer,
  file: string,
  format: 'csv' | 'tsv',
  options: ReadOptions,
): Omit<FileTable, 'digest'> {
  const { reading: stated = {}, notation } = options
  const decoded = decodeText(bytes, file, 'a header and rows', stated.encoding ?? undefined)
  const { text, encoding } = decoded
  const usual = format === 'tsv' ? '\t' : ','
  const separator = stated.separator ?? findSeparator(text, usual)
  const { decimal, finding } = decimalOf(text, file, separator, options)
  const thousands = notation.thousands === decimal ? undefined : notation.thousands
  const rules = cellRules({ ...notation, thousands, decimal })
  const found: { nameless: Finding | null } = { nameless: null }
  const table = readPasses(text, file, options, rules, (name, capacity, columns) =>
    parse(text, name, { separator, decimal, format }, capacity, options, columns, found),
  )
  const ofSeparator: Finding = {
    what: 'separator',
    found: separatorName(separator),
    why: stated.separator ? 'as stated' : 'they divide its first rows evenly',
    isUsual: Boolean(stated.separator) || separator === usual,
  }
  return {
    ...table,
    reading: { encoding, separator, decimal },
    findings: [encodingFinding(decoded), ofSeparator, finding, ...(found.nameless ? [found.nameless] : [])],
    rules,
  }
}

/** The decimal mark that is stated, or found out. Throws DATA_INVALID where the file could be read in two ways. */
function decimalOf(
  text: Buffer,
  file: string,
  separator: string,
  { reading = {}, notation, usualDecimal, kindOf }: ReadOptions,
): { decimal: DecimalMark; finding: Finding } {
  const of = (decimal: DecimalMark, why: string, isUsual = decimal === '.') => ({
    decimal,
    finding: { what: 'decimal', found: decimal === '.' ? 'point' : 'comma', why, isUsual } as const,
  })
  const stated = reading.decimal ?? notation.decimal
  if (stated !== undefined) return of(stated, 'as stated', true)
  // The mark between thousands is not the one before decimals. Of a model it is that of the training data alone.
  if (usualDecimal === undefined && notation.thousands === ',')
    return of('.', 'as "thousands" are marked by commas', true)
  if (usualDecimal === undefined && notation.thousands === '.')
    return of(',', 'as "thousands" are marked by points', true)
  const isLooked = (name: string) => !['skip', 'text', 'boolean', 'date'].includes(kindOf(name))
  const found = findDecimal(text, separator, isLooked, notation.missing)
  if (found.decimal !== null) {
    const { because } = found
    return because === null
      ? of(usualDecimal ?? '.', 'no number of it has decimals', true)
      : of(
          found.decimal,
          `by ${JSON.stringify(because.cell)} in line ${because.line}, column "${because.column}"`,
        )
  }
  if (usualDecimal !== undefined)
    return of(usualDecimal, 'its numbers could be read in two ways, and this is how the model was trained')
  // Commas between cells: those within quotes are told of where their column is read as text.
  if (separator === ',' || (found.comma === null && separator !== ';')) return of('.', 'as between commas')
  const seen = [found.comma, found.point].filter((one) => one !== null)
  const [first] = seen
  const places = seen.map(
    ({ cell, line, column }) => `${JSON.stringify(cell)} in line ${line}, column "${column}"`,
  )
  const problems = new ProblemList()
  problems.add(
    `${basename(file)} line ${first.line}, column "${first.column}"`,
    found.comma !== null && found.point !== null
      ? `numbers of a file have one decimal mark, and this one seems to have both (${places.join('; ')}); say "decimal": "," or ".", and "thousands" or "types" for the other column`
      : `a mark before three digits is one before decimals or between thousands, and here nothing tells which (${places.join('; ')}); say "decimal": ${JSON.stringify(found.comma === null ? '.' : ',')} or "thousands": ${JSON.stringify(found.comma === null ? '.' : ',')}`,
  )
  problems.throwIfAny('DATA_INVALID')
  throw new Error('unreachable')
}

/** How the cells stand in the text. */
interface Dialect {
  readonly separator: string
  readonly decimal: DecimalMark
  readonly format: 'csv' | 'tsv'
}

function parse(
  bytes: Buffer,
  name: string,
  { separator, decimal, format }: Dialect,
  capacity: number,
  options: ReadOptions,
  columns: ColumnMaker,
  found: { nameless: Finding | null },
): Parsed {
  const problems = new ProblemList()
  const lines = new Int32Array(capacity)
  const point = decimal.charCodeAt(0)
  let builders: (ColumnBuilder | null)[] | null = null
  let width = 0
  let rows = 0

  const fault = readRecords(bytes, separator.charCodeAt(0), (record) => {
    const { line, cells, start, end, quotes } = record
    if (builders === null) {
      const names = Array.from({ length: cells }, (_, i) => textOf(bytes, record, i).trim())
      const where = `${name} line ${line}`
      const nameless = nameFirst(names)
      if (nameless !== null) found.nameless = namelessFinding(nameless)
      checkNames(names, problems, where)
      if (problems.empty) options.header(names, problems, where, nameless)
      if (!problems.empty) return false
      width = cells
      builders = names.map((column) => columns.builder(column))
      return true
    }
    if (cells !== width) {
      problems.addShared(
        { file: name, row: `line ${line}` },
        null,
        `${cells} cells`,
        `every row has as many cells as the header (${width}), and this one has ${cells}`,
      )
      return !problems.full
    }
    for (let i = 0; i < width; i++) {
      const builder = builders[i]
      if (builder === null || start[i] === end[i]) continue
      if (quotes[i] < 2 && builder.takesNumbers) {
        const value = shortDecimal(bytes, start[i], end[i], point)
        if (!Number.isNaN(value)) {
          builder.setNumber(rows, value)
          continue
        }
      }
      const broken = builder.setText(rows, textOf(bytes, record, i))
      if (broken !== null) {
        const place = { file: name, row: `line ${line}` }
        problems.addShared(place, builder.name, broken.law, broken.message, broken.found)
      }
    }
    lines[rows++] = line
    return !problems.full
  })
  if (fault !== null) {
    problems.add(
      `${name} line ${fault.line}`,
      `this is no valid ${format.toUpperCase()}: ${fault.message}; a cell with quotes in it is put in quotes, and those inside are written twice`,
    )
  }
  if (problems.empty) {
    if (builders === null) problems.add(name, 'a data file has a header and rows, and this file is empty')
    else if (rows === 0) problems.add(name, 'a data file has rows below its header, and this file has none')
  }
  problems.throwIfAny('DATA_INVALID')
  return { columns: columns.finish(builders!, rows), rows, lines: lines.subarray(0, rows) }
}

/** A name for a first column that has none, put into the header; null where there is no such column. */
function nameFirst(names: string[]): string | null {
  if (names.length < 2 || names[0] !== '') return null
  let name = 'index'
  for (let n = 1; names.includes(name); n++) name = `index ${n}`
  names[0] = name
  return name
}

function namelessFinding(name: string): Finding {
  return {
    what: 'nameless column',
    found: `the first column has no name, and is called "${name}"`,
    why: 'as pandas writes the numbers of rows; it is left out unless "columns" lists it or "namelessColumn" is "keep"',
    isUsual: false,
  }
}

function checkNames(names: readonly string[], problems: ProblemList, where: string): void {
  const seen = new Map<string, number>()
  names.forEach((column, i) => {
    if (column === '') {
      problems.add(
        where,
        `every column has a name, and the header of column ${i + 1} is empty; name it, or write the file without it`,
      )
    } else if (seen.has(column)) {
      problems.add(
        where,
        `column names are different, and "${column}" names columns ${seen.get(column)! + 1} and ${i + 1}; rename one`,
      )
    } else seen.set(column, i)
  })
}
