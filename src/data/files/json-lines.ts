/**
 * A JSON lines file as typed columns: one object a line, its keys are the columns, in the order they first appear. A key
 * that is absent, or null, is missing. A text is text even where it looks like a number ("01234").
 */

import { isJsonObject } from '../../values.js'
import { ProblemList } from '../problems.js'
import { cellRules, short } from './cells.js'
import type { BrokenCell, ColumnBuilder } from './column-builder.js'
import { decodeText } from './encoding.js'
import { encodingFinding } from './findings.js'
import { emptyLines } from './lines.js'
import { type ColumnMaker, type Parsed, readPasses } from './text-file.js'
import type { FileTable, ReadOptions } from './types.js'

/** Throws DATA_INVALID with every problem (up to 20), each with file, line and column. */
export function readJsonLines(bytes: Buffer, file: string, options: ReadOptions): Omit<FileTable, 'digest'> {
  const { reading: stated = {}, notation } = options
  const decoded = decodeText(bytes, file, 'one JSON object a line', stated.encoding ?? undefined)
  const decimal = stated.decimal ?? notation.decimal ?? '.'
  const rules = cellRules({ ...notation, decimal })
  const { text, encoding } = decoded
  emptyLines(text, options.skipLines ?? [])
  return {
    ...readPasses(text, file, options, rules, (name, capacity, columns) =>
      parse(text, name, capacity, options, columns),
    ),
    reading: { encoding, separator: null, decimal },
    findings: [encodingFinding(decoded)],
    rules,
  }
}

function parse(
  bytes: Buffer,
  name: string,
  capacity: number,
  options: ReadOptions,
  columns: ColumnMaker,
): Parsed {
  const problems = new ProblemList()
  const lines = new Int32Array(capacity)
  const builders = new Map<string, ColumnBuilder | null>()
  let rows = 0
  let line = 0
  for (let from = 0; from < bytes.length && !problems.full; ) {
    const lineEnd = bytes.indexOf(10, from)
    const to = lineEnd === -1 ? bytes.length : lineEnd
    const text = bytes.toString('utf8', from, to)
    from = to + 1
    line++
    if (text.trim() === '') continue
    const where = `${name} line ${line}`
    const object = parseObject(text, where, problems)
    if (object === null) continue
    for (const key of Object.keys(object)) {
      let builder = builders.get(key)
      if (builder === undefined) {
        builder = columns.builder(key)
        builders.set(key, builder)
      }
      if (builder === null) continue
      const broken = setValue(builder, rows, object[key])
      if (broken !== null) {
        const place = { file: name, row: `line ${line}` }
        problems.addShared(place, key, broken.law, broken.message, broken.found)
      }
    }
    lines[rows++] = line
  }
  if (rows === 0 && problems.empty) {
    problems.add(name, 'a data file has one JSON object a line, and this file has none')
  }
  problems.throwIfAny('DATA_INVALID')
  options.header([...builders.keys()], problems, name, null)
  problems.throwIfAny('DATA_INVALID')
  return { columns: columns.finish(builders.values(), rows), rows, lines: lines.subarray(0, rows) }
}

function parseObject(text: string, where: string, problems: ProblemList): Record<string, unknown> | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    problems.add(where, `every line is a JSON object, and this one is no JSON: ${(error as Error).message}`)
    return null
  }
  if (isJsonObject(value)) return value as Record<string, unknown>
  problems.add(
    where,
    `every line is a JSON object, { "column": value }, and this one is ${short(text.trim())}`,
  )
  return null
}

function setValue(builder: ColumnBuilder, row: number, value: unknown): BrokenCell | null {
  switch (typeof value) {
    case 'number':
      if (!builder.takesNumbers) return builder.setText(row, String(value))
      if (!Number.isFinite(value)) {
        return {
          law: 'finite',
          message: 'a number of a data file is below 1.8e308, and this one is not',
          found: String(value),
        }
      }
      builder.setNumber(row, value)
      return null
    case 'string':
      return builder.setString(row, value)
    case 'boolean':
      return builder.setTyped(row, 'boolean', value ? 1 : 0, () => String(value))
    default:
      if (value === null) return null
      return nested(short(JSON.stringify(value)))
  }
}

function nested(found: string): BrokenCell {
  return {
    law: 'flat',
    message: `a cell is a text, a number, true, false or null, and this one is ${found}; write its parts as columns of their own, or leave the column out ("exclude")`,
    found,
  }
}
