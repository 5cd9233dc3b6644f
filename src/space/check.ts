/**
 * Every mistake in params that come from outside: written by hand, told by another program, read from a record.
 */
import type { Problem } from '../errors.js'
import { isJsonObject, type Params } from '../values.js'
import type { Codec } from './codec.js'
import { commonLevels, conditionsAbove, type LevelCondition, parentsFirst, parentsOf } from './conditions.js'
import type { Parameter } from './types.js'
import { describeValues, hint, mostHints, pathOf, show, showList, suggestValue } from './wording.js'

/** What is known of the parameters; some of a space that has mistakes of its own may be missing. */
export interface Checkable {
  readonly parameters: readonly Parameter[]
  readonly codecs: readonly Codec[]
  /** What each parameter needs to be active, by the index of the parent among `parameters`. */
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
  const isConstant = parameters.map(({ type }) => type === 'constant')
  /** The first condition on the way to the top that fails, and whether one cannot be told. */
  const failingOf: (LevelCondition | undefined)[] = []
  const isUndecided: boolean[] = []
  for (const i of parentsFirst(parentsOf(conditions))) {
    // A constant has one value: it is whatever it has to be, given or not.
    const fails = ({ parent, levels: allowed }: LevelCondition) =>
      !isConstant[parent] && feasible[parent] && !allowed.has(levels[parent])
    const first = conditions[i].find((one) => fails(one) || failingOf[one.parent] !== undefined)
    failingOf[i] = first && (fails(first) ? first : failingOf[first.parent])
    isUndecided[i] = conditions[i].some(
      ({ parent }) => isUndecided[parent] || !(isConstant[parent] || feasible[parent]),
    )
  }
  const requirements = createRequirements(space, given)

  parameters.forEach((parameter, i) => {
    const { name } = parameter
    const failing = failingOf[i]
    const path = pathOf(name)
    if (!given[i]) {
      if (partial || failing || isUndecided[i] || isConstant[i]) return
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
      const parent = parameters[failing.parent].name
      const needed = problems.length < mostHints ? conditionsAbove(conditions, i) : [failing]
      const left = needed.reduce<ReadonlySet<number>>(
        (levels, one) => (one.parent === failing.parent ? commonLevels(levels, one.levels) : levels),
        failing.levels,
      )
      const allowed = showList([...left].map((level) => codecs[failing.parent].valueAt(level)))
      const found = `${show(parent)} is ${show(values[failing.parent])}`
      const message = `${show(name)} exists only while ${show(parent)} is ${allowed} (but ${found}); leave ${show(name)} out`
      problems.push({ path, message })
      return
    }
    if (!partial) return
    const clash = requirements.add(i)
    if (clash === null) return
    const [name1, name2, parent] = [clash.by, i, clash.parent].map((one) => show(parameters[one].name))
    const message = `${name1} and ${name2} cannot be given together: they exist at different values of ${parent}; leave one out`
    problems.push({ path, message })
  })
  return problems
}

/** What ancestors that are not given have to be for everything given to be active, and who needs it. */
function createRequirements({ conditions }: Checkable, given: readonly boolean[]) {
  const needed = new Map<number, { levels: ReadonlySet<number>; by: number }>()
  const isMet = new Set<number>()
  return {
    /** Adds what parameter i needs; the ancestor, if there is one, that it and a parameter before cannot share. */
    add(i: number): { parent: number; by: number } | null {
      const open = conditions[i].toReversed()
      while (open.length > 0) {
        const { parent, levels } = open.pop()!
        // What is given speaks for itself.
        if (given[parent]) continue
        const before = needed.get(parent)
        const both = commonLevels(before?.levels, levels)
        if (before && before.by !== i && both.size === 0) return { parent, by: before.by }
        needed.set(parent, { levels: both, by: i })
        if (isMet.has(parent)) continue
        isMet.add(parent)
        for (let j = conditions[parent].length - 1; j >= 0; j--) open.push(conditions[parent][j])
      }
      return null
    },
  }
}
