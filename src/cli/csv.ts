/** Records as CSV (RFC 4180, lines end in \n). Numbers keep all their digits; null is an empty cell. */
import { csvCell } from '../tracking/index.js'
import type { JsonScalar } from '../values.js'

export function csvText(rows: readonly (readonly JsonScalar[])[]): string {
  return rows.map((row) => `${row.map(csvCell).join(',')}\n`).join('')
}
