import { describe, expect, it } from 'vitest'
import { nearestHint, nearestName } from '../src/spelling.js'

describe('the name that a misspelt one meant', () => {
  it.each([
    ['trails', ['trials', 'trainer'], 'trials'],
    ['Seed', ['seed'], 'seed'],
    ['exp', ['store', 'experiment'], 'experiment'],
    ['kk', ['j', 'k'], 'k'],
    ['lgo', ['log', 'linear'], 'log'],
    ['zzz', ['trials', 'seed'], null],
    ['anything', [], null],
  ])('%s among %j is %s', (word, known, meant) => {
    expect(nearestName(word, known)).toBe(meant)
  })

  it('is told where it is near, else what there is, up to 30 names', () => {
    expect(nearestHint('sead', ['seed'], 'there are')).toBe('; did you mean "seed"?')
    const many = Array.from({ length: 31 }, (_, i) => `column_${i}`)
    expect(nearestHint('zzz', many, 'the columns')).toMatch(/^; the columns: column_0, .*column_29, …$/)
  })
})
