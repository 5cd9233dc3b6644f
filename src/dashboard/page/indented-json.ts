/**
 * JSON on lines of their own, and otherwise as it stands in its file: numbers longer than the browser counts, names that are there
 * twice, and the order of names are kept.
 */

/** Levels that are indented: what is deeper goes on below them. */
const mostLevels = 40
const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s"{}[\],:]+/g

/** The text itself where it is no JSON. */
export function indentedJson(text: string): string {
  try {
    JSON.parse(text)
  } catch {
    return text
  }
  const parts: string[] = []
  let level = 0
  let before = ''
  for (const [one] of text.matchAll(token)) {
    const closes = one === '}' || one === ']'
    const follows = before === '{' || before === '['
    if (closes) level--
    if (closes ? !follows : follows || before === ',')
      parts.push('\n', '  '.repeat(Math.min(level, mostLevels)))
    parts.push(one === ':' ? ': ' : one)
    if (one === '{' || one === '[') level++
    before = one
  }
  return parts.join('')
}
