/** What is allowed in a data set but worth knowing before it is trained on. */

import { isLooseMark } from './files/cells.js'
import type { ColumnKind, FileColumn, FileTable } from './files/types.js'
import { dateFormatsOf, isHeaderRow, numberHint, saidOf, unitsLine } from './hints.js'
import { oddCells, oddPlaces, placesOf } from './odd-cells.js'
import { listed } from './problems.js'
import type { Dataset } from './types.js'

/** Texts of one column that get a column of their own: names of rows would else fill the memory. */
export const mostOneHot = 100

/** What the sweep file says of the kinds of columns: one that is stated is as it was meant to be. */
type StatedKinds = Readonly<Record<string, ColumnKind>>

type Warnings = (
  table: FileTable,
  isFeature: (column: FileColumn) => boolean,
  types: StatedKinds,
  file: string,
) => string[]

/** Of the features of one file. */
export const columnWarnings: Warnings = (table, isFeature, types, file) => {
  const units = unitsLine(table, types)
  const isOfUnits = ({ name }: FileColumn) => units?.texts.has(name) === true
  const warnings = warningsOf(
    faultsOf,
    table,
    (column) => isFeature(column) && !isOfUnits(column),
    types,
    file,
  )
  return [
    ...(isHeaderRow(table)
      ? [
          `${file}: the names of columns are numbers (${listed(
            table.columns.map(({ name }) => JSON.stringify(name)),
            table.columns.length,
          )}), as in a row; say "header": false in "data" where the file has no header`,
        ]
      : []),
    ...(units === null ? [] : [`${file}: ${unitsFault(units)}`]),
    ...warnings,
  ]
}

function unitsFault({ lines, texts }: NonNullable<ReturnType<typeof unitsLine>>): string {
  const named = [...texts].map(([name, text]) => `"${name}" ${JSON.stringify(text)}`)
  const are = texts.size === 1 ? 'column is read as text, because' : 'columns are read as text, because'
  return `${texts.size} ${are} line ${lines[0]} has no number in it, as a line of units has none (${listed(named, named.length)}); say "skipLines": [${lines[0]}] in "data"`
}

/** Of the test file, whose columns are of the kinds of the data file's. */
export const looseWarnings: Warnings = (...given) => warningsOf(looseFault, ...given)

function warningsOf(
  faults: typeof faultsOf,
  ...[table, isFeature, types, file]: Parameters<Warnings>
): string[] {
  return table.columns
    .filter(isFeature)
    .flatMap((column) =>
      faults(column, table, types).map((fault) => `${file}: column "${column.name}" ${fault}`),
    )
}

function faultsOf(column: FileColumn, table: FileTable, types: StatedKinds): string[] {
  const faults = looseFault(column, table, types)
  const cells: ArrayLike<number> = column.kind === 'number' ? column.values : column.codes
  const isMissing = column.kind === 'number' ? Number.isNaN : (code: number) => code < 0
  let first = Number.NaN
  let same = true
  let present = 0
  for (let i = 0; i < table.rows; i++) {
    if (isMissing(cells[i])) continue
    if (present++ === 0) first = cells[i]
    else if (cells[i] !== first) same = false
  }
  if (present === 0) return [...faults, 'has no value at all']
  if (same && present === table.rows) return [...faults, 'has the same value in every row']
  if (column.kind === 'number') return faults
  const isStated = Object.hasOwn(types, column.name)
  const odd = isStated ? null : oddCells(column, table.rules)
  const hint = isStated ? null : numberHint(column, table.rules)
  if (hint !== null && (odd === null || 2 * odd.count > odd.present))
    return [
      `is read as text, because its numbers are not written plainly (${JSON.stringify(hint.example)}); say ${saidOf(hint)} in "data", or "types": {${JSON.stringify(column.name)}: "text"} where this is right`,
    ]
  if (odd !== null) {
    const [cell, are] = odd.count === 1 ? ['cell', 'is'] : ['cells', 'are']
    return [
      `is read as text, because ${odd.count} ${cell} of ${odd.present} ${are} no ${odd.of}: ${oddPlaces(column, odd, table)}; ${odd.remedy}`,
    ]
  }
  const formats = isStated ? [] : dateFormatsOf(column)
  if (formats.length > 0) {
    const shown = JSON.stringify(column.categories[first])
    const name = JSON.stringify(column.name)
    const which = formats.map((format) => `{${name}: ${JSON.stringify(format)}}`).join(' or ')
    return [
      `is read as text, because its dates (${shown}) are not written 2024-03-31; say "dateFormat": ${which}${formats.length > 1 ? ', whichever it is,' : ''} in "data", or "types": {${JSON.stringify(column.name)}: "text"} where this is right`,
    ]
  }
  const texts = column.categories.length
  if (texts <= mostOneHot) return faults
  const found = texts >= present ? 'has a different text in every row' : `has ${texts} different texts`
  const measured = column.categories.filter((text) => /^[-+−$€£¥]?\s*\.?\d/.test(text)).length > texts / 2
  const remedy = measured ? 'if it is measured, write plain numbers or dates (12.5, 2024-03-31); ' : ''
  return [
    `${found}: one-hot encoding keeps the ${mostOneHot} most frequent; ${remedy}leave it out ("exclude") if it names rows, or choose the encoding "target" or "hash"`,
  ]
}

/** What was taken for missing in a column of numbers or dates. */
function looseFault(column: FileColumn, table: FileTable, types: StatedKinds): string[] {
  if (column.kind !== 'number' || column.loose === undefined) return []
  const { name, loose, as = 'number' } = column
  const remedy = Object.hasOwn(types, name)
    ? ''
    : `; say "types": {${JSON.stringify(name)}: "text"} if they are values`
  const taken = loose.count === 1 ? '1 cell is' : `${loose.count} cells are`
  return [
    `holds ${as}s, and ${taken} taken for missing: ${placesOf(loose.cells, loose.count, table)}${remedy}`,
  ]
}

/** `table`: the file without its test file. */
export function targetWarnings(
  { target }: Dataset,
  table: FileTable,
  types: StatedKinds,
  file: string,
): string[] {
  const { rows } = table
  if (target.kind === 'numbers') {
    const constant = target.values.subarray(0, rows).every((value) => value === target.values[0])
    return constant ? [`${file}: the target "${target.name}" has the same value in every row`] : []
  }
  const classes = target.classes.length
  const trained = new Set(target.codes.subarray(0, rows))
  const warnings: string[] = []
  const column = table.columns.find(({ name }) => name === target.name)
  const odd =
    column?.kind === 'text' && !Object.hasOwn(types, target.name) ? oddCells(column, table.rules) : null
  if (column?.kind === 'text' && odd !== null) {
    warnings.push(
      `${file}: the target "${target.name}" is read as text, because of ${oddPlaces(column, odd, table)}, and every text is a class; mend or remove such rows, or say "types": {${JSON.stringify(target.name)}: "text"} where this is right`,
    )
  }
  warnings.push(...classWarnings(target.classes, target.name, file))
  const untrained = target.classes.filter((_, code) => !trained.has(code))
  if (untrained.length > 0) {
    warnings.push(
      `${file}: no row has the class ${untrained.map((name) => JSON.stringify(name)).join(', ')} of the test file, so it can never be predicted`,
    )
  }
  if (hasManyClasses(classes, rows)) {
    warnings.push(
      `${file}: the target "${target.name}" has ${classes} classes in ${rows} rows; a numeric target is for a regression trainer`,
    )
  }
  return warnings
}

/** Of classes that look like one, or like no value. */
export function classWarnings(classes: readonly string[], target: string, file: string): string[] {
  const marks = classes.filter((name) => isLooseMark(name) && !/^[A-Za-z.]{2,}$/.test(name))
  const said = JSON.stringify(marks)
  const byLook = new Map<string, string[]>()
  for (const name of classes) {
    const look = name.toLowerCase().replace(/\s+/g, ' ')
    const alike = byLook.get(look)
    if (alike === undefined) byLook.set(look, [name])
    else alike.push(name)
  }
  const alike = [...byLook.values()].filter((names) => names.length > 1)
  const named = alike.map((names) => names.map((name) => JSON.stringify(name)).join(' = '))
  return [
    ...(named.length === 0
      ? []
      : [
          `${file}: classes of the target "${target}" differ in upper and lower case or in blanks alone, and are classes of their own: ${listed(named, named.length)}; write them alike where they are one`,
        ]),
    ...(marks.length === 0
      ? []
      : [
          `${file}: the target "${target}" has ${said.slice(1, -1)} for a class, as programs write where there is no value; say "missing": ${said} and "dropRows": "missing-target" in "data" where it is none`,
        ]),
  ]
}

/** Whether a target looks like something measured, taken for classes. */
export function hasManyClasses(classes: number, rows: number): boolean {
  return classes > 20 && classes > rows / 4
}
