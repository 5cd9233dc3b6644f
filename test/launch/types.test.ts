/** What is written as a literal types what comes of it: params of trainers, objectives, sweeps and stores. */
import { join } from 'node:path'
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  defineObjective,
  defineSpace,
  defineTrainer,
  openStore,
  type ParamsOf,
  sweep,
  type Table,
} from '../../src/index.js'
import { dataFile, temporaryDirectory } from './support.js'

const model = (guess: number) => ({
  predict: (features: Table) => new Float64Array(features.rows).fill(guess),
  toJSON: () => guess,
})

// The README's own trainer, with nothing added but the types of its helper.
const shrunkenMean = defineTrainer({
  name: 'shrunken-mean',
  task: 'regression',
  description: 'the mean of the target, shrunk towards zero',
  hyperparameters: [
    { name: 'shrink', description: 'by how much', type: 'float', default: 0, min: 0, max: 1 },
  ],
  fit(data, { shrink }) {
    expectTypeOf(shrink).toEqualTypeOf<number>()
    let sum = 0
    for (const row of data.index) sum += data.target.values[row]
    return model(((1 - shrink) * sum) / data.rows)
  },
  load: model,
})

describe('types', () => {
  it('of a trainer are those of its hyperparameters and its task', () => {
    const majority = defineTrainer({
      name: 'majority',
      task: 'classification',
      description: 'the class there is most of',
      hyperparameters: [
        {
          name: 'ties',
          description: 'which',
          type: 'categorical',
          default: 'first',
          values: ['first', 'last'],
        },
        { name: 'loud', description: 'whether', type: 'boolean', default: false },
      ],
      fit({ target }, params) {
        expectTypeOf(params).toEqualTypeOf<{ readonly ties: 'first' | 'last'; readonly loud: boolean }>()
        expectTypeOf(target.classes).toEqualTypeOf<readonly string[]>()
        // @ts-expect-error: a classifier's target has codes, not values
        target.values
        return { predict: ({ rows }) => new Array(rows).fill(target.classes[0]), toJSON: () => null }
      },
      load: () => ({ predict: ({ rows }) => new Array(rows).fill(''), toJSON: () => null }),
    })
    expect(majority.name).toBe('majority')
  })

  it('of an objective are those of its space or its hyperparameters', () => {
    const space = defineSpace({
      x: { type: 'float', min: 0, max: 4 },
      mode: { type: 'categorical', values: ['a', 'b'] },
    })
    const bySpace = defineObjective(space, {
      name: 'by-space',
      objective(params) {
        expectTypeOf(params).toEqualTypeOf<{ readonly x: number; readonly mode: 'a' | 'b' }>()
        return params.x
      },
    })
    const described = defineObjective({
      name: 'described',
      hyperparameters: [{ name: 'k', description: 'how many', type: 'int', default: 1 }],
      objective({ k }) {
        expectTypeOf(k).toEqualTypeOf<number>()
        return k
      },
    })
    const free = defineObjective({ name: 'free', objective: (params) => Number(params.anything) })
    expect([bySpace, described, free].map(({ name }) => name)).toEqual(['by-space', 'described', 'free'])
  })

  it('of a result and of the best run are those of the space', async () => {
    const store = join(await temporaryDirectory(), 'runs')
    const parameters = defineSpace({ shrink: { type: 'float', min: 0, max: 1 } })
    const result = await sweep(
      { data: { file: dataFile('diabetes.csv'), target: 'progression' }, parameters },
      { trainer: shrunkenMean, store, algorithm: 'grid' },
    )
    const shrink = result.best!.params.shrink
    expectTypeOf(shrink).toEqualTypeOf<number>()
    expect(shrink).toBe(0)
    const best = await (await openStore(store)).bestRun<ParamsOf<typeof parameters>>()
    expectTypeOf(best.params.shrink).toEqualTypeOf<number>()
    expect(best.params).toEqual({ shrink: 0 })
  })
})
