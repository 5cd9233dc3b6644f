/** A space written as a literal types its params. */
import { describe, expect, expectTypeOf, it } from 'vitest'
import { createSpace, defineSpace, type ParamsOf } from '../../src/space/index.js'
import type { Params } from '../../src/values.js'

describe('defineSpace', () => {
  const space = defineSpace({
    k: { type: 'int', min: 1, max: 40 },
    rate: { type: 'float', min: 0, max: 1 },
    optimizer: { type: 'categorical', values: ['sgd', 'adam'] },
    momentum: { type: 'float', min: 0, max: 1, step: 0.5, when: { optimizer: ['sgd'] } },
    size: { type: 'ordinal', values: [16, 32, null] },
    epochs: 20,
    mode: { type: 'constant', value: 'fast', when: { optimizer: ['adam'] } },
  })

  it('types params by the parameters, conditional ones optional', () => {
    expectTypeOf<ParamsOf<typeof space>>().toEqualTypeOf<{
      readonly k: number
      readonly rate: number
      readonly optimizer: 'sgd' | 'adam'
      readonly size: 16 | 32 | null
      readonly epochs: 20
      readonly momentum?: number
      readonly mode?: 'fast'
    }>()
    const params = space.decode([0.5, 0.5, 0, 0.5, 0])
    expectTypeOf(params.k).toEqualTypeOf<number>()
    expectTypeOf(params.momentum).toEqualTypeOf<number | undefined>()
    expectTypeOf(params).toExtend<Params>()
    expect(params).toEqual({ k: 21, rate: 0.5, optimizer: 'sgd', momentum: 0.5, size: 16, epochs: 20 })
  })

  it('takes a literal that is `as const` already, and refuses what is no parameter', () => {
    const parameters = { kind: { type: 'categorical', values: ['a', 'b'] }, flag: true } as const
    expectTypeOf<ParamsOf<ReturnType<typeof defineSpace<typeof parameters>>>>().toEqualTypeOf<{
      readonly kind: 'a' | 'b'
      readonly flag: true
    }>()
    expect(defineSpace(parameters).definition).toBe(parameters)
    // @ts-expect-error: an int has no "values"
    expect(() => defineSpace({ k: { type: 'int', values: [1] } })).toThrow('"min" is required')
    // @ts-expect-error: a key that a float does not have
    const misspelt = () => defineSpace({ x: { type: 'float', min: 0, max: 1, scal: 'log' } })
    expect(misspelt).toThrow('did you mean "scale"?')
  })

  it('is the same space as createSpace makes', () => {
    const point = [0.1, 0.9, 0.6, 0.2, 0.4]
    expect(space.decode(point)).toEqual(createSpace(space.definition).decode(point))
    expect(space.size).toBe(Number.POSITIVE_INFINITY)
  })
})
