import { describe, expect, it } from 'vitest'
import { FitOutput } from '../../src/execution/output.js'
import { describeThrown } from '../../src/execution/thrown.js'

describe('words for what was thrown', () => {
  const no = () => {
    throw new Error('no')
  }
  const getter = Object.defineProperty(new Error('x'), 'message', { get: no })
  for (const [thrown, words] of [
    [new RangeError('too far'), /^RangeError: too far$/],
    [new Error(''), /^Error$/],
    ['text', /^a thrown string: text$/],
    [7, /^a thrown number: 7$/],
    [null, /^a thrown null$/],
    [undefined, /^a thrown undefined/],
    [{ a: 1 }, /^a thrown object: \{ a: 1 \}$/],
    [getter, /cannot even be described/],
    [new Proxy({}, { getPrototypeOf: no, get: no }), /cannot even be described|a thrown object/],
  ] as const)
    it(`finds some for case ${words}`, () => expect(describeThrown(thrown)).toMatch(words))

  it('bounds them', () => expect(describeThrown(new Error('x'.repeat(1e6))).length).toBeLessThan(2100))
})

describe('what a fit prints', () => {
  it('is kept as lines, in order, logged and printed', () => {
    const output = new FitOutput()
    output.print('a')
    output.print('b\nc\n')
    output.log('one\ntwo')
    output.print('rest')
    expect(output.lines()).toEqual(['ab', 'c', 'one', 'two', 'rest'])
  })

  it('is bounded in lines and in characters', () => {
    const lines = new FitOutput()
    for (let i = 0; i < 10_000; i++) lines.print(`${i}\n`)
    expect(lines.lines().length).toBe(501)
    const characters = new FitOutput()
    for (let i = 0; i < 100; i++) characters.print('x'.repeat(100_000))
    expect(characters.lines().join('').length).toBeLessThan(70_000)
    expect(characters.lines().at(-1)).toMatch(/more/)
  })
})
