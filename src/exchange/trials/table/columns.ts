/** Which columns of a table of trials hold what: as stated, or by the names that Espalier, Optuna, MLflow and Ray give them. */
import { basename } from 'node:path'
import { EspalierError } from '../../../errors.js'
import type { SweepFile } from '../../../space/index.js'
import { nearestHint } from '../../../spelling.js'

export interface TableImportOptions {
  /** Columns of parameters: those that begin with `params.`, `params_` or `config/` unless stated, or where there are none those that `space` names. */
  readonly params?: readonly string[]
  readonly space?: SweepFile
  /** The column of the objective: `value` unless stated. */
  readonly value?: string
  /** Further metrics: columns that begin with `metrics.` unless stated. */
  readonly metrics?: readonly string[]
  /** How the trial ended, in a word: `status` or `state` where there is one, and nothing else is stated. */
  readonly status?: string
}

/** By what it is: the column it is in. */
export interface TrialColumns {
  /** Name of the parameter → column. */
  readonly params: ReadonlyMap<string, string>
  readonly value: string
  readonly metrics: ReadonlyMap<string, string>
  readonly tags: ReadonlyMap<string, string>
  readonly status: string | null
  readonly trial: string | null
  readonly started: string | null
  readonly ended: string | null
  readonly error: string | null
  readonly history: string | null
  /** Columns that say nothing that a record has a place for, by name. */
  readonly left: readonly string[]
  /** The table was written by Espalier. */
  readonly isOwn: boolean
}

/** Names that other tables have for them; an exact name goes first. */
const usual = {
  status: ['status', 'state'],
  trial: ['trial', 'number'],
  started: ['started', 'datetime_start', 'start_time'],
  ended: ['ended', 'datetime_complete', 'end_time'],
  error: ['error'],
  history: ['history'],
} as const

/** What goes without saying: it follows from the others, or is of the store that wrote the table. */
const derived = new Set(['run', 'parent', 'experiment', 'seconds', 'duration'])

/**
 * Finds them.
 * @throws EspalierError USAGE where a column that is asked for is not there, or none is known to hold a parameter.
 */
export function columnsOf(
  header: readonly string[],
  { params, value = 'value', metrics, status, space }: TableImportOptions,
  path: string,
): TrialColumns {
  const file = basename(path)
  const has = new Set(header)
  const checked = (name: string, option: string): string => {
    if (has.has(name)) return name
    throw new EspalierError(
      'USAGE',
      `${option} names a column of ${file} (got ${JSON.stringify(name)})${nearestHint(name, [...header], 'it has')}`,
    )
  }
  const family = (prefixes: readonly string[]) => {
    const prefix = prefixes.find((one) =>
      header.some((name) => name.startsWith(one) && name.length > one.length),
    )
    const found =
      prefix === undefined
        ? []
        : header.filter((name) => name.startsWith(prefix) && name.length > prefix.length)
    return new Map(found.map((name) => [name.slice(prefix!.length), name]))
  }
  const stated = (names: readonly string[], option: string) =>
    new Map(names.map((name) => [bare(name), checked(name, option)]))
  const ofFamilyOrSpace = () => {
    const found = family(['params.', 'params_', 'config/'])
    if (found.size > 0) return found
    const named = Object.keys(space?.parameters ?? {}).filter((name) => has.has(name) && name !== value)
    return new Map(named.map((name) => [name, name]))
  }
  const isOwn = has.has('run') && has.has('parent') && has.has('trial')
  const found = {
    params: params === undefined ? ofFamilyOrSpace() : stated(params, '--params'),
    value: checked(value, '--value'),
    metrics: metrics === undefined ? family(['metrics.']) : stated(metrics, '--metrics'),
    tags: family(['tags.']),
    ...Object.fromEntries(
      Object.entries(usual).map(([what, names]) => [what, names.find((name) => has.has(name)) ?? null]),
    ),
    ...(status !== undefined && { status: checked(status, '--status') }),
  } as unknown as Omit<TrialColumns, 'left' | 'isOwn'>
  const used = new Set<string | null>([
    ...Object.values(found).filter((one) => typeof one === 'string'),
    ...[found.params, found.metrics, found.tags].flatMap((one) => [...one.values()]),
  ])
  if (found.params.size === 0) {
    const likely = header.filter((name) => !used.has(name) && !derived.has(name) && name !== 'index')
    throw new EspalierError(
      'USAGE',
      `a trial has parameters, and no column of ${file} begins with "params."; say which hold them: --params ${likely.slice(0, 2).join(',') || 'COLUMNS'} (it has ${header.join(', ')})`,
    )
  }
  for (const [name, column] of found.params)
    if (column === found.value)
      throw new EspalierError(
        'USAGE',
        `a column is a parameter or the value, and "${name}" is named for both; name it once`,
      )
  return { ...found, left: header.filter((name) => !used.has(name) && !derived.has(name)), isOwn }
}

/** `metrics.loss` is the metric loss, `config/lr` the parameter lr. */
export function bare(column: string): string {
  return column.replace(/^(?:params\.|metrics\.|config\/)(?=.)/, '')
}
