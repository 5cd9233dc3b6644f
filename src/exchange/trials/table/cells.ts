/** The cells of a column of a table of trials. */
import type { FileColumn } from '../../../data/index.js'
import type { JsonValue } from '../../../values.js'

/** A cell as plain JSON: a number, true or false, a text (dates as they are in ISO 8601); undefined where it is missing. */
export function cellOf(column: FileColumn, row: number): number | boolean | string | undefined {
  if (column.kind === 'text') {
    const code = column.codes[row]
    return code < 0 ? undefined : column.categories[code]
  }
  const value = column.values[row]
  if (Number.isNaN(value)) return undefined
  if (column.as === 'boolean') return value === 1
  return column.as === 'date' ? dayText(value) : value
}

export function textOfCell(column: FileColumn | undefined, row: number): string | undefined {
  const cell = column && cellOf(column, row)
  return cell === undefined ? undefined : String(cell)
}

/** Days since 1970 as a date, with its time where it has one. */
function dayText(days: number): string {
  const iso = new Date(Math.round(days * 86_400_000)).toISOString()
  return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : iso
}

/** The value of a text that may be JSON of a list or an object. */
export function nestedIn(text: string): JsonValue | undefined {
  if (!/^[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A text as it was before it was kept from being a formula (src/csv-cell.ts). */
export function unguarded(text: string): string {
  return /^'[\s]*[=+\-@\uff1d\uff0b\uff0d\uff20]/u.test(text) ? text.slice(1) : text
}
