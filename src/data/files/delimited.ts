/**
 * A CSV or TSV file as typed columns: any separator, decimal mark, encoding (found out unless stated), any line ending, a header.
 * Blanks around a cell are no part of it.
 */
import { basename } from 'node:path'
import { ProblemList } from '../problems.js'
import { cellRules, type DecimalMark, parseNumber, short } from './cells.js'
import { findDecimal, findSeparator, separatorName } from './dialect.js'
import { type DecodedText, decodeText } from './encoding.js'
import { encodingFinding } from './findings.js'
import { type Layout, layoutOf, titleAbove, usedCells } from './layout.js'
import { blanksAsTabs, emptyLines, separatorLine } from './lines.js'
import { type CsvRecord, readRecords, shortDecimal, textOf } from './records.js'
import { type ColumnMaker, type Parsed, readPasses } from './text-file.js'
import type { FileReading, FileTable, Finding, ReadOptions } from './types.js'

/** Throws DATA_INVALID with every problem (up to 20), each with file, line and column. */
export function readDelimited(
  bytes: Buffer,
  file: string,
  format: 'csv' | 'tsv',
  options: ReadOptions,
): Omit<FileTable, 'digest'> {
  const { reading: stated = {}, notation, columnNames } = options
  const opened = openText(bytes, file, format, stated, options.skipLines)
  const { text, separator, mark } = opened
  const layout = layoutOf(text, mark, separator === ' ', columnNames)
  const { decimal, finding } = decimalOf(text, file, opened, layout ?? noLayout, options)
  const thousands = notation.thousands === decimal ? undefined : notation.thousands
  const rules = cellRules({ ...notation, thousands, decimal })
  const table = readPasses(text, file, options, rules, (name, capacity, columns) =>
    parse(text, name, { separator, mark, decimal, format, layout }, capacity, options, columns),
  )
  return {
    ...table,
    reading: { encoding: opened.decoded.encoding, separator, decimal },
    findings: [
      encodingFinding(opened.decoded),
      ...skippedFinding(options.skipLines),
      opened.finding,
      finding,
      ...(layout?.findings ?? []),
    ],
    rules,
  }
}

/** The cells of a CSV or TSV file as they are written, its header first. `mark`: the byte between them. */
export function cellsOf(
  bytes: Buffer,
  file: string,
  reading: Partial<FileReading>,
  { skipLines, columnNames }: Pick<ReadOptions, 'skipLines' | 'columnNames'>,
): string[][] {
  const { text, separator, mark } = openText(bytes, file, 'csv', reading, skipLines)
  const layout = layoutOf(text, mark, separator === ' ', columnNames)!
  const width = layout.names.length
  const rows: string[][] = [[...layout.written]]
  let isHeader = layout.hasHeader
  readRecords(text, mark, (record) => {
    if (!isHeader) rows.push(Array.from({ length: width }, (_, i) => textOf(text, record, i)))
    isHeader = false
    return true
  })
  return rows
}

interface OpenedText {
  /** In UTF-8, ready to be divided by `mark`. */
  readonly text: Buffer
  readonly separator: string
  /** The byte between cells: that of the separator, a tab where that is blanks. */
  readonly mark: number
  readonly decoded: DecodedText
  readonly finding: Finding
}

function openText(
  bytes: Buffer,
  file: string,
  format: 'csv' | 'tsv',
  stated: Partial<FileReading>,
  skipLines: readonly number[] = [],
): OpenedText {
  const decoded = decodeText(bytes, file, 'a header and rows', stated.encoding ?? undefined)
  refuseOther(decoded.text, file)
  emptyLines(decoded.text, skipLines)
  const usual = format === 'tsv' ? '\t' : ','
  const { stated: inFile, rest } = separatorLine(decoded.text)
  const separator = stated.separator ?? inFile ?? findSeparator(rest, usual)
  const why = stated.separator
    ? 'as stated'
    : inFile
      ? `as its first line says, sep=${inFile}`
      : 'they divide its first rows evenly'
  const isBlanks = separator === ' '
  return {
    text: isBlanks ? blanksAsTabs(rest) : rest,
    separator,
    mark: isBlanks ? 9 : separator.charCodeAt(0),
    decoded,
    finding: {
      what: 'separator',
      found: separatorName(separator),
      why,
      isUsual: Boolean(stated.separator) || separator === usual,
    },
  }
}

/** Throws where the text is no table, but what is often saved under the name of one. */
function refuseOther(text: Buffer, file: string): void {
  const start = text.toString('latin1', 0, 200).trimStart()
  const problems = new ProblemList()
  if (/^(?:<!doctype html|<html|<\?xml)/i.test(start))
    problems.add(
      basename(file),
      'a data file is a table, and this is a page of HTML or XML: download the file itself',
    )
  if (/^(?:\[\s*\{|\{\s*")/.test(start))
    problems.add(
      basename(file),
      'a CSV file is a table, and this is JSON: write one object a line, and name it .jsonl or say "format": "jsonl"',
    )
  problems.throwIfAny('DATA_INVALID')
}

function skippedFinding(lines: readonly number[] = []): Finding[] {
  if (lines.length === 0) return []
  const found = `${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')} left out`
  return [{ what: 'lines', found, why: 'as stated', isUsual: true }]
}

/** The decimal mark that is stated, or found out. Throws DATA_INVALID where the file could be read in two ways. */
function decimalOf(
  text: Buffer,
  file: string,
  { separator, mark }: OpenedText,
  layout: Pick<Layout, 'names' | 'hasHeader'>,
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
  const found = findDecimal(text, mark, layout, isLooked, notation)
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
  readonly mark: number
  readonly decimal: DecimalMark
  readonly format: 'csv' | 'tsv'
  readonly layout: Layout | null
}

function parse(
  bytes: Buffer,
  name: string,
  dialect: Dialect,
  capacity: number,
  options: ReadOptions,
  columns: ColumnMaker,
): Parsed {
  const { mark, decimal, format, layout } = dialect
  const problems = new ProblemList()
  const lines = new Int32Array(capacity)
  const point = decimal.charCodeAt(0)
  const { names, nameless, line: firstLine, hasHeader, cells: expected } = layout ?? noLayout
  const width = names.length
  const where = `${name} line ${firstLine}`
  let rows = 0
  let isHeader = hasHeader

  if (layout !== null) checkNames(names, problems, where, hasHeader)
  if (layout !== null && problems.empty) options.header(names, problems, where, nameless)
  if (!problems.empty) refuseTitle(bytes, name, dialect)
  problems.throwIfAny('DATA_INVALID')
  const builders = names.map((column) => columns.builder(column))
  const fault = readRecords(bytes, mark, (record) => {
    const { line, cells, start, end, quotes } = record
    if (isHeader) {
      isHeader = false
      return true
    }
    if (cells !== expected) {
      const place = { file: name, row: `line ${line}` }
      problems.addShared(place, null, `${cells} cells`, raggedMessage(line, cells, dialect))
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
        const hint = rows === 0 && hasHeader ? `; say "skipLines": [${line}] where this line is no row` : ''
        problems.addShared(place, builder.name, broken.law, broken.message + hint, broken.found)
      }
    }
    for (let i = width; i < cells; i++) if (start[i] !== end[i]) addNameless(problems, name, record, bytes, i)
    lines[rows++] = line
    return !problems.full
  })
  if (!problems.empty) refuseTitle(bytes, name, dialect)
  if (fault !== null) {
    problems.add(
      `${name} line ${fault.line}`,
      `this is no valid ${format.toUpperCase()}: ${fault.message}; in a cell that is put in quotes, those inside are written twice`,
    )
  }
  if (problems.empty) {
    if (layout === null) problems.add(name, 'a data file has a header and rows, and this file is empty')
    else if (rows === 0) problems.add(name, 'a data file has rows below its header, and this file has none')
  }
  problems.throwIfAny('DATA_INVALID')
  return { columns: columns.finish(builders, rows), rows, lines: lines.subarray(0, rows) }
}

const noLayout: Pick<Layout, 'names' | 'nameless' | 'line' | 'hasHeader' | 'cells'> = {
  ...{ names: [], nameless: null, line: 1, hasHeader: true, cells: 0 },
}

/** What is wrong with a row of another number of cells, and what to do about it. */
function raggedMessage(line: number, cells: number, { separator, layout }: Dialect): string {
  const { cells: expected, hasHeader } = layout!
  const remedy =
    cells > expected
      ? `a cell with ${separatorName(separator)} in it is put in quotes`
      : `write its empty cells too, or say "skipLines": [${line}] in "data" where it is no row`
  return `every row has as many cells as the ${hasHeader ? 'header' : 'first'} (${expected}), and this one has ${cells}; ${remedy}`
}

/** Throws where most rows have more cells than the first line has names: that is no header, but stands above it. */
function refuseTitle(bytes: Buffer, name: string, { separator, mark, layout }: Dialect): void {
  const { line, names, hasHeader } = layout!
  const named = usedCells(names)
  const title = hasHeader ? titleAbove(bytes, mark, named) : null
  if (title === null) return
  const above = Array.from({ length: title.line - 1 }, (_, i) => i + 1)
  const isOne = title.line === line + 1 && title.cells === named + 1
  const problems = new ProblemList()
  problems.add(
    `${name} line ${title.line}`,
    `the header names every cell of a row, and line ${line} names ${named}, where rows from here on have ${title.cells}; say "skipLines": [${above.join(', ')}] in "data" where this is the header${isOne ? `, or put a name in front of the others where the first cell has none, as R writes it, or quotes around cells with ${separatorName(separator)} in them` : ''}`,
  )
  problems.throwIfAny('DATA_INVALID')
}

function addNameless(
  problems: ProblemList,
  file: string,
  record: CsvRecord,
  bytes: Buffer,
  cell: number,
): void {
  const found = short(textOf(bytes, record, cell))
  problems.addShared(
    { file, row: `line ${record.line}` },
    null,
    'nameless',
    `every column with a value has a name, and cell ${cell + 1} of this row has none (${JSON.stringify(found)}); name the column, or say "skipLines" in "data" for lines that are no part of the table`,
    found,
  )
}

function checkNames(
  names: readonly string[],
  problems: ProblemList,
  where: string,
  hasHeader: boolean,
): void {
  const seen = new Map<string, number>()
  const of = hasHeader ? 'the header' : '"header"'
  const isRow =
    hasHeader && names.filter((name) => !Number.isNaN(parseNumber(name || 'none'))).length > names.length / 2
  const hint = isRow ? ', or say "header": false in "data" where the file has none' : ''
  const empty = names.flatMap((name, i) => (name === '' ? [i + 1] : []))
  if (empty.length > 1)
    problems.add(
      where,
      `every column has a name, and ${of} names ${names.length - empty.length} of ${names.length} (not ${empty.slice(0, 5).join(', ')}${empty.length > 5 ? ' …' : ''}); name them, or say "skipLines" in "data" for the lines above it where it is further down`,
    )
  names.forEach((column, i) => {
    if (column === '') {
      if (empty.length === 1)
        problems.add(
          where,
          `every column has a name, and ${of} of column ${i + 1} is empty; name it, or write the file without it`,
        )
    } else if (seen.has(column)) {
      problems.add(
        where,
        `column names are different, and "${column}" names columns ${seen.get(column)! + 1} and ${i + 1}; rename one${hint}`,
      )
    } else seen.set(column, i)
  })
}
