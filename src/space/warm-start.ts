/** `search.warmStart` of a sweep file: a sweep's id, or an object with it and what it may differ in. */
import type { Problem } from '../errors.js'
import { isJsonObject } from '../values.js'
import { sweepFileDefinition } from './definition.js'
import { structuralProblems } from './structure.js'
import { pathOf, show } from './wording.js'

const at = ['search', 'warmStart']

/** Every mistake in what stands there. */
export function warmStartProblems(written: unknown): Problem[] {
  if (typeof written === 'string' && written !== '') return []
  if (isJsonObject(written)) {
    const { warmStart } = sweepFileDefinition()
    const sectionOf = (path: readonly unknown[]) => (path.length === 0 ? warmStart : undefined)
    return structuralProblems(warmStart, written, at, sectionOf).problems
  }
  const message = `"warmStart" must be the id of a sweep, "latest", or an object like {"sweep": "3f2a", "despite": ["metric"]} (got ${show(written)})`
  return [{ path: pathOf(...at), message }]
}
