/** What is told about parameters that are wrong: every mistake at once, each with its path, what was found, and the remedy. */
import { describe, expect, it } from 'vitest'
import { EspalierError } from '../../src/errors.js'
import { createSpace } from '../../src/space/index.js'

/** `path: message` of every mistake. */
function mistakes(parameters: unknown): string[] {
  try {
    createSpace(parameters as never)
  } catch (error) {
    if (!(error instanceof EspalierError)) throw error
    expect(error.code).toBe('SPACE_INVALID')
    return error.problems.map(({ path, message }) => `${path}: ${message}`)
  }
  return []
}

const a = { type: 'categorical', values: ['x', 'y'] }

const single: readonly [name: string, parameters: unknown, mistake: string][] = [
  [
    'a range upside down',
    { k: { type: 'int', min: 5, max: 2 } },
    'parameters.k: "max" must be greater than "min" (got min 5, max 2)',
  ],
  [
    'a range of one value',
    { k: { type: 'int', min: 5, max: 5 } },
    'parameters.k: "max" must be greater than "min" (got min 5, max 5); for one fixed value write 5 in place of the object',
  ],
  [
    'a misspelt key, not also missed',
    { k: { type: 'int', mim: 1, max: 2 } },
    'parameters.k.mim: there is no key "mim" here; did you mean "min"?',
  ],
  [
    "another program's word",
    { k: { type: 'categorical', choices: ['a', 'b'] } },
    'parameters.k.choices: there is no key "choices" here; did you mean "values"?',
  ],
  [
    'a key of another type',
    { k: { type: 'categorical', values: [1], grid: 3 } },
    'parameters.k.grid: there is no key "grid" here; the keys are "type", "values", "default", "description" and "when"',
  ],
  [
    'a missing key',
    { k: { type: 'int', max: 2 } },
    'parameters.k.min: "min" is required (the smallest value, itself included)',
  ],
  [
    'a misspelt type',
    { k: { type: 'flaot', min: 1, max: 2 } },
    'parameters.k.type: "type" must be "float", "int", "categorical", "ordinal" or "constant" (got "flaot"); did you mean "float"?',
  ],
  [
    'a misspelt key of the type',
    { k: { typ: 'flaot', min: 1, max: 2 } },
    'parameters.k.typ: there is no key "typ" here; did you mean "type"?',
  ],
  [
    'no type',
    { k: { min: 1, max: 2 } },
    'parameters.k.type: "type" is required: "float", "int", "categorical", "ordinal" or "constant"',
  ],
  [
    'a misspelt scale',
    { k: { type: 'int', min: 1, max: 2, scale: 'lgo' } },
    'parameters.k.scale: "scale" must be "linear" or "log" (got "lgo"); did you mean "log"?',
  ],
  [
    'a number in quotes',
    { k: { type: 'float', min: '0.5', max: 2 } },
    'parameters.k.min: "min" must be a number (got "0.5"); write 0.5 without quotes',
  ],
  [
    'an int that is none',
    { k: { type: 'int', min: 1.5, max: 2 } },
    'parameters.k.min: "min" must be a whole number (got 1.5)',
  ],
  [
    'an int beyond the safe ones',
    { k: { type: 'int', min: 0, max: 2 ** 53 } },
    'parameters.k.max: "max" must be at most 9007199254740991 (got 9007199254740992)',
  ],
  [
    'a number beyond all',
    JSON.parse('{"k": {"type": "float", "min": 0, "max": 1e999}}'),
    'parameters.k.max: "max" must be a finite number (got Infinity); numbers end at 1.8e308, and JSON beyond that, like 1e999, reads as Infinity',
  ],
  [
    'a constant beyond all',
    JSON.parse('{"k": 1e999}'),
    'parameters.k: a fixed value must be a finite number (got Infinity); JSON beyond 1.8e308, like 1e999, is not',
  ],
  [
    'NaN',
    { k: { type: 'ordinal', values: [1, Number.NaN] } },
    'parameters.k.values[1]: every entry of "values" must be a finite number (got NaN); numbers end at 1.8e308, and JSON beyond that, like 1e999, reads as Infinity',
  ],
  [
    'a logarithm of zero',
    { k: { type: 'float', min: 0, max: 1, scale: 'log' } },
    'parameters.k.min: "min" must be greater than 0 on a log scale (got 0); raise it, or leave "scale" out',
  ],
  [
    'a step of nothing',
    { k: { type: 'float', min: 0, max: 1, step: 0 } },
    'parameters.k.step: "step" must be greater than 0 (got 0)',
  ],
  [
    'a step beyond the range',
    { k: { type: 'float', min: 0, max: 1, step: 2 } },
    'parameters.k.step: "step" must fit between "min" and "max" (got step 2 in a range of 1)',
  ],
  [
    'a step too fine',
    { k: { type: 'float', min: 0, max: 1, step: 1e-20 } },
    'parameters.k: a parameter may have at most 1125899906842624 steps (got 100000000000000000000); leave "step" out for a continuous range',
  ],
  [
    'too many ints',
    { k: { type: 'int', min: 0, max: Number.MAX_SAFE_INTEGER } },
    'parameters.k: a parameter may have at most 1125899906842624 steps (got 9007199254740992); narrow the range or give a "step"',
  ],
  [
    'no points on a grid',
    { k: { type: 'float', min: 0, max: 1, grid: 0 } },
    'parameters.k.grid: "grid" must be at least 1 (got 0)',
  ],
  [
    'no values',
    { k: { type: 'ordinal', values: [] } },
    'parameters.k.values: "values" must not be empty (got [])',
  ],
  [
    'values twice',
    { k: { type: 'ordinal', values: [1, 2, 1, '2'] } },
    'parameters.k.values: "values" must all be different (got 1 more than once); name each once',
  ],
  [
    'values that are no values',
    { k: { type: 'ordinal', values: [[1], [{ a: Number.NaN }]] } },
    'parameters.k.values[1]: every entry of "values" must be JSON, with finite numbers (NaN and infinities are none) (got [{"a":"NaN"}])',
  ],
  [
    'lists that are the same, and objects in another order',
    { k: { type: 'categorical', values: [[1, 2], { a: 1, b: [-0] }, [1, 2], { b: [0], a: 1 }] } },
    'parameters.k.values: "values" must all be different (got [1,2] and {"b":[0],"a":1} more than once); name each once',
  ],
  [
    'a list in quotes',
    { k: { type: 'categorical', values: [[1, 2]], default: '[1, 2]' } },
    'parameters.k.default: "default" must be [1,2] (got "[1, 2]"); write [1,2] without quotes',
  ],
  [
    'a value that is too long',
    { k: { type: 'constant', value: ['x'.repeat(32_768)] } },
    `parameters.k.value: "value" must have at most 32768 characters as JSON, and this one has 32772; give it a short name here, and look it up in your trainer (got ["${'x'.repeat(55)}…)`,
  ],
  [
    'a value that is nested too deep',
    { k: { type: 'int', min: 1, max: 2, when: { l: [JSON.parse('['.repeat(33) + ']'.repeat(33))] } }, l: 1 },
    'parameters.k.when.l[0]: every value of "when" must be nested at most 32 levels deep (got [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]…)',
  ],
  [
    'a lone value for a list',
    { k: { type: 'ordinal', values: 3 } },
    'parameters.k.values: "values" must be a list in square brackets (got 3); write [3]',
  ],
  [
    'a bare list',
    { k: [1, 2] },
    'parameters.k: a parameter must be a fixed value or an object with a "type" (got [1,2]); write {"type": "categorical", "values": [1,2]}, or {"type": "constant", "value": [1,2]}',
  ],
  [
    'a default out of range',
    { k: { type: 'int', min: 1, max: 9, step: 2, default: 4 } },
    'parameters.k.default: "default" must be a whole number from 1 to 9 in steps of 2 (got 4)',
  ],
  [
    'a misspelt default',
    { k: { type: 'categorical', values: ['adam', 'sgd'], default: 'sdg' } },
    'parameters.k.default: "default" must be one of "adam" or "sgd" (got "sdg"); did you mean "sgd"?',
  ],
  [
    'a default of another type',
    { k: { type: 'ordinal', values: [1, 2], default: '2' } },
    'parameters.k.default: "default" must be one of 1 or 2 (got "2"); write 2 without quotes',
  ],
  [
    'a parent that is not there',
    { a, b: { ...a, when: { aa: ['x'] } } },
    'parameters.b.when.aa: "when" must look at another parameter (got "aa"); did you mean "a"?',
  ],
  [
    'a value the parent cannot have',
    { a, b: { ...a, when: { a: ['z'] } } },
    'parameters.b.when.a[0]: "when" must name values that "a" can have: one of "x" or "y" (got "z")',
  ],
  [
    'a value the constant does not have',
    { a: 20, b: { ...a, when: { a: [10] } } },
    'parameters.b.when.a[0]: "when" must name values that "a" can have: 20 (got 10)',
  ],
  [
    'a continuous parent',
    { a: { type: 'float', min: 0, max: 1 }, b: { type: 'int', min: 0, max: 1, when: { a: [0.5] } } },
    'parameters.b.when.a: "when" must look at values that can be listed, and "a" is a continuous float; give it a "step", or look at another parameter',
  ],
  [
    'a condition without a list',
    { a, b: { ...a, when: { a: 'x' } } },
    'parameters.b.when.a: "a" must be a list in square brackets (got "x"); write ["x"]',
  ],
  [
    'a circle',
    { a: { ...a, when: { c: ['x'] } }, b: { ...a, when: { a: ['x'] } }, c: { ...a, when: { b: ['x'] } } },
    'parameters.a.when: conditions must not go in a circle (got "a" → "c" → "b" → "a"); take one of these out',
  ],
  [
    'a parameter that depends on itself',
    { a: { ...a, when: { a: ['x'] } } },
    'parameters.a.when: conditions must not go in a circle (got "a" → "a"); take one of these out',
  ],
  [
    'a parameter that can never be, told once and not for what depends on it',
    {
      a,
      b: { ...a, when: { a: ['x'] } },
      c: { ...a, when: { a: ['y'] } },
      d: { ...a, when: { b: ['x'], c: ['x'] } },
      e: { ...a, when: { d: ['x'] } },
    },
    'parameters.d.when: a parameter must be able to exist, and "d" never can: its conditions, with those of its parents, leave no value of "a"',
  ],
  ['an empty name', { '': 3 }, 'parameters."": a parameter must have a usable name (got an empty text)'],
  [
    'the name of the prototype',
    JSON.parse('{"__proto__": 3}'),
    'parameters.__proto__: a name must be usable (got "__proto__", which JavaScript keeps for itself); rename it',
  ],
  [
    'no parameters',
    {},
    'parameters: "parameters" must have at least one parameter (got none); there is nothing to search',
  ],
  [
    'parameters as a list',
    [],
    'parameters: "parameters" must be an object in curly brackets, a name and what it can be for each (got [])',
  ],
  [
    'a name with blanks',
    { 'learning rate': { type: 'float', min: 1 } },
    'parameters."learning rate".max: "max" is required (the largest value, itself included)',
  ],
]

describe('a mistake in the parameters is told', () => {
  it.each(single)('%s', (_, parameters, mistake) => {
    expect(mistakes(parameters)).toEqual([mistake])
  })

  it('in the words of the error, with where it is', () => {
    expect(() => createSpace({ k: { type: 'int', min: 5, max: 2 } })).toThrow(
      '"max" must be greater than "min" (got min 5, max 2) at parameters.k',
    )
  })

  it('along with all others', () => {
    const found = mistakes({
      k: { type: 'int', min: 5, max: 2, stp: 1, grid: 1.5 },
      rate: { type: 'flot', mim: 0, max: '1' },
      b: { ...a, when: { k: [5], nothing: [1] } },
      c: { ...a, when: { b: ['z'], rate: [1] } },
      d: { ...a, when: { e: ['x'] } },
      e: { ...a, when: { d: ['x'] } },
    })
    expect(found.map((line) => line.slice(0, line.indexOf(':')))).toEqual([
      'parameters.k.grid',
      'parameters.k.stp',
      'parameters.k',
      'parameters.rate.type',
      'parameters.rate.max',
      'parameters.rate.mim',
      'parameters.b.when.nothing',
      'parameters.c.when.b[0]',
      'parameters.d.when',
    ])
  })

  it('never for names that JavaScript objects have', () => {
    expect(mistakes({ constructor: 3, toString: { type: 'int', min: 0, max: 1 } })).toEqual([])
    expect(mistakes({ a, b: { ...a, when: { valueOf: ['x'] } } })).toEqual([
      'parameters.b.when.valueOf: "when" must look at another parameter (got "valueOf"); the others are "a"',
    ])
  })
})

describe('a mistake in params is told', () => {
  const space = createSpace({
    k: { type: 'int', min: 1, max: 40 },
    rate: { type: 'float', min: 0, max: 1, step: 0.25 },
    optimizer: { type: 'categorical', values: ['adam', 'sgd'] },
    momentum: { type: 'float', min: 0, max: 1, when: { optimizer: ['sgd'] } },
    decay: { type: 'float', min: 0, max: 1, when: { optimizer: ['adam'] } },
    epochs: 20,
  })
  const told = (params: unknown) =>
    space.check(params as never).map(({ path, message }) => `${path}: ${message}`)

  it('each with its name', () => {
    expect(told({ K: 3, rate: 0.3, optimizer: 'sdg', epochs: 10 })).toEqual([
      'K: no parameter has the name "K"; did you mean "k"?',
      'k: "k" must be given: a whole number from 1 to 40 (got nothing)',
      'rate: "rate" must be one of the numbers from 0 to 1 in steps of 0.25 (got 0.3)',
      'optimizer: "optimizer" must be one of "adam" or "sgd" (got "sdg"); did you mean "sgd"?',
      'epochs: "epochs" must be 20 (got 10)',
    ])
    expect(told({ k: '3', rate: 0, optimizer: 'adam', momentum: 0.5 })).toEqual([
      'k: "k" must be a whole number from 1 to 40 (got "3"); write 3 without quotes',
      'momentum: "momentum" exists only while "optimizer" is "sgd" (but "optimizer" is "adam"); leave "momentum" out',
      'decay: "decay" must be given: a number from 0 to 1 (got nothing)',
    ])
    expect(told([])).toEqual([': params must be an object of names and values (got [])'])
    expect(told({ k: 1, rate: 0.5, optimizer: 'sgd', momentum: 1 })).toEqual([])
  })

  it('of partial params, unless it is only that something is left out', () => {
    const toldOf = (params: object) =>
      space.checkPartial(params as never).map(({ path, message }) => `${path}: ${message}`)
    expect(toldOf({})).toEqual([])
    expect(toldOf({ momentum: 0.5 })).toEqual([])
    expect(toldOf({ k: 41, momentum: 0.5, decay: 0.5 })).toEqual([
      'k: "k" must be a whole number from 1 to 40 (got 41)',
      'decay: "momentum" and "decay" cannot be given together: they exist at different values of "optimizer"; leave one out',
    ])
  })

  it('by encode, as an error', () => {
    expect(() => space.encode({ k: 1, rate: 0, optimizer: 'adam', decay: 2 })).toThrow(
      '"decay" must be a number from 0 to 1 (got 2) at decay',
    )
  })
})
