/** The laws of a space, over spaces chosen for what is hard about them, and over spaces made at random. */
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { isEspalierError } from '../../src/errors.js'
import { createSpace, type ParameterJson } from '../../src/space/index.js'
import { laws, spaceLaws } from '../laws/space.js'
import { arbitraryParameters } from './arbitrary.js'

const javaScriptNames = {
  constructor: { type: 'int', min: 0, max: 3 },
  toString: { type: 'categorical', values: ['constructor', 'x'] },
  hasOwnProperty: { type: 'int', min: 0, max: 1, when: { toString: ['constructor'] } },
  'learning rate | 2': { type: 'categorical', values: ['1', 1, true, 'true', null, 'null'] },
} as const

const spaces: Record<string, Record<string, ParameterJson>> = {
  'one of each kind': {
    k: { type: 'int', min: 1, max: 40, scale: 'log' },
    scaling: { type: 'categorical', values: ['none', 'standard', 'minmax'] },
    learningRate: { type: 'float', min: 1e-5, max: 1, scale: 'log', default: 0.01 },
    dropout: { type: 'float', min: 0, max: 0.95, step: 0.05 },
    size: { type: 'ordinal', values: [16, 32, 64, 128], default: 64 },
    weight: { type: 'float', min: -3, max: 7 },
    epochs: 20,
  },
  'conditions, nested, with several parents, before their parents, on and of constants': {
    leaf: { type: 'int', min: 1, max: 3, when: { inner: ['p', 'q'], mode: [1] } },
    inner: { type: 'categorical', values: ['p', 'q', 'r'], when: { outer: ['on'] } },
    outer: { type: 'categorical', values: ['off', 'on', 'auto'] },
    fixed: { type: 'constant', value: 7, when: { inner: ['r'] } },
    below: { type: 'ordinal', values: [null, 0, 1], when: { fixed: [7] } },
    mode: 1,
    half: { type: 'float', min: 0, max: 1, step: 0.25 },
    onHalf: { type: 'categorical', values: [true, false, 'true'], when: { half: [0.25, 0.75] } },
    onInt: { type: 'int', min: 0, max: 4, step: 2, when: { leaf: [2, 3] } },
  },
  'constants alone': { a: 3, b: 'x', c: null },
  'one value': { a: { type: 'categorical', values: ['only'] } },
  'ranges far from zero, narrow, and across many powers of ten': {
    far: { type: 'float', min: 1e9, max: 1e9 + 1 },
    narrow: { type: 'float', min: 1, max: 1 + 1e-12 },
    wide: { type: 'float', min: -1e300, max: 1e300 },
    tiny: { type: 'float', min: 1e-30, max: 3.3e-29 },
    tinyLog: { type: 'float', min: 1e-300, max: 1e300, scale: 'log' },
    narrowLog: { type: 'float', min: 1, max: 1.0000001, scale: 'log' },
    odd: { type: 'float', min: 0.1234567890123456, max: 9.876543210987654 },
    oddLog: { type: 'float', min: 0.1234567890123456, max: 9.876543210987654, scale: 'log' },
    negative: { type: 'float', min: -0.3, max: -0.1 },
  },
  'integers and steps to the limit': {
    big: { type: 'int', min: -(2 ** 49), max: 2 ** 49 - 1 },
    high: { type: 'int', min: Number.MAX_SAFE_INTEGER - 10, max: Number.MAX_SAFE_INTEGER },
    bigLog: { type: 'int', min: 1, max: 2 ** 40, scale: 'log' },
    tens: { type: 'int', min: 5, max: 98, step: 10 },
    tensLog: { type: 'int', min: 5, max: 98, step: 10, scale: 'log' },
    coarseLog: { type: 'float', min: 0.01, max: 1, step: 0.3, scale: 'log' },
    fine: { type: 'float', min: 0, max: 1, step: 1e-15 },
    third: { type: 'float', min: 0.1, max: 2, step: 0.3333333333333333 },
    small: { type: 'float', min: 1e-30, max: 1e-28, step: 1e-30 },
    large: { type: 'float', min: 1e21, max: 1e24, step: 1e21 },
  },
  'names that mean something to JavaScript': javaScriptNames as unknown as Record<string, ParameterJson>,
  'a hundred parameters': Object.fromEntries(
    Array.from({ length: 100 }, (_, i): [string, ParameterJson] => [
      `p${i}`,
      i % 3 === 0
        ? { type: 'float', min: 0, max: i + 1 }
        : i % 3 === 1
          ? { type: 'int', min: 1, max: 10 ** (1 + (i % 5)), scale: 'log' }
          : {
              type: 'categorical',
              values: ['a', 'b', 'c'],
              ...(i > 2 ? { when: { [`p${i - 3}`]: ['a', 'b'] } } : {}),
            },
    ]),
  ),
}

for (const [name, parameters] of Object.entries(spaces)) spaceLaws(name, () => createSpace(parameters))

describe('the laws of a space: made at random', () => {
  for (const [name, finite, numRuns] of [
    ['any', false, 60],
    ['finite', true, 60],
  ] as const) {
    it(`${numRuns} spaces, ${name}`, () => {
      fc.assert(
        fc.property(arbitraryParameters({ finite }), (parameters) => {
          const space = createOrSkip(parameters)
          for (const holds of Object.values(laws)) holds(space)
        }),
        { seed: 20261, numRuns },
      )
    })
  }
})

/** Conditions made at random may contradict each other; that is not what these tests are about. */
function createOrSkip(parameters: Record<string, ParameterJson>) {
  try {
    return createSpace(parameters)
  } catch (error) {
    if (!isEspalierError(error)) throw error
    fc.pre(!error.problems.every(({ message }) => message.includes('never can')))
    throw error
  }
}
