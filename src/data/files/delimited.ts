/**
 * A CSV or TSV file as typed columns: UTF-8 with or without a byte order mark, any line ending, a header. Blanks around
 * a cell are no part of it.
 */
import { ProblemList } from '../problems.js'
import type { ColumnBuilder } from './column-builder.js'
import { readRecords, shortDecimal, textOf } from './records.js'
import { type ColumnMaker, type Parsed, readTextFile } from './text-file.js'
import type { FileTable, ReadOptions } from './types.js'

/** Throws DATA_INVALID with every problem (up to 20), each with file, line and column. */
export function readDelimited(
  bytes: Buffer,
  file: string,
  format: 'csv' | 'tsv',
  options: ReadOptions,
): FileTable {
  return readTextFile(bytes, file, 'a header and rows', options, (text, name, capacity, columns) =>
    parse(text, name, format, capacity, options, columns),
  )
}

function parse(
  bytes: Buffer,
  name: string,
  format: 'csv' | 'tsv',
  capacity: number,
  options: ReadOptions,
  columns: ColumnMaker,
): Parsed {
  const problems = new ProblemList()
  const lines = new Int32Array(capacity)
  let builders: (ColumnBuilder | null)[] | null = null
  let width = 0
  let rows = 0

  const fault = readRecords(bytes, format === 'tsv' ? 9 : 44, (record) => {
    const { line, cells, start, end, quotes } = record
    if (builders === null) {
      const names = Array.from({ length: cells }, (_, i) => textOf(bytes, record, i).trim())
      checkNames(names, format, problems, `${name} line ${line}`)
      if (problems.empty) options.header(names, problems, `${name} line ${line}`)
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
        const value = shortDecimal(bytes, start[i], end[i])
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

function checkNames(
  names: readonly string[],
  format: 'csv' | 'tsv',
  problems: ProblemList,
  where: string,
): void {
  const other = [';', '\t', ','].find((mark) => names.length === 1 && names[0].includes(mark))
  if (other !== undefined) {
    problems.add(
      where,
      `cells are separated by ${format === 'tsv' ? 'tabs' : 'commas'}, and this file seems to use ${JSON.stringify(other)}; ${other === '\t' ? 'say "format": "tsv"' : other === ',' ? 'say "format": "csv"' : `write it with ${format === 'tsv' ? 'tabs' : 'commas, and numbers with a point'}`}`,
    )
    return
  }
  const seen = new Map<string, number>()
  names.forEach((column, i) => {
    if (column === '') {
      problems.add(
        where,
        `every column has a name, and the header of column ${i + 1} is empty; name it, or write the file without it (pandas: index=False)`,
      )
    } else if (seen.has(column)) {
      problems.add(
        where,
        `column names are different, and "${column}" names columns ${seen.get(column)! + 1} and ${i + 1}; rename one`,
      )
    } else seen.set(column, i)
  })
}
