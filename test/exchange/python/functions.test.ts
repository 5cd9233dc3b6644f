/** Functions of the runtime against those of JavaScript, bit by bit. */
import { describe, expect, it } from 'vitest'
import { runtimeFor } from '../../../src/exchange/python/parts.js'
import { randomStream, wholePower } from '../../../src/numeric/index.js'
import { murmur3 } from '../../../src/training/category-encoding.js'
import { asked, bitsOf, python } from './support.js'

const source = (name: string) => {
  const { imports, bodies } = runtimeFor([name])
  return [imports.join('\n'), ...bodies].join('\n\n\n')
}

const random = randomStream(1, 'functions')
const some = (count: number, make: () => number) => Array.from({ length: count }, make)
/** Every exponent, and every bit. */
const anyDouble = () => {
  const view = new DataView(new ArrayBuffer(8))
  view.setUint32(0, Math.floor(random.next() * 2 ** 32))
  view.setUint32(4, Math.floor(random.next() * 2 ** 32))
  return view.getFloat64(0)
}
const edges = [
  0,
  -0,
  1,
  -1,
  Infinity,
  -Infinity,
  Number.NaN,
  5e-324,
  -5e-324,
  2.2250738585072014e-308,
  1e-320,
]
const near = (value: number) => [value, -value].flatMap((one) => [one, one * (1 + 2e-16), one * (1 - 2e-16)])
const turns = [
  ...near(0.34657359027997264),
  ...near(1.0397207708399179),
  ...near(709.782712893384),
  ...near(745.1332191019411),
  ...near(2 ** -28),
  ...near(2 ** -54),
  ...near(22),
  ...near(708.3964185322641),
]
/** So that every branch for every multiple of ln 2 is met. */
const multiples = Array.from({ length: 2200 }, (_, i) => (i - 1100) * Math.LN2)

const inputs = [
  ...edges,
  ...turns,
  ...multiples,
  ...some(4000, anyDouble),
  ...some(6000, () => random.normal()),
  ...some(6000, () => 800 * (2 * random.next() - 1)),
  ...some(2000, () => 30 * (2 * random.next() - 1)),
]

const functions: readonly [string, (x: number) => number | string][] = [
  ['_exp', Math.exp],
  ['_log', Math.log],
  ['_tanh', Math.tanh],
  ['_number_text', String],
  ['_single', Math.fround],
]

describe.skipIf(python === null)(
  'functions in Python (skipped: no Python 3.8 or later is on the PATH)',
  () => {
    it.each(functions)('%s', (name, ours) => {
      const [theirs] = asked<(string | number)[]>(python!, [
        { source: source(name), function: name, values: inputs.map(bitsOf) },
      ])
      const expected = inputs.map(ours).map((value) => (typeof value === 'number' ? bitsOf(value) : value))
      // NaN has many bits.
      const isNaNs = (i: number) => Number.isNaN(ours(inputs[i]))
      const wrong = inputs.filter((_, i) => theirs[i] !== expected[i] && !isNaNs(i))
      expect(wrong).toEqual([])
      inputs.forEach((_, i) => {
        if (isNaNs(i) && name !== '_number_text') expect(theirs[i]).toMatch(/^[7f]ff[89a-f]/)
      })
    })

    it('hashes texts, and takes powers', () => {
      const texts = ['', 'a', 'ab', 'abc', 'abcd', 'abcde', 'ünïcödé', '漢字', '😀', 'x'.repeat(100)]
      const powers = [0.1, -1.7, 3, 1e100, 1e-200, 0]
      const check = `
def _asked(_):
    return [_murmur(text.encode("utf-8")) for text in ${JSON.stringify(texts.slice(0, -2))} + ["\\U0001f600", "x" * 100]]

def _powers(_):
    return [_power(x, n).hex() for x in [${powers.map((x) => x.toExponential()).join(', ')}] for n in (1, 2, 3, 7)]
`
      const [[hashes], [found]] = asked<[unknown]>(python!, [
        { source: source('_murmur') + check, function: '_asked', values: [bitsOf(0)] },
        { source: source('_power') + check, function: '_powers', values: [bitsOf(0)] },
      ])
      expect(hashes).toEqual(texts.map((text) => murmur3(Buffer.from(text))))
      const expected = powers.flatMap((x) => [1, 2, 3, 7].map((n) => wholePower(x, n)))
      expect((found as string[]).map(hexFloat)).toEqual(expected.map((value) => value + 0))
    })
  },
)

/** Python's 0x1.8p+3 as a number. */
function hexFloat(text: string): number {
  if (/inf/.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  const [, sign, whole, fraction = '', power] = /^(-?)0x([01])(?:\.([0-9a-f]+))?p([+-]\d+)$/.exec(text)!
  const mantissa = Number.parseInt(whole + fraction, 16)
  let value = mantissa
  for (let i = 0; i < 4 * fraction.length; i++) value /= 2
  for (let i = 0; i < Math.abs(Number(power)); i++) value *= Number(power) < 0 ? 0.5 : 2
  return sign === '-' ? -value : value
}
