/** `parameters` of a W&B sweep: each distribution, with W&B's defaults, and nested ones by the names on their way. */
import type { Written } from '../../../launch/index.js'
import { nearestHint } from '../../../spelling.js'
import { environmentName } from '../../../training/index.js'
import { isJsonObject, type JsonValue } from '../../../values.js'
import {
  bellOf,
  betaOf,
  choiceOf,
  constantOf,
  type Fault,
  gridded,
  multiplesOf,
  rangeOf,
  type Taken,
} from '../distributions.js'
import { isWrittenAsFloat } from '../python-yaml.js'
import { found, type Path, type Told } from '../told.js'

type Entry = Readonly<Record<string, unknown>>

export interface WandbParameter {
  /** What Espalier calls it. */
  readonly name: string
  /** The names on the way to it in W&B's config; one where it is not nested. */
  readonly way: readonly string[]
  readonly parameter: JsonValue
  /** Whether W&B gives floats, also for whole numbers. */
  readonly floats: boolean
}

interface Context {
  readonly told: Told
  readonly source: Written
  readonly isGrid: boolean
}

/** The keys that a distribution takes beside `distribution`. */
const takes = {
  constant: ['value'],
  categorical: ['values'],
  categorical_w_probabilities: ['values', 'probabilities'],
  int_uniform: ['min', 'max'],
  uniform: ['min', 'max'],
  q_uniform: ['min', 'max', 'q'],
  log_uniform: ['min', 'max'],
  log_uniform_values: ['min', 'max'],
  inv_log_uniform: ['min', 'max'],
  inv_log_uniform_values: ['min', 'max'],
  q_log_uniform: ['min', 'max', 'q'],
  q_log_uniform_values: ['min', 'max', 'q'],
  normal: ['mu', 'sigma'],
  q_normal: ['mu', 'sigma', 'q'],
  log_normal: ['mu', 'sigma'],
  q_log_normal: ['mu', 'sigma', 'q'],
  beta: ['a', 'b'],
  q_beta: ['a', 'b', 'q'],
} as const satisfies Record<string, readonly string[]>

type Distribution = keyof typeof takes

/** What stands for a key that is not there; the others must be. */
const usual: Readonly<Record<string, number>> = { mu: 0, sigma: 1, q: 1, a: 1, b: 1 }

export function wandbParameters(written: unknown, context: Context): WandbParameter[] {
  const { told } = context
  const taken: Omit<WandbParameter, 'name'>[] = []
  const read = (entries: unknown, path: Path, way: readonly string[]): void => {
    if (!isJsonObject(entries) || Object.keys(entries).length === 0) {
      told.wrong(path, `"parameters" must be an object with one of them or more (${found(entries)})`)
      return
    }
    for (const [key, entry] of Object.entries(entries)) {
      const at = [...path, key]
      const to = [...way, key]
      if (!isJsonObject(entry)) {
        const remedy = Array.isArray(entry) ? 'values' : 'value'
        told.wrong(
          at,
          `a parameter must be an object (${found(entry)}); write {"${remedy}": ${JSON.stringify(entry)}}`,
        )
      } else if ('parameters' in entry) {
        for (const other of Object.keys(entry))
          if (other !== 'parameters')
            told.warn([...at, other], 'nested parameters have nothing beside "parameters"; it is left out')
        read(entry.parameters, [...at, 'parameters'], to)
      } else {
        const one = parameterOf(entry, at, context)
        if (one !== null) taken.push({ way: to, ...one })
      }
    }
  }
  read(written, ['parameters'], [])
  const names = namesFor(taken.map(({ way }) => way))
  return taken.map((one, i) => ({ name: names[i], ...one }))
}

/**
 * Nested ones by the names on their way between dots. No two may come to the same variable of the environment: what is not nested keeps
 * its name before the others, and who comes later gets a number.
 */
function namesFor(ways: readonly (readonly string[])[]): string[] {
  const variables = new Set<string>()
  const names: string[] = []
  const nestedLast = [...ways.entries()].sort(([, a], [, b]) => Number(a.length > 1) - Number(b.length > 1))
  for (const [i, way] of nestedLast) {
    const usual = way.join('.')
    let name = usual
    for (let n = 2; variables.has(environmentName(name)); n++) name = `${usual}_${n}`
    variables.add(environmentName(name))
    names[i] = name
  }
  return names
}

function parameterOf(
  entry: Entry,
  path: Path,
  { told, source, isGrid }: Context,
): Pick<WandbParameter, 'parameter' | 'floats'> | null {
  const distribution = distributionOf(entry, path, told, source)
  if (distribution === null) return null
  const keys: readonly string[] = takes[distribution]
  for (const key of Object.keys(entry))
    if (key !== 'distribution' && !keys.includes(key))
      told.warn([...path, key], `the distribution ${distribution} has no such key; it is left out`)
  if (!isComplete(entry, keys, distribution, path, told)) return null
  const taken = takenOf(distribution, entry)
  if ('fault' in taken) {
    told.wrong(path, taken.fault)
    return null
  }
  if (taken.loss !== undefined) told.warn(path, taken.loss)
  const parameter = isGrid ? gridded(taken.parameter, path, told) : taken.parameter
  return { parameter, floats: givesFloats(distribution, entry, path, source) }
}

function distributionOf(entry: Entry, path: Path, told: Told, source: Written): Distribution | null {
  const { distribution } = entry
  if (distribution === undefined) {
    if ('value' in entry) return 'constant'
    if ('values' in entry) return 'probabilities' in entry ? 'categorical_w_probabilities' : 'categorical'
    if ('min' in entry && 'max' in entry) {
      const isWhole = (key: string) =>
        Number.isInteger(entry[key]) && !isWrittenAsFloat(source, [...path, key])
      return isWhole('min') && isWhole('max') ? 'int_uniform' : 'uniform'
    }
    told.wrong(
      path,
      `a parameter must say what it may be, by "value", "values", "min" and "max", "distribution" or "parameters" (${found(entry)})`,
    )
    return null
  }
  if (typeof distribution === 'string' && Object.hasOwn(takes, distribution))
    return distribution as Distribution
  const hint =
    typeof distribution === 'string' ? nearestHint(distribution, Object.keys(takes), 'there are') : ''
  told.wrong([...path, 'distribution'], `a distribution must be one of W&B's (${found(distribution)})${hint}`)
  return null
}

function isComplete(
  entry: Entry,
  keys: readonly string[],
  distribution: string,
  path: Path,
  told: Told,
): boolean {
  const missing = keys.filter((key) => {
    const value = entry[key] ?? usual[key]
    if (key === 'value') return !('value' in entry)
    if (key === 'values' || key === 'probabilities') return !Array.isArray(value) || value.length === 0
    return !Number.isFinite(value)
  })
  for (const key of missing) {
    const law =
      key === 'value'
        ? 'there'
        : key in usual || key.startsWith('m')
          ? 'a number'
          : 'a list that is not empty'
    told.wrong(
      [...path, key],
      `"${key}" of the distribution ${distribution} must be ${law} (${found(entry[key])})`,
    )
  }
  return missing.length === 0
}

function takenOf(distribution: Distribution, entry: Entry): Taken | Fault {
  const of = (key: string) => (entry[key] ?? usual[key]) as number
  const ends = 'rounded'
  const log = true
  switch (distribution) {
    case 'constant':
      return { parameter: constantOf(entry.value as JsonValue) }
    case 'categorical':
      return choiceOf(entry.values as JsonValue[])
    case 'categorical_w_probabilities':
      return weighted(entry.values as JsonValue[], entry.probabilities as unknown[])
    case 'int_uniform':
      return Number.isInteger(of('min')) && Number.isInteger(of('max'))
        ? rangeOf(of('min'), of('max'), { whole: true })
        : { fault: `the ends of int_uniform must be whole numbers (got ${of('min')} and ${of('max')})` }
    case 'uniform':
      return rangeOf(of('min'), of('max'))
    case 'q_uniform':
      return multiplesOf(of('min'), of('max'), of('q'), { ends })
    case 'log_uniform':
      return rangeOf(Math.exp(of('min')), Math.exp(of('max')), { log })
    // The inverse of what is spread evenly in its logarithm is so too.
    case 'log_uniform_values':
    case 'inv_log_uniform_values':
      return rangeOf(of('min'), of('max'), { log })
    case 'inv_log_uniform':
      return rangeOf(Math.exp(-of('max')), Math.exp(-of('min')), { log })
    case 'q_log_uniform':
      return multiplesOf(Math.exp(of('min')), Math.exp(of('max')), of('q'), { log, ends })
    case 'q_log_uniform_values':
      return multiplesOf(of('min'), of('max'), of('q'), { log, ends })
    case 'normal':
      return bellOf({ mean: of('mu'), deviation: of('sigma') })
    case 'q_normal':
      return bellOf({ mean: of('mu'), deviation: of('sigma'), q: of('q') })
    case 'log_normal':
      return bellOf({ mean: of('mu'), deviation: of('sigma'), log })
    case 'q_log_normal':
      return bellOf({ mean: of('mu'), deviation: of('sigma'), log, q: of('q') })
    case 'beta':
      return betaOf(of('a'), of('b'))
    case 'q_beta':
      return betaOf(of('a'), of('b'), of('q'))
  }
}

function weighted(values: readonly JsonValue[], shares: readonly unknown[]): Taken | Fault {
  if (
    shares.length !== values.length ||
    !shares.every((share) => Number.isFinite(share) && Number(share) >= 0)
  )
    return {
      fault: `"probabilities" must have a number of 0 or more for each of the ${values.length} values (${found(shares)})`,
    }
  const possible = values.filter((_, i) => Number(shares[i]) > 0)
  if (possible.length === 0) return { fault: `one of the probabilities must be above 0 (${found(shares)})` }
  const taken = choiceOf(possible)
  const losses = [
    ...(possible.length < values.length ? ['what has the probability 0 is left out'] : []),
    ...(new Set(shares.filter((share) => share !== 0)).size > 1
      ? ['the probabilities are left out: every value is as likely as the others']
      : []),
    ...(taken.loss === undefined ? [] : [taken.loss]),
  ]
  return losses.length === 0 ? taken : { parameter: taken.parameter, loss: losses.join('; ') }
}

/** W&B rounds to a whole quantum as ints, and to any other, also one that goes unsaid, as floats. */
function givesFloats(distribution: Distribution, entry: Entry, path: Path, source: Written): boolean {
  const isFloat = (value: unknown, ...at: (string | number)[]) =>
    typeof value === 'number' && (!Number.isInteger(value) || isWrittenAsFloat(source, [...path, ...at]))
  switch (distribution) {
    case 'constant':
      return isFloat(entry.value, 'value')
    case 'categorical':
    case 'categorical_w_probabilities':
      return (entry.values as unknown[]).every((value, i) => isFloat(value, 'values', i))
    case 'int_uniform':
      return false
    default:
      return !(takes[distribution] as readonly string[]).includes('q') || isFloat(entry.q ?? 1.5, 'q')
  }
}
