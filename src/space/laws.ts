/** The laws between the keys of one parameter: min below max, a step that fits, values that differ. */
import type { Problem } from '../errors.js'
import { isJsonObject } from '../values.js'
import { decimalGrid } from './decimal.js'
import { type Json, repeated, valueFault } from './json.js'
import { mostLevels, mostLogLevels } from './levels.js'
import type { Parameter } from './types.js'
import { pathOf, show, showList } from './wording.js'

/** `at` is the path of the parameter. A key that is missing or wrong in itself is not in `entry`. */
export function checkLaws(type: Parameter['type'], entry: Json, at: readonly string[]): Problem[] {
  const problems: Problem[] = []
  const add = (message: string, ...inside: (string | number)[]) =>
    problems.push({ path: pathOf(...at, ...inside), message })
  if (Array.isArray(entry.values)) {
    entry.values.forEach((value, i) => {
      const fault = valueFault(value)
      if (fault !== null) add(`every entry of "values" ${fault} (got ${show(value)})`, 'values', i)
    })
    const twice = repeated(entry.values)
    if (twice.length > 0) {
      add(
        `"values" must all be different (got ${showList(twice, 'and')} more than once); name each once`,
        'values',
      )
    }
  }
  for (const key of ['value', 'default'] as const) {
    const fault = entry[key] === undefined ? null : valueFault(entry[key])
    if (fault !== null) add(`"${key}" ${fault} (got ${show(entry[key])})`, key)
  }
  for (const [parent, values] of Object.entries(isJsonObject(entry.when) ? entry.when : {})) {
    for (const [i, value] of Array.isArray(values) ? values.entries() : []) {
      const fault = valueFault(value)
      if (fault !== null) add(`every value of "when" ${fault} (got ${show(value)})`, 'when', parent, i)
    }
  }
  if (type !== 'float' && type !== 'int') return problems

  const { min, max, step } = entry as { min?: number; max?: number; step?: number }
  const log = entry.scale === 'log'
  if (log && min !== undefined && min <= 0) {
    add(`"min" must be greater than 0 on a log scale (got ${min}); raise it, or leave "scale" out`, 'min')
  }
  if (min === undefined || max === undefined) return problems
  if (!(max > min)) {
    const remedy = max === min ? `; for one fixed value write ${max} in place of the object` : ''
    add(`"max" must be greater than "min" (got min ${min}, max ${max})${remedy}`)
    return problems
  }
  if (!Number.isFinite(max - min)) {
    add(`"max" minus "min" must be below 1.8e308 (got min ${min}, max ${max}); narrow the range`)
    return problems
  }
  if (step === undefined && type === 'float') {
    if (max - min < 1e-280) {
      add(`"max" minus "min" must be at least 1e-280 (got min ${min}, max ${max}); give it in another unit`)
    }
    return problems
  }
  const stride = step ?? 1
  if (stride > max - min) {
    add(`"step" must fit between "min" and "max" (got step ${stride} in a range of ${max - min})`, 'step')
    return problems
  }
  const size = Math.max(Math.abs(min), Math.abs(max))
  const steps = log || type === 'float' ? size / stride : decimalGrid(min, max, stride).levels
  const most = log ? mostLogLevels : mostLevels
  if (steps > most) {
    const remedy =
      type === 'float' ? 'leave "step" out for a continuous range' : 'narrow the range or give a "step"'
    const where = log ? ' on a log scale' : ''
    add(`a parameter may have at most ${most} steps${where} (got ${Math.round(steps)}); ${remedy}`)
  }
  return problems
}
