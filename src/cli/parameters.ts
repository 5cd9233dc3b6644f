/** The parameters of a space, one line each. */
import { conditionInWords, type Parameter, type Space } from '../space/index.js'
import * as format from './format.js'
import { plain } from './output.js'
import { wrappedTable } from './table.js'

export function parameterTable(space: Space): string {
  const conditional = space.parameters.some(({ when }) => when.length > 0)
  return wrappedTable(
    [
      { title: 'parameter' },
      { title: 'type' },
      { title: 'values' },
      ...(conditional ? [{ title: 'only when' }] : []),
    ],
    space.parameters.map((parameter) => [
      plain(parameter.name),
      parameter.type,
      valuesOf(parameter),
      ...(conditional ? [conditionInWords(parameter.when)] : []),
    ]),
  )
}

function valuesOf(parameter: Parameter): string {
  switch (parameter.type) {
    case 'constant':
      return format.value(parameter.value)
    case 'categorical':
    case 'ordinal':
      return parameter.values.map(format.value).join(', ')
    default: {
      const { min, max, scale, step, type } = parameter
      const stepped = step === null || (type === 'int' && step === 1) ? '' : `, step ${format.number(step)}`
      return `${format.number(min)} to ${format.number(max)}${scale === 'log' ? ', log scale' : ''}${stepped}`
    }
  }
}
