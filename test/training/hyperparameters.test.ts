import { describe, expect, it } from 'vitest'
import {
  checkParams,
  type Hyperparameter,
  unknownParameters,
  withDefaults,
} from '../../src/training/index.js'

const hyperparameters: Hyperparameter[] = [
  { name: 'depth', description: 'd', type: 'int', default: 3, min: 1, max: 9 },
  { name: 'rate', description: 'r', type: 'float', default: 0.1, min: 0 },
  {
    name: 'scaling',
    description: 's',
    type: 'categorical',
    default: 'none',
    values: ['none', 'minmax', 2, null],
  },
  { name: 'bias', description: 'b', type: 'boolean', default: true },
]
const trainer = { name: 'tree', hyperparameters }

describe('checkParams', () => {
  it('takes what is described, and nothing at all', () => {
    expect(checkParams(trainer, { depth: 9, rate: 0, scaling: null, bias: false })).toEqual([])
    expect(checkParams(trainer, {})).toEqual([])
  })
  it.each([
    [{ depth: 10 }, 'params.depth', '"depth" is a whole number from 1 to 9 (got 10)'],
    [{ depth: 2.5 }, 'params.depth', '"depth" is a whole number from 1 to 9 (got 2.5)'],
    [{ depth: '3' }, 'params.depth', '"depth" is a whole number from 1 to 9 (got "3")'],
    [{ rate: -1 }, 'params.rate', '"rate" is a number, 0 or more (got -1)'],
    [{ scaling: 'minmx' }, 'params.scaling', '"scaling" is one of "none", "minmax", 2, null (got "minmx")'],
    [{ bias: 1 }, 'params.bias', '"bias" is true or false (got 1)'],
    [{ dpth: 1 }, 'params.dpth', 'the trainer tree has no hyperparameter "dpth"; did you mean "depth"?'],
    [{ q: 1 }, 'params.q', 'the trainer tree has no hyperparameter "q"; it has: depth, rate, scaling, bias'],
  ])('refuses %o', (params, path, message) => {
    expect(checkParams(trainer, params)).toEqual([{ path, message }])
  })
  it('takes everything where nothing is described', () => {
    expect(checkParams({ name: 'mine' }, { anything: 1 })).toEqual([])
    expect(unknownParameters({ name: 'mine', hyperparameters: [] }, [{ name: 'anything' }])).toEqual([])
  })
})

it('holds a search space against a trainer: names, and values it would refuse', () => {
  const space = [
    { name: 'depth', min: 1, max: 20 },
    { name: 'rate', min: 0, max: 5 },
    { name: 'scaling', values: ['none', 'maxmin'] },
    { name: 'bias', value: 'yes' },
    { name: 'Rat' },
  ]
  expect(unknownParameters(trainer, space)).toEqual([
    {
      path: 'parameters.Rat',
      message: 'the trainer tree has no hyperparameter "Rat"; did you mean "rate"?',
    },
    {
      path: 'parameters.depth',
      message: '"depth" is a whole number from 1 to 9 for the trainer tree, and the space has 20',
    },
    {
      path: 'parameters.scaling',
      message:
        '"scaling" is one of "none", "minmax", 2, null for the trainer tree, and the space has "maxmin"',
    },
    {
      path: 'parameters.bias',
      message: '"bias" is true or false for the trainer tree, and the space has "yes"',
    },
  ])
})

it('fills in defaults, and leaves what is given', () => {
  expect(withDefaults(trainer, { depth: 5, bias: false })).toEqual({
    depth: 5,
    rate: 0.1,
    scaling: 'none',
    bias: false,
  })
})
