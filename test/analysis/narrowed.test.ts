/** Ranges narrowed to where a sweep was good. */
import { describe, expect, it } from 'vitest'
import { insightOf, narrowedParameters, type ParameterRange } from '../../src/analysis/index.js'
import { createSpace, type ParametersJson } from '../../src/space/index.js'
import type { JsonObject } from '../../src/values.js'
import { closedForms, recorded } from './support.js'

/** As if the sweep had been good there. */
function narrowedTo(
  parameters: ParametersJson,
  good: Readonly<Record<string, ParameterRange>>,
  trainer?: JsonObject,
) {
  const spec = { parameters: parameters as unknown as JsonObject, ...(trainer && { trainer }) }
  const told = Object.entries(good).map(([name, range]) => ({ name, good: range }))
  const narrowed = narrowedParameters({ spec }, { parameters: told as never })
  // Whatever comes of it is a space.
  createSpace(narrowed.parameters)
  return narrowed
}
const range = (min: number, max: number): ParameterRange => ({ kind: 'range', min, max })
const values = (...held: string[]): ParameterRange => ({ kind: 'values', values: held })

describe('narrowed parameters', () => {
  it('keep scale, step, grid, description and what is not told of, with ends rounded outwards', () => {
    const parameters: ParametersJson = {
      rate: { type: 'float', min: 1e-5, max: 1, scale: 'log', grid: 7, description: 'of learning' },
      x: { type: 'float', min: -1, max: 1 },
      share: { type: 'float', min: 0, max: 1, step: 0.05 },
      k: { type: 'int', min: 1, max: 99, step: 2 },
      size: { type: 'ordinal', values: ['s', 'm', 'l', 'xl'] },
      other: { type: 'float', min: 0, max: 1 },
      fixed: 3,
    }
    const { parameters: narrowed, notes } = narrowedTo(parameters, {
      rate: range(0.00123456, 0.0456789),
      x: range(-0.123456, 0.456789),
      share: range(0.25, 0.6),
      k: range(7, 31),
      size: values('m', 'l'),
    })
    expect(narrowed).toEqual({
      rate: { type: 'float', min: 0.00123, max: 0.0457, scale: 'log', grid: 7, description: 'of learning' },
      x: { type: 'float', min: -0.124, max: 0.457 },
      share: { type: 'float', min: 0.25, max: 0.6, step: 0.05 },
      k: { type: 'int', min: 7, max: 31, step: 2 },
      size: { type: 'ordinal', values: ['m', 'l'] },
      other: parameters.other,
      fixed: 3,
    })
    expect(notes).toEqual([])
  })

  it('are no narrower than a tenth of what they were, nor beyond it', () => {
    const { parameters: narrowed } = narrowedTo(
      {
        x: { type: 'float', min: 0, max: 1 },
        end: { type: 'float', min: 0, max: 1 },
        rate: { type: 'float', min: 1e-6, max: 1, scale: 'log' },
        k: { type: 'int', min: 1, max: 5 },
        few: { type: 'int', min: 1, max: 2 },
      },
      { x: range(0.5, 0.5), end: range(0.99, 1), rate: range(1e-3, 1e-3), k: range(3, 3), few: range(2, 2) },
    )
    expect(narrowed).toMatchObject({
      x: { min: 0.45, max: 0.55 },
      end: { min: 0.9, max: 1 },
      k: { min: 2, max: 4 },
      few: { min: 1, max: 2 },
    })
    const { min, max } = narrowed.rate as { min: number; max: number }
    expect(Math.log10(max) - Math.log10(min)).toBeCloseTo(0.6, 1)
  })

  it('keep a default that is within, and say which is not', () => {
    const { parameters: narrowed, notes } = narrowedTo(
      {
        x: { type: 'float', min: 0, max: 1, default: 0.3 },
        y: { type: 'float', min: 0, max: 1, default: 0.3 },
        kind: { type: 'categorical', values: ['a', 'b'], default: 'a' },
      },
      { x: range(0.2, 0.5), y: range(0.5, 0.9), kind: values('b') },
    )
    expect(narrowed).toEqual({
      x: { type: 'float', min: 0.2, max: 0.5, default: 0.3 },
      y: { type: 'float', min: 0.5, max: 0.9 },
      kind: { type: 'categorical', values: ['b'] },
    })
    expect(notes).toEqual([
      'the default of y, 0.3, is outside its new range and left out',
      'the default of kind, "a", is outside its new range and left out',
    ])
  })

  it('let go of what can no longer be active, and of what hangs on it', () => {
    const { parameters: narrowed, notes } = narrowedTo(
      {
        kernel: { type: 'categorical', values: ['linear', 'rbf', 'poly'] },
        gamma: { type: 'float', min: 0, max: 1, when: { kernel: ['rbf', 'poly'] } },
        degree: { type: 'int', min: 2, max: 5, when: { kernel: ['poly'] } },
        odd: { type: 'categorical', values: [true, false], when: { degree: [3, 5] } },
      },
      { kernel: values('linear', 'rbf'), gamma: range(0.2, 0.9) },
    )
    expect(narrowed).toEqual({
      kernel: { type: 'categorical', values: ['linear', 'rbf'] },
      gamma: { type: 'float', min: 0.2, max: 0.9, when: { kernel: ['rbf'] } },
    })
    expect(notes.map((note) => note.split(' ')[0])).toEqual(['degree', 'odd'])
  })

  it('know whose a parameter is by its name, where the trainer is one', () => {
    const { parameters: narrowed } = narrowedTo(
      {
        trainer: { type: 'categorical', values: ['knn', 'tree'] },
        'tree.depth': { type: 'int', min: 1, max: 20 },
        'knn.k': { type: 'int', min: 1, max: 40 },
      },
      { trainer: values('tree'), 'tree.depth': range(3, 9) },
      { kind: 'choice', trainers: { knn: {}, tree: {} } },
    )
    expect(Object.keys(narrowed)).toEqual(['trainer', 'tree.depth'])
    expect(narrowed['tree.depth']).toMatchObject({ min: 3, max: 9, when: { trainer: ['tree'] } })
  })

  it('hold the best trial of the sweep, whatever it was', () => {
    for (const name of ['conditional', 'ishigami', 'categorical'] as const)
      for (let seed = 0; seed < 5; seed++) {
        const { parameters, value } = closedForms[name]
        const { sweep, trials } = recorded(parameters, 60, value, { seed })
        const insight = insightOf(sweep, trials, { resamples: 0 })
        const space = createSpace(narrowedParameters(sweep, insight).parameters)
        const best = trials.reduce((a, b) => (b.value! < a.value! ? b : a))
        expect(space.check(best.params)).toEqual([])
        expect(space.size).toBeGreaterThan(1)
      }
  })
})
