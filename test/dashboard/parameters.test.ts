import { describe, expect, it } from 'vitest'
import { searchedParameters } from '../../src/dashboard/gather/parameters.js'

describe('the parameters of a sweep as axes', () => {
  it('have the conditions that go without saying where the trainer is a parameter', () => {
    const { facts } = searchedParameters({
      trainer: { kind: 'choice', trainers: { 'knn-classifier': {}, 'cart-classifier': {} } },
      parameters: {
        trainer: { type: 'categorical', values: ['knn-classifier', 'cart-classifier'] },
        'cart-classifier.maxDepth': { type: 'int', min: 1, max: 9 },
        scaling: { type: 'categorical', values: ['none', 'standard'] },
      },
    })
    expect(facts.map(({ name, when }) => [name, when])).toEqual([
      ['trainer', null],
      ['cart-classifier.maxDepth', 'trainer is cart-classifier'],
      ['scaling', null],
    ])
  })
})
