/**
 * Every mistake in params that come from outside: written by hand, told by another program, read from a record.
 */
import type { Problem } from '../errors.js'
import { isJsonObject, type Params } from '../values.js'
import type { Codec } from './codec.js'
import type { LevelCondition } from './conditions.js'
import type { Parameter } from './types.js'
import { describeValues, hint, mostHints, pathOf, show, showList, suggestValue } from './wording.js'

/** What is known of the parameters; some of a space that has mistakes of its own may be missing. */
export interface Checkable {
  readonly parameters: readonly Parameter[]
  readonly codecs: readonly Codec[]
  /** What each parameter needs to be active, by the index of the ancestor among `parameters`; closed. */
  readonly conditions: readonly (readonly LevelCondition[])[]
  /** Names that exist but are not among `parameters`, as their definition has a mistake. */
  readonly broken?: readonly string[]
}

/** `partial`: nothing is missing, and ancestors that are not given can take any value. */
export function checkParams(space: Checkable, params: unknown, partial: boolean): Problem[] {
  if (!isJsonObject(params)) {
    return [{ path: '', message: `params must be an object of names and values (got ${show(params)})` }]
  }
  const { parameters, codecs, conditions, broken = [] } = space
  const problems: Problem[] = []
  const names = [...parameters.map(({ name }) => name), ...broken]
  const known = new Set(names)
  for (const name of Object.keys(params)) {
    if (known.has(name)) continue
    const near = problems.length < mostHints ? hint(name, names, 'the parameters are') : ''
    const message = `no parameter has the name ${show(name)}${near}`
    problems.push({ path: pathOf(name), message })
  }

  const given = parameters.map(({ name }) => Object.hasOwn(params, name))
  const values = parameters.map(({ name }) => (params as Params)[name])
  // NaN: not given, or no value of the parameter; 0 stands for any value where it is continuous.
  const feasible = parameters.map((_, i) => given[i] && codecs[i].toUnit(values[i]) >= 0)
  const levels = parameters.map((_, i) => (feasible[i] ? codecs[i].levelOf(values[i]) : Number.NaN))
  /** What ancestors that are not given have to be for everything given to be active, and who needs it. */
  const needed = new Map<number, { levels: ReadonlySet<number>; by: number }>()

  parameters.forEach((parameter, i) => {
    const { name } = parameter
    const failing = conditions[i].find((c) => feasible[c.dimension] && !c.levels.has(levels[c.dimension]))
    const undecided = conditions[i].some((c) => !feasible[c.dimension])
    const path = pathOf(name)
    if (!given[i]) {
      if (partial || failing || undecided || parameter.type === 'constant') return
      problems.push({
        path,
        message: `${show(name)} must be given: ${describeValues(parameter)} (got nothing)`,
      })
      return
    }
    if (!feasible[i]) {
      const message = `${show(name)} must be ${describeValues(parameter)} (got ${show(values[i])})`
      problems.push({
        path,
        message: message + (problems.length < mostHints ? suggestValue(parameter, values[i]) : ''),
      })
    }
    if (failing) {
      const parent = parameters[failing.dimension].name
      const allowed = showList([...failing.levels].map((level) => codecs[failing.dimension].valueAt(level)))
      const found = `${show(parent)} is ${show(values[failing.dimension])}`
      const message = `${show(name)} exists only while ${show(parent)} is ${allowed} (but ${found}); leave ${show(name)} out`
      problems.push({ path, message })
      return
    }
    if (!partial) return
    for (const { dimension, levels: allowed } of conditions[i]) {
      if (given[dimension]) continue
      const before = needed.get(dimension)
      const both = before ? new Set([...allowed].filter((level) => before.levels.has(level))) : allowed
      if (before && both.size === 0) {
        const [name1, name2, parent] = [before.by, i, dimension].map((one) => show(parameters[one].name))
        const message = `${name1} and ${name2} cannot be given together: they exist at different values of ${parent}; leave one out`
        problems.push({ path, message })
        return
      }
      needed.set(dimension, { levels: both, by: i })
    }
  })
  return problems
}
