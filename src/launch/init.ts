/** From a data file to a sweep file that a person can read and edit: `espalier init`. */
import { writeFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { checkOptions, oneOf, type Rule, type Rules, text, truth, wholeNumber } from '../arguments.js'
import type { DataInspection, DatasetOptions, Task } from '../data/index.js'
import { EspalierError } from '../errors.js'
import { trainerNames } from '../training/index.js'
import { encodings, isJsonObject, thousandsMarks } from '../values.js'
import { type Division, divisionOf } from './init/division.js'
import {
  type Draft,
  type DraftOptions,
  draft,
  foundSentence,
  leftOutLines,
  sentencesOf,
} from './init/draft.js'
import { checkFileToWrite, schemaFor } from './init/file.js'
import { lookAt, type Reading } from './init/reading.js'
import { nameOfData, type Survey, type Suspicion, survey } from './init/survey.js'
import { sweepText } from './init/text.js'

/** What is not stated of how the file is written is found out. */
export interface InitOptions extends Reading {
  /** The column to predict. */
  readonly target: string
  /** Where the sweep file goes: JSON with comments, or YAML by its extension; beside the working directory's other files unless stated. */
  readonly out?: string
  /** Found out from the target unless stated. */
  readonly task?: Task
  /** A column whose equal values mark rows that belong together. */
  readonly group?: string
  /** A column in whose order rows come. */
  readonly time?: string
  /** How many trials the sweep is to have: 60 unless stated. */
  readonly trials?: number
  /** Whether a file that is there is written over. */
  readonly force?: boolean
  /** Asked of each column that may be a group or a time; what is not answered with true is only suggested in the file. */
  readonly ask?: (suspicion: Suspicion) => Promise<boolean>
}

/** What was found and written. */
export interface InitResult {
  /** The sweep file, absolute. */
  readonly file: string
  readonly task: Task
  readonly rows: number
  readonly metric: string
  readonly validation: Draft['validation']
  readonly trainers: readonly string[]
  /** Columns that are left out, and why. */
  readonly excluded: readonly { readonly column: string; readonly why: string }[]
  /** The same in words, those with one reason together. */
  readonly leftOut: readonly string[]
  /** Columns that may be a group or a time, as the file says in a comment. */
  readonly suggested: readonly Suspicion[]
  readonly group: string | null
  readonly time: string | null
  /** What the file holds. */
  readonly inspection: DataInspection
  /** What was found out of how it is to be read, and written into the file. */
  readonly reading: Reading
  /** What there is, in words. */
  readonly says: readonly string[]
}

const texts: Rule = {
  law: 'a list of texts',
  keeps: (list) => Array.isArray(list) && list.every(text.keeps),
}

const rules: Rules<Omit<InitOptions, 'ask'>> = {
  target: text,
  out: text,
  task: oneOf('classification', 'regression'),
  group: text,
  time: text,
  separator: text,
  decimal: oneOf('.', ','),
  encoding: oneOf(...encodings),
  missing: texts,
  thousands: oneOf(...thousandsMarks),
  units: texts,
  dateFormat: { law: 'a text, or an object of texts', keeps: (one) => text.keeps(one) || isJsonObject(one) },
  trueValues: texts,
  falseValues: texts,
  skipLines: { law: 'numbers of lines, from 1 on', keeps: isLines },
  header: { law: 'true, false or a list of names', keeps: isHeader },
  trials: wholeNumber(1),
  force: truth,
}

function isLines(lines: unknown): boolean {
  return Array.isArray(lines) && lines.every((line) => Number.isSafeInteger(line) && line > 0)
}

function isHeader(header: unknown): boolean {
  return typeof header === 'boolean' || (Array.isArray(header) && header.every(text.keeps))
}

/**
 * Looks at a data file and writes a sweep over it.
 * @throws EspalierError USAGE where the file to write is there already, and what reading data throws.
 */
export async function initSweep(data: string, { ask, ...options }: InitOptions): Promise<InitResult> {
  checkOptions('a sweep that is drafted', options, rules)
  const { target, task, group, time, trials = 60, force = false, out, ...stated } = options
  const name = nameOfData(data)
  const file = resolve(out ?? `${name}.jsonc`)
  await checkFileToWrite(file, force)
  refuseTwoDivisions({ group, time })
  const { inspection, reading, found } = await lookAt(data, { target, task, group, time }, stated)
  let roles = { group, time }
  for (const suspicion of survey(data, inspection, { target, task, ...roles }).suspicions) {
    const { role, column } = suspicion
    // Rows are divided by the one or by the other.
    const isOpen = roles.group === undefined && roles.time === undefined
    if (isOpen && ask !== undefined && (await ask(suspicion))) roles = { ...roles, [role]: column }
  }
  const seen = survey(data, inspection, { target, task, ...roles })
  const known = new Set(trainerNames())
  const drafting: DraftOptions = {
    name,
    data: relative(dirname(file), resolve(data)),
    ...roles,
    reading,
    found,
    known: (trainer) => known.has(trainer),
    trials,
    schema: await schemaFor(file),
  }
  const first = draft(seen, drafting)
  const drafted =
    roles.group === undefined && roles.time === undefined
      ? first
      : draft(seen, { ...drafting, division: await divided(data, seen, first, { ...roles, ...reading }) })
  await writeFile(file, sweepText(drafted.top, drafted.entries, /ya?ml$/i.test(file)))
  return {
    file,
    task: seen.target.task,
    rows: seen.rows,
    metric: drafted.metric,
    validation: drafted.validation,
    trainers: drafted.trainers,
    excluded: drafted.leftOut,
    leftOut: leftOutLines(drafted.leftOut),
    suggested: drafted.suspicions,
    group: roles.group ?? null,
    time: roles.time ?? null,
    inspection,
    reading: found,
    says: [...sentencesOf(seen), ...foundSentence(found)],
  }
}

/** A draft whose rows belong together or follow each other, with as many folds as they allow. Nothing is found out anew, and one feature stands for all. */
function divided(
  data: string,
  { target, withoutTarget, inspection }: Survey,
  { leftOut, metric, validation }: Draft,
  { group, time, ...options }: Partial<DatasetOptions>,
): Promise<Division> {
  const others = [target.name, group, time, ...leftOut.map(({ column }) => column)]
  const feature = inspection.columns.find(({ name, isNameless }) => !isNameless && !others.includes(name))!
  return divisionOf(
    data,
    {
      ...options,
      ...{ group, time, target: target.name, task: target.task, columns: [feature.name] },
      readings: inspection.files.map(({ reading }) => reading),
      ...(withoutTarget > 0 && { dropRows: 'missing-target' }),
    },
    metric.replace(/^pooled:/, ''),
    { folds: validation.folds ?? 2, holdout: validation.holdout ?? null },
  )
}

function refuseTwoDivisions({ group, time }: Pick<InitOptions, 'group' | 'time'>): void {
  if (group === undefined || time === undefined) return
  throw new EspalierError(
    'USAGE',
    `rows are divided by group or by time, and not by both (got the group "${group}" and the time "${time}"); leave one out`,
  )
}
