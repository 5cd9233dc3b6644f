/**
 * A Parquet file as typed columns. Whole numbers of 64 bits and decimals become doubles; dates and timestamps become
 * days since 1970-01-01. Nested columns (lists, maps, structs) are refused unless they are left out.
 */
import { basename } from 'node:path'
import { describeError } from '../../errors.js'
import { ProblemList } from '../problems.js'
import { cellRules, daysOf, formatDate, short } from './cells.js'
import { type BrokenCell, ColumnBuilder } from './column-builder.js'
import type { FileColumn, FileTable, ReadOptions } from './types.js'

/** Throws DATA_INVALID with every problem (up to 20), each with file, row (from 1) and column. */
export async function readParquet(
  bytes: Buffer,
  file: string,
  options: ReadOptions,
): Promise<Omit<FileTable, 'digest'>> {
  const [{ parquetMetadata, parquetRead, parquetSchema }, { compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ])
  const name = basename(file)
  const decimal = options.reading?.decimal ?? options.notation.decimal ?? '.'
  const rules = cellRules({ ...options.notation, decimal })
  const problems = new ProblemList()
  const guard = async <T>(run: () => T | Promise<T>): Promise<T> => {
    try {
      return await run()
    } catch (error) {
      problems.add(name, `this is no Parquet file that can be read: ${describeError(error).message}`)
      problems.throwIfAny('DATA_INVALID')
      throw error
    }
  }
  const { buffer: whole, byteOffset, byteLength } = bytes
  const buffer = (
    byteLength === whole.byteLength ? whole : whole.slice(byteOffset, byteOffset + byteLength)
  ) as ArrayBuffer
  const metadata = await guard(() => parquetMetadata(buffer))
  const { children } = parquetSchema(metadata)
  const names = children.map(({ element }) => element.name)
  options.header(names, problems, name, null)
  const used = children.filter(({ element }) => options.kindOf(element.name) !== 'skip')
  for (const { element, children: parts } of used) {
    if (parts.length === 0 && element.repetition_type !== 'REPEATED') continue
    problems.add(
      `${name}, column "${element.name}"`,
      'a column holds one value a row, and this one is nested; write its parts as columns of their own, or leave it out ("exclude")',
    )
  }
  const rows = Number(metadata.num_rows)
  if (rows === 0) problems.add(name, 'a data file has rows, and this file has none')
  problems.throwIfAny('DATA_INVALID')

  // A column at a time: all of them decoded at once would take several times the memory of the table.
  const columns: FileColumn[] = []
  for (const { element } of used) {
    const kind = options.kindOf(element.name) as Exclude<ReturnType<ReadOptions['kindOf']>, 'skip'>
    const read = async (as: typeof kind): Promise<ColumnBuilder> => {
      const builder = new ColumnBuilder(element.name, as, rows, rules)
      await guard(() =>
        parquetRead({
          file: buffer,
          metadata,
          columns: [element.name],
          compressors,
          onChunk({ columnData, rowStart }) {
            for (let i = 0; i < columnData.length && !problems.full; i++) {
              const broken = setValue(builder, rowStart + i, columnData[i])
              if (broken !== null) {
                const place = { file: name, row: `row ${rowStart + i + 1}` }
                problems.addShared(place, element.name, broken.law, broken.message, broken.found)
              }
            }
          },
        }),
      )
      return builder
    }
    const builder = await read(kind)
    columns.push((builder.lostTexts ? await read('text') : builder).finish(rows))
    if (problems.full) break
  }
  problems.throwIfAny('DATA_INVALID')
  return {
    columns,
    rows,
    place: (row) => ({ file: name, row: `row ${row + 1}` }),
    reading: { encoding: null, separator: null, decimal },
    findings: [],
    rules,
  }
}

function setValue(builder: ColumnBuilder, row: number, value: unknown): BrokenCell | null {
  switch (typeof value) {
    case 'number':
    case 'bigint': {
      const number = Number(value)
      if (!builder.takesNumbers) return Number.isNaN(number) ? null : builder.setText(row, String(value))
      if (number === Infinity || number === -Infinity) {
        const found = String(number)
        return { law: 'finite', message: 'numbers are finite, and this one is infinite', found }
      }
      if (!Number.isNaN(number)) builder.setNumber(row, number)
      return null
    }
    case 'string':
      return builder.setString(row, value)
    case 'boolean':
      return builder.setTyped(row, 'boolean', value ? 1 : 0, () => String(value))
    default:
      if (value === null || value === undefined) return null
      if (value instanceof Date) {
        const days = daysOf(value)
        return builder.setTyped(row, 'date', days, () => formatDate(days))
      }
      return notPlain(short(typeof value === 'object' ? value.constructor.name : typeof value))
  }
}

function notPlain(found: string): BrokenCell {
  return {
    law: 'plain',
    message: `a cell is a text, a number, a truth value or a date, and this one is ${found}; leave the column out ("exclude")`,
    found,
  }
}
