/** What a data file looks like to somebody who is about to search over it: its target, and columns that want a second look. */
import { basename } from 'node:path'
import {
  type DataInspection,
  type InspectedColumn,
  leakWarnings,
  mostOneHot,
  type Task,
} from '../../data/index.js'
import { EspalierError } from '../../errors.js'

/** A column that is better left out, and why. */
export interface LeftOut {
  readonly column: string
  readonly why: string
}

/** A column that may say how rows belong together or follow each other: only a person can know. */
export interface Suspicion {
  readonly column: string
  readonly role: 'group' | 'time'
  readonly why: string
}

export type TargetSurvey =
  | {
      readonly task: 'classification'
      readonly name: string
      /** Most frequent first. */
      readonly classes: readonly { readonly name: string; readonly rows: number }[]
      /** Where the numbers of a column were taken for classes. */
      readonly fromNumbers: boolean
    }
  | { readonly task: 'regression'; readonly name: string; readonly low: number; readonly high: number }

export interface Survey {
  readonly file: string
  /** Those that have a value of the target. */
  readonly rows: number
  /** Those that have none. */
  readonly withoutTarget: number
  readonly target: TargetSurvey
  /** Features that are kept. */
  readonly numbers: number
  readonly texts: number
  /** Columns of the matrix that the features become, each text with a column of its own (one-hot). */
  readonly width: number
  /** Cells without a value, in columns that are kept. */
  readonly missing: number
  readonly leftOut: readonly LeftOut[]
  readonly suspicions: readonly Suspicion[]
  readonly warnings: readonly string[]
  readonly inspection: DataInspection
}

export interface SurveyOptions {
  readonly target: string
  /** Found out by the target unless stated. */
  readonly task?: Task
  readonly group?: string
  readonly time?: string
}

/** What a file that was looked at is for a sweep with these roles. */
export function survey(file: string, inspection: DataInspection, options: SurveyOptions): Survey {
  const { target: name, group, time } = options
  const ofTarget = inspection.columns.find((column) => column.name === name)!
  const rows = inspection.rows - ofTarget.missing
  const renamed = new Set(
    inspection.leaks.filter(({ kind }) => kind === 'renamed').map(({ column }) => column),
  )
  // A first column without a name is no feature unless the file says so.
  const features = inspection.columns.filter(
    (column) => ![name, group, time].includes(column.name) && !column.isNameless,
  )
  const leftOut = features.flatMap((column) => {
    const why = whyLeftOut(column, inspection.rows, renamed.has(column.name))
    return why === null ? [] : [{ column: column.name, why }]
  })
  const out = new Set(leftOut.map(({ column }) => column))
  const kept = features.filter((column) => !out.has(column.name))
  if (kept.length === 0)
    throw nothingToLearn(
      file,
      `a sweep predicts from some column (${leftOut.map(({ column, why }) => `${column} is left out: ${why}`).join('; ') || `there is none beside ${name}`})`,
    )
  const isFeature = (column: string) => !out.has(column) && column !== group && column !== time
  const leaks = inspection.leaks.filter(({ column }) => isFeature(column))
  const others = new Set(
    inspection.columns.map((column) => column.name).filter((column) => !isFeature(column)),
  )
  return {
    file,
    rows,
    withoutTarget: ofTarget.missing,
    target: targetOf(inspection, ofTarget, options.task),
    numbers: kept.filter(({ kind }) => kind !== 'text').length,
    texts: kept.filter(({ kind }) => kind === 'text').length,
    width: kept.reduce(
      (sum, { kind, distinct }) => sum + (kind === 'text' ? Math.min(distinct, mostOneHot) : 1),
      0,
    ),
    missing: kept.reduce((sum, { missing }) => sum + missing, 0),
    leftOut,
    suspicions: features.flatMap((column) => suspect(column, rows, options)),
    // What is no feature need not be warned of.
    warnings: [
      ...inspection.warnings.filter((one) => !isOfColumn(one, others)),
      ...leakWarnings(leaks, name, basename(file)),
    ],
    inspection,
  }
}

/** Whether a warning is of one of these columns: names may have quotes in them. */
function isOfColumn(warning: string, columns: ReadonlySet<string>): boolean {
  const start = warning.indexOf('column "') + 'column "'.length
  for (let end = warning.indexOf('" ', start); end !== -1; end = warning.indexOf('" ', end + 1))
    if (columns.has(warning.slice(start, end))) return true
  return false
}

function nothingToLearn(file: string, law: string): EspalierError {
  return new EspalierError('DATA_INVALID', `${basename(file)}: ${law}; there is nothing to learn from it`)
}

function targetOf(
  { target, files }: DataInspection,
  { name, kind, range }: InspectedColumn,
  stated: Task | undefined,
): TargetSurvey {
  const { task, classes } = target!
  if (classes?.length === 1)
    throw nothingToLearn(
      files[0].file,
      `a target has at least two classes ("${name}" is ${JSON.stringify(classes[0].name)} in every row)`,
    )
  if (task === 'regression' || classes === null)
    return { task: 'regression', name, low: range?.least ?? 0, high: range?.most ?? 0 }
  return {
    task,
    name,
    classes: [...classes].sort((a, b) => b.rows - a.rows),
    fromNumbers: kind !== 'text' && stated === undefined,
  }
}

const idName = /(^|[_\s.-])(id|uuid|guid|key|index|rowid|row_?number|no|nr)$|Id$|ID$/
const timeName = /(^|[_\s.-])(date|time|timestamp|datetime|day|month|year|week)($|[_\s.-])|(Date|Time|At)$/i
const groupName =
  /(patient|subject|user|customer|client|person|student|household|family|group|session|site|hospital|store|shop|plot|batch)/i

function whyLeftOut(column: InspectedColumn, rows: number, isTarget: boolean): string | null {
  const { name, kind, missing, distinct, isWhole, range } = column
  if (missing === rows) return 'it has no value at all'
  if (column.isConstant) return 'it has the same value in every row'
  if (rows > 20 && distinct === rows) {
    if (kind === 'text' && !column.isOtherwise) return 'it has another text in every row, as a name or an id'
    if (isWhole && range !== null && range.most - range.least === rows - 1) return 'it counts the rows'
    if (isWhole && idName.test(name)) return 'it is another whole number in every row, and called like an id'
  }
  return isTarget ? 'it says what the target says, row by row: it would give the answer away' : null
}

function suspect(
  { name, kind, distinct, isWhole }: InspectedColumn,
  rows: number,
  { group, time }: Pick<SurveyOptions, 'group' | 'time'>,
): Suspicion[] {
  // Texts have no order of time: a warning names the date format that they would have.
  if (time === undefined && kind !== 'text' && distinct > 10 && (kind === 'date' || timeName.test(name)))
    return [{ column: name, role: 'time', why: `it looks like a time (${distinct} different ones)` }]
  const isNamed = kind === 'text' || isWhole
  const perValue = rows / distinct
  if (
    group === undefined &&
    isNamed &&
    distinct > 5 &&
    perValue >= 1.5 &&
    (idName.test(name) || groupName.test(name))
  )
    return [
      {
        column: name,
        role: 'group',
        why: `rows come in groups of it (${distinct} different ones, ${Math.round(perValue * 10) / 10} rows each)`,
      },
    ]
  return []
}

/** The name a sweep over this file would have. */
export function nameOfData(file: string): string {
  return (
    basename(file)
      .replace(/\.(gz|zip)$/i, '')
      .replace(/\.[^.]+$/, '') || 'sweep'
  )
}
