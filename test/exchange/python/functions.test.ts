/** Functions of the runtime against those of JavaScript, bit by bit. */
import { describe, expect, it } from 'vitest'
import { wholePower } from '../../../src/numeric/index.js'
import { murmur3 } from '../../../src/training/category-encoding.js'
import { functionInputs, functions, functionSource as source, wrongInputs } from './functions.js'
import { asked, bitsOf, python } from './support.js'

describe.skipIf(python === null)(
  'functions in Python (skipped: no Python 3.8 or later is on the PATH)',
  () => {
    it.each(functions)('%s', (name) => {
      expect(wrongInputs(python!, name, functionInputs(1, 1000))).toEqual([])
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
