/**
 * Params against the hyperparameters a trainer describes: defaults filled in, unknown names and values out of
 * range refused. A trainer that describes none (a module of one's own may) takes everything.
 */
import type { Problem } from '../errors.js'
import { nearestHint } from '../spelling.js'
import { canonicalJson, isJsonObject, type Params, type ParamValue } from '../values.js'
import type { Hyperparameter } from './types.js'

interface Described {
  readonly name: string
  readonly hyperparameters?: readonly Hyperparameter[]
}

/** Every param that this trainer does not know or that is outside its range: empty when fine. */
export function checkParams(trainer: Described, params: Params): Problem[] {
  const described = trainer.hyperparameters ?? []
  if (described.length === 0) return []
  const problems = unknownNames(trainer, Object.keys(params))
  for (const hyperparameter of described) {
    const value = Object.hasOwn(params, hyperparameter.name) ? params[hyperparameter.name] : undefined
    if (value === undefined) continue
    const law = brokenLaw(hyperparameter, value)
    if (law !== null) {
      problems.push({
        path: `params.${hyperparameter.name}`,
        message: `${law} (got ${JSON.stringify(value)})`,
      })
    }
  }
  return problems
}

/** What is looked at of a parameter of a search space. */
export interface SpaceParameter {
  readonly name: string
  readonly min?: number
  readonly max?: number
  readonly values?: readonly ParamValue[]
  /** Of a constant. */
  readonly value?: ParamValue
}

/**
 * Parameters of a search space that this trainer does not know (with the nearest right name) or whose values it would
 * refuse, so that a sweep is refused before it runs.
 */
export function unknownParameters(trainer: Described, parameters: readonly SpaceParameter[]): Problem[] {
  const described = new Map((trainer.hyperparameters ?? []).map((one) => [one.name, one]))
  if (described.size === 0) return []
  const problems = unknownNames(
    trainer,
    parameters.map(({ name }) => name),
    'parameters',
  )
  for (const { name, min, max, values = [], value } of parameters) {
    const hyperparameter = described.get(name)
    if (hyperparameter === undefined) continue
    const extremes = [min, max, value, ...values].filter((one) => one !== undefined)
    for (const extreme of extremes) {
      const law = brokenLaw(hyperparameter, extreme)
      if (law === null) continue
      problems.push({
        path: `parameters.${name}`,
        message: `${law} for the trainer ${trainer.name}, and the space has ${JSON.stringify(extreme)}`,
      })
      break
    }
  }
  return problems
}

function unknownNames(trainer: Described, names: readonly string[], where = 'params'): Problem[] {
  const known = trainer.hyperparameters!.map(({ name }) => name)
  return names
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: `${where}.${name}`,
      message: `the trainer ${trainer.name} has no hyperparameter "${name}"${nearestHint(name, known, 'it has')}`,
    }))
}

function brokenLaw(hyperparameter: Hyperparameter, value: ParamValue): string | null {
  const { name, type, min = -Infinity, max = Infinity, values = [] } = hyperparameter
  switch (type) {
    case 'categorical':
      return values.some((one) => canonicalJson(one) === canonicalJson(value))
        ? null
        : `"${name}" is one of ${values.map((one) => JSON.stringify(one)).join(', ')}`
    case 'names': {
      const allowed = values.map((one) => canonicalJson(one))
      return isJsonObject(value) && Object.values(value).every((one) => allowed.includes(canonicalJson(one)))
        ? null
        : `"${name}" is an object that gives names ${values.map((one) => JSON.stringify(one)).join(', ')}`
    }
    case 'boolean':
      return typeof value === 'boolean' ? null : `"${name}" is true or false`
    case 'int':
    case 'float': {
      const right =
        typeof value === 'number' && (type === 'float' ? Number.isFinite(value) : Number.isInteger(value))
      if (right && value >= min && value <= max) return null
      const what = type === 'int' ? 'a whole number' : 'a number'
      if (min !== -Infinity && max !== Infinity) return `"${name}" is ${what} from ${min} to ${max}`
      if (min !== -Infinity) return `"${name}" is ${what}, ${min} or more`
      if (max !== Infinity) return `"${name}" is ${what}, ${max} or less`
      return `"${name}" is ${what}`
    }
  }
}

/** The params with the default of every described hyperparameter that is not given. */
export function withDefaults(trainer: Described, params: Params): Params {
  return { ...defaultsOf(trainer), ...params }
}

/** What stands for hyperparameters that are not given. */
export function defaultsOf(trainer: Described): Params {
  const defaults: Record<string, ParamValue> = {}
  for (const { name, default: value } of trainer.hyperparameters ?? []) defaults[name] = value
  return defaults
}
