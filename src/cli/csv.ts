/** Records as CSV (RFC 4180, lines end in \n). Numbers keep all their digits; null is an empty cell. */
import type { JsonScalar } from '../values.js'

export function csvText(rows: readonly (readonly JsonScalar[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\n`).join('')
}

function cell(given: JsonScalar): string {
  const text = given === null ? '' : String(given)
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
