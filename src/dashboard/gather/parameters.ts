/** The searched parameters of a sweep as the page draws them, from what its record says it was asked to do. */
import { isEspalierError } from '../../errors.js'
import { conditionInWords, createSpace, type Parameter, recordedParameters } from '../../space/index.js'
import { isJsonObject, type JsonObject, type ParamValue, textOf } from '../../values.js'
import type { ParameterFacts } from '../data/index.js'

/** What a sweep searches over. */
export interface Searched {
  readonly facts: readonly ParameterFacts[]
  /** Of parameters with listed values: each by its text. */
  readonly listed: ReadonlyMap<string, ReadonlyMap<string, ParamValue>>
}

/** In the order of the file, without constants. None where the record names no space, or one of a later version. */
export function searchedParameters(spec: JsonObject): Searched {
  const searched = parametersOf(spec).filter(({ type }) => type !== 'constant')
  const listed = new Map<string, Map<string, ParamValue>>()
  for (const parameter of searched)
    if ('values' in parameter)
      listed.set(parameter.name, new Map(parameter.values.map((value) => [textOf(value), value])))
  return { facts: searched.map(factsOf), listed }
}

function parametersOf(spec: JsonObject): readonly Parameter[] {
  if (!isJsonObject(spec.parameters)) return []
  try {
    return createSpace(recordedParameters(spec)).parameters
  } catch (error) {
    if (isEspalierError(error)) return []
    throw error
  }
}

function factsOf(parameter: Parameter): ParameterFacts {
  const { name, when } = parameter
  const isNumber = parameter.type === 'float' || parameter.type === 'int'
  return {
    name,
    kind: isNumber ? 'number' : 'category',
    integer: parameter.type === 'int',
    log: isNumber && parameter.scale === 'log',
    min: isNumber ? parameter.min : null,
    max: isNumber ? parameter.max : null,
    values: 'values' in parameter ? parameter.values.map(textOf) : null,
    default: parameter.default ?? null,
    when: conditionInWords(when) || null,
  }
}
