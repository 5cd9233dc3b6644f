/** What a data file looks like to somebody who is about to search over it: its target, and columns that want a second look. */
import { basename } from 'node:path'
import { type Column, type Dataset, readDataset, type Task } from '../../data/index.js'

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
  | {
      readonly task: 'regression'
      readonly name: string
      readonly low: number
      readonly high: number
      readonly mean: number
      readonly deviation: number
    }

export interface Survey {
  readonly file: string
  readonly rows: number
  readonly target: TargetSurvey
  /** Features that are kept. */
  readonly numbers: number
  readonly texts: number
  /** Columns of the matrix that the features become, texts with a column for each. */
  readonly width: number
  /** Cells without a value, in columns that are kept. */
  readonly missing: number
  readonly leftOut: readonly LeftOut[]
  readonly suspicions: readonly Suspicion[]
  readonly warnings: readonly string[]
}

export interface SurveyOptions {
  readonly target: string
  /** Found out by the target unless stated. */
  readonly task?: Task
  readonly group?: string
  readonly time?: string
}

/** Whole numbers of so few kinds are taken for classes. */
const mostNumberedClasses = 20
/** Fewer rows of each say that they are counts. */
const leastRowsOfClass = 5

/** Reads a file and looks at it. Throws what reading it throws. */
export async function survey(file: string, options: SurveyOptions): Promise<Survey> {
  const { target, group, time } = options
  const roles = { target, group, time }
  const read = (task?: Task) => readDataset(file, { ...roles, task })
  let loaded = await read(options.task)
  const numbered = options.task === undefined && looksNumbered(loaded.dataset)
  if (numbered) loaded = await read('classification')
  const { dataset, warnings } = loaded
  const { rows } = dataset
  const looks = dataset.columns.map((column) => ({ column, look: lookAt(column, rows) }))
  const leftOut = looks.flatMap(({ column, look }) => {
    const why = whyLeftOut(column, look, dataset)
    return why === null ? [] : [{ column: column.name, why }]
  })
  const out = new Set(leftOut.map((one) => one.column))
  const kept = looks.filter(({ column }) => !out.has(column.name))
  const suspicions = looks.flatMap(({ column, look }) => suspect(column, look, rows, { group, time }))
  return {
    file,
    rows,
    target: targetOf(dataset, numbered),
    numbers: kept.filter(({ column }) => column.kind === 'number').length,
    texts: kept.filter(({ column }) => column.kind === 'text').length,
    width: kept.reduce((sum, { column, look }) => sum + (column.kind === 'text' ? look.distinct : 1), 0),
    missing: kept.reduce((sum, { look }) => sum + look.missing, 0),
    leftOut,
    suspicions,
    // What is left out need not be warned of.
    warnings: warnings.filter((one) => ![...out].some((name) => one.includes(`"${name}"`))),
  }
}

interface Look {
  readonly distinct: number
  readonly missing: number
  readonly whole: boolean
  /** Every row one more than the row before. */
  readonly counts: boolean
}

function lookAt(column: Column, rows: number): Look {
  if (column.kind === 'text') {
    let missing = 0
    const met = new Uint8Array(column.categories.length)
    for (const code of column.codes)
      if (code < 0) missing++
      else met[code] = 1
    return { distinct: met.reduce((sum, one) => sum + one, 0), missing, whole: false, counts: false }
  }
  const { values } = column
  const met = new Set<number>()
  let [missing, whole, counts] = [0, true, rows > 1]
  for (let i = 0; i < rows; i++) {
    const value = values[i]
    if (Number.isNaN(value)) {
      missing++
      counts = false
      continue
    }
    met.add(value)
    if (!Number.isInteger(value)) whole = false
    if (i > 0 && value !== values[i - 1] + 1) counts = false
  }
  return { distinct: met.size, missing, whole, counts }
}

function looksNumbered({ target, rows }: Dataset): boolean {
  if (target.kind !== 'numbers') return false
  const met = new Set<number>()
  for (const value of target.values) {
    if (!Number.isInteger(value)) return false
    met.add(value)
    if (met.size > mostNumberedClasses) return false
  }
  return met.size === 2 || rows >= leastRowsOfClass * met.size * met.size
}

function targetOf({ target, rows }: Dataset, fromNumbers: boolean): TargetSurvey {
  const { name } = target
  if (target.kind === 'classes') {
    const counts = new Int32Array(target.classes.length)
    for (const code of target.codes) counts[code]++
    const classes = target.classes.map((one, code) => ({ name: one, rows: counts[code] }))
    return {
      task: 'classification',
      name,
      classes: classes.sort((a, b) => b.rows - a.rows),
      fromNumbers,
    }
  }
  const { values } = target
  const mean = values.reduce((sum, value) => sum + value / rows, 0)
  const squares = values.reduce((sum, value) => sum + ((value - mean) * (value - mean)) / rows, 0)
  const low = values.reduce((a, b) => Math.min(a, b), Infinity)
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity)
  return { task: 'regression', name, low, high, mean, deviation: Math.sqrt(squares) }
}

const idName = /(^|[_\s.-])(id|uuid|guid|key|index|rowid|row_?number|no|nr)$|Id$|ID$/
const timeName = /(^|[_\s.-])(date|time|timestamp|datetime|day|month|year|week)($|[_\s.-])|(Date|Time|At)$/i
const groupName =
  /(patient|subject|user|customer|client|person|student|household|family|group|session|site|hospital|store|shop|plot|batch)/i

function whyLeftOut(column: Column, look: Look, dataset: Dataset): string | null {
  const { rows, target } = dataset
  const { distinct, missing } = look
  if (missing === rows) return 'it has no value at all'
  if (distinct === 1 && missing === 0) return 'it has the same value in every row'
  if (rows > 20 && distinct === rows) {
    if (column.kind === 'text') return 'it has another text in every row, as a name or an id'
    if (look.counts) return 'it counts the rows'
    if (look.whole && idName.test(column.name))
      return 'it is another whole number in every row, and called like an id'
  }
  const leak =
    target.kind === 'classes'
      ? namesTheClass(column, target.codes, target.classes.length)
      : isTheTarget(column, target.values)
  return leak ? 'it says what the target says, row by row: it would give the answer away' : null
}

/** Each of its values belongs to one class, and each class to one of its values. */
function namesTheClass(column: Column, codes: Int32Array, classes: number): boolean {
  const classOf = new Map<number, number>()
  const cells: ArrayLike<number> = column.kind === 'text' ? column.codes : column.values
  for (let i = 0; i < codes.length; i++) {
    const before = classOf.get(cells[i])
    if (before === undefined) classOf.set(cells[i], codes[i])
    else if (before !== codes[i]) return false
    if (classOf.size > classes) return false
  }
  return classOf.size === classes && classes > 1
}

/** The target in another unit. */
function isTheTarget(column: Column, target: Float64Array): boolean {
  if (column.kind !== 'number') return false
  const { values } = column
  const n = target.length
  const mean = (of: Float64Array) => of.reduce((sum, value) => sum + value / n, 0)
  const [a, b] = [mean(values), mean(target)]
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    const [x, y] = [values[i] - a, target[i] - b]
    ab += x * y
    aa += x * x
    bb += y * y
  }
  return ab * ab > 0.99999 * aa * bb
}

function suspect(
  column: Column,
  { distinct, whole }: Look,
  rows: number,
  { group, time }: Pick<SurveyOptions, 'group' | 'time'>,
): Suspicion[] {
  const { name } = column
  if (
    time === undefined &&
    distinct > 10 &&
    ((column.kind === 'number' && column.as === 'date') || timeName.test(name))
  )
    return [{ column: name, role: 'time', why: `it looks like a time (${distinct} different ones)` }]
  const isNamed = column.kind === 'text' || whole
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
