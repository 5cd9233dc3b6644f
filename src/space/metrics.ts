/** `metrics` of a sweep file: names, and modules of one's own with the names they are to have. */
import type { Problem } from '../errors.js'
import { isJsonObject } from '../values.js'
import { sweepFileDefinition } from './definition.js'
import { structuralProblems } from './structure.js'
import { pathOf, show } from './wording.js'

/** Every mistake in what stands there, but for names that no metric has. */
export function metricsProblems(written: unknown): Problem[] {
  if (!Array.isArray(written)) {
    const message = `"metrics" must be a list like ["rocAuc", {"name": "cost", "module": "./cost.js"}] (got ${show(written)})`
    return [{ path: 'metrics', message }]
  }
  const { ownMetric } = sweepFileDefinition()
  const seen = new Set<unknown>()
  return written.flatMap((entry, i): Problem[] => {
    const problems = entryProblems(entry, i, ownMetric)
    if (problems.length > 0) return problems
    const name = isJsonObject(entry) ? entry.name : entry
    if (seen.has(name)) return [{ path: pathOf('metrics', i), message: `${show(name)} is listed twice` }]
    seen.add(name)
    return []
  })
}

function entryProblems(
  entry: unknown,
  i: number,
  ownMetric: ReturnType<typeof sweepFileDefinition>['ownMetric'],
): Problem[] {
  if (typeof entry === 'string' && entry !== '') return []
  if (isJsonObject(entry)) {
    if (typeof entry.name === 'string' && !/^[A-Za-z][A-Za-z0-9_]*$/.test(entry.name)) {
      const message = `the name of a metric of your own has letters, digits and _, and begins with a letter (got ${show(entry.name)})`
      return [{ path: pathOf('metrics', i, 'name'), message }]
    }
    const sectionOf = (path: readonly unknown[]) => (path.length === 0 ? ownMetric : undefined)
    return structuralProblems(ownMetric, entry, ['metrics', i], sectionOf).problems
  }
  const message = `a metric is a name in quotes, or {"name": "cost", "module": "./cost.js"} (got ${show(entry)})`
  return [{ path: pathOf('metrics', i), message }]
}
