/**
 * The name a misspelt one most likely meant, for error messages.
 */
import { closest, distance } from 'fastest-levenshtein'

/** The nearest of `known`, where it is near enough to be a slip of the hand; else null. */
export function nearestName(name: string, known: readonly string[]): string | null {
  if (known.length === 0) return null
  const lower = name.toLowerCase()
  const near = closest(
    lower,
    known.map((one) => one.toLowerCase()),
  )
  const found = known.find((one) => one.toLowerCase() === near)!
  return distance(lower, near) <= Math.floor(Math.max(lower.length, near.length) / 2.5) ? found : null
}

/** `; did you mean "k"?`, or `; the columns: a, b`: to be put behind a message. */
export function nearestHint(name: string, known: readonly string[], what: string): string {
  const near = nearestName(name, known)
  if (near !== null) return `; did you mean "${near}"?`
  return `; ${what}: ${known.slice(0, 30).join(', ')}${known.length > 30 ? ', …' : ''}`
}
