/** Search spaces of Ray Tune; fixtures/ray-space.json was written by Ray 2.60 and the lines in docs/importing.md. */
import { describe, expect, it } from 'vitest'
import { isEspalierError } from '../../../src/errors.js'
import { drawn, importFixture, importText } from './support.js'

const space = (entries: object) => importText('ray', JSON.stringify(entries), 'json')
const quantised = (sampler: string, q: number) => ({ _type: 'Quantized', sampler: { _type: sampler }, q })

describe('a search space', () => {
  it('as Ray writes it: every domain, nested, with constants', async () => {
    const { sweep, warnings } = await importFixture('ray', 'ray-space.json')
    expect(sweep).toEqual({
      name: 'ray-space',
      parameters: {
        lr: { type: 'float', min: 0.0001, max: 0.1, scale: 'log' },
        width: { type: 'int', min: 16, max: 64 },
        // A quantised range has its top, one by 1 has not.
        even: { type: 'int', min: 2, max: 10, step: 2 },
        one: { type: 'int', min: 2, max: 9 },
        log: { type: 'int', min: 1, max: 8, scale: 'log' },
        qlog: { type: 'float', min: 0.5, max: 8, scale: 'log', step: 0.5 },
        drop: { type: 'float', min: 0, max: 0.5, step: 0.1 },
        u: { type: 'float', min: -1, max: 1 },
        act: { type: 'categorical', values: ['relu', 'tanh'] },
        n: { type: 'float', min: -6, max: 6, default: 0 },
        qn: { type: 'float', min: 4, max: 16, step: 0.5, default: 10 },
        'opt/momentum': { type: 'float', min: 0, max: 0.9 },
        'opt/deep/k': { type: 'categorical', values: [1, 2] },
        epochs: 5,
        sizes: { type: 'constant', value: [64, 64] },
        none: null,
      },
    })
    expect(warnings.map((warning) => warning.slice(0, 12))).toEqual([
      'n: the norma',
      'qn: the norm',
      'Ray tries ev',
      'the space sa',
    ])
  })

  it('of grids alone is searched as a grid', async () => {
    const { sweep } = await space({ a: { grid_search: [1, 2] }, b: { c: { grid_search: ['x', 'y'] } }, d: 1 })
    expect(sweep.search).toEqual({ algorithm: 'grid' })
  })

  it.each([
    ['Float._Uniform', 0.5, 0, 2, [0, 0.5, 1, 1.5, 2]],
    ['Float._Uniform', 0.1, 0, 0.3, [0, 0.1, 0.2, 0.3]],
    ['Integer._Uniform', 3, 1, 10, [3, 6, 9]],
    ['Integer._LogUniform', 2, 1, 9, [2, 4, 6, 8]],
  ])('%s by %d from %d to %d', async (sampler, q, lower, upper, values) => {
    const { parameters } = await space({
      x: { _type: sampler.split('.')[0], lower, upper, sampler: quantised(sampler, q) },
    })
    const found = new Set(await drawn(parameters.x, 1000))
    expect([...found].sort()).toEqual(values)
  })

  it.each<[object, string]>([
    [{ x: { _type: 'Function', func: { _type: 'function' } } }, 'is code'],
    [
      { x: { _type: 'Categorical', categories: [{ _type: 'Float', lower: 0, upper: 1 }] } },
      'a parameter of its own',
    ],
    [{ x: [1, { _type: 'Float', lower: 0, upper: 1 }] }, 'a parameter of its own'],
    [{ x: { _type: 'Integer', lower: 3, upper: 3 } }, 'must be above "lower"'],
    [{ x: { _type: 'Float', lower: 0, upper: 1, sampler: { _type: 'Float._LogUniform' } } }, 'above 0'],
    [{ x: { _type: 'Float', lower: 0 } }, '"lower" and "upper" must be numbers'],
    [
      { x: { _type: 'Float', lower: 0, upper: 1, sampler: { _type: 'Mine' } } },
      'uniform, log-uniform or normal',
    ],
    [{ x: { _type: 'float', lower: 0, upper: 1 } }, 'must be Float, Integer or Categorical'],
    [{ x: { grid_search: [] } }, 'not empty'],
    [{}, 'must have a parameter'],
  ])('%o is refused', async (entries, said) => {
    const error = await space(entries).catch((caught: unknown) => caught)
    if (!isEspalierError(error)) throw error
    expect(error.code).toBe('IMPORT_INVALID')
    expect(error.problems.map(({ message }) => message).join()).toContain(said)
  })
})
