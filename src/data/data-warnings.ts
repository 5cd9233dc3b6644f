/** What is allowed in a data set but worth knowing before it is trained on. */
import type { Column, Dataset } from './types.js'

/** Texts of one column that get a column of their own: names of rows would else fill the memory. */
export const mostOneHot = 100

/** `rows`: the first ones, without those of a test file. */
export function columnWarnings(data: Dataset, rows: number, file: string): string[] {
  return data.columns.flatMap((column) => {
    const fault = faultOf(column, rows)
    return fault === null ? [] : [`${file}: column "${column.name}" ${fault}`]
  })
}

function faultOf(column: Column, rows: number): string | null {
  const cells: ArrayLike<number> = column.kind === 'number' ? column.values : column.codes
  const isMissing = column.kind === 'number' ? Number.isNaN : (code: number) => code < 0
  let first = Number.NaN
  let same = true
  let present = 0
  for (let i = 0; i < rows; i++) {
    if (isMissing(cells[i])) continue
    if (present++ === 0) first = cells[i]
    else if (cells[i] !== first) same = false
  }
  if (present === 0) return 'has no value at all'
  if (same && present === rows) return 'has the same value in every row'
  if (column.kind === 'number') return null
  const texts = column.categories.length
  if (texts <= mostOneHot) return null
  const found = texts >= present ? 'has a different text in every row' : `has ${texts} different texts`
  return `${found}: one-hot encoding keeps the ${mostOneHot} most frequent; leave it out ("exclude") if it names rows`
}

export function targetWarnings({ target }: Dataset, rows: number, file: string): string[] {
  if (target.kind === 'numbers') {
    const constant = target.values.subarray(0, rows).every((value) => value === target.values[0])
    return constant ? [`${file}: the target "${target.name}" has the same value in every row`] : []
  }
  const classes = target.classes.length
  const trained = new Set(target.codes.subarray(0, rows))
  const warnings: string[] = []
  const untrained = target.classes.filter((_, code) => !trained.has(code))
  if (untrained.length > 0) {
    warnings.push(
      `${file}: no row has the class ${untrained.map((name) => JSON.stringify(name)).join(', ')} of the test file, so it can never be predicted`,
    )
  }
  if (classes > 20 && classes > rows / 4) {
    warnings.push(
      `${file}: the target "${target.name}" has ${classes} classes in ${rows} rows; a numeric target is for a regression trainer`,
    )
  }
  return warnings
}
