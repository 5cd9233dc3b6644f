/** The name that a misspelt one most likely meant, for error messages. Open to all rooms. */
import { closest, distance } from 'fastest-levenshtein'

/** A longer word is no slip of the hand, and comparing it would take long. */
const longestName = 200

/** The one of `known` nearest to `name` in spelling, where it is near enough to be a slip of the hand; else null. */
export function nearestName(name: string, known: readonly string[]): string | null {
  if (known.length === 0 || name.length > longestName) return null
  const lower = name.toLowerCase()
  const lowered = known.map((one) => one.toLowerCase())
  const begun = lower.length > 2 ? lowered.findIndex((one) => one.startsWith(lower)) : -1
  if (begun >= 0) return known[begun]
  const near = closest(lower, lowered)
  const allowed = Math.min(lower.length, near.length) / 2
  // Two letters swapped count as two slips, which is much in a short word.
  const swapped = lower.length > 1 && sorted(lower) === sorted(near)
  const slips = distance(lower, near)
  const doubled = slips === 1 && lower.startsWith(near)
  return swapped || doubled || slips <= allowed ? known[lowered.indexOf(near)] : null
}

/**
 * `; did you mean "k"?`, or `; the columns: a, b` (nothing, where the message has named them): to be put behind a
 * message.
 */
export function nearestHint(name: string, known: readonly string[], what?: string): string {
  const near = nearestName(name, known)
  if (near !== null) return `; did you mean "${near}"?`
  if (what === undefined || known.length === 0) return ''
  return `; ${what}: ${known.slice(0, 30).join(', ')}${known.length > 30 ? ', …' : ''}`
}

function sorted(word: string): string {
  return [...word].sort().join('')
}
