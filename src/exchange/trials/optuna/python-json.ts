/** JSON as Python writes it: with NaN, Infinity and -Infinity, and whole numbers of any length. */

const mark = '\u0000espalier '
const marks: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
}

/** Texts are matched first, so that nothing in them is taken for a number. */
const tokens = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g

/**
 * Its value. Whole numbers that a double does not hold become texts of their digits.
 * @throws SyntaxError where it is none.
 */
export function parsePython(text: string): unknown {
  if (!/NaN|Infinity|\d{16}/.test(text)) return JSON.parse(text)
  const plain = text.replace(tokens, (token) => {
    if (token.startsWith('"')) return token
    if (token in marks) return JSON.stringify(mark + token)
    return Number.isSafeInteger(Number(token)) ? token : `"${token}"`
  })
  return JSON.parse(plain, (_, value) =>
    typeof value === 'string' && value.startsWith(mark) ? marks[value.slice(mark.length)] : value,
  )
}

/** The text that Python reads as this value. `value` is plain: no −0, no undefined. */
export function pythonText(value: unknown): string {
  if (typeof value === 'number')
    return Number.isNaN(value) ? 'NaN' : Number.isFinite(value) ? JSON.stringify(value) : String(value)
  if (Array.isArray(value)) return `[${value.map(pythonText).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
    return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${pythonText(inner)}`).join(',')}}`
  }
  return JSON.stringify(value)
}
