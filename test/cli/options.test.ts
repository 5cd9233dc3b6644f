import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { duration, finiteNumber, serverUrl, share, wholeNumber } from '../../src/cli/options.js'

describe('durations', () => {
  it.each([
    ['30s', 30_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['1m500ms', 60_500],
    ['1.5h', 5_400_000],
    ['90', 90_000],
    ['0.5', 500],
  ])('%s', (text, milliseconds) => {
    expect(duration(text)).toBe(milliseconds)
  })

  it.each(['', '0', '0s', '-5', '5x', '5 s', 's', '1h30', '1e3', 'Infinity', 'NaN', '30sec', 'm30'])(
    'refuses "%s"',
    (text) => {
      expect(() => duration(text)).toThrow('length of time')
    },
  )

  it('adds up what it is made of', () => {
    const amount = fc.integer({ min: 0, max: 1000 })
    fc.assert(
      fc.property(amount, amount, amount, amount, (h, m, s, ms) => {
        fc.pre(h + m + s + ms > 0)
        expect(duration(`${h}h${m}m${s}s${ms}ms`)).toBe(h * 3_600_000 + m * 60_000 + s * 1000 + ms)
      }),
      { seed: 1 },
    )
  })
})

describe('numbers', () => {
  it('reads whole numbers within their range', () => {
    expect(wholeNumber(1)('40')).toBe(40)
    expect(wholeNumber(0)('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER)
    for (const text of ['0', '-1', '1.5', '1e2', '', ' ', 'x', '0x10', '∞']) {
      expect(() => wholeNumber(1)(text)).toThrow('a whole number, 1 or more')
    }
    expect(() => wholeNumber(0, 100)('101')).toThrow('from 0 to 100')
    expect(() => wholeNumber(0)('9007199254740993')).toThrow('from 0 to 9007199254740991')
  })

  it('reads finite numbers, and shares below one', () => {
    expect(finiteNumber('-1e-3')).toBe(-0.001)
    for (const text of ['', ' ', 'x', 'Infinity', 'NaN']) expect(() => finiteNumber(text)).toThrow('a number')
    expect(share('0.2')).toBe(0.2)
    expect(share('0')).toBe(0)
    for (const text of ['', '1', '-0.1', '20%']) expect(() => share(text)).toThrow('a share')
  })
})

describe('the URL of a server', () => {
  it('is not the sweep file that comes next', () => {
    for (const given of ['http://localhost:5000', 'https://me@mlflow.example/a.json', 'file:mlruns'])
      expect(serverUrl(given)).toBe(given)
    for (const given of ['wine.json', 'search-spaces/wine-knn.jsonc', 'sweep.yaml', 'a.YML'])
      expect(() => serverUrl(given)).toThrow('name the file first')
  })
})
