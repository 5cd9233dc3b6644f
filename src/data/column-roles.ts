/**
 * What each column of a file is for: a feature, the target, or one of the columns that say how rows belong together
 * (`group`), follow each other (`time`) or count (`weight`). Those three are no features unless `columns` lists them;
 * the weight never is.
 */

import { nearestHint } from '../spelling.js'
import type { StatedDateFormat } from './files/date-format.js'
import type { ColumnKind, ReadOptions } from './files/types.js'
import type { ProblemList } from './problems.js'

export interface ColumnRoles {
  readonly target: string
  /** The features; every column without another role unless stated. */
  readonly columns?: readonly string[]
  /** Columns that are no features. */
  readonly exclude?: readonly string[]
  /** The kinds of columns that should not be inferred. */
  readonly types?: Readonly<Record<string, ColumnKind>>
  /** Rows with the same value are never divided between training and held-out rows. */
  readonly group?: string
  /** The order of the rows, as numbers or dates. */
  readonly time?: string
  /** How much a row counts in training, above 0. */
  readonly weight?: string
}

type Kind = ReturnType<ReadOptions['kindOf']>

/** The kind to read a column as, and whether it is a feature. */
export function kindOfColumn(roles: ColumnRoles): (name: string) => { kind: Kind; feature: boolean } {
  const { target, columns, exclude = [], types = {}, group, time, weight } = roles
  const listed = columns && new Set(columns)
  const excluded = new Set(exclude)
  const stated = (name: string): ColumnKind | undefined =>
    Object.hasOwn(types, name) ? types[name] : undefined
  return (name) => {
    if (name === target) return { kind: stated(name) ?? 'infer-plain', feature: false }
    if (name === weight) return { kind: 'number', feature: false }
    const special = name === group || name === time
    const feature = !excluded.has(name) && (listed === undefined ? !special : listed.has(name))
    if (!feature && !special) return { kind: 'skip', feature }
    // Every row has a group: where that is marked "None" or "-", rows of that mark belong together.
    return { kind: stated(name) ?? (name === group ? 'infer-strict' : 'infer'), feature }
  }
}

/** Adds a problem for every name that is none of the file's, and where nothing is left to learn from. */
export function checkColumnNames(
  names: readonly string[],
  roles: ColumnRoles,
  dateFormat: StatedDateFormat | undefined,
  problems: ProblemList,
  where: string,
): void {
  const { target, columns, exclude, types = {}, group, time, weight } = roles
  const known = new Set(names)
  if (!known.has(target)) {
    problems.add(
      where,
      `the target must be a column of the file, and "${target}" is none${nearestHint(target, names, 'the columns')}`,
    )
    return
  }
  const entries: readonly [entry: string, columns: readonly (string | undefined)[]][] = [
    ['columns', columns ?? []],
    ['exclude', exclude ?? []],
    ['types', Object.keys(types)],
    ['dateFormat', typeof dateFormat === 'object' ? Object.keys(dateFormat) : []],
    ['group', [group]],
    ['time', [time]],
    ['weight', [weight]],
  ]
  for (const [entry, named] of entries) {
    for (const name of named) {
      if (name === undefined || known.has(name)) continue
      problems.add(
        where,
        `"${entry}" names columns of the file, and "${name}" is none${nearestHint(name, names, 'the columns')}`,
      )
    }
  }
  for (const [entry, name] of Object.entries({ group, time, weight })) {
    if (name === target) problems.add(where, `the target "${target}" cannot be the ${entry} too`)
  }
  for (const name of [target, weight]) {
    if (name === undefined || !columns?.includes(name)) continue
    const role = name === target ? 'target' : 'weight'
    problems.add(
      where,
      `"columns" lists the features, and "${name}" is the ${role}; leave it out of the list`,
    )
  }
  const kind = Object.hasOwn(types, target) ? types[target] : undefined
  if (kind === 'boolean' || kind === 'date') {
    problems.add(
      where,
      `the target is numbers or text, and "types" says "${kind}"; truth values are classes as text`,
    )
  }
  const kindOf = kindOfColumn(roles)
  if (problems.empty && !names.some((name) => kindOf(name).feature)) {
    problems.add(
      where,
      `a data set has features beside its target, and none is left (the columns: ${names.join(', ')})`,
    )
  }
}
