/** Several files with the same columns as one table: the rows of each, in the order of the files. */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { nearestHint } from '../spelling.js'
import { isLooseMark } from './files/cells.js'
import { readTableFile } from './files/read.js'
import type { ColumnKind, FileColumn, FileReading, FileTable, Finding, ReadOptions } from './files/types.js'
import { joinTables } from './test-file.js'

export interface TableOfFiles extends FileTable {
  /** SHA-256 of each file. */
  readonly digests: readonly string[]
  readonly readings: readonly FileReading[]
  /** What was found out about each. */
  readonly findingsOf: readonly (readonly Finding[])[]
}

/**
 * A column has the kind that it has in every file, where it has a value there at all; else it is text, and the files are read
 * again so. `readings`: how each of the files is written, where that is known.
 */
export async function readTables(
  files: readonly string[],
  options: ReadOptions,
  readings: readonly (Partial<FileReading> | undefined)[],
): Promise<TableOfFiles> {
  let header: readonly string[] | null = null
  const read = async (place: number, kinds: ReadonlyMap<string, ColumnKind>): Promise<FileTable> => {
    const asked: ReadOptions['kindOf'] = (name) => {
      const kind = options.kindOf(name)
      return kind === 'skip' ? kind : (kinds.get(name) ?? kind)
    }
    const first = tables[0]
    return readTableFile(files[place], {
      ...options,
      reading: readings[place],
      usualDecimal: options.usualDecimal ?? first?.reading.decimal,
      kindOf: asked,
      header(names, problems, where, nameless) {
        if (header === null) {
          options.header(names, problems, where, nameless)
          header = names
        } else if (place > 0)
          sameColumns(header, names, basename(files[0]), problems.add.bind(problems, where))
      },
    })
  }
  const tables: FileTable[] = []
  for (let i = 0; i < files.length; i++) tables.push(await read(i, new Map()))
  const [only] = tables
  if (files.length === 1)
    return { ...only, digests: [only.digest], readings: [only.reading], findingsOf: [only.findings] }

  const kinds = commonKinds(tables)
  for (let i = 0; i < files.length; i++)
    if (tables[i].columns.some((column) => kindOfFound(column) !== kinds.get(column.name)))
      tables[i] = await read(i, kinds)
  const digests = tables.map(({ digest }) => digest)
  return {
    ...joinTables(tables),
    digest: createHash('sha256').update(digests.join('\n')).digest('hex'),
    digests,
    readings: tables.map(({ reading }) => reading),
    findingsOf: tables.map(({ findings }) => findings),
  }
}

function sameColumns(
  expected: readonly string[],
  found: readonly string[],
  first: string,
  add: (message: string) => void,
): void {
  const [ofFirst, ofThis] = [new Set(expected), new Set(found)]
  for (const name of expected)
    if (!ofThis.has(name))
      add(
        `all files have the columns of the first, and "${name}" of ${first} is missing${nearestHint(
          name,
          found.filter((one) => !ofFirst.has(one)),
          'the columns',
        )}`,
      )
  for (const name of found)
    if (!ofFirst.has(name)) add(`all files have the columns of the first, and "${name}" is none of ${first}`)
}

function commonKinds(tables: readonly FileTable[]): ReadonlyMap<string, ColumnKind> {
  const kinds = new Map<string, ColumnKind>()
  for (const table of tables) {
    for (const column of table.columns) {
      if (saysNothing(column)) continue
      const kind = kindOfFound(column)
      const before = kinds.get(column.name)
      kinds.set(column.name, before === undefined || before === kind ? kind : 'text')
    }
  }
  for (const { name } of tables[0].columns) if (!kinds.has(name)) kinds.set(name, 'number')
  return kinds
}

export function kindOfFound(column: FileColumn): ColumnKind {
  return column.kind === 'text' ? 'text' : (column.as ?? 'number')
}

/** Whether a column has no value, or marks alone that are none in a column of numbers. */
function saysNothing(column: FileColumn): boolean {
  return column.kind === 'text'
    ? column.categories.every(isLooseMark)
    : column.as === undefined && column.values.every(Number.isNaN)
}
