/** The laws of `when`: parents that exist and can have the values named, no circles, nothing that can never be. */
import type { Problem } from '../errors.js'
import { isJsonObject } from '../values.js'
import type { Codec } from './codec.js'
import {
  commonLevels,
  conditionsAbove,
  findCircles,
  type LevelCondition,
  parentsFirst,
  parentsOf,
} from './conditions.js'
import { repeated, valueFault } from './json.js'
import type { Parameter } from './types.js'
import { describeValues, hint, mostHints, pathOf, show, showList, suggestValue } from './wording.js'

/**
 * Each condition by itself, and the circles they make. `entries` are the parameters as written, `parameters` those of
 * them that could be read. A condition is sound if it has no mistake, is on no circle, and its parent could be read.
 */
export function checkWhen(
  entries: ReadonlyMap<string, unknown>,
  parameters: readonly Parameter[],
  codecs: readonly Codec[],
): { problems: Problem[]; isSound: (name: string, parent: string) => boolean } {
  const problems: Problem[] = []
  const names = [...entries.keys()]
  const placeOf = new Map(names.map((name, i) => [name, i]))
  const readAt = new Map(parameters.map(({ name }, p) => [name, p]))
  const sound = new Set<string>()
  const pair = (name: string, parent: string) => JSON.stringify([name, parent])
  const parents: number[][] = []
  for (const [name, entry] of entries) {
    const when = isJsonObject(entry) && isJsonObject(entry.when) ? Object.entries(entry.when) : []
    parents.push(when.flatMap(([parent]) => placeOf.get(parent) ?? []))
    for (const [parent, values] of when) {
      const at = ['parameters', name, 'when', parent]
      if (!entries.has(parent)) {
        const near =
          problems.length < mostHints
            ? hint(
                parent,
                names.filter((other) => other !== name),
                'the others are',
              )
            : ''
        const message = `"when" must look at another parameter (got ${show(parent)})${near}`
        problems.push({ path: pathOf(...at), message })
        continue
      }
      if (!Array.isArray(values)) continue
      const twice = repeated(values)
      if (twice.length > 0) {
        const message = `the values must all be different (got ${showList(twice, 'and')} more than once); name each once`
        problems.push({ path: pathOf(...at), message })
      }
      const p = readAt.get(parent)
      if (p === undefined) continue
      const wrong = checkParentValues(parameters[p], codecs[p], values, at)
      problems.push(...wrong)
      if (wrong.length === 0) sound.add(pair(name, parent))
    }
  }
  for (const circle of findCircles(parents)) {
    const way = [...circle, circle[0]].map((i) => show(names[i])).join(' → ')
    const message = `conditions must not go in a circle (got ${way}); take one of these out`
    problems.push({ path: pathOf('parameters', names[circle[0]], 'when'), message })
    for (const i of circle) for (const parent of parents[i]) sound.delete(pair(names[i], names[parent]))
  }
  return { problems, isSound: (name, parent) => sound.has(pair(name, parent)) }
}

function checkParentValues(
  parent: Parameter,
  codec: Codec,
  values: readonly unknown[],
  at: readonly string[],
): Problem[] {
  if (codec.kind === 'continuous') {
    const message = `"when" must look at values that can be listed, and ${show(parent.name)} is a continuous float; give it a "step", or look at another parameter`
    return [{ path: pathOf(...at), message }]
  }
  const problems: Problem[] = []
  values.forEach((value, i) => {
    if (codec.levelOf(value) >= 0 || valueFault(value) !== null) return
    const law = `"when" must name values that ${show(parent.name)} can have: ${describeValues(parent)}`
    const message = `${law} (got ${show(value)})${problems.length < mostHints ? suggestValue(parent, value) : ''}`
    problems.push({ path: pathOf(...at, i), message })
  })
  return problems
}

/** Parameters whose conditions contradict each other along the way to the top. Needs a graph without circles. */
export function checkReachable(
  parameters: readonly Parameter[],
  conditions: readonly (readonly LevelCondition[])[],
): Problem[] {
  const findImpossible = impossibleAncestors(conditions)
  /** The parameter of which nothing is left, by the one that needs it; those below one that never can be have null. */
  const never = new Map<number, number | null>()
  for (const p of parentsFirst(parentsOf(conditions))) {
    if (conditions[p].some(({ parent }) => never.has(parent))) {
      never.set(p, null)
      continue
    }
    const impossible = findImpossible(p)
    if (impossible !== undefined) never.set(p, impossible)
  }
  return parameters.flatMap(({ name }, p) => {
    const impossible = never.get(p)
    // Told where it begins, and not again for everything below.
    if (impossible === undefined || impossible === null) return []
    const message = `a parameter must be able to exist, and ${show(name)} never can: its conditions, with those of its parents, leave no value of ${show(parameters[impossible].name)}`
    return [{ path: pathOf('parameters', name, 'when'), message }]
  })
}

/**
 * Finds the first ancestor of a parameter of which its conditions, with those of its parents (each possible by itself),
 * leave no level. The ancestors are walked through only where that can be: two ways have to lead to one of them, and
 * what all conditions of the space together demand of it be nothing.
 */
function impossibleAncestors(conditions: readonly (readonly LevelCondition[])[]) {
  const demanded = new Map<number, ReadonlySet<number>>()
  const contested = new Set<number>()
  for (const needs of conditions) {
    for (const { parent, levels } of needs) {
      const left = commonLevels(demanded.get(parent), levels)
      demanded.set(parent, left)
      if (left.size === 0) contested.add(parent)
    }
  }

  return (p: number): number | undefined => {
    const needs = conditions[p]
    if (contested.size === 0) return undefined
    if (needs.length < 2) return needs.find(({ levels }) => levels.size === 0)?.parent
    const allowed = new Map<number, ReadonlySet<number>>()
    for (const { parent, levels } of conditionsAbove(conditions, p)) {
      if (contested.has(parent)) allowed.set(parent, commonLevels(allowed.get(parent), levels))
    }
    for (const [ancestor, levels] of allowed) if (levels.size === 0) return ancestor
    return undefined
  }
}
