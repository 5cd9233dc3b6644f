/**
 * A search space of NNI: `{"x": {"_type": "loguniform", "_value": [1e-5, 0.1]}}`. A choice among objects with a `_name` is one whose
 * parameters exist only where it is chosen.
 */
import { nearestHint } from '../../../spelling.js'
import { isJsonObject, type JsonObject, type JsonValue } from '../../../values.js'
import { bellOf, choiceOf, type Fault, gridded, multiplesOf, rangeOf, type Taken } from '../distributions.js'
import { found, type Path, type Told } from '../told.js'

/** How many numbers each takes in its list; null: a list of choices. */
const takes = {
  choice: null,
  randint: 2,
  uniform: 2,
  quniform: 3,
  loguniform: 2,
  qloguniform: 3,
  normal: 2,
  qnormal: 3,
  lognormal: 2,
  qlognormal: 3,
} as const

type Kind = keyof typeof takes

export function nniParameters(
  written: unknown,
  { told, isGrid }: { readonly told: Told; readonly isGrid: boolean },
): Record<string, JsonValue> {
  const parameters: Record<string, JsonValue> = {}
  const read = (entries: unknown, path: Path, before: string, when: JsonObject): void => {
    if (!isJsonObject(entries)) {
      told.wrong(path, `a search space must be an object of parameters (${found(entries)})`)
      return
    }
    for (const [key, entry] of Object.entries(entries)) {
      if (key === '_name') continue
      const at = [...path, key]
      const name = `${before}${key}`
      if (!isJsonObject(entry) || entry._type === undefined || !Array.isArray(entry._value)) {
        told.wrong(
          at,
          `a parameter must be an object with "_type" and a list as "_value" (${found(entry)}); write {"_type": "choice", "_value": […]}`,
        )
        continue
      }
      for (const other of Object.keys(entry))
        if (other !== '_type' && other !== '_value')
          told.warn([...at, other], 'NNI knows no such key; it is left out')
      const options: readonly unknown[] = entry._value
      if (entry._type === 'choice' && options.some((option) => isJsonObject(option) && '_name' in option)) {
        const names = namesOf(options, [...at, '_value'], told)
        parameters[name] = withConditions({ type: 'categorical', values: names }, when)
        for (const [i, option] of options.entries())
          read(option, [...at, '_value', i], `${name}.${names[i]}.`, { ...when, [name]: [names[i]] })
        continue
      }
      const taken = takenOf(entry._type, options, at, told)
      if (taken === null) continue
      if (taken.loss !== undefined) told.warn(at, taken.loss)
      const parameter = isGrid ? gridded(taken.parameter, at, told) : taken.parameter
      parameters[name] = withConditions(parameter, when)
    }
  }
  read(written, [], '', {})
  return parameters
}

function namesOf(options: readonly unknown[], path: Path, told: Told): string[] {
  const names = options.map((option, i) => {
    if (isJsonObject(option) && typeof option._name === 'string') return option._name
    told.wrong([...path, i], `all of these choices must be objects with a text as "_name" (${found(option)})`)
    return ''
  })
  const again = names.find((name, i) => names.indexOf(name) < i)
  if (again !== undefined)
    told.wrong(path, `the names of choices must be different ("${again}" is there again)`)
  return names
}

function withConditions(parameter: JsonValue, when: JsonObject): JsonValue {
  if (Object.keys(when).length === 0) return parameter
  return isJsonObject(parameter)
    ? { ...(parameter as JsonObject), when }
    : { type: 'constant', value: parameter, when }
}

function takenOf(type: unknown, list: readonly unknown[], path: Path, told: Told): Taken | null {
  if (typeof type !== 'string' || !Object.hasOwn(takes, type)) {
    const hint = typeof type === 'string' ? nearestHint(type, Object.keys(takes), 'there are') : ''
    told.wrong([...path, '_type'], `"_type" must be one of NNI's (${found(type)})${hint}`)
    return null
  }
  const kind = type as Kind
  const count = takes[kind]
  const isRight =
    count === null ? list.length > 0 : list.length === count && list.every((one) => Number.isFinite(one))
  if (!isRight) {
    const law = count === null ? 'a list that is not empty' : `a list of ${count} numbers`
    told.wrong([...path, '_value'], `"_value" of ${kind} must be ${law} (${found(list)})`)
    return null
  }
  const taken = kind === 'choice' ? choiceOf(list as JsonValue[]) : numbersOf(kind, list as number[])
  if (!('fault' in taken)) return taken
  told.wrong(path, taken.fault)
  return null
}

function numbersOf(kind: Exclude<Kind, 'choice'>, [first, second, q]: readonly number[]): Taken | Fault {
  const log = true
  const ends = 'clipped'
  switch (kind) {
    case 'randint': {
      const [low, top] = [Math.ceil(first), Math.ceil(second)]
      if (low < top) return rangeOf(low, top - 1, { whole: true })
      return {
        fault: `the top of randint, which is not among its values, must be above its bottom (got ${first} and ${second})`,
      }
    }
    case 'uniform':
      return rangeOf(first, second)
    case 'quniform':
      return multiplesOf(first, second, q, { ends })
    case 'loguniform':
      return rangeOf(first, second, { log })
    case 'qloguniform':
      return multiplesOf(first, second, q, { log, ends })
    case 'normal':
      return bellOf({ mean: first, deviation: second })
    case 'qnormal':
      return bellOf({ mean: first, deviation: second, q })
    case 'lognormal':
      return bellOf({ mean: first, deviation: second, log })
    case 'qlognormal':
      return bellOf({ mean: first, deviation: second, log, q })
  }
}
