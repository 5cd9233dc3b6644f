/** What follows from a parameter's definition: its map to the unit interval, and when it is active. */
import type { Codec } from './codec.js'
import { closeConditions, type LevelCondition } from './conditions.js'
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

/**
 * What each parameter needs to be active, by the index of the ancestor among `parameters`; closed under ancestors.
 * An empty set of levels: it can never be.
 */
export function conditionsOf(parameters: readonly Parameter[], codecs: readonly Codec[]): LevelCondition[][] {
  const indexOf = new Map(parameters.map(({ name }, p) => [name, p]))
  const when = parameters.map((parameter) =>
    parameter.when.map(({ parent, values }) => {
      const p = indexOf.get(parent)!
      return {
        parent: p,
        levels: values.map((value) => codecs[p].levelOf(value)).filter((level) => level >= 0),
      }
    }),
  )
  return closeConditions(when).map((allowed) =>
    [...allowed].map(([dimension, levels]) => ({ dimension, levels })),
  )
}
