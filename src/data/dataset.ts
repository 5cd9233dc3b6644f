/**
 * A data set from a file: feature columns, a target and what else its columns are for, on SharedArrayBuffers, so
 * that workers share them.
 */

import { basename } from 'node:path'
import { type ColumnRoles, checkColumnNames, kindOfColumn } from './column-roles.js'
import { columnWarnings, looseWarnings, targetWarnings } from './data-warnings.js'
import { missingTexts } from './files/cells.js'
import { readTableFile } from './files/read.js'
import type { FileColumn, FileFormat, FileTable } from './files/types.js'
import { ProblemList } from './problems.js'
import { groupsOf, timesOf, weightsOf } from './row-roles.js'
import { allRows, asColumn } from './tables.js'
import { makeTarget } from './target.js'
import { joinTables, readTestTable } from './test-file.js'
import type { Dataset, RowLayout, Task } from './types.js'

export interface DatasetOptions extends ColumnRoles {
  readonly task?: Task
  /** Of the file and of the test file; by their extensions unless stated. */
  readonly format?: FileFormat
  /** A file with the same columns, whose rows no trial sees: they are the holdout part. */
  readonly testFile?: string
  /** Texts that count as missing, in every column, beside those that always do. */
  readonly missing?: readonly string[]
  /**
   * Whether `None`, `#N/A`, `-` and the like count as missing where the rest of a column is numbers or dates (unless stated, they
   * do), or make it text, as they did in sweeps recorded before.
   */
  readonly looseMissing?: boolean
}

export interface LoadedDataset {
  /** The rows of the file, then those of the test file. */
  readonly dataset: Dataset
  /** What decides on how rows are divided. */
  readonly layout: RowLayout
  /** SHA-256 of the file's bytes, in hexadecimal. */
  readonly digest: string
  /** The same of the test file; null without one. */
  readonly testDigest: string | null
  /** Of both files. */
  readonly rows: number
  /** Feature columns: the target is not counted. */
  readonly columns: number
  /** What is allowed but worth knowing: columns without any value, constant columns, a strange number of classes. */
  readonly warnings: readonly string[]
}

/**
 * Reads a data set. The kinds of columns are inferred unless stated (see files/column-builder.ts). A text target has
 * classes; a numeric one is numbers, or, for `task: 'classification'`, classes named by the numbers.
 * Throws FILE_NOT_READABLE, or DATA_INVALID with every problem (up to 20), each with file, line and column.
 */
export async function readDataset(file: string, options: DatasetOptions): Promise<LoadedDataset> {
  const { target: targetName, task, format, testFile, missing: stated, looseMissing = true } = options
  const missing = missingTexts(stated)
  const kind = kindOfColumn(options)
  const table = await readTableFile(file, {
    format,
    missing,
    header: (names, problems, where) => checkColumnNames(names, options, problems, where),
    kindOf(name) {
      const found = kind(name).kind
      return found === 'infer' && !looseMissing ? 'infer-strict' : found
    },
  })
  const isFeature = ({ name }: FileColumn) => kind(name).feature
  const test =
    testFile === undefined
      ? null
      : await readTestTable(
          testFile,
          table.columns,
          (column) => isFeature(column) || column.name === targetName,
          format,
          missing,
        )
  const all: FileTable = test === null ? table : joinTables(table, test)
  const target = makeTarget(all.columns.find(({ name }) => name === targetName)!, all, file, task)
  const columns = all.columns.filter(isFeature).map(asColumn)
  const layout = layoutOf(table, options, all.rows - table.rows)
  const weights = weightColumn(table, options, all.rows)
  const dataset: Dataset = {
    columns,
    index: allRows(all.rows),
    rows: all.rows,
    target,
    weights,
    ...(stated && { missing: stated }),
  }
  const name = basename(file)
  return {
    dataset,
    layout,
    digest: table.digest,
    testDigest: test?.digest ?? null,
    rows: all.rows,
    columns: columns.length,
    warnings: [
      ...columnWarnings(table, isFeature, options.types ?? {}, name),
      ...(test === null ? [] : looseWarnings(test, isFeature, options.types ?? {}, basename(testFile!))),
      ...targetWarnings(dataset, table, options.types ?? {}, name),
    ],
  }
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
