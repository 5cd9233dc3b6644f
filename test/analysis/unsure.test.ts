/** What the record cannot tell is said, and no share is claimed of noise. */
import { describe, expect, it } from 'vitest'
import { insightOf, surfaceOf } from '../../src/analysis/index.js'
import { randomStream } from '../../src/numeric/index.js'
import type { ParametersJson } from '../../src/space/index.js'
import { closedForms, recorded } from './support.js'

const cube = (d: number): ParametersJson =>
  Object.fromEntries(Array.from({ length: d }, (_, i) => [`p${i}`, { type: 'float', min: 0, max: 1 }]))

describe('an insight that cannot tell', () => {
  it('says so of 12 trials of 10 parameters', () => {
    const { parameters, value } = closedForms.oneOfTen
    const { sweep, trials } = recorded(parameters, 12, value)
    const { unsure, parameters: told, pairs } = insightOf(sweep, trials)
    expect(unsure).toBe(
      'what 10 parameters have to do with y takes 22 finished trials to tell, and there are 12',
    )
    expect([told, pairs]).toEqual([[], []])
    expect(surfaceOf(sweep, trials, 'a', 'b')).toBeNull()
  })

  it('says so of none, of equal values, and of constants', () => {
    const { parameters, value } = closedForms.linear
    expect(insightOf(recorded(parameters, 0, value).sweep, []).unsure).toMatch(/there are 0$/)
    const equal = recorded(parameters, 40, () => 3)
    expect(insightOf(equal.sweep, equal.trials).unsure).toBe('all 40 trials have the same y')
    const fixed = recorded({ x: 3 }, 40, (_, trial) => trial)
    expect(insightOf(fixed.sweep, fixed.trials).unsure).toMatch(/searches no parameter/)
    const failed = recorded(parameters, 40, () => null)
    expect(insightOf(failed.sweep, failed.trials)).toMatchObject({ trials: 0, parameters: [] })
  })

  it('claims no share where values are noise, but for one sweep in twenty at most', () => {
    const shapes = [
      [2, 12],
      [2, 40],
      [5, 15],
      [5, 40],
      [10, 30],
    ] as const
    const claims = shapes.flatMap(([d, n]) =>
      Array.from({ length: 20 }, (_, k) => {
        const noise = randomStream(k, 'skewed noise', d, n)
        const { sweep, trials } = recorded(cube(d), n, () => Math.exp(noise.normal()), { seed: 100 * d + k })
        return insightOf(sweep, trials, { resamples: 0 }).unsure === null
      }),
    )
    expect(claims.length).toBe(100)
    expect(claims.filter(Boolean).length).toBeLessThanOrEqual(5)
  })

  it('can tell through noise what is there', () => {
    const { parameters, value } = closedForms.linear
    const noise = randomStream(5, 'noise')
    const { sweep, trials } = recorded(parameters, 100, (params) => value(params) + 1.5 * noise.normal())
    const { unsure, parameters: told } = insightOf(sweep, trials, { resamples: 0 })
    expect(unsure).toBeNull()
    expect(told[0].name).toBe('a')
  })
})
