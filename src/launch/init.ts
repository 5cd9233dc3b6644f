/** From a data file to a sweep file that a person can read and edit: `espalier init`. */
import { access, writeFile } from 'node:fs/promises'
import { dirname, extname, relative, resolve } from 'node:path'
import { checkOptions, oneOf, type Rules, text, truth, wholeNumber } from '../arguments.js'
import type { DataInspection, ReadingOptions, Task } from '../data/index.js'
import { EspalierError } from '../errors.js'
import { trainerNames } from '../training/index.js'
import { encodings } from '../values.js'
import { type Draft, draft, sentencesOf } from './init/draft.js'
import { nameOfData, type Suspicion, survey } from './init/survey.js'
import { sweepText } from './init/text.js'

export interface InitOptions {
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
  /** How the file is written, and its dates: what is not stated is found out, and dates are as in ISO 8601. */
  readonly separator?: string
  readonly decimal?: ReadingOptions['decimal']
  readonly encoding?: ReadingOptions['encoding']
  readonly dateFormat?: string
  /** Lines that are no part of the table, and whether there is a header. */
  readonly skipLines?: ReadingOptions['skipLines']
  readonly header?: ReadingOptions['header']
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
  /** Columns that may be a group or a time, as the file says in a comment. */
  readonly suggested: readonly Suspicion[]
  readonly group: string | null
  readonly time: string | null
  /** What the file holds. */
  readonly inspection: DataInspection
  /** What there is, in words. */
  readonly says: readonly string[]
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
  dateFormat: text,
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
  const { target, task, trials = 60, force = false } = options
  const { separator, decimal, encoding, dateFormat, skipLines, header } = options
  const reading = { separator, decimal, encoding, dateFormat, skipLines, header }
  const name = nameOfData(data)
  const file = resolve(options.out ?? `${name}.jsonc`)
  if (!/^\.(jsonc?|ya?ml)$/i.test(extname(file)))
    throw new EspalierError(
      'USAGE',
      `a sweep file is JSON or YAML (${file} ends otherwise); name it .jsonc or .yaml`,
    )
  await refuseOverwriting(file, force)
  let roles = { group: options.group, time: options.time }
  let seen = await survey(data, { target, task, ...roles, ...reading })
  for (const suspicion of seen.suspicions) {
    const { role, column } = suspicion
    if (roles[role] === undefined && ask !== undefined && (await ask(suspicion)))
      roles = { ...roles, [role]: column }
  }
  if (roles.group !== options.group || roles.time !== options.time)
    seen = await survey(data, { target, task, ...roles, ...reading })
  const known = new Set(trainerNames())
  const drafted = draft(seen, {
    name,
    data: relative(dirname(file), resolve(data)),
    ...roles,
    reading,
    known: (trainer) => known.has(trainer),
    trials,
    schema: await schemaFor(file),
  })
  await writeFile(file, sweepText(drafted.top, drafted.entries, /ya?ml$/i.test(file)))
  return {
    file,
    task: seen.target.task,
    rows: seen.rows,
    metric: drafted.metric,
    validation: drafted.validation,
    trainers: drafted.trainers,
    excluded: drafted.leftOut,
    suggested: drafted.suspicions,
    group: roles.group ?? null,
    time: roles.time ?? null,
    inspection: seen.inspection,
    says: sentencesOf(seen),
  }
}

/** The schema by which an editor completes and checks the file, where the package is installed beside it. */
async function schemaFor(file: string): Promise<string | null> {
  const schema = './node_modules/espalier/search-spaces/schema.json'
  return (await isThere(resolve(dirname(file), schema))) ? schema : null
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}

async function refuseOverwriting(file: string, force: boolean): Promise<void> {
  if (!force && (await isThere(file)))
    throw new EspalierError(
      'USAGE',
      `a file that is there is not written over (${file} is); name another with --out, or add --force`,
    )
}
