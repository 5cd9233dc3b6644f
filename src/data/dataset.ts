/**
 * A data set from a file: feature columns, a target and what else its columns are for, on SharedArrayBuffers, so
 * that workers share them.
 */

import { basename } from 'node:path'
import { EspalierError } from '../errors.js'
import type { Encoding } from '../values.js'
import { type ColumnRoles, checkColumnNames, kindOfColumn } from './column-roles.js'
import { columnWarnings, looseWarnings, targetWarnings } from './data-warnings.js'
import { dropMissing } from './drop-rows.js'
import type { CellNotation, DecimalMark } from './files/cells.js'
import { findingNotes } from './files/findings.js'
import { formatOf } from './files/read.js'
import type { FileColumn, FileFormat, FileReading, FileTable, Finding, ReadOptions } from './files/types.js'
import { ProblemList } from './problems.js'
import { groupsOf, timesOf, weightsOf } from './row-roles.js'
import { readTables } from './several-files.js'
import { allRows, asColumn } from './tables.js'
import { makeTarget } from './target.js'
import { joinTables, readTestTable } from './test-file.js'
import type { Dataset, RowLayout, Task } from './types.js'

/** How files are read: what is not stated is found out (separator, encoding, decimal) or as in a plain file. */
export interface ReadingOptions extends CellNotation {
  /** Of every file; by their extensions unless stated. */
  readonly format?: FileFormat
  /** What is between the cells of CSV and TSV files. */
  readonly separator?: string
  readonly encoding?: Encoding
  /** Lines of text files, from 1, that are no part of the table: a title, units under the header. */
  readonly skipLines?: readonly number[]
  /** Whether CSV and TSV files have a header (they have unless stated), or the columns' names where they have none. */
  readonly header?: boolean | readonly string[]
}

export interface DatasetOptions extends ColumnRoles, ReadingOptions {
  readonly task?: Task
  /** A file with the same columns, whose rows no trial sees: they are the holdout part. */
  readonly testFile?: string
  /** Rows without a value of the target are left out; unless stated, they are an error. */
  readonly dropRows?: 'missing-target'
  /** A first column without a name, as pandas writes its index: left out unless stated, or listed in `columns`. */
  readonly namelessColumn?: 'leave-out' | 'keep'
  /**
   * Whether `None`, `#N/A`, `-` and the like count as missing where the rest of a column is numbers or dates (unless stated, they
   * do), or make it text, as they did in sweeps recorded before.
   */
  readonly looseMissing?: boolean
  /** How the files are written, then the test file, as a record has it: nothing is found out then. */
  readonly readings?: readonly FileReading[]
}

export interface LoadedDataset {
  /** The rows of the files, then those of the test file. */
  readonly dataset: Dataset
  /** What decides on how rows are divided. */
  readonly layout: RowLayout
  /** SHA-256 of the file's bytes, in hexadecimal; of several files that of their digests, one a line. */
  readonly digest: string
  /** SHA-256 of each file. */
  readonly digests: readonly string[]
  /** The same of the test file; null without one. */
  readonly testDigest: string | null
  /** How the files are written, then the test file. */
  readonly readings: readonly FileReading[]
  /** Of all files. */
  readonly rows: number
  /** Feature columns: the target is not counted. */
  readonly columns: number
  /** What is allowed but worth knowing: columns without any value, constant columns, a strange number of classes. */
  readonly warnings: readonly string[]
  /** What was found out about the files that is not as usual: a separator, an encoding, rows that were left out. */
  readonly notes: readonly string[]
}

/**
 * Reads a data set, from one file or several with the same columns. The kinds of columns are inferred unless stated (see
 * files/column-builder.ts). A text target has classes; a numeric one is numbers, or, for `task: 'classification'`, classes named by the numbers.
 * Throws FILE_NOT_READABLE, or DATA_INVALID with every problem (up to 20), each with file, line and column.
 */
export async function readDataset(
  file: string | readonly string[],
  options: DatasetOptions,
): Promise<LoadedDataset> {
  const { target: targetName, task, format, testFile, dropRows, looseMissing = true } = options
  const files = typeof file === 'string' ? [file] : file
  const { notation, stated, layout: rowsAt } = divideReading(options, files)
  let kind = kindOfColumn(options)
  let leftOut = false
  const found = await readTables(
    files,
    {
      format,
      notation,
      ...rowsAt,
      header(names, problems, where, nameless) {
        leftOut = nameless !== null && !isKept(nameless, options)
        const roles = leftOut ? { ...options, exclude: [...(options.exclude ?? []), nameless!] } : options
        kind = kindOfColumn(roles)
        checkColumnNames(names, roles, options.dateFormat, problems, where)
      },
      kindOf(name) {
        const found = kind(name).kind
        return found === 'infer' && !looseMissing ? 'infer-strict' : found
      },
    },
    files.map((_, i) => options.readings?.[i] ?? stated),
  )
  const isFeature = ({ name }: FileColumn) => kind(name).feature
  const foundTest =
    testFile === undefined
      ? null
      : await readTestTable(
          testFile,
          found.columns,
          (column) => isFeature(column) || column.name === targetName,
          {
            format,
            notation,
            ...rowsAt,
            reading: options.readings?.[files.length] ?? stated,
            usualDecimal: found.reading.decimal,
          },
        )
  const name = basename(files[0])
  const testName = testFile === undefined ? '' : basename(testFile)
  const dropped = (table: FileTable, file: string) => {
    if (dropRows === undefined) return { table, notes: [] }
    const { table: left, dropped } = dropMissing(table, targetName)
    const rows = dropped === 1 ? '1 row is' : `${dropped} rows are`
    return {
      table: left,
      notes:
        dropped === 0 ? [] : [`${file}: ${rows} left out, without a value of the target "${targetName}"`],
    }
  }
  const { table, notes: droppedNotes } = dropped(found, name)
  const { table: test, notes: droppedTest } =
    foundTest === null ? { table: null, notes: [] } : dropped(foundTest, testName)
  const all: FileTable = test === null ? table : joinTables([table, test])
  const target = makeTarget(
    all.columns.find(({ name }) => name === targetName)!,
    all,
    files[0],
    task,
    found.rules,
  )
  const columns = all.columns.filter(isFeature).map(asColumn)
  const layout = layoutOf(table, options, all.rows - table.rows)
  const weights = weightColumn(table, options, all.rows)
  const cells = { ...notation, decimal: decimalOf(found.readings) }
  const dataset: Dataset = {
    columns,
    index: allRows(all.rows),
    rows: all.rows,
    target,
    weights,
    ...(isPlain(cells) ? {} : { notation: cells }),
  }
  return {
    dataset,
    layout,
    digest: found.digest,
    digests: found.digests,
    testDigest: test?.digest ?? null,
    readings: [...found.readings, ...(test === null ? [] : [test.reading])],
    rows: all.rows,
    columns: columns.length,
    warnings: [
      ...columnWarnings(table, isFeature, options.types ?? {}, name),
      ...(test === null ? [] : looseWarnings(test, isFeature, options.types ?? {}, testName)),
      ...targetWarnings(dataset, table, options.types ?? {}, name),
    ],
    notes: [
      ...files.flatMap((one, i) =>
        findingNotes(basename(one), told(found.findingsOf[i], leftOut && i === 0)),
      ),
      ...droppedNotes,
      ...(test === null ? [] : findingNotes(testName, told(test.findings, true))),
      ...droppedTest,
    ],
  }
}

/** What is said of files, and the formats of which it can be. */
const takenBy: Readonly<Record<string, readonly FileFormat[]>> = {
  separator: ['csv', 'tsv'],
  header: ['csv', 'tsv'],
  skipLines: ['csv', 'tsv', 'jsonl'],
  encoding: ['csv', 'tsv', 'jsonl'],
}

/**
 * How cells are written, and how files are, of what is stated together.
 * @throws EspalierError DATA_INVALID where something is stated that none of the files can have.
 */
export function divideReading(
  options: ReadingOptions,
  files: readonly string[],
): {
  notation: CellNotation
  stated: Partial<FileReading>
  layout: Pick<ReadOptions, 'skipLines' | 'columnNames'>
} {
  const { missing, decimal, thousands, units, dateFormat, trueValues, falseValues } = options
  const { separator, encoding, skipLines, header } = options
  const formats = files.map((file) => options.format ?? formatOf(file))
  const problems = Object.entries({ separator, header, skipLines, encoding }).flatMap(([key, value]) =>
    value === undefined || formats.some((format) => takenBy[key].includes(format))
      ? []
      : [
          {
            path: `data.${key}`,
            message: `"${key}" says how ${takenBy[key].join(', ')} files are written, and ${basename(files[0])} is ${formats[0]}: leave it out`,
          },
        ],
  )
  if (problems.length > 0)
    throw new EspalierError('DATA_INVALID', problems.map(({ message }) => message).join('\n'), { problems })
  return {
    notation: { missing, decimal, thousands, units, dateFormat, trueValues, falseValues },
    stated: { separator, encoding },
    layout: { skipLines, columnNames: header },
  }
}

/** The mark of the files: one may have no decimals, and so seem plain. */
function decimalOf(readings: readonly FileReading[]): DecimalMark {
  return readings.some(({ decimal }) => decimal === ',') ? ',' : '.'
}

function isPlain({ decimal, ...others }: CellNotation): boolean {
  return decimal === '.' && Object.values(others).every((value) => value === undefined)
}

/** Whether a first column without a name has something to do. */
function isKept(name: string, { namelessColumn, columns }: DatasetOptions): boolean {
  return namelessColumn === 'keep' || columns?.includes(name) === true
}

function told(findings: readonly Finding[], leftOut: boolean): readonly Finding[] {
  return leftOut ? findings : findings.filter(({ what }) => what !== 'nameless column')
}

function layoutOf(table: FileTable, { group, time }: DatasetOptions, testRows: number): RowLayout {
  const problems = new ProblemList()
  const column = (name: string) => table.columns.find((one) => one.name === name)!
  const groups = group === undefined ? null : groupsOf(column(group), table, problems)
  const times = time === undefined ? null : timesOf(column(time), table, problems)
  problems.throwIfAny('DATA_INVALID')
  return { groups, times, testRows }
}

function weightColumn(table: FileTable, { weight }: DatasetOptions, rows: number): Float64Array | null {
  if (weight === undefined) return null
  const problems = new ProblemList()
  const weights = weightsOf(table.columns.find(({ name }) => name === weight)!, table, rows, problems)
  problems.throwIfAny('DATA_INVALID')
  return weights
}
