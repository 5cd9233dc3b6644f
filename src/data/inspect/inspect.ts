/**
 * A look at a data file before anything is trained: how it is written, what each column holds and why it is taken for that, what
 * there is to beware of.
 */
import { basename } from 'node:path'
import { EspalierError } from '../../errors.js'
import { nearestHint } from '../../spelling.js'
import { classWarnings, columnWarnings } from '../data-warnings.js'
import { divideReading, type ReadingOptions } from '../dataset.js'
import { type CellRules, formatDate, rulesOf, short } from '../files/cells.js'
import { statedFormatProblem } from '../files/date-format.js'
import type { ColumnKind, FileColumn, FileReading, FileTable, Finding } from '../files/types.js'
import { dateFormatsOf, type Hints, hintsOf, numberHint } from '../hints.js'
import { oddCells, placeText } from '../odd-cells.js'
import { listed, type ProblemList } from '../problems.js'
import { kindOfFound, readTables } from '../several-files.js'
import { asColumn } from '../tables.js'
import { classTargetOf } from '../target.js'
import type { Target, Task } from '../types.js'
import { countDuplicates } from './duplicates.js'
import { findLeaks, type Leak } from './leaks.js'

export interface InspectionOptions extends ReadingOptions {
  readonly target?: string
  /** By the target's values unless stated. */
  readonly task?: Task
  readonly types?: Readonly<Record<string, ColumnKind>>
  /** Columns that say how rows belong together and follow each other: they are no features. */
  readonly group?: string
  readonly time?: string
}

export interface InspectedFile {
  readonly file: string
  /** SHA-256 of its bytes. */
  readonly digest: string
  readonly reading: FileReading
  /** What was found out of how it is written, each with its reason. */
  readonly findings: readonly Finding[]
}

export interface InspectedColumn {
  readonly name: string
  readonly kind: ColumnKind
  /** What made it that kind, in words. */
  readonly why: string
  readonly missing: number
  /** Different values. */
  readonly distinct: number
  /** Whether all its values are whole numbers. */
  readonly isWhole: boolean
  /** The least and the greatest value; null for texts, and where there is none. Dates are days since 1970-01-01. */
  readonly range: { readonly least: number; readonly most: number } | null
  /** The first different values, as people write them. */
  readonly examples: readonly string[]
  readonly isConstant: boolean
  /** It names rows: another value in each of them. */
  readonly looksLikeId: boolean
  /** A text column of numbers or dates that are written otherwise, some of them or all. */
  readonly isOtherwise: boolean
  /** A first column that has no name in the file. */
  readonly isNameless: boolean
}

export interface InspectedTarget {
  readonly name: string
  /** What its values are for, unless stated. */
  readonly task: Task
  /** The classes with their rows, as they are sorted for a trainer; null for regression. */
  readonly classes: readonly { readonly name: string; readonly rows: number }[] | null
}

export interface DataInspection {
  readonly files: readonly InspectedFile[]
  readonly rows: number
  readonly columns: readonly InspectedColumn[]
  /** Rows that are equal, in every column, to one before them. */
  readonly duplicates: number
  readonly target: InspectedTarget | null
  /** Columns that give the target away; none looked for without a target. */
  readonly leaks: readonly Leak[]
  /** What would make numbers or dates of texts. */
  readonly hints: Hints
  /** What is worth knowing before a sweep; leaks are not among it. */
  readonly warnings: readonly string[]
}

/**
 * Throws FILE_NOT_READABLE, or DATA_INVALID with every problem, as reading a data set does; but any column may be missing, and
 * nothing has to be left to learn from.
 */
export async function inspectData(
  file: string | readonly string[],
  options: InspectionOptions = {},
): Promise<DataInspection> {
  const { target, task, types = {}, format, group, time, dateFormat } = options
  const problem = dateFormat === undefined ? null : statedFormatProblem(dateFormat)
  if (problem !== null) throw new EspalierError('USAGE', problem.message)
  const files = typeof file === 'string' ? [file] : file
  const { notation, stated, layout } = divideReading(options, files)
  let nameless: string | null = null
  const table = await readTables(
    files,
    {
      format,
      notation,
      ...layout,
      header(names, problems, where, unnamed) {
        nameless = unnamed
        const wanted = [target, group, time].filter((one) => one !== undefined)
        const dated = typeof dateFormat === 'object' ? Object.keys(dateFormat) : []
        checkNames(names, [...wanted, ...Object.keys(types), ...dated], problems, where)
      },
      kindOf: (name) =>
        Object.hasOwn(types, name) ? types[name] : name === target ? 'infer-plain' : 'infer',
    },
    files.map(() => stated),
  )
  const columns = table.columns.map((column) => inspectColumn(column, table, types, column.name === nameless))
  const found = target === undefined ? null : inspectTarget(table, target, task)
  const others = new Set([target, group, time, nameless])
  const isFeature = ({ name }: FileColumn) => !others.has(name)
  const features = table.columns.filter(isFeature)
  return {
    files: files.map((one, i) => ({
      file: one,
      digest: table.digests[i],
      reading: table.readings[i],
      findings: table.findingsOf[i],
    })),
    rows: table.rows,
    columns,
    duplicates: countDuplicates(
      table.columns.filter(({ name }) => name !== nameless).map(asColumn),
      table.rows,
    ),
    target: found?.inspected ?? null,
    leaks:
      found === null ? [] : findLeaks({ columns: features.map(asColumn), target: found.target }, table.rows),
    hints: hintsOf(table, types),
    warnings: [
      ...columnWarnings(table, isFeature, types, basename(files[0])),
      ...(found?.target.kind === 'classes'
        ? classWarnings(found.target.classes, found.target.name, basename(files[0]))
        : []),
    ],
  }
}

function checkNames(
  names: readonly string[],
  wanted: readonly string[],
  problems: ProblemList,
  where: string,
): void {
  for (const name of wanted)
    if (!names.includes(name))
      problems.add(
        where,
        `a column is one of the file, and "${name}" is none${nearestHint(name, names, 'the columns')}`,
      )
}

const mostExamples = 4

function inspectColumn(
  column: FileColumn,
  table: FileTable,
  types: Readonly<Record<string, ColumnKind>>,
  isNameless: boolean,
): InspectedColumn {
  const kind = kindOfFound(column)
  const isStated = Object.hasOwn(types, column.name)
  const { missing, distinct, range, first } =
    column.kind === 'number' ? numbersOf(column.values) : textsOf(column)
  const otherwise = column.kind === 'text' && !isStated && isOtherwise(column, table.rules)
  const isNamed = column.kind === 'text' ? !otherwise : kind === 'number' && isCounted(column.values, range)
  const isId = table.rows >= fewestNamed && missing === 0 && distinct === table.rows && isNamed
  return {
    name: column.name,
    kind,
    why: whyKind(column, kind, table, isStated, distinct),
    missing,
    distinct,
    isWhole:
      column.kind === 'number' && column.values.every((one) => Number.isNaN(one) || Number.isInteger(one)),
    range,
    examples: first.map((value) => written(value, kind)),
    isConstant: distinct === 1 && missing === 0,
    looksLikeId: isId,
    isOtherwise: otherwise,
    isNameless,
  }
}

function isOtherwise(column: FileColumn & { kind: 'text' }, rules: CellRules): boolean {
  return (
    numberHint(column, rules) !== null || oddCells(column, rules) !== null || dateFormatsOf(column).length > 0
  )
}

/** Fewer rows are all different by chance. */
const fewestNamed = 20

/** Whole numbers without great gaps: what rows are numbered by. */
function isCounted(values: Float64Array, range: InspectedColumn['range']): boolean {
  return range !== null && range.most - range.least < 10 * values.length && values.every(Number.isInteger)
}

function numbersOf(values: Float64Array) {
  const present = values.filter((value) => !Number.isNaN(value))
  const first = [...firstDifferent(present)]
  present.sort()
  let distinct = 0
  for (let i = 0; i < present.length; i++) if (i === 0 || present[i] !== present[i - 1]) distinct++
  const range = distinct === 0 ? null : { least: present[0], most: present[present.length - 1] }
  return { missing: values.length - present.length, distinct, range, first }
}

function textsOf({ codes, categories }: FileColumn & { kind: 'text' }) {
  const present = codes.filter((code) => code >= 0)
  const used = new Uint8Array(categories.length)
  for (const code of present) used[code] = 1
  const distinct = used.reduce((sum, one) => sum + one, 0)
  const first = [...firstDifferent(present)].map((code) => categories[code])
  return { missing: codes.length - present.length, distinct, range: null, first }
}

function firstDifferent(values: Float64Array | Int32Array): Set<number> {
  const first = new Set<number>()
  for (let i = 0; i < values.length && first.size < mostExamples; i++) first.add(values[i])
  return first
}

function written(value: number | string, kind: ColumnKind): string {
  if (typeof value === 'string') return short(value)
  return kind === 'date' ? formatDate(value) : kind === 'boolean' ? String(value === 1) : String(value)
}

function whyKind(
  column: FileColumn,
  kind: ColumnKind,
  table: FileTable,
  isStated: boolean,
  distinct: number,
): string {
  if (isStated) return 'as stated'
  if (distinct === 0) return 'no value at all'
  if (column.kind === 'text') {
    if (column.firstText === null) return 'written as text'
    const { row, cell } = column.firstText
    return `${placeText(row, table)} (${JSON.stringify(cell)}) is no number`
  }
  const { loose } = column
  const texts = loose && [...new Set(loose.cells.map(({ cell }) => JSON.stringify(cell)))]
  const taken = texts ? `; ${listed(texts, texts.length)} taken for missing` : ''
  return `every value is ${nounOf(kind, rulesOf(column.name, table.rules))}${taken}`
}

function nounOf(kind: ColumnKind, { truth, dateFormat }: CellRules): string {
  if (kind === 'number') return 'a number'
  if (kind === 'date') return dateFormat === null ? 'a date' : 'a date, in ISO 8601 or as "dateFormat" says'
  return truth.size === 0 ? 'true or false' : `true or false, or ${[...truth.keys()].join(', ')}`
}

/** More values than that are measured, not classes. */
const mostClasses = 20
/** With fewer rows of each, on average times the number of classes, they are counts. */
const leastRowsOfClass = 5

function inspectTarget(
  table: FileTable,
  name: string,
  stated: Task | undefined,
): { inspected: InspectedTarget; target: Target } {
  const column = table.columns.find((one) => one.name === name)!
  const task = stated ?? taskOf(column)
  if (column.kind === 'number' && task === 'regression')
    return {
      inspected: { name, task, classes: null },
      target: { kind: 'numbers', name, values: column.values },
    }
  const target = classTargetOf(column)
  const rows = new Int32Array(target.classes.length)
  for (const code of target.codes) if (code >= 0) rows[code]++
  const classes = target.classes.map((name, code) => ({ name, rows: rows[code] }))
  return { inspected: { name, task: 'classification', classes }, target }
}

/** Texts are classes; so are a few whole numbers that come again and again. */
function taskOf(column: FileColumn): Task {
  if (column.kind === 'text') return 'classification'
  const different = new Set<number>()
  for (const value of column.values) {
    if (Number.isNaN(value)) continue
    if (!Number.isInteger(value)) return 'regression'
    different.add(value)
    if (different.size > mostClasses) return 'regression'
  }
  const isNumbered =
    different.size === 2 || column.values.length >= leastRowsOfClass * different.size * different.size
  return isNumbered ? 'classification' : 'regression'
}
