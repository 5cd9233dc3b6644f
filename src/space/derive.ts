/** What follows from a parameter's definition: its map to the unit interval, and when it is active. */
import type { Codec } from './codec.js'
import { type LevelCondition, parentsFirst } from './conditions.js'
import { linearCodec, logCodec } from './continuous.js'
import { listCodec, stepCodec } from './levels.js'
import type { Parameter } from './types.js'

/** The map between a parameter's values and the unit interval. A constant has one level. */
export function codecOf(parameter: Parameter): Codec {
  switch (parameter.type) {
    case 'float': {
      const { min, max, step } = parameter
      const log = parameter.scale === 'log'
      return step !== null ? stepCodec(min, max, step, log) : (log ? logCodec : linearCodec)(min, max)
    }
    case 'int':
      return stepCodec(parameter.min, parameter.max, parameter.step, parameter.scale === 'log')
    case 'constant':
      return listCodec([parameter.value], 'categorical')
    default:
      return listCodec(parameter.values, parameter.type === 'ordinal' ? 'ordered' : 'categorical')
  }
}

/** What each parameter needs to be active: its own `when`, by the index of the parent among `parameters`. */
export function conditionsOf(parameters: readonly Parameter[], codecs: readonly Codec[]): LevelCondition[][] {
  const indexOf = indicesOf(parameters)
  return parameters.map(({ when }) =>
    when.map(({ parent, values }) => {
      const p = indexOf.get(parent)!
      return {
        parent: p,
        levels: new Set(values.map((value) => codecs[p].levelOf(value)).filter((level) => level >= 0)),
      }
    }),
  )
}

/**
 * The indices of all parameters, each after those its `when` speaks of: otherwise in the order of the file, but that
 * constants come where something else first looks at them, or last.
 */
export function parametersParentsFirst(parameters: readonly Parameter[]): number[] {
  const indexOf = indicesOf(parameters)
  const parents = parameters.map(({ when }) => when.map(({ parent }) => indexOf.get(parent)!))
  const isConstant = (p: number) => parameters[p].type === 'constant'
  const all = [...parameters.keys()]
  return parentsFirst(parents, [...all.filter((p) => !isConstant(p)), ...all.filter(isConstant)])
}

function indicesOf(parameters: readonly Parameter[]): Map<string, number> {
  return new Map(parameters.map(({ name }, p) => [name, p]))
}
