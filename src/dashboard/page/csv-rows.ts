/** The first rows of a text of cells (RFC 4180), to be looked at. */

export interface FirstRows {
  readonly rows: readonly (readonly string[])[]
  /** Whether there are more. */
  readonly more: boolean
}

export function firstRows(text: string, separator: string, most: number): FirstRows {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let quoted = false
  let at = 0
  const endRow = () => {
    row.push(cell)
    rows.push(row)
    row = []
    cell = ''
  }
  for (; at < text.length && rows.length < most; at++) {
    const character = text[at]
    if (quoted) {
      if (character !== '"') cell += character
      else if (text[at + 1] === '"') cell += text[++at]
      else quoted = false
    } else if (character === '"' && cell === '') quoted = true
    else if (character === separator) {
      row.push(cell)
      cell = ''
    } else if (character === '\n') endRow()
    else if (character !== '\r') cell += character
  }
  if (rows.length < most && (cell !== '' || row.length > 0)) endRow()
  return { rows, more: at < text.length }
}
