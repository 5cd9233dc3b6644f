/** `search.pruner` of a sweep file: a name, or an object with the name and that pruner's settings. */
import type { Problem } from '../errors.js'
import { betterSide, isJsonObject } from '../values.js'
import { sweepFileDefinition } from './definition.js'
import type { Json } from './json.js'
import { structuralProblems } from './structure.js'
import type { PrunerName } from './types.js'
import { hint, pathOf, show, showList } from './wording.js'

const at = ['search', 'pruner']

/** Every mistake in what stands there. */
export function prunerProblems(written: unknown): Problem[] {
  const { pruners } = sweepFileDefinition()
  const names = Object.keys(pruners)
  const known = (name: unknown): name is PrunerName => typeof name === 'string' && names.includes(name)
  const wrong = (path: readonly string[], subject: string, found: unknown): Problem[] => [
    {
      path: pathOf(...path),
      message: `${subject} must be ${showList(names)} (got ${show(found)})${hint(found, names, 'choose from')}`,
    },
  ]
  if (typeof written === 'string') return known(written) ? [] : wrong(at, '"pruner"', written)
  if (!isJsonObject(written)) {
    const message = `"pruner" must be a name, ${showList(names)}, or an object with a "name" (got ${show(written)})`
    return [{ path: pathOf(...at), message }]
  }
  const { name } = written
  if (name === undefined)
    return [{ path: pathOf(...at, 'name'), message: `"name" is required: ${showList(names)}` }]
  if (!known(name)) return wrong([...at, 'name'], '"name"', name)
  const schema = pruners[name]
  const { problems } = structuralProblems(schema, written, at, (path) =>
    path.length === 0 ? schema : undefined,
  )
  return problems.length > 0 ? problems : [...lonelyMetric(written)]
}

/** A metric other than the objective's has a direction of its own, which nobody can guess where its better side is not known. */
function lonelyMetric({ metric, direction }: Json): Problem[] {
  if ((metric === undefined) === (direction === undefined)) return []
  if (direction === undefined && typeof metric === 'string' && betterSide(metric) !== undefined) return []
  const message =
    direction === undefined
      ? `"metric" must have a "direction" beside it (got ${show(metric)} alone); say whether less or more of it is better`
      : `"direction" must have a "metric" beside it (got ${show(direction)} alone); without one, the objective's direction counts`
  return [{ path: pathOf(...at, direction === undefined ? 'metric' : 'direction'), message }]
}
