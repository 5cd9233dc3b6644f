/**
 * Words for whatever a trainer threw. It may be anything (null, a Proxy, an Error whose getters throw), so
 * nothing of it is trusted and the text is bounded.
 */
import { inspect } from 'node:util'

const longestText = 2000

/** A bounded, never throwing description: `TypeError: x is not a function`, `a thrown number: 7`. */
export function describeThrown(thrown: unknown): string {
  try {
    if (thrown instanceof Error) {
      const message = String(thrown.message)
      return clip(message === '' ? String(thrown.name) : `${String(thrown.name)}: ${message}`)
    }
    if (typeof thrown === 'string') return clip(`a thrown string: ${thrown}`)
    return clip(`a thrown ${thrown === null ? 'null' : `${typeof thrown}: ${inspect(thrown, { depth: 1 })}`}`)
  } catch {
    return 'something that cannot even be described (its own getters throw)'
  }
}

export function clip(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText)}… (${text.length} characters)`
}
