/**
 * A cell of CSV (RFC 4180). Spreadsheets run what begins with = + - or @ as a formula, and a name or a message in a
 * record may be a stranger's: such texts get a ' before them, as OWASP advises ("CSV Injection"). Numbers stay as they
 * are, and so do texts of numbers. Where every text must come back exactly, JSON is the format.
 */
import { type JsonValue, textOf } from './values.js'

export function csvCell(value: JsonValue): string {
  if (value === null) return ''
  const text = Object.is(value, -0) ? '-0' : textOf(value)
  const safe = typeof value === 'string' && isFormula(text) ? `'${text}` : text
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Also in the wide forms of East Asian scripts, and behind a tab or line end that is trimmed away. */
function isFormula(text: string): boolean {
  return /^[\s]*[=+\-@\uff1d\uff0b\uff0d\uff20]./su.test(text) && Number.isNaN(Number(text))
}

/** Rows as CSV; lines end in \n. Numbers keep all their digits; null is an empty cell. */
export function csvText(rows: readonly (readonly JsonValue[])[]): string {
  return rows.map((row) => `${row.map(csvCell).join(',')}\n`).join('')
}
