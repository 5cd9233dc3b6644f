/** The searched parameters of a sweep as the page draws them, from what its record says it was asked to do. */
import { isEspalierError } from '../../errors.js'
import { conditionInWords, createSpace, type Parameter, recordedParameters } from '../../space/index.js'
import { isJsonObject, type JsonObject, type ParamValue, textOf } from '../../values.js'
import type { ParameterFacts } from '../data/index.js'

/** What a sweep searches over. */
export interface Searched {
  readonly facts: readonly ParameterFacts[]
  /** Of parameters with listed values, and of constants: each value by its text. */
  readonly listed: ReadonlyMap<string, ReadonlyMap<string, ParamValue>>
  /** Whether two values of one parameter have the same text, as 1 and "1": then a table does not tell them apart. */
  readonly alike: boolean
}

/** In the order of the file, without constants. None where the record names no space, or one of a later version. */
export function searchedParameters(spec: JsonObject): Searched {
  const parameters = parametersOf(spec)
  const listed = new Map<string, Map<string, ParamValue>>()
  let alike = false
  for (const parameter of parameters) {
    const values = valuesOf(parameter)
    if (values === null) continue
    const byText = new Map(values.map((value) => [textOf(value), value]))
    listed.set(parameter.name, byText)
    alike ||= byText.size < values.length
  }
  const searched = parameters.filter(({ type }) => type !== 'constant')
  return { facts: searched.map(factsOf), listed, alike }
}

function valuesOf(parameter: Parameter): readonly ParamValue[] | null {
  if (parameter.type === 'constant') return [parameter.value]
  return 'values' in parameter ? parameter.values : null
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
